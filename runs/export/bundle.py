"""The ZIP, written while it is sent: one piece of one file is in memory at a time, however large the whole is."""

import json
import logging
import zipfile
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.core.files.storage import default_storage
from django.utils import timezone

from runs import formats, storage
from runs.composition import CompositionError
from runs.composition.logos import logo_file
from runs.composition.sheet import Sheet
from runs.manifest import entry_of, failures_of, head_of
from runs.models import Creative, Run
from runs.states import AdState

from .ads import Order
from .sheets import cell_of
from .tables import Beside, Said, copy_head, copy_rows, manifest_head, manifest_row, said_by, table_line

log = logging.getLogger(__name__)

PIECE = 256 * 1024
SPOOLED = 1024 * 1024  # of a table that is in memory; the rest waits on disk
GONE = "Its file is gone from storage. Start the run again to get it."


class _Sink:
    """Where the ZIP is written to; what came is taken away again and again."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._at = 0
        self.waiting = 0

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        self._at += len(data)
        self.waiting += len(data)
        return len(data)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """What was written is still to be taken."""

    def take(self) -> bytes:
        parts, self._parts, self.waiting = self._parts, [], 0
        return b"".join(parts)


def _spool() -> IO[bytes]:
    return SpooledTemporaryFile(SPOOLED)  # closed with the ZIP


@dataclass(kw_only=True)
class _Told:
    """What is noted while the ads go out and written after them."""

    entries: IO[bytes] = field(default_factory=_spool)
    table: IO[bytes] = field(default_factory=_spool)
    count: int = 0
    # What the ads of each run, message and language say, each wording once, in the order of the ads.
    said: dict[tuple[int, int, str], dict[Said, None]] = field(default_factory=dict)
    beside: dict[tuple[int, int, str], Beside] = field(default_factory=dict)

    def note(self, entry: dict[str, Any], ad: Creative) -> None:
        comma = b",\n" if self.count else b""
        self.entries.write(comma + json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace"))
        self.table.write(table_line(manifest_row(entry)))
        wordings = self.said.setdefault((ad.run_id, ad.message, ad.language), {})
        if not ad.twin:
            wordings[said_by(ad.copy)] = None
        self.beside.setdefault((ad.run_id, ad.message, ad.language), Beside()).note(entry["file"], ad)
        self.count += 1

    def close(self) -> None:
        self.entries.close()
        self.table.close()


def zip_pieces(order: Order) -> Generator[bytes]:
    """The ZIP of that order in pieces of about 256 KB: ads, contact sheets, logos, then the tables."""
    sink, told = _Sink(), _Told()
    try:
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as bundle:
            writer = _Writer(bundle, sink)
            yield from _ads(order, writer, told)
            yield from _logos(order, writer, told)
            yield from _tables(order, writer, told)
        yield sink.take()
    finally:
        told.close()


class _Writer:
    """Puts files into the ZIP and gives the pieces that are ready to be sent."""

    def __init__(self, bundle: zipfile.ZipFile, sink: _Sink) -> None:
        self._bundle, self._sink = bundle, sink
        self._at = timezone.localtime().timetuple()[:6]

    def add(self, path: str, *sources: IO[bytes] | bytes) -> Iterator[bytes]:
        info = zipfile.ZipInfo(path, self._at)
        info.external_attr = 0o644 << 16
        with self._bundle.open(info, "w") as target:
            for source in sources:
                for piece in _pieces(source):
                    target.write(piece)
                    if self._sink.waiting >= PIECE:
                        yield self._sink.take()


def _pieces(source: IO[bytes] | bytes) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    while piece := source.read(PIECE):
        yield piece


def _ads(order: Order, writer: _Writer, told: _Told) -> Iterator[bytes]:
    sheet = Sheet(order.title)
    for number, ad in enumerate(order.ads(), 1):
        run = order.by_pk[ad.run_id]
        entry = {"run": run.name} | entry_of(run, order.briefs[run.pk], ad)
        entry["file"] = order.path(ad, number) if ad.key else ""
        if ad.state == AdState.READY:
            yield from _ad(writer, entry, ad, sheet)
        del entry["key"]
        told.note(entry, ad)
    yield from _sheet_page(writer, sheet, sheet.rest())


def _ad(writer: _Writer, entry: dict[str, Any], ad: Creative, sheet: Sheet) -> Iterator[bytes]:
    """One ad. A file that is gone must not cost the others: the manifest says which one is missing."""
    try:
        with default_storage.open(ad.key, "rb") as file:
            yield from writer.add(entry["file"], file)
    except FileNotFoundError:
        log.error("The file of an ad is gone: %s", ad.key)
        entry |= {"state": "missing", "words": GONE}
        return
    cell = cell_of(ad)
    if cell is not None:
        yield from _sheet_page(writer, sheet, sheet.add(cell))


def _sheet_page(writer: _Writer, sheet: Sheet, page: bytes | None) -> Iterator[bytes]:
    if page is not None:
        yield from writer.add(f"contact-sheet/page-{sheet.pages:03}.png", page)


def _logos(order: Order, writer: _Writer, told: _Told) -> Iterator[bytes]:
    """The brand's logo in the catalogue's logo sizes; each different logo once."""
    if not told.count:
        return
    keys = {spec.brand.logo: run for run, spec in ((run, order.briefs[run.pk]) for run in order.runs)}
    for key, run in keys.items():
        logo = storage.get_if_there(key) if key else None
        for size in formats.logos() if logo else []:
            path = order.names.of_its_own(f"logos/{size.platform_name}/{size.id}", ".png")
            try:
                yield from writer.add(path, logo_file(logo or b"", size).data)
            except CompositionError as fault:
                log.warning("No %s of the logo of run %s: %s", size.id, run.uid, fault)


def _tables(order: Order, writer: _Writer, told: _Told) -> Iterator[bytes]:
    runs = [head_of(run) for run in order.runs]
    head = {**(runs[0] if len(runs) == 1 else {}), "title": order.title, "runs": runs}
    failures = [words for run in order.runs for words in failures_of(run)] if order.is_whole else []
    opening = json.dumps(head, indent=2, ensure_ascii=False)[:-2] + ',\n  "ads": [\n'
    closing = f'\n  ],\n  "failures": {json.dumps(failures, ensure_ascii=False)}\n}}\n'
    for spool in (told.entries, told.table):
        spool.seek(0)
    yield from writer.add("manifest.json", opening.encode(), told.entries, closing.encode())
    yield from writer.add("manifest.csv", manifest_head(), told.table)
    if told.said:
        yield from writer.add("copy.csv", *_copy(order, told))


def _copy(order: Order, told: _Told) -> Iterator[bytes]:
    def of[What](run: Run, known: Mapping[tuple[int, int, str], What]) -> dict[tuple[int, str], What]:
        return {(message, language): what for (pk, message, language), what in known.items() if pk == run.pk}

    yield copy_head()
    for run in order.runs:
        for row in copy_rows(run, order.briefs[run.pk], of(run, told.said), of(run, told.beside)):
            yield table_line(row)
