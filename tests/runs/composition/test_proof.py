"""A proof is the ad made small: laid out the same, looking the same, and light."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from runs import formats
from runs.composition import Ad, Box, Style, compose, plan_layout
from runs.composition.proof import MOST_PIXELS, Product, Scene, proof, staged
from runs.formats import Format

from . import scenes
from .test_product import cutout

FOCUS = (0.5, 0.6)
SIZES = list({(entry.width, entry.height): entry for entry in formats.images()}.values())
SAMPLES = [
    "meta_story",
    "meta_feed_square",
    "meta_feed_landscape",
    "google_display_leaderboard",
    "google_display_wide_skyscraper",
    "google_display_inline_rectangle",
]
STYLE = Style(brand_name="Nordlys", logo=scenes.logo())


def ad_of(entry: Format, style: Style, product: bytes | None) -> Ad:
    picture = scenes.calm(entry.shape)
    return compose(picture, entry, scenes.ENGLISH, style, "en", focus=FOCUS, simulated=True, product=product)


def proof_of(entry: Format, style: Style, product: bytes | None) -> Image.Image:
    layout, scene = plan_layout(entry, scenes.ENGLISH, style, "en"), Scene.read(scenes.calm(entry.shape))
    data = proof(layout, scene, style, FOCUS, Product.read(product) if product else None)
    with Image.open(BytesIO(data), formats=("JPEG",)) as image:
        image.load()
        return image


def boxes(entry: Format, style: Style, product: bytes | None) -> dict[str, Box]:
    layout, scene = plan_layout(entry, scenes.ENGLISH, style, "en"), Scene.read(scenes.calm(entry.shape))
    staging = staged(layout, scene, style, FOCUS, Product.read(product) if product else None)
    found = {element.role.value: element.box for element in staging.placement.elements}
    return found | ({"product": staging.product.box} if staging.product else {})


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["", "bottle"])
@pytest.mark.parametrize("entry", SIZES, ids=lambda entry: entry.id)
def test_a_proof_has_the_layout_of_its_ad(entry: Format, kind: str) -> None:
    product = cutout(kind) if kind else None
    report = ad_of(entry, STYLE, product).report
    for name, box in boxes(entry, STYLE, product).items():
        assert report.boxes[name] == pytest.approx((box.x, box.y, box.width, box.height), abs=0.1)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["", "bottle"])
@pytest.mark.parametrize("size", SAMPLES)
def test_a_proof_looks_like_its_ad(size: str, kind: str) -> None:
    entry, product = formats.get(size), cutout(kind) if kind else None
    shown = proof_of(entry, STYLE, product).convert("RGB")
    with Image.open(BytesIO(ad_of(entry, STYLE, product).data)) as ad:
        small = ad.convert("RGB").resize(shown.size, Image.Resampling.LANCZOS)
    apart = np.abs(np.asarray(small, np.int16) - np.asarray(shown, np.int16))
    assert apart.mean() < 5  # of 255: type is set anew at its size, whose edges fall between other pixels


@pytest.mark.thorough
@pytest.mark.parametrize("entry", SIZES, ids=lambda entry: entry.id)
def test_a_proof_is_small_and_has_the_shape_of_its_ad(entry: Format) -> None:
    image = proof_of(entry, STYLE, None)
    assert image.width * image.height <= MOST_PIXELS * 1.01
    assert image.width / image.height == pytest.approx(entry.width / entry.height, rel=0.02)
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_strip_is_shown_as_it_is() -> None:
    assert proof_of(formats.get("google_display_leaderboard"), STYLE, None).size == (728, 90)
