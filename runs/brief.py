"""What is ordered: the brief as a frozen value, and the plan of pictures and ads that follows from it.

A TOML file, the API and the studio's form all become this `BriefSpec`. It knows nothing of HTTP or tables.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self, TypeVar
from unicodedata import category

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from runs import formats
from runs.errors import AT_FIELD, BriefFault, BriefRefused
from runs.formats import Format, Shape
from runs.post_text import PostCopy
from runs.tastes import ButtonShape, Corners, Ink, Scrim

MAX_SEED = 2**53 - 1_000  # exact in JavaScript too, with room for one seed a variation
MAX_PICTURES = 10_000
MAX_ADS = 50_000
LICENCE = "Confirm that the font's licence allows its use in ads."
STORED = "stored"  # read with this as its context, a brief may name sizes that are not offered any more

_ONE_LINE = r"^[^\x00-\x1f]*$"
_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$"

_INVISIBLE = {"Cc", "Cf", "Zs", "Zl", "Zp"}  # Unicode's kinds of characters of which nothing is seen


def _seen(words: str) -> str:
    """Words of which nothing would be seen, such as a lone zero-width space, are none."""
    return words if any(category(letter) not in _INVISIBLE for letter in words) else ""


def _given(words: str) -> str:
    if not words:
        raise PydanticCustomError("missing", "nothing is seen of it")
    return words


type Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=300, pattern=_ONE_LINE),
    AfterValidator(_seen),
]
type LongWords = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=2000, pattern=_LINES),
    AfterValidator(_seen),
]
type Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=120, pattern=_ONE_LINE),
    AfterValidator(_seen),
    AfterValidator(_given),
    Field(json_schema_extra={"minLength": 1}),
]
type BannedWord = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=80, pattern=_ONE_LINE),
    AfterValidator(_seen),
    AfterValidator(_given),
]
type Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$", to_lower=True)]
Item = TypeVar("Item")
# TOML and JSON write lists; what is in them stays strict. No `type`: the API's page would show its name and insides.
Listed = Annotated[tuple[Item, ...], Field(strict=False)]
# A language, and where it matters its country or script: en, pt-BR, zh-Hant, yue.
LANGUAGE_TAG = r"[a-z]{2,3}(-[A-Z]{2}|-[A-Z][a-z]{3})?"
type Language = Annotated[str, StringConstraints(pattern=rf"^{LANGUAGE_TAG}$")]


def _known_format(format_id: str, info: ValidationInfo) -> str:
    if info.context == STORED:
        return format_id  # it was known when it was ordered
    entry = formats.catalogue().get(format_id)
    if entry is None:
        raise ValueError(str(formats.UnknownFormat(format_id)))
    if entry.role != "image":
        raise ValueError(f"“{format_id}” is a logo size; ads are made in image sizes only.")
    return format_id


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ProductSpec(_Value):
    name: Name
    description: LongWords = ""  # what the picture shows; the name alone when empty
    price: Words = ""
    # The key of its uploaded cut-out; in a brief file the path of a picture beside it. Without one it is invented.
    cutout: Words = ""


class CopySpec(_Value):
    headline: Annotated[Words, AfterValidator(_given), Field(json_schema_extra={"minLength": 1})]
    short_headline: Words = ""
    line: Words = ""
    button: Words = ""
    legal: Words = ""
    post: PostCopy = PostCopy()  # what stands beside the ad, never on it


class MessageSpec(CopySpec):
    """The copy in the brief's first language; `translations` holds the others."""

    product: str | None = None  # by name; None = goes with every product
    translations: Mapping[Language, CopySpec] = {}

    def copy_in(self, language: str) -> CopySpec:
        return self.translations.get(language, self)


class LookSpec(_Value):
    name: Name
    words: LongWords = ""
    palette: Listed[Colour] = Field(default=(), max_length=6)


