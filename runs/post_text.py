"""The text that goes beside an ad when it is posted, typed for each platform. It is delivered, never painted.

The names of the fields are those of the catalogue (data/ad-formats.json); `runs.post_copy` holds them against
the platforms' limits.
"""

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

MOST_LINES = 20
_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$"
_LINK = r"^(https?://[^\s\x00-\x1f]+)?$"

# Nobody sees them, and they turn round what stands after them: on the page, in the table and on the platform.
_OVERRIDES = dict.fromkeys([*range(0x7F, 0xA0), 0x202D, 0x202E])


def _harmless(words: str) -> str:
    return words.translate(_OVERRIDES)


type Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=5000, pattern=_LINES),
    AfterValidator(_harmless),
]
type Link = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000, pattern=_LINK)]
# Platforms that mix several of them ask for a list: each is one asset.
type Several = Annotated[tuple[Text, ...], Field(strict=False, max_length=MOST_LINES)]


class _Post(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class MetaPost(_Post):
    primary_text: Text = ""
    headline: Text = ""
    description: Text = ""


class GooglePost(_Post):
    """Responsive display, Performance Max, Demand Gen and app campaigns."""

    headline: Several = ()
    long_headline: Several = ()
    description: Several = ()
    business_name: Text = ""
    display_path: Several = ()


class LinkedInPost(_Post):
    introductory_text: Text = ""
    headline: Text = ""
    card_headline: Text = ""


class TikTokPost(_Post):
    description: Text = ""
    brand_name: Text = ""
    app_name: Text = ""


class PinterestPost(_Post):
    title: Text = ""
    description: Text = ""


class XPost(_Post):
    post: Text = ""
    website_title: Text = ""


class SnapchatPost(_Post):
    brand: Text = ""
    headline: Text = ""


class UberPost(_Post):
    title: Text = ""


class Dv360Post(_Post):
    headline: Several = ()
    long_headline: Text = ""
    description: Several = ()
    cta: Text = ""
    business_name: Text = ""


class PostCopy(_Post):
    """One message's post text in one language. A platform that is left out is not checked."""

    link: Link = ""
    meta: MetaPost = MetaPost()
    google_ads: GooglePost = GooglePost()
    linkedin: LinkedInPost = LinkedInPost()
    tiktok: TikTokPost = TikTokPost()
    pinterest: PinterestPost = PinterestPost()
    x: XPost = XPost()
    snapchat: SnapchatPost = SnapchatPost()
    uber: UberPost = UberPost()
    dv360: Dv360Post = Dv360Post()

    def written(self, platform: str) -> dict[str, str | tuple[str, ...]]:
        """The fields of that platform in which something stands."""
        post = getattr(self, platform, None)
        if not isinstance(post, _Post):
            return {}
        given = {name: getattr(post, name) for name in type(post).model_fields}
        kept = {name: _seen(value) for name, value in given.items()}
        return {name: value for name, value in kept.items() if value}


def _seen(value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    return value if isinstance(value, str) else tuple(line for line in value if line)


def platforms() -> Iterator[tuple[str, dict[str, bool]]]:
    """Each platform that takes post text, with its fields and whether a field takes several lines."""
    for platform, field in PostCopy.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, _Post):
            yield platform, {name: inner.default == () for name, inner in kind.model_fields.items()}
