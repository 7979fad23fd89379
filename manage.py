#!/usr/bin/env python3
"""Django's command line for Lotline."""

import os
import sys
from importlib import import_module


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "traceability.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        import_module(os.environ["DJANGO_SETTINGS_MODULE"])
    except ImproperlyConfigured as wrong:
        # Said before anything else, and by the doctor as a fault like the others.
        print(f"FAULT settings: {wrong}", file=sys.stderr)
        sys.exit(2 if sys.argv[1:2] == ["doctor"] else 1)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
