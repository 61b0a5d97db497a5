"""Cutting a product out of what was uploaded: its own transparency, or a plain ground that goes."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from runs.composition import BadCutout, BadPicture, Ground, cut_out

RED = (190, 40, 50)


def photograph(ground: tuple[int, int, int] = (250, 250, 248), noise: float = 1.5) -> Image.Image:
    """A red can with a white label, on a ground of one colour as a camera sees it."""
    image = Image.new("RGB", (700, 700), ground)
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((250, 120, 450, 600), 30, fill=RED)
    draw.rectangle((280, 300, 420, 420), fill=(252, 252, 252))
    grain = np.random.default_rng(7).normal(0, noise, (700, 700, 3))
    return Image.fromarray((np.asarray(image) + grain).clip(0, 255).astype(np.uint8))


def as_bytes(image: Image.Image, kind: str = "PNG") -> bytes:
    out = BytesIO()
    image.save(out, kind, **({"quality": 90} if kind == "JPEG" else {}))
    return out.getvalue()


def alpha_of(data: bytes) -> Any:
    return np.asarray(Image.open(BytesIO(data)))[..., 3]


@pytest.mark.parametrize("ground", [(250, 250, 248), (20, 20, 24), (90, 170, 200)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_plain_ground_is_taken_away(ground: tuple[int, int, int], kind: str) -> None:
    found = cut_out(as_bytes(photograph(ground), kind))
    assert found.ground is Ground.PLAIN
    assert abs(found.width - 201) <= 4 and abs(found.height - 481) <= 4
    assert alpha_of(found.data)[found.height // 2, found.width // 2] == 255


def test_a_white_label_on_a_white_ground_stays() -> None:
    found = cut_out(as_bytes(photograph()))
    assert (alpha_of(found.data)[190:290, 40:160] == 255).all()


def test_no_rim_of_the_ground_stays_on_the_product() -> None:
    found = cut_out(as_bytes(photograph(), "JPEG"))
    pixels = np.asarray(Image.open(BytesIO(found.data))).astype(int)
    rim = pixels[(pixels[..., 3] > 60) & (pixels[..., 3] < 250)]
    assert not rim.size or float(np.abs(rim[:, :3] - RED).mean()) < 40


def test_a_picture_with_transparency_is_taken_as_it_is() -> None:
    image = Image.new("RGBA", (400, 400))
    ImageDraw.Draw(image).ellipse((100, 50, 300, 350), fill=(*RED, 255))
    found = cut_out(as_bytes(image))
    assert (found.ground, found.width, found.height) == (Ground.TRANSPARENT, 201, 301)


def test_a_product_that_fills_its_picture_keeps_its_transparent_corners() -> None:
    image = Image.new("RGBA", (400, 400))
    ImageDraw.Draw(image).rounded_rectangle((0, 0, 399, 399), 20, fill=(*RED, 255))
    found = cut_out(as_bytes(image))
    assert found.ground is Ground.TRANSPARENT
    assert alpha_of(found.data)[0, 0] == 0


def test_a_large_upload_is_made_smaller_without_a_dark_rim() -> None:
    image = Image.new("RGBA", (3000, 1200))
    ImageDraw.Draw(image).ellipse((20, 20, 2980, 1180), fill=(250, 250, 250, 255))
    pixels = np.asarray(Image.open(BytesIO(cut_out(as_bytes(image)).data)))
    assert max(pixels.shape) == 2400
    assert pixels[pixels[..., 3] > 20][:, :3].min() > 235


def test_a_busy_ground_is_refused_with_what_to_do() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (400, 400, 3), dtype=np.uint8)
    with pytest.raises(BadCutout, match=r"not plain. Choose a PNG with a transparent background"):
        cut_out(as_bytes(Image.fromarray(noise)))


def test_a_picture_of_nothing_is_refused() -> None:
    with pytest.raises(BadCutout, match="look too alike"):
        cut_out(as_bytes(Image.new("RGB", (400, 400), (250, 250, 250))))


def test_a_picture_with_nothing_but_transparency_is_refused() -> None:
    with pytest.raises(BadCutout, match=r"nothing but background"):
        cut_out(as_bytes(Image.new("RGBA", (400, 400))))


def test_a_tiny_product_is_refused_with_the_size_it_needs() -> None:
    image = Image.new("RGBA", (400, 400))
    ImageDraw.Draw(image).rectangle((10, 10, 40, 60), fill=(*RED, 255))
    with pytest.raises(BadCutout, match=r"only 31×51 pixels. Choose one of 600 or more"):
        cut_out(as_bytes(image))


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(BadPicture):
        cut_out(b"<svg onload=alert(1)>")


def test_the_same_upload_gives_the_same_cutout() -> None:
    data = as_bytes(photograph(), "JPEG")
    assert cut_out(data).data == cut_out(data).data
