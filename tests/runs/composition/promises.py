"""What every layout promises, looked for on its boxes: each broken promise is a sentence."""

from collections.abc import Iterator
from itertools import combinations

from runs.composition import Layout, Role
from runs.composition.choose import Staging, View, covered
from runs.composition.layout import Kind, Pill, Placement

MOST_COVERED = 0.4  # of the place round the focus: written down here once more, apart from the code


def faults(layout: Layout) -> Iterator[str]:
    """Everything wrong with a layout, in words."""
    for placement in layout.placements:
        where = f"{layout.format.id} {placement.place}"
        for element in placement.elements:
            if not element.box.inside(layout.safe):
                yield f"{where}: {element.role} leaves the safe zone"
            if not element.box.inside(layout.page):
                yield f"{where}: {element.role} leaves the page"
            if isinstance(element, Pill) and not element.words.box.inside(
                element.box, slack=element.radius / 2
            ):
                yield f"{where}: words of {element.role} leave their pill"
            if (
                placement.panel
                and not element.box.inside(placement.panel)
                and element.box.overlap(placement.panel)
            ):
                yield f"{where}: {element.role} straddles the panel's edge"
        for first, second in combinations(placement.elements, 2):
            if first.box.overlap(second.box) > 0.01:
                yield f"{where}: {first.role} overlaps {second.role}"
        for words in placement.words():
            if words.size < legible(words.role, layout) - 0.01:
                yield f"{where}: {words.role} is {words.size} px"
        if min(placement.picture.width, placement.picture.height) < 16:
            yield f"{where}: hardly any picture"
        yield from missing(layout, placement)


def legible(role: Role, layout: Layout) -> float:
    """The smallest type people read, in pixels: written down here once more, apart from the code."""
    if layout.kind is Kind.STRIP:
        return 9 if role is Role.HEADLINE else 10
    shorter = min(layout.format.width, layout.format.height)
    return {Role.HEADLINE: 12, Role.LINE: max(10, 0.024 * shorter)}.get(role, 10)


def missing(layout: Layout, placement: Placement) -> Iterator[str]:
    shown = {element.role for element in placement.elements} | set(layout.left_out(placement))
    if layout.kind is Kind.BARE:
        return
    if shown != layout.wanted:
        yield f"{layout.format.id}: {layout.wanted - shown} is neither shown nor reported"
    if {Role.HEADLINE, Role.BUTTON} & set(layout.left_out(placement)):
        yield f"{layout.format.id}: headline or button left out"


def staged_faults(layout: Layout, staging: Staging, view: View) -> Iterator[str]:
    """What is wrong with the arrangement that was chosen for a picture: its focus, and its product.

    Much copy in a small ad may cover the focus in every arrangement; then it is said by the check of that name.
    """
    where, placement = f"{layout.format.id} {staging.placement.place}", staging.placement
    if staging.product is None:
        hidden = covered(placement, staging.crop)
        least = min(covered(other, view.cut(other)) for other in layout.placements)
        if hidden > MOST_COVERED >= least:
            yield f"{where}: type covers {hidden:.0%} of the focus"
        if not all(0 <= part <= 1 for part in staging.crop.focus):
            yield f"{where}: the focus is cropped away"
        return
    box = staging.product.box
    if not box.inside(placement.picture) or not box.inside(layout.page):
        yield f"{where}: the product is cut off"
    for element in placement.elements:
        if element.box.overlap(box) > 0.01:
            yield f"{where}: {element.role} stands over the product"
    if placement.radius and placement.panel and placement.panel.overlap(box) > 0.01:
        yield f"{where}: the card stands over the product"
