"""A brief for those who may only look: what it says, without a form."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from runs import formats
from runs.brief import BriefSpec, from_stored
from studio.here import StudioRequest
from studio.models import Brief
from studio.rows import language_name, picture_url


def page(request: StudioRequest, brief: Brief) -> HttpResponse:
    spec = from_stored(brief.spec)
    context = {
        "brief": brief,
        "campaign": brief.campaign,
        "kit": brief.kept_kit,
        "spec": spec,
        "products": [(product, picture_url(product.cutout)) for product in spec.products],
        "messages_said": _messages(spec),
        "sizes": [size.label for size in formats.still_offered(spec.formats)],
        "languages": [language_name(code) for code in spec.languages],
        "run": brief.runs.order_by("-pk").first(),
    }
    return render(request, "studio/brief_read.html", context)


def _messages(spec: BriefSpec) -> list[dict[str, Any]]:
    """Each message in each language; the language is named where there are several."""
    several = len(spec.languages) > 1
    return [
        {
            "number": number,
            "product": message.product,
            "language": language_name(language) if several else "",
            "copy": message.copy_in(language),
        }
        for number, message in enumerate(spec.messages, 1)
        for language in spec.languages
    ]
