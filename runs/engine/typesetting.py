"""From a stored picture to its finished ads: every message, size and language that uses it.

An ad is made from its own row alone, so a new revision is made as the first one was.
"""

import logging
from dataclasses import asdict
from typing import Any

from runs import brief, formats, storage
from runs.brand import style_of
from runs.brief import AdPlan, BrandSpec, BriefSpec, ProductSpec
from runs.composition import Ad, CompositionError, Copy, DoesNotFit, Style, check, compose
from runs.copies import copy_of
from runs.engine.pool import pixels, processes
from runs.formats import Shape
from runs.models import Creative, Generation, Picture
from runs.prompts import FOCUS
from runs.signing import credentials
from runs.states import AdState

log = logging.getLogger(__name__)


async def typeset(generation: Generation, picture: Picture) -> list[Creative]:
    """Make and store every ad of this picture; copy that does not fit is told in the ad's row."""
    data = await pixels(storage.get, picture.key)
    spec = generation.run.brief
    style = await pixels(style_of, spec.brand)
    product = await pixels(cutout_of, spec.products[generation.product])
    plans = brief.plan_ads(spec, generation.product, Shape(generation.shape))
    ads = [_row(generation, picture, spec, plan) for plan in plans]
    return [await pixels(make, ad, data, style, product) for ad in ads]


def make_again(row: Creative) -> Creative:
    """Make a later revision: all is read from the storage again. Raises FileNotFoundError where it is gone."""
    style = style_of(BrandSpec.model_validate(row.brand, context=brief.STORED))
    product = cutout_of(row.run.brief.products[row.generation.product])
    return make(row, storage.get(row.picture.key), style, product)


def cutout_of(product: ProductSpec) -> bytes | None:
    """The real product as it was uploaded; None where it is invented."""
    return storage.get(product.cutout) if product.cutout else None


def make(row: Creative, picture: bytes, style: Style, product: bytes | None) -> Creative:
    """Compose one ad as its row says, store its file, and note in the row how it went. No database here.

    `product` is the cut-out of the real product, where the brief has one.
    """
    format_ = formats.get(row.format)
    try:
        made = processes.compute(
            compose,
            picture,
            format_,
            Copy(**row.copy),
            style,
            row.language,
            focus=tuple(row.focus),
            simulated=row.simulated,
            bare=row.twin,
            product=product,
            credentials=credentials(),
        )
    except DoesNotFit as refusal:
        row.state, row.words = AdState.DOES_NOT_FIT, str(refusal)
        return row
    except CompositionError as refusal:
        row.state, row.words = AdState.FAILED, str(refusal)
        return row
    return _stored(row, made, format_)


def _stored(row: Creative, made: Ad, format_: formats.Format) -> Creative:
    faults = [entry for entry in check(made.data, format_) if not entry.ok]
    twin = "-notext" if row.twin else ""
    name = f"{row.format}-m{row.message + 1}-{row.language}{twin}-r{row.revision}"
    sha256 = storage.digest(made.data)
    row.key = storage.ad_key(row.run.workspace.uid, row.generation.uid, name, sha256, made.suffix.lstrip("."))
    row.sha256 = storage.put(row.key, made.data)
    row.bytes, row.mime, row.report = len(made.data), made.mime, row.report | made.report.as_json()
    row.state = AdState.FAILED if faults else AdState.READY
    row.words = " ".join(fault.words for fault in faults)
    return row


def _row(generation: Generation, picture: Picture, spec: BriefSpec, ad: AdPlan) -> Creative:
    brand: dict[str, Any] = spec.brand.model_dump(mode="json")
    return Creative(
        workspace_id=generation.workspace_id,
        run=generation.run,
        generation=generation,
        picture=picture,
        message=ad.message,
        format=ad.format,
        language=ad.language,
        twin=ad.twin,
        copy=asdict(copy_of(spec, ad.message, generation.product, ad.language)),
        brand=brand,
        focus=list(FOCUS[Shape(generation.shape)]),
        simulated=picture.simulated,
        report=formats.noted(ad.format),
    )
