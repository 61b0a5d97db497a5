"""Ready looks and sets of sizes: a marketer's first brief should need no words for the picture and no ids."""

from dataclasses import dataclass

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from runs import formats
from studio.models import BrandKit


@dataclass(frozen=True, slots=True)
class LookPreset:
    key: str
    name: str
    words: str
    palette: str

    @property
    def cover(self) -> str:
        return static(f"img/looks/{self.key}.jpg")


LOOKS = (
    LookPreset(
        "warm-podium",
        "Warm podium",
        "on a round stone podium in front of a warm arch, evening sun, soft long shadows",
        "#f6c9a8 #e8825b #c65a38",
    ),
    LookPreset(
        "botanical",
        "Botanical",
        "between green leaves and eucalyptus twigs, dewy morning light",
        "#d9f0e3 #8fcbb0 #5aa286",
    ),
    LookPreset(
        "night-studio",
        "Night studio",
        "night studio with a violet neon beam, dark reflective floor, cold haze",
        "#3a2f6b #171333 #7b6cf0",
    ),
    LookPreset(
        "fresh-icy",
        "Fresh & icy",
        "on clear ice cubes, cold blue light, fine frost and droplets",
        "#d7ecff #7fbaf2 #3f7fc4",
    ),
    LookPreset(
        "soft-sand",
        "Soft sand",
        "on a draped linen cloth, sand coloured backdrop, long soft window shadows",
        "#f3e9dc #d9c3a5 #b4946b",
    ),
)


@dataclass(frozen=True, slots=True)
class KitLook:
    """A ready look of a brand kit; `key` is its place there."""

    key: str
    name: str
    words: str
    colours: tuple[str, ...]

    @property
    def palette(self) -> str:
        return " ".join(self.colours)

    @property
    def row(self) -> dict[str, str]:
        return {"name": self.name, "words": self.words, "palette": self.palette}


def of_kit(kit: BrandKit | None) -> list[KitLook]:
    looks = kit.looks if kit else []
    return [
        KitLook(str(number), look["name"], look.get("words", ""), tuple(look.get("palette", ())))
        for number, look in enumerate(looks)
    ]


SIZE_PRESETS = (
    {
        "name": _("Meta everywhere"),
        "ids": ("meta_feed_square", "meta_feed_portrait", "meta_feed_landscape", "meta_story", "meta_reels"),
    },
    {
        "name": _("Google starter"),
        "ids": (
            "google_display_inline_rectangle",
            "google_display_large_rectangle",
            "google_display_leaderboard",
            "google_display_half_page",
            "google_display_wide_skyscraper",
            "google_display_large_mobile_banner",
        ),
    },
    {
        "name": _("Stories"),
        "ids": ("meta_story", "snapchat_full", "tiktok_vertical", "google_demandgen_vertical"),
    },
)


def size_groups(chosen: list[str]) -> list[dict[str, object]]:
    """Every image size by platform, with those chosen ticked."""
    groups: dict[str, list[dict[str, object]]] = {}
    for entry in formats.images():
        shown: dict[str, object] = {
            "id": entry.id,
            "label": entry.label,
            "name": entry.name,
            "size": entry.size,
            "platform": entry.platform,
        }
        shown |= {"width": entry.width, "height": entry.height, "checked": entry.id in chosen}
        groups.setdefault(entry.platform_name, []).append(shown)
    return [{"platform": platform, "formats": entries} for platform, entries in groups.items()]
