"""The brief page's rail: every chosen size as the form stands, composed by what makes the ads.

The page gets addresses at once and the pictures as they are printed; nothing here waits for them.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from django.urls import reverse

from accounts.models import Workspace
from runs import copies, formats, prompts, proofs
from runs.banned import faults_of_words
from runs.brief import BriefSpec
from runs.formats import Format, Shape
from runs.models import Asset, Picture
from runs.press import Sheet
from studio.fitting import MOST, Fit, at_fields, fittings
from studio.forms import Draft
from studio.models import Brief, Campaign

type Address = Callable[[str], str]  # of the proof with that key

AHEAD = 12  # sizes that are printed before somebody looks at them


def rail(
    user: int,
    campaign: Campaign,
    draft: Draft,
    spec: BriefSpec,
    brief: Brief | None,
    at: int,
    most: int = MOST,
    place: Callable[[str], str] = str,
) -> Any:
    """The figures of the brief's rail; each field of the draft is told what is to be said of its words.

    `place` says where a field of the spec stands in the draft.
    """
    fits = fitted(spec, most)
    told = at_fields(fit for _size, fit in fits) | {
        fault.field: fault.words for fault in faults_of_words(spec)
    }
    draft.say_what_fits({place(field): words for field, words in told.items()})
    form = _form(draft)
    orders = _orders(campaign.workspace, spec, brief, fits)

    def address(key: str) -> str:
        return reverse("studio:brief_proof", args=[campaign.uid, form, key])

    return figures((user, form), at, fits, orders, address)


def sample(
    user: int,
    form: str,
    workspace: Workspace,
    spec: BriefSpec,
    brief: Brief | None,
    at: int,
    address: Address,
) -> Any:
    """The same for a page that shows a brief without its form."""
    fits = fitted(spec)
    return figures((user, form), at, fits, _orders(workspace, spec, brief, fits), address)


def fitted(spec: BriefSpec, most: int = MOST) -> list[tuple[Format, Fit]]:
    """As the form lists them: a saved brief may name them in another order, and none may jump at the first letter."""
    order = list(formats.catalogue())
    return fittings(spec, sorted(spec.offered, key=lambda size: order.index(size.id)), most)


def figures(
    sheet: Sheet,
    at: int,
    fits: list[tuple[Format, Fit]],
    orders: Mapping[str, proofs.Order],
    address: Address,
) -> Any:
    """Each size as the page shows it, the proofs ordered; `at` is when the form came, for the newest state wins."""
    proofs.publish(sheet, at, orders.values(), ahead=AHEAD)
    urls = {size: address(order.key) for size, order in orders.items()}
    return [_figure(size, fit, urls.get(size.id, "")) for size, fit in fits]


def _form(draft: Draft) -> str:
    """Which open form this is: each page has a key of its own, which comes back with all that it sends."""
    form = draft.form
    return str((form.cleaned_data["start_key"] or uuid4()) if form.is_bound else form["start_key"].value())


def _figure(size: Format, fit: Fit, address: str) -> Any:
    facts: dict[str, Any] = {
        "format_id": size.id,
        "label": size.label,
        "width": size.width,
        "height": size.height,
    }
    facts |= {"safe": size.safe, "safe_width": size.width - size.safe.left - size.safe.right}
    facts |= {"safe_height": size.height - size.safe.top - size.safe.bottom}
    return facts | {"ok": fit.ok, "words": fit.words, "image_url": address}


def _orders(
    workspace: Workspace, spec: BriefSpec, brief: Brief | None, fits: list[tuple[Format, Fit]]
) -> dict[str, proofs.Order]:
    """A proof of each size, by its id, whose first copy has a layout."""
    firsts = [(size, fit.first) for size, fit in fits if fit.first is not None]
    product = next((place.product for _size, place in firsts), 0)
    pictures = _last_pictures(spec, product, brief)
    cutout = _cutout(workspace, spec, product)
    brand = spec.brand.model_copy(update={"banned": ()})  # no picture shows them
    return {
        size.id: proofs.Order(
            workspace=str(workspace.uid),
            format=size.id,
            language=place.language,
            words=copies.copy_of(spec, place.message, place.product, place.language),
            brand=brand,
            prompt=prompts.scene(spec, place.product, size.shape),
            picture=pictures.get(size.shape, ""),
            cutout=cutout,
        )
        for size, place in firsts
    }


def _cutout(workspace: Workspace, spec: BriefSpec, product: int) -> str:
    """The key of the product's picture, where it is one of this workspace."""
    key = spec.products[product].cutout
    ours = key and Asset.objects.filter(workspace=workspace, key=key).exists()
    return key if ours else ""


def _last_pictures(spec: BriefSpec, product: int, brief: Brief | None) -> dict[Shape, str]:
    """What the brief's last run painted, by shape, while the form still asks for the same thing in the same look."""
    run = brief.runs.order_by("-pk").first() if brief else None
    if run is None or _subject(run.brief, product) != _subject(spec, product):
        return {}
    painted = Picture.objects.filter(generation__run=run, generation__product=product, generation__look=0)
    painted = painted.filter(dropped_at=None)
    rows = painted.order_by("-generation__variation", "pk").values_list("generation__shape", "key")
    return {Shape(shape): key for shape, key in rows}


def _subject(spec: BriefSpec, product: int) -> object:
    if product >= len(spec.products):
        return None
    shown = spec.products[product]
    return shown.name, shown.description, bool(shown.cutout), spec.looks[0]
