#!/usr/bin/env python
"""Django's command line."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adgen.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as refusal:
        # Settings say in one sentence what to set; a traceback would hide it.
        sys.exit(str(refusal))
    except OperationalError as fault:
        if "no such table" not in str(fault):
            raise
        sys.exit("The database is not up to date. Run `make setup` (or `manage.py migrate`).")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)  # as every shell command that was stopped
