"""manage.py backup PATH: a consistent copy of the database, checked after writing."""

from pathlib import Path

from django.core.management import BaseCommand

from traceability import backups


class Command(BaseCommand):
    help = "Writes a consistent copy of the database and a manifest, and checks the copy."

    def add_arguments(self, parser):
        parser.add_argument("path", type=Path)
        parser.add_argument("--force", action="store_true", help="Overwrite an older copy.")

    def handle(self, *, path, force, **options):
        made = backups.back_up(path, force=force)
        rows = sum(made.counts.values())
        self.stdout.write(
            f"{path} is written and checked: {rows} rows in {len(made.counts)} tables, "
            f"log up to event {made.head_seq}. Keep {path}.manifest.json with it."
        )
