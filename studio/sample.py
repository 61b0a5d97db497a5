"""Sample ads of a brand kit: the workspace's newest brief, or one of our own, as the kit's form stands."""

from typing import Any

from django.urls import reverse

from runs.brief import BrandSpec, BriefSpec, from_data, from_stored
from studio import rail
from studio.models import BrandKit, Brief

SIZES = (
    "meta_story",
    "meta_feed_square",
    "google_display_inline_rectangle",
    "google_display_leaderboard",
)
STOCK = {
    "name": "Sample",
    "products": [{"name": "Product", "description": "a plain round tin without a label", "price": "€4.90"}],
    "messages": [{"headline": "Made to be noticed.", "line": "One line that says why.", "button": "See it"}],
    "looks": [
        {
            "name": "Sample",
            "words": "on a round podium in soft daylight",
            "palette": ["#dfe4ea", "#b9c3cf", "#8d99a8"],
        }
    ],
    "formats": list(SIZES),
}


def sample(user: int, kit: BrandKit, form: str, brand: BrandSpec, at: int) -> Any:
    """The figures of the sample ads, their proofs ordered; `form` names the open page."""

    def address(key: str) -> str:
        return reverse("studio:kit_proof", args=[kit.uid, form, key])

    brief = _brief(kit)
    spec = _spec(brief).model_copy(update={"brand": brand, "formats": SIZES})
    return rail.sample(user, form, kit.workspace, spec, brief, at, address)


def _brief(kit: BrandKit) -> Brief | None:
    """Real words over a real picture tell more: one with this kit, or else any other."""
    briefs = Brief.objects.filter(workspace=kit.workspace).order_by("-updated_at")
    return briefs.filter(kit=kit).first() or briefs.first()


def _spec(brief: Brief | None) -> BriefSpec:
    """Its first message alone: a kit's page tells nothing of what is too long elsewhere."""
    if brief is None:
        return from_data(STOCK)
    spec = from_stored(brief.spec)
    first = {"messages": spec.messages[:1], "languages": spec.languages[:1]}
    return spec.model_copy(update=first)
