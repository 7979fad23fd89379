"""Takes mail that came back: out of files, or out of the mailbox of the settings."""

import sys
from collections import Counter
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from recalls.operations.returns import take_report
from recalls.tasks import read_returns


class Command(BaseCommand):
    help = (
        "Reads reports of mail that came back, from .eml files (- is standard input) or, without "
        "a file, from BOUNCE_MAILBOX, and shows the notices and contacts that they are about."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="*", metavar="FILE")

    def handle(self, *, files, **options):
        seen = self._from_files(files) if files else self._from_mailbox()
        for outcome, count in sorted(seen.items()):
            self.stdout.write(f"{outcome}: {count}")
        self.stdout.write(f"{seen.total()} mails read.")

    def _from_files(self, files) -> Counter:
        return Counter(take_report(content=_content(name), at=timezone.now()) for name in files)

    def _from_mailbox(self) -> Counter:
        if not settings.BOUNCE_MAILBOX:
            raise CommandError("Name files, or set BOUNCE_MAILBOX.")
        return read_returns(at=timezone.now())


def _content(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.") from error
