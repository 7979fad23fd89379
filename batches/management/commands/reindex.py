"""manage.py reindex: reads anew what searches of big lists go by."""

from django.core.management import BaseCommand

from batches import trigrams


class Command(BaseCommand):
    help = "Fills the indexes for searching anew. On PostgreSQL, writing waits meanwhile."

    def handle(self, **options):
        if said := trigrams.install():
            self.stderr.write(said)
        for name in trigrams.rebuild():
            self.stdout.write(f"{name} is read anew.")
