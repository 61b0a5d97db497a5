"""Contact sheets by themselves: one PNG, or a ZIP of pages where one page does not hold every ad."""

import io
import zipfile
from collections.abc import Iterator

from runs.composition import BadPicture
from runs.composition.sheet import EACH_PAGE, Cell, Sheet
from runs.models import Creative
from runs.states import AdState
from runs.thumbnails import small

from .ads import Order

EACH_SHEET = EACH_PAGE  # ads that one picture holds


def cell_of(ad: Creative) -> Cell | None:
    """None where its file is gone or does not open."""
    size = ad.size
    sample = " · SAMPLE" if ad.simulated else ""
    note = f"{size.width}×{size.height} · {ad.language} · message {ad.message + 1}{sample}"
    try:
        return Cell(small(ad.key), size.label, note)
    except (FileNotFoundError, BadPicture):
        return None


def pages(order: Order) -> Iterator[bytes]:
    """Every page as a PNG; an ad whose file is gone is left out."""
    sheet = Sheet(order.title)
    for ad in order.ads():
        if ad.state != AdState.READY:
            continue
        cell = cell_of(ad)
        page = sheet.add(cell) if cell else None
        if page is not None:
            yield page
    last = sheet.rest()
    if last is not None:
        yield last


def contact_sheet(order: Order) -> tuple[bytes, str]:
    """The file and its ending, .png or .zip; nothing at all when no ad is ready."""
    found = pages(order)
    first, second = next(found, b""), next(found, None)
    if second is None:
        return first, ".png"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as bundle:
        for number, page in enumerate((first, second, *found), 1):
            bundle.writestr(f"contact-sheet-{number:03}.png", page)
    return out.getvalue(), ".zip"
