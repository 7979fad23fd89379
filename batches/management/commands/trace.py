"""`manage.py trace`: where a batch went, or where it came from, on the command line."""

import csv
import json
from datetime import UTC, datetime, time

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_date, parse_datetime

from batches.models import Batch, Location
from batches.reports.meant import meant
from batches.tracing import BACKWARD, FORWARD, LocationWindow, WholeBatch, resolve
from batches.tracing.result import TraceResult, plain

UNKNOWN, AMBIGUOUS = 3, 4

COLUMNS = {
    "product": "product_code",
    "batch": "batch_number",
    "origin": "origin_code",
    "location": "location_code",
    "location_name": "location_name",
    "depth": "depth",
    "bound": "bound",
    "received": "received",
    "on_hand": "on_hand",
    "unit": "unit",
    "path": "is_start",
}
NOUNS = {"holdings": "holding", "batches": "batch", "locations": "location"}
TABLE_REST = ("received", "on hand", "unit", "by")


class Command(BaseCommand):
    help = "Shows everything that the given batches went into and every place they reached."

    def add_arguments(self, parser):
        parser.add_argument("batch", nargs="*", help="batch number, as printed or nearly so")
        parser.add_argument("--product", help="code of the product that the batches are of")
        parser.add_argument("--origin", help="code of the location that made the batches")
        parser.add_argument("--backward", action="store_true", help="where did it come from")
        parser.add_argument("--location", help="everything that was at this location")
        parser.add_argument("--from", dest="from_", metavar="T", help="start of that time")
        parser.add_argument("--to", metavar="T", help="end of that time")
        parser.add_argument("--limit", type=int, help="stop after this many holdings")
        parser.add_argument("--format", choices=["table", "json", "csv"], default="table")

    def handle(self, *, batch, product, origin, location, from_, to, format, **options):
        if not batch and not location:
            raise CommandError("Name a batch, or a place with --location.")
        if (from_ or to) and not location:
            raise CommandError("--from and --to say when, --location says where: give both.")
        seeds = [WholeBatch(found_batch(number, product, origin).pk) for number in batch]
        if location:
            seeds.append(window(location, from_, to))
        direction = BACKWARD if options["backward"] else FORWARD
        result = resolve(seeds, direction, options["limit"])
        {"table": self.table, "json": self.json, "csv": self.csv}[format](result)

    def json(self, result: TraceResult) -> None:
        self.stdout.write(json.dumps(result.as_json(), indent=1, ensure_ascii=False))

    def csv(self, result: TraceResult) -> None:
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow([bound_word(result) if head == "bound" else head for head in COLUMNS])
        for held in result.holdings:
            path = " > ".join(step.document for step in result.path(held.holding_id))
            cells = {
                **{name: getattr(held, attribute) for name, attribute in COLUMNS.items()},
                "bound": when(held.bound),
                "received": plain(held.received),
                "on_hand": plain(held.on_hand),
                "path": path,
            }
            writer.writerow([unformulated(cell) for cell in cells.values()])
        for note in result.notes:
            self.stderr.write(note.text)

    def table(self, result: TraceResult) -> None:
        ever = "ever" if result.direction == FORWARD else "now"
        rows = [("depth", "location", "product", "batch", bound_word(result), *TABLE_REST)]
        for held in result.holdings:
            path = result.path(held.holding_id)
            rows.append(
                (
                    str(held.depth),
                    held.location_code,
                    held.product_code,
                    held.batch_number,
                    when(held.bound) or ever,
                    plain(held.received) or "?",
                    plain(held.on_hand) or "?",
                    held.unit,
                    path[-1].document if path else "",
                )
            )
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())
        counts = result.counts
        said = [f"{n} {noun if n != 1 else NOUNS[noun]}" for noun, n in counts.items()]
        self.stdout.write(f"\n{said[0]} of {said[1]} at {said[2]}")
        for note in result.notes:
            self.stdout.write(f"Note: {note.text}")


def bound_word(result: TraceResult) -> str:
    return "since" if result.direction == FORWARD else "until"


def when(moment: datetime | None) -> str:
    return moment.isoformat().replace("+00:00", "Z") if moment else ""


def unformulated(cell):
    """A text that a spreadsheet would run as a formula, made a text again."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in tuple("=+-@\t\r") else cell


def found_batch(number: str, product: str | None, origin: str | None) -> Batch:
    """The one batch meant by `number`."""
    found = list(meant(number, product=product or "", origin=origin or ""))
    if not found:
        raise CommandError(
            f"No batch {number} is known{here(product, origin)}.", returncode=UNKNOWN
        )
    if len(found) > 1:
        lines = [f"  {number} --product {b.product.code} --origin {b.origin.code}" for b in found]
        said = [f"{len(found)} batches have the number {number}. Say which one is meant:", *lines]
        raise CommandError("\n".join(said), returncode=AMBIGUOUS)
    return found[0]


def here(product: str | None, origin: str | None) -> str:
    return (f" of product {product}" if product else "") + (f" from {origin}" if origin else "")


def window(code: str, from_: str | None, to: str | None) -> LocationWindow:
    place = Location.objects.filter(code=code).first()
    if place is None:
        raise CommandError(f"No location {code} is known.", returncode=UNKNOWN)
    start, end = moment(from_, place, time.min), moment(to, place, time.max)
    if start and end and end < start:
        raise CommandError("--to is before --from.")
    return LocationWindow(place.pk, start, end)


def moment(text: str | None, place: Location, of_day: time) -> datetime | None:
    """ISO 8601; a date alone is that whole day, and no zone means the location's."""
    if not text:
        return None
    try:
        day = parse_date(text)
        at = datetime.combine(day, of_day) if day else parse_datetime(text)
    except ValueError:
        at = None
    if at is None:
        raise CommandError(f"“{text}” is not a time. Write 2026-11-20 or 2026-11-20T14:30.")
    return (at if at.tzinfo else at.replace(tzinfo=place.zone)).astimezone(UTC)
