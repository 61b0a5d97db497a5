"""Exit code 0 when a health address answers 200. The container's HEALTHCHECK: its image has no curl.

usage: healthcheck.py [URL]    default: /health/live of the studio in this container
"""

import os
import sys
from urllib.error import URLError
from urllib.request import Request, urlopen


def main(url: str) -> int:
    # Behind a proxy that ends TLS the studio would answer plain http with a redirect to a port it does not have.
    request = Request(url, headers={"X-Forwarded-Proto": "https"})
    try:
        with urlopen(request, timeout=3) as answer:
            return 0 if answer.status == 200 else 1
    except (URLError, OSError) as fault:
        print(f"{url}: {fault}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else f"http://127.0.0.1:{os.environ['PORT']}/health/live"))
