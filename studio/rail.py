"""The brief page's rail: every chosen size as the form stands, composed by what makes the ads.

The page gets addresses at once and the pictures as they are printed; nothing here waits for them.
"""

from typing import Any
from uuid import uuid4

from django.urls import reverse

from runs import copies, formats, prompts, proofs
from runs.brief import BriefSpec
from runs.formats import Format, Shape
from runs.models import Asset, Picture
from studio.fitting import Fit, at_fields, fittings
from studio.forms import Draft
from studio.models import Brief, Campaign

AHEAD = 12  # sizes that are printed before somebody looks at them


def rail(user: int, campaign: Campaign, draft: Draft, spec: BriefSpec, brief: Brief | None, at: int) -> Any:
    """The figures of the rail, their proofs ordered; `at` is when the form came, for the newest state wins."""
    form = _form(draft)
    # As the form lists them: a saved brief may name them in another order, and none may jump at the first letter.
    order = list(formats.catalogue())
    fits = fittings(spec, sorted(spec.offered, key=lambda size: order.index(size.id)))
    draft.say_what_fits(at_fields(fit for _size, fit in fits))
    orders = _orders(campaign, spec, brief, fits)
    proofs.publish((user, form), at, orders.values(), ahead=AHEAD)
    return [_figure(campaign, form, size, fit, orders.get(size.id)) for size, fit in fits]


def _form(draft: Draft) -> str:
    """Which open form this is: each page has a key of its own, which comes back with all that it sends."""
    form = draft.form
    return str((form.cleaned_data["start_key"] or uuid4()) if form.is_bound else form["start_key"].value())


def _figure(campaign: Campaign, form: str, size: Format, fit: Fit, order: proofs.Order | None) -> Any:
    facts = {"format_id": size.id, "label": size.label, "width": size.width, "height": size.height}
    address = reverse("studio:brief_proof", args=[campaign.uid, form, order.key]) if order else ""
    return facts | {"ok": fit.ok, "words": fit.words, "image_url": address}


def _orders(
    campaign: Campaign, spec: BriefSpec, brief: Brief | None, fits: list[tuple[Format, Fit]]
) -> dict[str, proofs.Order]:
    """A proof of each size, by its id, whose first copy has a layout."""
    firsts = [(size, fit.first) for size, fit in fits if fit.first is not None]
    product = next((place.product for _size, place in firsts), 0)
    pictures = _last_pictures(spec, product, brief)
    cutout = _cutout(campaign, spec, product)
    return {
        size.id: proofs.Order(
            workspace=str(campaign.workspace.uid),
            format=size.id,
            language=place.language,
            words=copies.copy_of(spec, place.message, place.product, place.language),
            brand=spec.brand,
            prompt=prompts.scene(spec, place.product, size.shape),
            picture=pictures.get(size.shape, ""),
            cutout=cutout,
        )
        for size, place in firsts
    }


def _cutout(campaign: Campaign, spec: BriefSpec, product: int) -> str:
    """The key of the product's picture, where it is one of this workspace."""
    key = spec.products[product].cutout
    ours = key and Asset.objects.filter(workspace=campaign.workspace, key=key).exists()
    return key if ours else ""


def _last_pictures(spec: BriefSpec, product: int, brief: Brief | None) -> dict[Shape, str]:
    """What the brief's last run painted, by shape, while the form still asks for the same thing in the same look."""
    run = brief.runs.order_by("-pk").first() if brief else None
    if run is None or _subject(run.brief, product) != _subject(spec, product):
        return {}
    painted = Picture.objects.filter(generation__run=run, generation__product=product, generation__look=0)
    rows = painted.order_by("-generation__variation", "pk").values_list("generation__shape", "key")
    return {Shape(shape): key for shape, key in rows}


def _subject(spec: BriefSpec, product: int) -> object:
    if product >= len(spec.products):
        return None
    shown = spec.products[product]
    return shown.name, shown.description, bool(shown.cutout), spec.looks[0]
