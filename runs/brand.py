"""The brand of a brief as the typesetter takes it, with the files it names."""

from functools import lru_cache

from runs import storage
from runs.brief import BrandSpec
from runs.composition import Style


def style_of(brand: BrandSpec, *, with_logo: bool = True) -> Style:
    """Reads logo and font from the storage. Raises FileNotFoundError where one is gone."""
    return Style(
        primary=brand.primary,
        accent=brand.accent,
        brand_name=brand.name,
        logo=storage.get(brand.logo) if brand.logo and with_logo else None,
        font=_font(brand.font) if brand.font else None,
        panel=brand.panel,
        ink=brand.ink,
        scrim=brand.scrim,
        corners=brand.corners,
        button=brand.button,
    )


@lru_cache(maxsize=16)  # a key never changes its bytes; pages ask while somebody types
def _font(key: str) -> bytes:
    return storage.get(key)
