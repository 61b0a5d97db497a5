"""Opens files from outside in a process of its own, under limits: `python -I apart.py font IN OUT`, `… svg W H`.

Run by its path, so that nothing of the studio is loaded. Whatever a broken font or drawing does, it does it here.
"""

import os
import resource
import sys

SECONDS = 10
MEMORY = 1024**3
FILE = 64 * 1024**2


def limit() -> None:
    """Take from this process what a drawing does not need: seconds, memory, large files, core dumps."""
    for what, most in (
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(what, (most, most))
        except (OSError, ValueError):  # macOS knows no limit of memory
            continue


def font(source: str, target: str) -> None:
    """Becomes the sanitiser, which unpacks WOFF and WOFF2 too; the limits stay."""
    import ots

    os.execv(ots.OTS_SANITIZE, [ots.OTS_SANITIZE, source, target])  # nosec B606 # limits hold on


def svg(width: str, height: str) -> None:
    """Read a drawing, write a PNG. `width` and `height` in pixels, of which one may be “0” to follow from the other."""
    import resvg_py

    drawing = sys.stdin.buffer.read().decode()
    across, down = (int(side) or None for side in (width, height))
    pixels = resvg_py.svg_to_bytes(
        svg_string=drawing, skip_system_fonts=True, dpi=96, width=across, height=down
    )
    sys.stdout.buffer.write(bytes(pixels))


if __name__ == "__main__":
    limit()
    kind, *arguments = sys.argv[1:]
    {"font": font, "svg": svg}[kind](*arguments)
