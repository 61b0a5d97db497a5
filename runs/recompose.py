"""New revisions of finished ads from the pictures that are stored: other words, language, size, brand or focus.

A row in the state pending says what is wanted and is the truth; a task only says that there are such rows. Whoever
takes one makes it within a lease, else another does: the same row gives the same bytes, so twice does no harm.
Neither the run's status nor its pictures' are touched.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from pydantic import TypeAdapter, ValidationError

from runs import formats, preflight, shelf, signals, storage
from runs.banned import COPY, refuse_words
from runs.brief import LICENCE, STORED, BrandSpec, CopySpec, Language, Words
from runs.errors import BriefFault, BriefRefused, Overtaken
from runs.models import Creative, Picture, Run
from runs.states import AdState

LEASE = timedelta(seconds=30)  # an ad takes well under one
MAX_TRIES = 5  # a row at which every worker dies must not be taken up for ever
_LANGUAGE: TypeAdapter[str] = TypeAdapter(Language)
_WORDS: TypeAdapter[str] = TypeAdapter(Words)

type Key = tuple[int, int, str, str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be different; None leaves it as the ad has it."""

    copy: CopySpec | None = None
    # Those of the copy that count; the others stay as each ad has them.
    fields: frozenset[str] = frozenset(COPY)
    price: str | None = None
    language: str | None = None
    format: str | None = None
    brand: BrandSpec | None = None
    focus: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        """Raises BriefRefused with the field that is at fault."""
        if self.focus is not None and not all(0 <= part <= 1 for part in self.focus):
            raise _refused("focus", "The focus has to be inside the picture: give two numbers from 0 to 1.")
        if self.price is not None:
            try:
                object.__setattr__(self, "price", _WORDS.validate_python(self.price))
            except ValidationError as refusal:
                raise _refused("price", BriefRefused.from_pydantic(refusal).faults[0].words) from None
        if self.language is not None:
            try:
                _LANGUAGE.validate_python(self.language)
            except ValidationError:
                words = f"“{self.language}” is not a language. Write it as “en” or “pt-BR”."
                raise _refused("language", words) from None

    @property
    def said(self) -> dict[str, str]:
        """The words that are to be different, by their fields."""
        return self.copy.model_dump(include=set(self.fields)) if self.copy else {}


def copy_from(raw: Mapping[str, Any]) -> CopySpec:
    """The words of an ad from plain data; raises BriefRefused with every fault and its field."""
    try:
        return CopySpec.model_validate({name: raw[name] for name in COPY if name in raw})
    except ValidationError as refusal:
        raise BriefRefused.from_pydantic(refusal) from refusal


def brand_from(raw: Mapping[str, Any]) -> BrandSpec:
    """A brand from plain data; raises BriefRefused with every fault and its field."""
    try:
        return BrandSpec.model_validate(raw, context=STORED)
    except ValidationError as refusal:
        raise BriefRefused.from_pydantic(refusal) from refusal


def of_run(ad: Creative) -> list[Creative]:
    """Every ad of its run."""
    return list(Creative.objects.newest().filter(run=ad.run_id).select_related("generation").order_by("pk"))


def of_picture(ad: Creative) -> list[Creative]:
    """Every ad over the same picture, this one as it is newest."""
    mine = Creative.objects.newest().filter(generation=ad.generation_id)
    return list(mine.select_related("generation").order_by("pk"))


def of_message(ad: Creative) -> list[Creative]:
    """Every ad of the run that says the same: all sizes, looks and variations of its message and language."""
    same = {"run": ad.run_id, "message": ad.message, "language": ad.language, "twin": False}
    mine = Creative.objects.newest().filter(**same, generation__product=ad.generation.product)
    return list(mine.select_related("generation").order_by("pk"))


def price_of(ad: Creative) -> str:
    """What it says; ads from before prices could change did not note it."""
    price: str = ad.copy.get("price", ad.run.brief.products[ad.generation.product].price)
    return price


def history(ad: Creative) -> list[Creative]:
    """Every revision of this ad, the newest first."""
    return list(Creative.objects.filter(**_which(_key(ad))).order_by("-revision"))


