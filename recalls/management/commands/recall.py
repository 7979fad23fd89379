"""Recalls on the command line: list, show, resolve, report; and drill, which runs a whole one."""

import json
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from batches.templatetags.wording import quantity
from recalls.management import drilling
from recalls.models import Recall
from recalls.operations.drills import batch_named
from recalls.packaging import write_package
from recalls.reports.dossier import dossier
from recalls.reports.outputs import OUTPUTS, make
from recalls.reports.paper import SIZES
from recalls.reports.record import record_of, summary
from recalls.reports.status import status
from recalls.scope import newest_released, preview

BY, PACKAGE = "the command line", "package"


class Command(BaseCommand):
    help = "Lists recalls, shows one, resolves its rules, writes its outputs, or runs a drill."

    def add_arguments(self, parser):
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("list")
        for name in ("show", "resolve", "report"):
            act = acts.add_parser(name)
            act.add_argument("reference")
        act.add_argument("--kind", choices=[*OUTPUTS, PACKAGE], default="status")
        act.add_argument("--format", choices=["pdf", "xlsx", "json", "csv", "zip"])
        act.add_argument("--place", default="", help="code of the place, for an evidence sheet")
        act.add_argument("--language", default="", help="of the consumer notice: en, de, es, fr")
        act.add_argument("--size", choices=list(SIZES), default="", help="paper; see PAPER_SIZE")
        act.add_argument("-o", "--output", required=True, help="the file to write")

        act = acts.add_parser("drill")
        act.add_argument("batch", help="NUMBER or PRODUCT/NUMBER; nothing outside is touched")
        act.add_argument("--planted", default="", help="CSV or JSON of places known to have it")
        act.add_argument("--by", default="", help="user who leads it")
        act.add_argument("--answer", action="store_true", help="simulate every place's answer")
        act.add_argument("--json", action="store_true")

    def handle(self, *, act, reference=None, **options):
        if act == "list":
            return self._list()
        if act == "drill":
            return self._drill(**options)
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
        for unit, more in seen.gained.items():
            self.stdout.write(f"{more:+} {unit} in scope since the last version")
        for one in seen.sources:
            named = len(one.found.batches) + len(one.found.holdings)
            self.stdout.write(f"rule {one.number}: {one.text}: {named or 'matches nothing'}")
        for row in seen.excluded:
            where = f"{row.batch_number} at {row.location_code}"
            self.stdout.write(f"excluded: {where}, because: {row.reason}")
        for one in seen.quantities:
            on_site, shipped = quantity(one.on_site, one.unit), quantity(one.shipped, one.unit)
            self.stdout.write(f"{on_site} on our sites, {shipped} with recipients")
        for place in seen.unreachable:
            self.stdout.write(f"no usable contact: {place.code} {place.name}")
        for note in seen.notes:
            self.stdout.write(f"note: {note['text']}")

    def _drill(self, *, batch, planted, by, answer, json: bool, **options):
        rows = drilling.planted_in(planted) if planted else []
        lead = drilling.lead_named(by)
        try:
            drill = drilling.run_drill(
                batch=batch_named(batch), by=lead, planted=rows, answers=answer, clock=timezone.now
            )
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        self.stdout.write(drilling.as_json(drill) if json else drilling.as_text(drill))

    def _report(self, recall, *, format, output, kind, place, language, size, **options):
        try:
            content = self._made(recall, kind, format, place, language, size)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        try:
            if content is None:
                return self._package(recall, Path(output), size)
            Path(output).write_bytes(content)
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.") from None
        self.stdout.write(f"Wrote {output}.")

    def _made(self, recall, kind, format, place, language, size) -> bytes | None:
        """The file; None where it is the package, which is written piece by piece."""
        if kind == PACKAGE:
            if format not in (None, "zip"):
                raise CommandError(f"The package is a zip, not {format}.")
            return None
        if (kind, format) == ("status", "json") and newest_released(recall) is None:
            # A second system may ask before anything is frozen.
            return json.dumps(record_of(recall), indent=1, ensure_ascii=False).encode()
        case = dossier(recall, at=timezone.now(), by=BY, size=size)
        format = format or ("xlsx" if kind == "status" else OUTPUTS[kind].formats[0])
        return make(case, kind, format, place=place, language=language).content

    def _package(self, recall, path: Path, size: str):
        try:
            case = dossier(recall, at=timezone.now(), by=BY, size=size)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        with path.open("wb") as file:
            count = write_package(file, case, lambda **progress: None)
        self.stdout.write(f"Wrote {count} files into {path}.")