class BrandSpec(_Value):
    name: Words = ""
    primary: Colour = "#14110f"
    accent: Colour = "#ffd84d"
    logo: Words = ""  # the key of an uploaded logo; in a brief file the path of a PNG or SVG beside it
    font: Words = ""  # the key of an uploaded typeface; in a brief file the path of a font beside it
    font_licensed: bool = False  # somebody confirmed that its licence allows ads
    panel: Colour | Literal[""] = ""  # of panels and cards; "" takes the primary
    ink: Ink = "auto"  # of type over pictures
    scrim: Scrim = "auto"
    corners: Corners = "soft"
    button: ButtonShape = "pill"
    banned: Listed[BannedWord] = Field(default=(), max_length=200)  # what its copy never says: runs/banned.py


class PictureSettings(_Value):
    """How the GPU works; None leaves it to the workflow."""

    checkpoint: Words = ""
    steps: Annotated[int, Field(ge=1, le=150)] | None = None
    cfg: Annotated[float, Field(ge=0, le=30)] | None = None
    pixels: Annotated[int, Field(ge=4096, le=4_194_304)] | None = None
    negative: LongWords = ""


class BriefSpec(_Value):
    name: Name
    audience: LongWords = ""
    languages: Listed[Language] = Field(default=("en",), min_length=1, max_length=12)
    products: Listed[ProductSpec] = Field(min_length=1, max_length=50)
    messages: Listed[MessageSpec] = Field(min_length=1, max_length=50)
    looks: Listed[LookSpec] = Field(default=(LookSpec(name="Studio"),), min_length=1, max_length=20)
    formats: Listed[Annotated[str, AfterValidator(_known_format)]] = Field(min_length=1, max_length=80)
    brand: BrandSpec = BrandSpec()
    picture: PictureSettings = PictureSettings()
    variations: Annotated[int, Field(ge=1, le=20)] = 1
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] | None = None

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        _refuse_twins("formats", "sizes", self.formats)
        _refuse_twins("languages", "languages", self.languages)
        _refuse_twins("products", "product names", [product.name for product in self.products])
        _refuse_twins("looks", "look names", [look.name for look in self.looks])
        if self.brand.font and not self.brand.font_licensed:
            raise _at_field("brand.font_licensed", LICENCE)
        self._refuse_loose_ends()
        self._refuse_too_much()
        return self

    def _refuse_loose_ends(self) -> None:
        names = {product.name for product in self.products}
        for i, message in enumerate(self.messages):
            if message.product is not None and message.product not in names:
                known = ", ".join(sorted(names))
                words = f"Message {i + 1} names the product “{message.product}”. Name one of: {known}."
                raise _at_field(f"messages.{i}.product", words)
            for language in self.languages[1:]:
                if language not in message.translations:
                    words = f"Message {i + 1} has no copy in “{language}”. Add it or drop the language."
                    raise _at_field(f"messages.{i}.translations.{language}", words)
        for i, product in enumerate(self.products):
            if not self.messages_of(product):
                words = f"No message goes with “{product.name}”. Write one for it, or remove the product."
                raise _at_field(f"products.{i}.name", words)

    def _refuse_too_much(self) -> None:
        most = {"pictures": (self.count_pictures(), MAX_PICTURES), "ads": (self.count_ads(), MAX_ADS)}
        for what, (count, limit) in most.items():
            if count > limit:
                words = f"That makes {count} {what}; one run makes at most {limit}. Split the brief."
                raise _at_field("formats", words)

    def count_pictures(self) -> int:
        shapes = {entry.shape for entry in self.offered}
        return len(self.products) * len(self.looks) * len(shapes) * self.variations

    def count_ads(self) -> int:
        each = len(self.looks) * self.variations * len(self.offered) * len(self.languages)
        return self.count_twins() + each * sum(len(self.messages_of(product)) for product in self.products)

    def count_twins(self) -> int:
        """The ads without text: one a picture and size, whatever the messages and languages."""
        wanted = sum(entry.wants_twin for entry in self.offered)
        return len(self.products) * len(self.looks) * self.variations * wanted

    @property
    def offered(self) -> list[Format]:
        """Its sizes; of a brief from before only those that are still in the catalogue."""
        return formats.still_offered(self.formats)

    @property
    def gone_formats(self) -> list[str]:
        """Ids that are not in the catalogue any more."""
        return [format_id for format_id in self.formats if format_id not in formats.catalogue()]

    def messages_of(self, product: ProductSpec) -> list[int]:
        """Indices of the messages that go with this product."""
        return [i for i, message in enumerate(self.messages) if message.product in (None, product.name)]


