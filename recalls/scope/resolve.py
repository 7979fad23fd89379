"""A look at what the rules of a recall reach now: seeds, forward trace, lines, places, sums."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal

from batches.models import Adjustment, Location
from batches.tracing import resolve
from recalls.models import Recall, ScopeLine, ScopeRule
from recalls.scope.amounts import batches_of, in_scope, quantities_of
from recalls.scope.contacts import chunks, contacts_at, digest
from recalls.scope.exclusions import left_out
from recalls.scope.frozen import newest
from recalls.scope.reasons import reasons_of
from recalls.scope.returned import Return, returns_among, returns_since, sent_back
from recalls.scope.seeds import seeds_of
from recalls.scope.shapes import Line, Place, ScopePreview, Without

Role = ScopeLine.Role


def preview(
    recall: Recall,
    look: dict | None = None,
    *,
    without: Without | None = None,
    tried: ScopeRule | None = None,
) -> ScopePreview:
    """What the rules reach now. The deltas are against `look`, else against the newest version.

    With `without`, what they would reach if that were taken out; with `tried`, if that rule
    were one of them.

    Inside a transaction everything is read there; the caller chooses its isolation.
    """
    without = without or Without()
    seeds = seeds_of(recall, without.rules, tried)
    trace = resolve(seeds.of_trace(), direction="forward")
    excluded = left_out(recall, trace, without.holdings)
    traced = [item for item in trace.holdings if item.holding_id not in excluded.holdings]
    returns = _returns(recall, traced)
    places = _places(recall, traced, returns)
    lines = _lines(recall, trace, traced, places, returns)
    batches = batches_of(lines, reasons_of(seeds, trace))
    notes = [{"kind": n.kind, "count": n.count, "text": n.text} for n in trace.notes]
    seen = ScopePreview(
        lines=lines,
        batches=batches,
        quantities=quantities_of(lines, batches),
        places=sorted(places.values(), key=lambda place: place.code),
        notes=[*seeds.notes, *notes, *excluded.notes],
        complete=trace.complete,
        rules=[*(one.as_json() for one in seeds.rules), *excluded.rules],
        left_out=excluded.arrived,
        sources=seeds.rules,
        excluded=excluded.rows,
        unnamed=trace.unnamed,
    )
    return _with_delta(seen, look if look is not None else _frozen_look(recall))


def _with_delta(seen: ScopePreview, before: dict | None) -> ScopePreview:
    if before is None:
        return seen
    delta = {name: count - before.get(name, 0) for name, count in seen.look.items()}
    now, then = seen.amounts, before.get("amounts", {})
    gained = {
        unit: Decimal(now.get(unit, 0)) - Decimal(then.get(unit, 0))
        for unit in sorted({*now, *then})
    }
    return replace(seen, delta=delta, gained={unit: more for unit, more in gained.items() if more})


def _frozen_look(recall: Recall) -> dict | None:
    version = newest(recall)
    if version is None:
        return None
    fields = ("batch_id", "location_id", "role", "unit", "on_hand", "due")
    lines = list(version.lines.values_list(*fields))
    return {
        "batches": len({line[0] for line in lines}),
        "holdings": len(lines),
        "locations": len({line[1] for line in lines}),
        "recipients": len({line[1] for line in lines if line[2] == Role.RECIPIENT}),
        "amounts": in_scope(line[2:] for line in lines),
    }


def _returns(recall: Recall, traced: Collection) -> list[Return]:
    """Every return to a site of ours that was posted while the recall ran."""
    if recall.activated_at is None:
        return []
    found = returns_since({item.batch_id for item in traced}, recall.activated_at)
    return [row for row in found if row.counts_for(recall)]


def _places(recall: Recall, traced: Collection, returns: list[Return]) -> dict[int, Place]:
    """Affected locations. One that has more than what started there is to be told.

    A batch that is at a place which is not its origin, and that no recorded movement
    explains, is a starting point of the trace; the place is told all the same. Once asked,
    a place stays asked: without its contact it is unreachable, not out of sight. A site of
    ours is not asked about what came back to it.
    """
    asked, came_back = _asked_before(recall), {(r.batch_id, r.destination_id) for r in returns}
    told = {
        item.location_id
        for item in traced
        if (not item.is_start or item.location_code != item.origin_code)
        and (item.batch_id, item.location_id) not in came_back
    }
    contacts = contacts_at({item.location_id for item in traced})
    places = {}
    for ids in chunks({item.location_id for item in traced}):
        for row in Location.objects.filter(pk__in=ids):
            usable = contacts.get(row.pk, {})
            if row.pk in asked or (row.pk in told and (usable or not row.is_own)):
                role = Role.RECIPIENT
            else:
                role = Role.OWN_SITE if row.is_own else Role.SOURCE
            places[row.pk] = Place(
                row.pk, row.code, row.name, role, row.is_own, usable, row.country
            )
    return places


def _asked_before(recall: Recall) -> set[int]:
    version = newest(recall)
    if version is None:
        return set()
    lines = version.lines.filter(role=Role.RECIPIENT).order_by()
    return set(lines.values_list("location_id", flat=True).distinct())


def _lines(recall: Recall, trace, traced, places, returns: list[Return]) -> list[Line]:
    asked = {place.location_id for place in places.values() if place.role == Role.RECIPIENT}
    sent = sent_back(returns_among(returns, recall, asked))
    adjusted = _adjusted([item.holding_id for item in traced])
    addresses = _addresses(places)
    arrivals = Counter(link.target for link in trace.links)
    digests = {
        pk: sorted(digest(recall.reference, key) for key in place.contacts)
        for pk, place in places.items()
    }
    return [
        Line(
            holding_id=item.holding_id,
            batch_id=item.batch_id,
            location_id=item.location_id,
            role=str(places[item.location_id].role),
            batch_number=item.batch_number,
            origin_code=item.origin_code,
            product_code=item.product_code,
            product_name=item.product_name,
            gtin=item.gtin or "",
            expires_on=item.expires_on,
            location_code=item.location_code,
            location_name=item.location_name,
            location_address=addresses[item.location_id],
            unit=item.unit,
            received=item.received,
            on_hand=item.on_hand,
            links_in=arrivals[item.holding_id],
            due=_due(
                item.on_hand,
                adjusted.get(item.holding_id),
                sent.get((item.batch_id, item.location_id), Decimal(0)),
            ),
            since=item.bound,
            depth=item.depth,
            path=[_step(step) for step in trace.path(item.holding_id)],
            contacts=digests[item.location_id],
        )
        for item in traced
    ]


def _due(
    on_hand: Decimal | None, adjusted: Decimal | None, sent_back: Decimal | None
) -> Decimal | None:
    """What a place must account for: what it has, what it took out without passing it on, and
    what it sent back since the recall began."""
    if on_hand is None or sent_back is None:
        return None
    return max(on_hand - (adjusted or Decimal(0)) + sent_back, Decimal(0))


def _adjusted(holdings: list[int]) -> dict[int, Decimal]:
    total: dict[int, Decimal] = defaultdict(Decimal)
    for ids in chunks(holdings):
        # What a delivery came short by never was there, so nobody is asked about it.
        rows = Adjustment.objects.filter(
            holding__in=ids, voided_at__isnull=True, shipment_line__isnull=True
        )
        # Added up here because SQLite adds decimals as floats.
        for holding, quantity in rows.values_list("holding_id", "quantity"):
            total[holding] += quantity
    return total


def _addresses(places: dict[int, Place]) -> dict[int, str]:
    found = {}
    for ids in chunks(places):
        found |= {row.pk: row.address[:400] for row in Location.objects.filter(pk__in=ids)}
    return found


def _step(step) -> dict:
    def text(value):
        return None if value is None else value.isoformat()

    return {
        "document": step.document,
        "kind": step.kind,
        "left_by": text(step.left_by),
        "arrived_from": text(step.arrived_from),
        "quantity": None if step.quantity is None else f"{step.quantity.normalize():f}",
        "from": {"batch": step.from_batch, "location": step.from_location},
        "to": {"batch": step.to_batch, "location": step.to_location},
    }
