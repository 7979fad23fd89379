"""Recalls on the command line: list, show, resolve and report. Changes nothing."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from batches.templatetags.wording import quantity
from recalls.models import Recall
from recalls.reports.record import record_of, summary
from recalls.reports.status import status
from recalls.reports.workbook import workbook
from recalls.scope import newest, preview


class Command(BaseCommand):
    help = "Lists recalls, shows one, resolves its rules now, or writes its report."

    def add_arguments(self, parser):
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("list")
        for name in ("show", "resolve", "report"):
            act = acts.add_parser(name)
            act.add_argument("reference")
        act.add_argument("--format", choices=["xlsx", "json"], default="xlsx")
        act.add_argument("-o", "--output", required=True, help="the file to write")

    def handle(self, *, act, reference=None, **options):
        if act == "list":
            return self._list()
        recall = Recall.objects.filter(reference__iexact=reference).first()
        if recall is None:
            raise CommandError(f"There is no recall {reference}. See `recall list`.", returncode=3)
        return getattr(self, f"_{act}")(recall, **options)

    def _list(self):
        recalls = Recall.objects.all()
        if not recalls:
            self.stdout.write("No recall has been opened yet.")
        for recall in recalls:
            state = recall.get_status_display()
            self.stdout.write(f"{recall.reference}  {state:<18}  {recall.title}")

    def _show(self, recall, **options):
        self.stdout.write(json.dumps(summary(recall, status(recall)), indent=1, ensure_ascii=False))

    def _resolve(self, recall, **options):
        seen = preview(recall)
        for name, count in seen.look.items():
            change = f" ({seen.delta[name]:+} since the last version)" if seen.delta else ""
            self.stdout.write(f"{name}: {count}{change}")
        for one in seen.quantities:
            on_site, shipped = quantity(one.on_site, one.unit), quantity(one.shipped, one.unit)
            self.stdout.write(f"{on_site} on our sites, {shipped} with recipients")
        for place in seen.unreachable:
            self.stdout.write(f"no usable contact: {place.code} {place.name}")
        for note in seen.notes:
            self.stdout.write(f"note: {note['text']}")

    def _report(self, recall, *, format, output, **options):
        if format == "json":
            content = json.dumps(record_of(recall), indent=1, ensure_ascii=False).encode()
        else:
            version = newest(recall)
            if version is None:
                raise CommandError(f"{recall} has no frozen scope yet. Activate it first.")
            content = workbook(version)
        try:
            Path(output).write_bytes(content)
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.") from None
        self.stdout.write(f"Wrote {output}.")
