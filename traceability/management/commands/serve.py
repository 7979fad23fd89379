"""manage.py serve: the web server, and without a broker the worker and the clock with it."""

from django.conf import settings
from django.core.management import BaseCommand, call_command
from django.db import connections

from traceability.server import Server, has_loops

SEPARATE = """Only the web runs here, because CELERY_BROKER_URL is set. Start beside it:
  celery -A traceability worker --loglevel INFO       (any number, on any number of hosts)
  celery -A traceability beat --loglevel INFO         (exactly one)"""


class Command(BaseCommand):
    help = "Serves the site; without a broker, works off what is owed in the same process."

    def add_arguments(self, parser):
        parser.add_argument("--bind", default="127.0.0.1:8000", help="Address and port.")
        parser.add_argument("--threads", type=int, default=8)
        parser.add_argument("--workers", type=int, default=2, help="Web processes, with a broker.")
        parser.add_argument("--no-migrate", action="store_true")

    def handle(self, *, bind, threads, workers, no_migrate, **options):
        if not no_migrate:
            call_command("migrate", verbosity=0)
        alone = has_loops()
        if not alone:
            self.stdout.write(SEPARATE)
        # A connection that is open across the fork would be shared by two processes.
        connections.close_all()
        self.stdout.write(f"Lotline listens on http://{bind}/ (Ctrl-C stops all of it).")
        if settings.SITE_URL.partition("//")[2] != bind:
            self.stdout.write(f"Links in mails lead to {settings.SITE_URL}/, which SITE_URL says.")
        self.stdout.flush()
        if settings.DEBUG:
            self.stderr.write("DEBUG is on: never show this server to the network.")
        Server(bind=bind, workers=1 if alone else workers, threads=threads, with_loops=alone).run()
