"""manage.py restore PATH: puts a checked backup in the database's place."""

from pathlib import Path

from django.core.management import BaseCommand

from traceability import backups


class Command(BaseCommand):
    help = "Restores a backup. Stop the servers and workers first."
    # The tables need not be there yet.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("path", type=Path)
        parser.add_argument("--force", action="store_true", help="Replace the data that is there.")

    def handle(self, *, path, force, **options):
        made = backups.restore(path, force=force)
        self.stdout.write(
            f"Restored the copy of {made.made_at}, log up to event {made.head_seq}. "
            "Run manage.py migrate, then manage.py doctor, before you start the servers."
        )
