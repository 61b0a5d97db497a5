"""The simulator without its mark: a studio takes it for a real server, whose ads can be approved.

For pictures of the studio's pages alone: scripts/screenshots.py starts it with the arguments of `run_simulator`.
"""

import os
import sys
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from django.core.management import execute_from_command_line  # noqa: E402 (the path comes first)

from runs.simulator import routes  # noqa: E402

_says = routes.system_stats


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adgen.settings")
    routes.system_stats = lambda machine: replace(_says(machine), simulated=False)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