def order(
    ads: Iterable[Creative], change: Change, *, actor: str, seen: Creative | None = None
) -> list[Creative]:
    """Want these ads changed: one new revision each, where it would say or show something else.

    An ad in another language or size is an ad beside the one it was made from; both are shown.
    `seen` is the revision that whoever asks has looked at: with a newer one by now it raises Overtaken.
    Raises BriefRefused or NotAllowed; then none of them is changed.
    """
    chosen: dict[int, list[Creative]] = {}
    for ad in ads:
        chosen.setdefault(ad.run_id, []).append(ad)
    with transaction.atomic():
        if seen is not None:
            Run.objects.hold(seen.run_id)
            if history(seen)[0].pk != seen.pk:
                raise Overtaken
        return [row for run in sorted(chosen) for row in _order(run, chosen[run], change, actor)]


def _order(run_pk: int, ads: list[Creative], change: Change, actor: str) -> list[Creative]:
    # Two at once are told apart by this lock; were it gone, the revision's constraint would refuse the second.
    run = Run.objects.hold(run_pk)
    _refuse_banned(run, change)
    if change.brand is not None:
        _refuse_foreign(run, ads, change.brand)
    generations = {ad.generation_id for ad in ads}
    shown = Creative.objects.newest().filter(generation__in=generations)
    newest = {_key(ad): ad for ad in shown.select_related("generation")}
    rows: dict[Key, Creative] = {}
    offered = [ad for ad in ads if change.format or ad.format in formats.catalogue()]
    for ad in offered or ads:
        for row in _wanted(ad, change, newest):
            rows.setdefault(_key(row), row)
    made = [row for key, row in rows.items() if not _same(row, newest.get(key))]
    _refuse_dropped(made)
    pictures = run.generations.in_bulk(generations)
    for row in made:
        _number(row, newest.get(_key(row)), actor)
        row.run, row.generation = run, pictures[row.generation_id]
        row.generation.run = run
    shelf.put(made)
    Run.objects.filter(pk=run.pk).update(ads_total=F("ads_total") + sum(row.revision == 1 for row in made))
    if made:
        signals.ads_wanted_soon()
        signals.tell(run)
    return made


def _refuse_banned(run: Run, change: Change) -> None:
    """The brand's words as the run froze them, and as whoever keeps the brief has them by now."""
    told = change.said
    if change.price:
        told["price"] = change.price
    if told:
        by_now = signals.words_banned.send(Run, workspace=run.workspace_id, origin=run.origin)
        words = [*run.brief.brand.banned, *(word for _, theirs in by_now for word in theirs or ())]
        refuse_words(dict.fromkeys(words), told)


def _refuse_dropped(made: list[Creative]) -> None:
    """Nothing can be set over a picture that a clean-up took; the ads themselves are kept as they are."""
    pictures = {row.picture_id for row in made}
    if Picture.objects.filter(pk__in=pictures, dropped_at__isnull=False).exists():
        raise _refused(
            "", "The picture behind this ad was removed by a clean-up. Run the brief again for new ads."
        )


def _refuse_foreign(run: Run, ads: list[Creative], brand: BrandSpec) -> None:
    """A logo or a font that these ads did not have must be an upload of this workspace, a font with its licence."""
    new = {kind: getattr(brand, kind) for kind in ("logo", "font")}
    for kind in new:
        if new[kind] in {ad.brand.get(kind) for ad in ads}:
            new[kind] = ""  # it was looked at when they were ordered
    faults = preflight.faults_of_brand(brand.model_copy(update=new), run.workspace)
    if new["font"] and not brand.font_licensed:
        faults.append(BriefFault(field="brand.font_licensed", words=LICENCE))
    if faults:
        raise BriefRefused(faults)


def _wanted(ad: Creative, change: Change, newest: Mapping[Key, Creative]) -> Iterator[Creative]:
    """The ad as it is to be, and the twin that a size which is new to its picture may ask for."""
    row = _changed(ad, change)
    yield row
    size = formats.get(row.format)
    if change.format and size.wants_twin and not ad.twin:
        known = (key for key in newest if key[0] == ad.generation_id and key[2] == row.format and key[4])
        if next(known, None) is None:
            yield _changed(ad, Change(format=row.format, focus=change.focus, brand=change.brand), twin=True)


