"""Thumbnails for pages and contact sheets: made when first asked for, kept beside their originals."""

from runs import storage
from runs.composition import thumbnail

SIDE = 640  # pixels on the long side


def small(key: str, *, see_through: bool = False) -> bytes:
    """The WebP of that file, with its transparency or on white. Raises FileNotFoundError when neither is there."""
    place = storage.small_key(key)
    data = storage.get_if_there(place)
    if data is None:
        data = thumbnail(storage.get(key), SIDE, see_through=see_through)
        storage.put(place, data)
    return data
