"""From a stored picture to its finished ads: every message, size and language that uses it."""

import logging
from dataclasses import dataclass
from typing import Any

from runs import brief, formats, storage
from runs.brief import AdPlan, BriefSpec
from runs.composition import Ad, CompositionError, Copy, DoesNotFit, Style, check, compose
from runs.copies import copy_of
from runs.engine.pool import pixels
from runs.formats import Shape
from runs.models import Creative, Generation, Picture
from runs.states import AdState

log = logging.getLogger(__name__)

FOCUS = (0.5, 0.6)  # where the prompt asks for the product; a person can move it later
FOCUS_WIDE = (0.68, 0.58)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """All that one ad is made from."""

    generation: Generation
    picture: Picture
    spec: BriefSpec
    ad: AdPlan
    style: Style

    @property
    def copy(self) -> Copy:
        return copy_of(self.spec, self.ad.message, self.generation.product, self.ad.language)

    @property
    def focus(self) -> tuple[float, float]:
        return FOCUS_WIDE if Shape(self.generation.shape) is Shape.LANDSCAPE else FOCUS


async def typeset(generation: Generation, picture: Picture) -> list[Creative]:
    """Make and store every ad of this picture; copy that does not fit is told in the ad's row."""
    data = await pixels(storage.get, picture.key)
    spec = generation.run.brief
    style = await pixels(_style, spec)
    plans = brief.plan_ads(spec, generation.product, Shape(generation.shape))
    settings = [
        Setting(generation=generation, picture=picture, spec=spec, ad=ad, style=style) for ad in plans
    ]
    return [await pixels(_make, setting, data) for setting in settings]


def _style(spec: BriefSpec) -> Style:
    logo = storage.get(spec.brand.logo) if spec.brand.logo else None
    return Style(primary=spec.brand.primary, accent=spec.brand.accent, brand_name=spec.brand.name, logo=logo)


def _make(setting: Setting, picture: bytes) -> Creative:
    row = _row(setting)
    format_ = formats.get(setting.ad.format)
    try:
        made = compose(
            picture,
            format_,
            setting.copy,
            setting.style,
            setting.ad.language,
            focus=setting.focus,
            simulated=setting.picture.simulated,
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
    name = f"{row.format}-m{row.message + 1}-{row.language}-r{row.revision}"
    sha256 = storage.digest(made.data)
    row.key = storage.ad_key(row.run.workspace.uid, row.generation.uid, name, sha256, made.suffix.lstrip("."))
    row.sha256 = storage.put(row.key, made.data)
    row.bytes, row.mime, row.report = len(made.data), made.mime, row.report | made.report.as_json()
    row.state = AdState.FAILED if faults else AdState.READY
    row.words = " ".join(fault.words for fault in faults)
    return row


def _row(setting: Setting) -> Creative:
    size = formats.get(setting.ad.format)
    message = setting.spec.messages[setting.ad.message].copy_in(setting.ad.language)
    brand: dict[str, Any] = setting.spec.brand.model_dump(mode="json")
    return Creative(
        workspace_id=setting.generation.workspace_id,
        run=setting.generation.run,
        generation=setting.generation,
        picture=setting.picture,
        message=setting.ad.message,
        format=setting.ad.format,
        language=setting.ad.language,
        copy=message.model_dump(mode="json", exclude={"translations", "product", "post"}),
        brand=brand,
        focus=list(setting.focus),
        simulated=setting.picture.simulated,
        # Noted here too: the format may leave the catalogue, and the ad is still shown then.
        report={
            "label": size.label,
            "platform": size.platform_name,
            "width": size.width,
            "height": size.height,
        },
    )
