"""The figures of a recall as CSV, each cell one that no spreadsheet runs."""

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Prefetch

from batches.lists.export import csv_lines
from recalls.models import NoticeLine
from recalls.reports import paper
from recalls.reports.amounts import Amounts
from recalls.reports.dossier import Dossier

_PARTS = ("due", "quarantined", "returned", "destroyed", "sold", "no_answer", "over")


def totals(case: Dossier) -> bytes:
    """One row per unit; unlike units are never added."""
    on_site = {one.unit: one for one in case.on_site}
    asked = {one.unit: one for one in case.now.totals}
    rows = []
    for unit in sorted(on_site | asked):
        site, sums = on_site.get(unit), asked.get(unit, Amounts(unit))
        own = (site.quantity, site.unknown) if site else (0, 0)
        rows.append([unit, *own, *_parts(sums), sums.unknown])
    return _csv(("unit", "on_site", "on_site_unknown", *_PARTS, "unknown"), rows)


def batches(case: Dossier) -> bytes:
    rows = [
        [
            row.product_code,
            row.product_name,
            row.gtin,
            row.number,
            row.origin_code,
            row.expires_on or "",
            row.unit,
            row.made,
            row.on_site,
            row.unknown,
            row.places,
            *_parts(row.amounts),
        ]
        for row in case.batches
    ]
    heads = ("product", "product_name", "gtin", "batch", "batch_origin", "expires_on", "unit")
    return _csv((*heads, "made", "on_site", "on_site_unknown", "places", *_PARTS), rows)


def places(case: Dossier) -> bytes:
    rows = [
        [
            place.code,
            place.name,
            place.address,
            place.state,
            place.key,
            paper.stamp(place.since, case.zone),
            sums.unit,
            *_parts(sums),
        ]
        for place in case.now.places
        for sums in place.amounts
    ]
    heads = ("location", "name", "address", "notice", "state", "since", "unit")
    return _csv((*heads, *_PARTS), rows)


def notices(case: Dossier) -> bytes:
    """Every mail that was owed, without the address: its Message-ID finds it.

    A test to oneself and the beginning of a drill come before there is a version.
    """
    lines = NoticeLine.objects.select_related("line").only("notice_id", "line__location_code")
    mails = case.recall.notices.select_related("version").defer("text", "html", "attachment")
    rows = [
        [
            row.message_id,
            row.kind,
            row.round,
            row.version.number if row.version else "",
            row.state,
            row.attempts_made,
            paper.stamp(row.created_at, case.zone),
            paper.stamp(row.accepted_at, case.zone),
            " ".join(sorted({one.line.location_code for one in row.notice_lines.all()})),
        ]
        for row in mails.prefetch_related(Prefetch("notice_lines", lines))
    ]
    heads = ("message_id", "kind", "round", "scope_version", "state", "attempts", "written")
    return _csv((*heads, "accepted", "locations"), rows)


def _parts(sums: Amounts) -> list:
    return [getattr(sums, name) for name in _PARTS]


def _csv(heads: Iterable[str], rows: Iterable) -> bytes:
    bare = ([_bare(cell) for cell in row] for row in rows)
    return "".join(csv_lines([heads, *bare])).encode()


def _bare(cell):
    """A quantity without trailing zeros."""
    return cell.normalize() if isinstance(cell, Decimal) else cell
