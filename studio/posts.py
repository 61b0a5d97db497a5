"""The post text on the brief page: a field for whatever a chosen platform takes, counted as that platform counts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from runs import post_copy
from runs.formats import PLATFORM_NAMES, Format
from runs.post_text import PostCopy, platforms

LONG = ("primary_text", "introductory_text", "post", "description")
SEVERAL = _("one per line")


@dataclass(frozen=True, slots=True)
class PostField:
    """One field with what its platform counts and says."""

    bound: BoundField
    label: str
    hint: str
    count: str  # "96 / 125"; empty where nothing is said
    over: bool
    words: tuple[tuple[str, str], ...]  # (bad or warn, sentence)


@dataclass(frozen=True, slots=True)
class PostPart:
    """The fields of one platform; `shown` while one of its sizes is chosen or something is written."""

    platform: str
    name: str
    shown: bool
    fields: tuple[PostField, ...]


def name_of(code: str, place: str) -> str:
    """The form's field for a place below `post`; `code` is empty for the first language."""
    return f"{code}_post_{place}".removeprefix("_")


def add_fields(form: forms.Form, code: str, language: str) -> None:
    """A field for everything that a platform takes in that language."""
    end = f" ({language})" if language else ""
    form.fields[name_of(code, "link")] = forms.CharField(required=False, label=f"{_('Link')}{end}")
    for platform, fields in platforms():
        for field, several in fields.items():
            rows = 3 if several else 2
            wide = forms.Textarea(attrs={"rows": rows}) if several or field in LONG else forms.TextInput()
            label = f"{PLATFORM_NAMES[platform]} {post_copy.field_name(field).lower()}{end}"
            name = name_of(code, f"{platform}_{field}")
            form.fields[name] = forms.CharField(required=False, label=label, widget=wide)


def values(given: dict[str, Any], code: str) -> dict[str, Any]:
    """What was written, in the form of PostCopy; nothing at all when nothing was."""
    post: dict[str, Any] = {}
    for platform, fields in platforms():
        for field, several in fields.items():
            words = given.get(name_of(code, f"{platform}_{field}")) or ""
            if words.strip():
                post.setdefault(platform, {})[field] = _lines(words) if several else words
    link = given.get(name_of(code, "link")) or ""
    return post | ({"link": link} if link else {})


def _lines(words: str) -> list[str]:
    return [line.strip() for line in words.splitlines() if line.strip()]


def initial(post: dict[str, Any], code: str) -> dict[str, str]:
    """The stored post text under the names of the form's fields."""
    given = {name_of(code, "link"): str(post.get("link", ""))}
    for platform, fields in platforms():
        for field in fields:
            value = (post.get(platform) or {}).get(field) or ""
            words = value if isinstance(value, str) else "\n".join(value)
            given[name_of(code, f"{platform}_{field}")] = words
    return given


def field_of(form: forms.Form, code: str, place: str) -> str | None:
    """The field for a fault at "meta.headline" or "google_ads.headline.2", below `post`."""
    parts = [part for part in place.split(".") if not part.isdigit()]
    name = name_of(code, "_".join(parts))
    return name if name in form.fields else None


def parts(form: forms.Form, code: str, sizes: Sequence[Format]) -> list[PostPart]:
    """Every platform's fields as they stand, those of platforms without a size hidden."""
    given = {name: str(form[name].value() or "") for name in form.fields if "post_" in name}
    post = values(given, code)
    verdicts = _checked(post, sizes)
    chosen = {size.platform for size in sizes}
    return [
        PostPart(
            platform,
            PLATFORM_NAMES[platform],
            platform in chosen or platform in post,
            tuple(_fields(form, code, platform, fields, verdicts)),
        )
        for platform, fields in platforms()
    ]


def _checked(post: dict[str, Any], sizes: Sequence[Format]) -> list[post_copy.Verdict]:
    try:
        return post_copy.check(PostCopy.model_validate(post), sizes)
    except ValidationError:  # told at its field when the brief is sent
        return []


def _fields(
    form: forms.Form, code: str, platform: str, fields: dict[str, bool], verdicts: Sequence[post_copy.Verdict]
) -> Iterator[PostField]:
    for field, several in fields.items():
        mine = [each for each in verdicts if (each.platform, each.field) == (platform, field)]
        words = dict.fromkeys(("bad" if each.hard else "warn", each.words) for each in mine if not each.ok)
        yield PostField(
            form[name_of(code, f"{platform}_{field}")],
            post_copy.field_name(field),
            str(SEVERAL) if several else "",
            _count(mine, several),
            any(kind == "bad" for kind, _words in words),
            tuple(words),
        )


def _count(verdicts: Sequence[post_copy.Verdict], several: bool) -> str:
    """The longest line against the tightest limit; a soft one counts while no hard one is tighter."""
    lengths = [each for each in verdicts if each.limit and (not several or each.number is not None)]
    most = [each for each in lengths if not each.words.count("at least")]
    if not most:
        return ""
    limit = min(each.limit for each in most)
    return f"{max(each.count for each in most)} / {limit}"


def lines_of(post: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """The text beside one ad as it is delivered: each field's name and what stands in it."""
    named = (
        (_("Link") if name == "link" else post_copy.field_name(name), value) for name, value in post.items()
    )
    return [(str(name), [value] if isinstance(value, str) else list(value)) for name, value in named]
