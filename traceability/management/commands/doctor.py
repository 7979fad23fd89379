"""manage.py doctor: names what is wrong with this site. Exit 0 when nothing is, else 2."""

import json
import sys

from django.core.management import BaseCommand

from traceability.doctor import examine


class Command(BaseCommand):
    help = "Names what is wrong with the configuration, the database and the workers."
    # It must be able to speak about a site that Django's own checks refuse.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, as_json, **options):
        found = examine()
        if as_json:
            self.stdout.write(json.dumps([vars(fault) for fault in found], indent=1))
        else:
            self._tell(found)
        if any(not fault.is_warning for fault in found):
            sys.exit(2)

    def _tell(self, found):
        for fault in found:
            mark = "note " if fault.is_warning else "FAULT"
            self.stdout.write(f"{mark} {fault.name}: {fault.text}")
        faults = sum(not fault.is_warning for fault in found)
        count = "1 fault" if faults == 1 else f"{faults} faults"
        self.stdout.write(f"{count} found." if faults else "Nothing is wrong.")