def _changed(ad: Creative, change: Change, *, twin: bool | None = None) -> Creative:
    twin = ad.twin if twin is None else twin
    format_id = _size(ad, change.format)
    words = ad.copy if twin else ad.copy | change.said
    words = words | {"price": price_of(ad) if change.price is None or twin else change.price}
    return Creative(
        workspace_id=ad.workspace_id,
        run_id=ad.run_id,
        generation_id=ad.generation_id,
        picture_id=ad.picture_id,
        message=ad.message,
        format=format_id,
        language=ad.language if change.language is None or twin else change.language,
        twin=twin,
        copy=words,
        brand=ad.brand if change.brand is None else change.brand.model_dump(mode="json"),
        post=_post(ad, change, format_id),
        focus=list(ad.focus if change.focus is None else change.focus),
        simulated=ad.simulated,
        state=AdState.PENDING,
        report=formats.noted(format_id),
        due_at=Now(),
    )


def _post(ad: Creative, change: Change, format_id: str) -> Any:
    """Its own text beside it goes along while it is read on the same platform, in the same language."""
    same_language = change.language in (None, ad.language)
    here, there = formats.catalogue().get(ad.format), formats.get(format_id)
    return ad.post if same_language and here and here.platform == there.platform else None


def _size(ad: Creative, wanted: str | None) -> str:
    """The size it is to have: it must be offered, and its picture must be of the right shape."""
    format_id = ad.format if wanted is None else wanted
    size = formats.catalogue().get(format_id)
    if size is None or size.role != "image":
        raise _refused("format", f"The size “{format_id}” is not available. Choose another.")
    if wanted is not None and size.shape.value != ad.generation.shape:
        words = f"{size.label} needs a picture of other proportions. Make it with a new run."
        raise _refused("format", words)
    return format_id


def _number(row: Creative, before: Creative | None, actor: str) -> None:
    row.made_by, row.supersedes = actor, before
    row.revision = before.revision + 1 if before else 1


def _same(row: Creative, before: Creative | None) -> bool:
    """Whether that is what is there or already being made. What failed may be tried again."""
    if before is None or before.state == AdState.FAILED:
        return False
    return _made_from(row) == _made_from(before)


def _made_from(ad: Creative) -> tuple[Any, ...]:
    said = {} if ad.twin else {name: words for name, words in ad.copy.items() if words}
    return said, ad.brand, list(ad.focus)


def _key(ad: Creative) -> Key:
    return ad.generation_id, ad.message, ad.format, ad.language, ad.twin


def _which(key: Key) -> dict[str, Any]:
    return dict(zip(("generation", "message", "format", "language", "twin"), key, strict=True))


def _refused(field: str, words: str) -> BriefRefused:
    return BriefRefused([BriefFault(field=field, words=words)])


# --- What the engine says ------------------------------------------------------------------------------------


def is_due() -> bool:
    return Creative.everything.filter(state=AdState.PENDING, due_at__lte=Now()).exists()


def take(most: int) -> list[Creative]:
    """Some of those that wait, for the length of a lease."""
    with transaction.atomic():
        due = Creative.everything.filter(state=AdState.PENDING, due_at__lte=Now())
        free = due.select_for_update(skip_locked=True).order_by("due_at", "pk")
        pks = list(free.values_list("pk", flat=True)[:most])
        mine = Creative.everything.filter(pk__in=pks)
        mine.update(due_at=Now() + LEASE, tries=F("tries") + 1)
    rows = list(mine.select_related("run__workspace", "generation", "picture").order_by("pk"))
    for row in rows:
        if row.tries > MAX_TRIES:
            row.state = AdState.FAILED
            row.words = (
                f"It could not be made in {MAX_TRIES} tries. Your studio admin can find out why in its log."
            )
            settle(row)
    return [row for row in rows if row.state == AdState.PENDING]


def settle(row: Creative) -> bool:
    """Its file is stored, or it is known why there is none. False when the row is settled already or gone."""
    columns = {
        name: getattr(row, name) for name in ("state", "words", "key", "sha256", "bytes", "mime", "report")
    }
    with transaction.atomic():
        run = Run.everything.select_for_update().filter(pk=row.run_id).first()
        mine = Creative.everything.filter(pk=row.pk, state=AdState.PENDING)
        done = mine.update(**columns, due_at=None) == 1
        stray = not done and row.key and not Creative.everything.filter(key=row.key).exists()
        if run is not None and done:
            signals.tell(run, row.generation)
    if stray:
        storage.delete([row.key])  # its run was deleted meanwhile
    return done