def _at_field(field: str, words: str) -> PydanticCustomError:
    # Plain values in its context: the API passes exceptions on as their words alone.
    return PydanticCustomError(AT_FIELD, "{words}", {"field": field, "words": words})


def _refuse_twins(field: str, what: str, values: Any) -> None:
    twins = sorted({value for value in values if list(values).count(value) > 1})
    if twins:
        raise _at_field(field, f"Two {what} are the same: {', '.join(twins)}. Remove or rename one.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturePlan:
    """One picture to paint. `product` and `look` are indices into the brief."""

    product: int
    look: int
    shape: Shape
    variation: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AdPlan:
    """One ad to set over a picture. `message` is an index into the brief; a twin shows none of it."""

    message: int
    format: str
    language: str
    twin: bool = False


def plan_pictures(spec: BriefSpec) -> Iterator[PicturePlan]:
    """The pictures in the order in which they are painted: the first variation of every look comes first."""
    seed = spec.seed or 0
    shapes = sorted({entry.shape for entry in spec.offered}, key=list(Shape).index)
    for variation in range(spec.variations):
        for look in range(len(spec.looks)):
            for product in range(len(spec.products)):
                for shape in shapes:
                    yield PicturePlan(
                        product=product, look=look, shape=shape, variation=variation, seed=seed + variation
                    )


def plan_ads(spec: BriefSpec, product: int, shape: Shape) -> Iterator[AdPlan]:
    """The ads that one picture of that product and shape becomes."""
    for entry in spec.offered:
        if entry.shape is shape:
            messages = spec.messages_of(spec.products[product])
            for message in messages:
                for language in spec.languages:
                    yield AdPlan(message=message, format=entry.id, language=language)
            if entry.wants_twin:
                yield AdPlan(message=messages[0], format=entry.id, language=spec.languages[0], twin=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    looks: int
    messages: int
    sizes: int
    ads: int
    pictures: int
    twins: int  # of the ads, those without text


def estimate(spec: BriefSpec) -> Estimate:
    """What the brief comes to, before anything is started."""
    return Estimate(
        looks=len(spec.looks),
        messages=len(spec.messages),
        sizes=len(spec.offered),
        ads=spec.count_ads(),
        pictures=spec.count_pictures(),
        twins=spec.count_twins(),
    )


def from_toml(text: str) -> BriefSpec:
    """Read a brief file; raises BriefRefused with every fault and its place."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise BriefRefused([BriefFault(field="", words=f"This is not valid TOML: {fault}.")]) from fault
    except RecursionError:
        words = "This is nested too deeply to be a brief. Write lists and tables as in the examples."
        raise BriefRefused([BriefFault(field="", words=words)]) from None
    return from_data(raw)


def from_stored(raw: Any) -> BriefSpec:
    """Read a brief that was accepted before; sizes may have left the catalogue since."""
    return BriefSpec.model_validate(raw, context=STORED)


def from_data(raw: Any) -> BriefSpec:
    """Read a brief from plain data (TOML, JSON); raises BriefRefused with every fault and its place."""
    try:
        return BriefSpec.model_validate(raw)
    except ValidationError as refusal:
        raise BriefRefused.from_pydantic(refusal) from refusal
