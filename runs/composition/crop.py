"""Cuts the picture to an ad's shape: nothing is stretched, and the focus comes to lie where the layout wants it."""

from dataclasses import dataclass, replace

from .values import Box

HEAD, FOOT = 0.21, 0.3  # of the picture's height: so far above and below the focus its product may reach
LOWER = 0.3  # a crop too low for a tall product is meant for a wide one, which stands lower
AIR = 0.03  # of it, over the product's head where there is room


@dataclass(frozen=True, slots=True)
class Crop:
    """A rectangle of the picture (in its pixels), and where its focus lies in it (0 to 1 across and down)."""

    box: Box
    focus: tuple[float, float]
    picture_height: int = 0  # of the whole picture, in its pixels

    def showing(self, ground: float, at: float) -> "Crop":
        """Moved down, as far as there is picture, until its height `ground` (0 to 1) is no lower here than `at`."""
        wanted = ground * self.picture_height - at * self.box.height - self.box.y
        down = _clamp(wanted, self.picture_height - self.box.height - self.box.y)
        moved = Box(self.box.x, self.box.y + down, self.box.width, self.box.height)
        return replace(self, box=moved, focus=(self.focus[0], self.focus[1] - down / self.box.height))

    def of(self, picture: tuple[int, int], smaller: tuple[int, int]) -> "Crop":
        """The same part of that picture at another size."""
        x, y = (new / old for new, old in zip(smaller, picture, strict=True))
        left, top = self.box.x * x, self.box.y * y
        # Whole pixels of either size are no parts of the other: nothing may reach over its edge by a hair.
        width, height = min(self.box.width * x, smaller[0] - left), min(self.box.height * y, smaller[1] - top)
        return replace(self, box=Box(left, top, width, height), picture_height=smaller[1])

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom, as Pillow's resize takes them."""
        return self.box.x, self.box.y, self.box.right, self.box.bottom


def cover(
    picture: tuple[int, int],
    target: tuple[float, float],
    focus: tuple[float, float],
    anchor: tuple[float, float] = (0.5, 0.5),
) -> Crop:
    """The largest rectangle of the target's shape whose focus lies as near to `anchor` as the edges allow.

    `picture` and `target` are width and height in pixels; `focus` and `anchor` are parts (0 to 1) of the
    picture and of the target.
    """
    wide, tall = picture
    scale = max(target[0] / wide, target[1] / tall)
    width, height = min(wide, target[0] / scale), min(tall, target[1] / scale)
    x = _clamp(focus[0] * wide - anchor[0] * width, wide - width)
    y = _clamp(_whole_product(focus[1] * tall, anchor[1], height, tall), tall - height)
    seen = (focus[0] * wide - x) / width, (focus[1] * tall - y) / height
    return Crop(Box(x, y, width, height), seen, tall)


def _whole_product(focus: float, anchor: float, height: float, tall: float) -> float:
    """The upper edge that brings the focus to the anchor, but cuts off neither head nor foot of what stands there."""
    wished = focus - anchor * height
    lowest, highest = focus - (HEAD + AIR) * tall, focus + FOOT * tall - height
    if highest > lowest:  # it cannot be whole: as much of its head is lost as of its foot
        down = (FOOT - HEAD) / 2 * tall + LOWER * max(0.0, (HEAD + FOOT) * tall - height)
        lowest = highest = min(max(wished + down, focus - height), focus)
    return min(max(wished, highest), lowest)


def _clamp(value: float, most: float) -> float:
    return min(max(value, 0.0), max(most, 0.0))
