"""The shared cache of several processes. What it holds may vanish at any time, and so may the whole of it."""

import logging
import time
from collections.abc import Callable
from typing import Any

import redis
from django.core.cache.backends.redis import RedisCache

log = logging.getLogger(__name__)

PAUSE = 5.0  # seconds in which a server that did not answer is not asked again: each try may cost two

_away_until: dict[str, float] = {}  # by its address: each request has a cache object of its own


class ForgivingRedisCache(RedisCache):
    """Answers as an empty cache while Redis is away: a preview is missing, no page fails."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._address = server

    def _try[T](self, ask: Callable[[], T], otherwise: T) -> T:
        until = _away_until.get(self._address)
        if until is not None:
            if time.monotonic() < until:
                return otherwise
            # One asks whether it is back; the others go on without it meanwhile.
            _away_until[self._address] = time.monotonic() + PAUSE
        try:
            answer = ask()
        except (redis.RedisError, OSError) as fault:
            _away_until[self._address] = time.monotonic() + PAUSE
            if until is None:
                log.warning("The cache is away; it is tried again every %.0f s: %s", PAUSE, fault)
            return otherwise
        if _away_until.pop(self._address, None) is not None:
            log.info("The cache is back.")
        return answer

    def add(self, key: Any, value: Any, timeout: Any = ..., version: Any = None) -> bool:
        return self._try(
            lambda: super(ForgivingRedisCache, self).add(key, value, **_given(timeout, version)), True
        )

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        return self._try(lambda: super(ForgivingRedisCache, self).get(key, default, version), default)

    def set(self, key: Any, value: Any, timeout: Any = ..., version: Any = None) -> None:
        self._try(lambda: super(ForgivingRedisCache, self).set(key, value, **_given(timeout, version)), None)

    def touch(self, key: Any, timeout: Any = ..., version: Any = None) -> bool:
        return self._try(
            lambda: super(ForgivingRedisCache, self).touch(key, **_given(timeout, version)), False
        )

    def delete(self, key: Any, version: Any = None) -> bool:
        return self._try(lambda: super(ForgivingRedisCache, self).delete(key, version), False)

    def get_many(self, keys: Any, version: Any = None) -> dict[Any, Any]:
        return self._try(lambda: super(ForgivingRedisCache, self).get_many(keys, version), {})

    def has_key(self, key: Any, version: Any = None) -> bool:
        return self._try(lambda: super(ForgivingRedisCache, self).has_key(key, version), False)

    def incr(self, key: Any, delta: int = 1, version: Any = None) -> int:
        return self._try(lambda: super(ForgivingRedisCache, self).incr(key, delta, version), delta)

    def set_many(self, data: Any, timeout: Any = ..., version: Any = None) -> list[Any]:
        return self._try(
            lambda: super(ForgivingRedisCache, self).set_many(data, **_given(timeout, version)), list(data)
        )

    def delete_many(self, keys: Any, version: Any = None) -> None:
        self._try(lambda: super(ForgivingRedisCache, self).delete_many(keys, version), None)

    def clear(self) -> None:
        self._try(super().clear, None)


def _given(timeout: Any, version: Any) -> dict[str, Any]:
    # Django's own mark for "no time named" is an object of its own; ours is the ellipsis.
    return {"version": version} if timeout is ... else {"timeout": timeout, "version": version}
