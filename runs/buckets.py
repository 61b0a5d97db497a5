"""Object storage that is asked again where it stumbles, and not waited for without an end.

Imported only where MEDIA_STORAGE is `s3`: its library is large.
"""

from typing import Any

from botocore.config import Config
from storages.backends.s3 import S3Storage

CONNECT, ANSWER = 3.0, 10.0  # seconds; the library's own are a minute each, five times over
TRIES = 3


class S3(S3Storage):
    """503, a cut line or silence are tried again, with a growing pause; a page waits half a minute at the most."""

    def get_default_settings(self) -> dict[str, Any]:
        patience = Config(
            connect_timeout=CONNECT,
            read_timeout=ANSWER,
            retries={"mode": "standard", "total_max_attempts": TRIES},
        )
        return super().get_default_settings() | {"client_config": patience}
