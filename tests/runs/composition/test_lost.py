"""What a crop cuts off: wide things lose at a panel's side, tall things above a panel, and what stands free nothing."""

from PIL import Image, ImageDraw

from runs.composition.crop import cover
from runs.composition.lost import lost

FOCUS = (0.5, 0.6)
SQUARE = (1000, 1000)


def pictured(box: tuple[int, int, int, int]) -> Image.Image:
    """A dark thing on a light ground."""
    image = Image.new("RGB", SQUARE, "#d0e8f0")
    ImageDraw.Draw(image).rectangle(box, fill="#302820")
    return image.resize((300, 300))


SHOE, BOTTLE = pictured((200, 540, 800, 800)), pictured((420, 400, 580, 860))
BESIDE = cover(SQUARE, (140, 250), FOCUS)
BELOW = cover(SQUARE, (300, 125), FOCUS)


def test_a_wide_product_loses_beside_a_panel() -> None:
    assert lost(SHOE, FOCUS, BESIDE) > lost(SHOE, FOCUS, BELOW) + 0.2


def test_a_tall_product_loses_above_a_panel() -> None:
    assert lost(BOTTLE, FOCUS, BELOW) > lost(BOTTLE, FOCUS, BESIDE) + 0.2


def test_nothing_is_lost_of_a_whole_picture() -> None:
    assert lost(SHOE, FOCUS, cover(SQUARE, SQUARE, FOCUS)) == 0


def test_an_even_picture_has_nothing_to_lose() -> None:
    assert lost(Image.new("RGB", (300, 300), "#8fcbb0"), FOCUS, BESIDE) == 0
