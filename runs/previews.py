"""Latent previews: small, short-lived, in the shared cache; the card's address carries their version."""

from uuid import UUID

from django.core.cache import cache

LIFE = 600  # seconds


def put(generation: UUID, image: bytes) -> None:
    cache.set(f"preview:{generation}", image, LIFE)


def get(generation: UUID) -> bytes | None:
    image = cache.get(f"preview:{generation}")
    return image if isinstance(image, bytes) else None
