"""A proof: an ad small enough for a page, laid out and painted by what makes the ad itself.

The arrangement is chosen at the ad's own size and only then scaled, line breaks and all: a proof that is made a
hundred times while somebody types shows nothing that the ad will not.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO

from PIL import Image

from . import pictures
from . import product as products
from .choose import Staging, View, choose
from .contrast import Pixels
from .crop import Crop
from .layout import Layout
from .paint import paint
from .values import Box, Style

MOST_PIXELS = 200_000  # enough for a screen of two dots a pixel; strips are below it and stay as they are
SCENE_SIDE = 450  # pixels of a scene's shorter side, which a crop may show whole
QUALITY = 88
MOST_CUTS = 24  # megabytes at most, about: cuts of a scene and sizes of a product that are kept
MIME = "image/jpeg"  # of all that browsers show it is written fastest


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture made ready for many proofs: small to paint, smaller to judge, and how large it really is."""

    image: Image.Image
    preview: Image.Image
    size: tuple[int, int]

    @staticmethod
    def of(picture: Image.Image) -> "Scene":
        """Made ready from a picture as it was painted."""
        return Scene(_reduced(picture), pictures.reduced(picture, pictures.PREVIEW_SIDE), picture.size)

    @staticmethod
    def read(data: bytes) -> "Scene":
        """Raises BadPicture."""
        return Scene.of(pictures.opaque(pictures.decoded(data)))


@dataclass(frozen=True, eq=False)
class Product:
    """A cut-out made ready in the same way."""

    image: Image.Image
    size: tuple[int, int]

    @staticmethod
    def read(data: bytes) -> "Product":
        """Raises BadPicture."""
        cutout = products.opened(data)
        return Product(_reduced(cutout), cutout.size)


def proof(
    layout: Layout, scene: Scene, style: Style, focus: tuple[float, float], product: Product | None = None
) -> bytes:
    """The ad as a small JPEG, without marks: it is shown beside a form and never delivered."""
    part = min(1.0, (MOST_PIXELS / layout.page.area) ** 0.5)
    staging = staged(layout, scene, style, focus, product)
    staging, shown = _cropped(staging.scaled(part, scene.size, scene.image.size), scene)
    painting = paint(layout.scaled(part), staging, shown, style, _standing(product, staging))
    return _encoded(painting.pixels)


def staged(
    layout: Layout, scene: Scene, style: Style, focus: tuple[float, float], product: Product | None = None
) -> Staging:
    """The arrangement that the ad will have over this picture, at the ad's size."""
    view = View(scene.preview, scene.size, focus, product.size if product else None)
    return choose(layout, view, style)


def _cropped(staging: Staging, scene: Scene) -> tuple[Staging, Image.Image]:
    """What the ad shows of the scene as a picture of its own, so that it need not be cut out again for other words."""
    box = staging.placement.picture
    size = round(box.width), round(box.height)
    return replace(staging, crop=Crop(Box(0, 0, *size), staging.crop.focus)), _cut(scene, staging.crop, size)


@lru_cache(maxsize=MOST_CUTS)
def _cut(scene: Scene, crop: Crop, size: tuple[int, int]) -> Image.Image:
    return scene.image.resize(size, Image.Resampling.LANCZOS, box=crop.edges, reducing_gap=3)


def _standing(product: Product | None, staging: Staging) -> Image.Image | None:
    """The cut-out as large as it stands there."""
    if product is None or staging.product is None:
        return None
    box = staging.product.box
    return _sized(product, (round(box.width), round(box.height)))


@lru_cache(maxsize=MOST_CUTS)
def _sized(product: Product, size: tuple[int, int]) -> Image.Image:
    return pictures.resized(product.image, size)


def _reduced(picture: Image.Image) -> Image.Image:
    part = min(1.0, SCENE_SIDE / min(picture.size))
    return pictures.resized(picture, (round(picture.width * part), round(picture.height * part)))


def _encoded(pixels: Pixels) -> bytes:
    out = BytesIO()
    Image.fromarray(pixels).convert("RGB").save(out, "JPEG", quality=QUALITY, subsampling="4:4:4")
    return out.getvalue()
