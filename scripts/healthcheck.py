"""Exit code 0 when a part of the studio is well. For container engines: the image has no curl.

usage: healthcheck.py [URL]           it answers 200; default: /health/live of the studio in this container
       healthcheck.py --alive FILE    it was touched lately, as `run_worker --alive FILE` does
"""

import os
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

LATELY = 30.0  # seconds


def answers(url: str) -> bool:
    # Behind a proxy that ends TLS the studio would answer plain http with a redirect to a port it does not have.
    request = Request(url, headers={"X-Forwarded-Proto": "https"})
    try:
        with urlopen(request, timeout=8) as answer:  # nosec B310 # our own address
            return bool(answer.status == 200)
    except (URLError, OSError) as fault:
        print(f"{url}: {fault}", file=sys.stderr)
        return False


def was_touched(file: Path) -> bool:
    try:
        age = time.time() - file.stat().st_mtime
    except OSError as fault:
        print(fault, file=sys.stderr)
        return False
    if age > LATELY:
        print(f"{file} was touched {age:.0f} s ago", file=sys.stderr)
    return age <= LATELY


def main(arguments: list[str]) -> int:
    match arguments:
        case ["--alive", file]:
            well = was_touched(Path(file))
        case [url]:
            well = answers(url)
        case _:
            well = answers(f"http://127.0.0.1:{os.environ['PORT']}/health/live")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
