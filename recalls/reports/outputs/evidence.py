"""Why a place is affected: the way the goods took there, with documents, times and quantities.

Names the places on the way and no other consignee.
"""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from batches.codes.numbering import is_unrecorded
from batches.templatetags.wording import quantity
from recalls.models import ScopeLine
from recalls.reports import paper
from recalls.reports.dossier import Dossier
from recalls.reports.outputs.sheets import incomplete, sheet_of

_KINDS = {"shipment": "Shipment", "run": "Run"}


def as_pdf(case: Dossier, *, place: str) -> bytes:
    lines = list(case.version.lines.filter(location_code__iexact=place).select_related("location"))
    if not lines:
        raise ValidationError(
            f"{place} is no place of {case.recall}, version {case.version.number}."
        )
    return paper.write(
        sheet_of(case, f"Evidence for {lines[0].location_code}"), _story(case, lines)
    )


def _story(case: Dossier, lines: list[ScopeLine]) -> list:
    first, zone = lines[0], lines[0].location.zone
    head = [
        paper.title(f"Why {first.location_name} is affected"),
        paper.note(f"{case.recall.reference}: {case.recall.title}"),
        paper.facts(
            [
                ("Place", f"{first.location_code} {first.location_name}"),
                ("Address", first.location_address),
                ("Role", first.get_role_display()),
                ("Times", f"as on the clock there, {zone.key}"),
                ("Scope version", str(case.version.number)),
                ("SHA-256 of scope", f"{case.version.sha256[:32]}\n{case.version.sha256[32:]}"),
            ],
            wide=400,
            label=90,
        ),
    ]
    story = [paper.qr(case.page, head)]
    names = {line.location_code: line.location_name for line in case.lines}
    units: dict[str, set[str]] = defaultdict(set)
    for line in case.lines:
        units[line.batch_number].add(line.unit)
    for line in lines:
        story += _line(line, names, units, zone)
    return [*story, *incomplete(case)]


def _line(line: ScopeLine, names: dict[str, str], units, zone: ZoneInfo) -> list:
    on_way = [
        [
            str(n),
            f"{_KINDS.get(step['kind'], step['kind'])} {step['document']}",
            _end(step["from"], names),
            _end(step["to"], names),
            _when(step, zone),
            _amount(step, units),
        ]
        for n, step in enumerate(line.path, 1)
    ]
    heads = ("", "Document", "From", "To", "Left by, arrived from", "Quantity")
    gtin = f", GTIN {line.gtin}" if line.gtin else ""
    named = "" if is_unrecorded(line.batch_number) else "Batch "
    return [
        paper.heading(f"{named}{line.batch_number}, {line.product_name}"),
        paper.facts(
            [
                ("Product", f"{line.product_code}{gtin}"),
                ("Batch made at", _named(line.origin_code, names)),
                ("Best before", paper.day(line.expires_on)),
                ("Received", quantity(line.received, line.unit)),
                ("On hand then", quantity(line.on_hand, line.unit)),
                ("To account for", quantity(line.due, line.unit)),
                ("Affected since", paper.moment(line.since, zone) or "ever"),
            ]
        ),
        paper.big_table(
            heads,
            on_way,
            (1, 5, 6, 6, 6, 3),
            right={5},
            empty="The trace starts here: the batch itself is recalled.",
        ),
    ]


def _named(code: str, names: dict[str, str]) -> str:
    name = names.get(code, "")
    return f"{name} ({code})" if name and name != code else code


def _end(end: dict, names: dict[str, str]) -> str:
    return f"{end['batch']} at {_named(end['location'], names)}"


def _amount(step: dict, units: dict[str, set[str]]) -> str:
    """In the unit of what arrived; bare where two batches of that number have different ones."""
    if step["quantity"] is None:
        return "unknown"
    known = units.get(step["to"]["batch"], set())
    return quantity(Decimal(step["quantity"]), next(iter(known)) if len(known) == 1 else "")


def _when(step: dict, zone: ZoneInfo) -> str:
    left, arrived = (
        paper.moment(datetime.fromisoformat(step[name]), zone) if step[name] else "not known"
        for name in ("left_by", "arrived_from")
    )
    return left if left == arrived else f"{left}\n{arrived}"
