"""The brand of a brief as the typesetter takes it, with the files it names."""

import logging
from functools import lru_cache

from runs import storage
from runs.brief import BrandSpec
from runs.composition import Style

log = logging.getLogger(__name__)


def style_of(brand: BrandSpec) -> Style:
    """Reads logo and font from the storage. Raises FileNotFoundError where one is gone."""
    return Style(
        primary=brand.primary,
        accent=brand.accent,
        brand_name=brand.name,
        logo=_file(brand.logo) if brand.logo else None,
        font=_file(brand.font) if brand.font else None,
        panel=brand.panel,
        ink=brand.ink,
        scrim=brand.scrim,
        corners=brand.corners,
        button=brand.button,
    )


def style_as_far_as_there(brand: BrandSpec) -> Style:
    """The same for a page that must not fail where a file is gone: then without the brand's files."""
    try:
        return style_of(brand)
    except FileNotFoundError as gone:
        log.error("A file of a brand is gone: %s", gone)
        return style_of(brand.model_copy(update={"logo": "", "font": ""}))


@lru_cache(maxsize=16)  # a key never changes its bytes; pages ask while somebody types
def _file(key: str) -> bytes:
    return storage.get(key)
