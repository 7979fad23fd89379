"""Names and quantities of what a walk found, in a number of queries that does not grow with it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from batches.models import Batch, Holding, Location
from batches.tracing import sql
from batches.tracing.cut import cut
from batches.tracing.graph import FAR, HERE, LINK, NEAR, QUANTITY, RUN, Seeds, Trace
from batches.tracing.result import Note, TracedHolding, TraceResult, amount, moment, reached
from batches.tracing.seeds import FromHolding, LocationWindow, Seed, WholeBatch
from batches.tracing.stops import Stops

_BATCH = [
    "pk",
    "product__code",
    "product__name",
    "product__gtin",
    "number",
    "origin__code",
    "expires_on",
    "product__unit",
]


def traced_holdings(trace: Trace) -> list[TracedHolding]:
    rows = sql.rows_by_id(sql.HOLDINGS, trace.bound)
    batches = _by_pk(Batch, {row[1] for row in rows}, _BATCH)
    places = _by_pk(Location, {row[2] for row in rows}, ["pk", "code", "name", "kind"])
    received, starts = trace.received(), _starts(trace)
    holdings = [
        _traced(trace, row, batches[row[1]], places[row[2]], received.get(row[0], 0), starts)
        for row in rows
    ]
    return sorted(holdings, key=_place)


def stopped(result: TraceResult, seeds: Seeds, stops: Stops) -> TraceResult:
    """`result`, which `seeds` gave, as far as it is followed when it stops at `stops`."""
    ends = {
        held.holding_id
        for held in result.holdings
        if held.location_id in stops.places or held.holding_id in stops.holdings
    }
    trace, ended = cut(result.trace, seeds, ends, stops.runs)
    received, starts = trace.received(), _starts(trace)
    holdings = [
        replace(
            held,
            bound=moment(trace.seconds(held.holding_id)),
            depth=trace.depth[held.holding_id],
            received=amount(received.get(held.holding_id, 0)),
            is_start=held.holding_id in starts,
        )
        for held in result.holdings
        if held.holding_id in trace.bound
    ]
    holdings.sort(key=_place)
    ended = [(row, row[RUN] in stops.runs and row[HERE] not in ends) for row in ended]
    return replace(result, trace=trace, holdings=holdings, whole=result, ended=ended)


def _starts(trace: Trace) -> set[int]:
    starts = {holding for holding, depth in trace.depth.items() if depth == 0}
    return starts - reached(trace, starts)


def _place(held: TracedHolding) -> tuple:
    codes = (held.location_code, held.product_code, held.batch_number, held.origin_code)
    return (held.depth, *codes)


def _traced(trace, row, batch, place, received, starts) -> TracedHolding:
    holding, batch_id, location_id, on_hand = row
    code, name, gtin, number, origin, expires_on, unit = batch
    return TracedHolding(
        holding,
        batch_id,
        location_id,
        code,
        name,
        gtin,
        number,
        origin,
        expires_on,
        *place,
        unit,
        moment(trace.seconds(holding)),
        trace.depth[holding],
        amount(received),
        amount(on_hand),
        holding in starts,
        holding in trace.unexplained,
    )


def _by_pk(model, ids: Iterable[int], fields: list[str]) -> dict[int, tuple]:
    found = {}
    for part in sql.chunks(sorted(ids)):
        for pk, *values in model.objects.filter(pk__in=part).order_by().values_list(*fields):
            found[pk] = tuple(values)
    return found


def notes_on(trace: Trace, seeds: Iterable[Seed], limit: int | None, unnamed: int) -> list[Note]:
    """What a reader has to know before trusting the answer; nothing is left out in silence."""
    links = trace.links
    timeless = sum(row[NEAR] is None or row[FAR] is None for row in links)
    uncounted = sum(row[QUANTITY] is None for row in links)
    shipped = [row[LINK] for row in links if row[RUN] is None]
    in_transit = len({reference for _, reference in sql.rows_by_id(sql.IN_TRANSIT, shipped)})
    noted = [
        ("unknown_time", timeless, "{} no time and {} treated as possible", "link"),
        ("unknown_quantity", uncounted, "{} no quantity; sums that need one are unknown", "link"),
        ("unreceived", in_transit, "{} not been received yet and {} counted", "shipment"),
        (
            "unexplained",
            len(trace.unexplained),
            "{} no recorded way from the batch's origin and {} taken as a starting point",
            "holding",
        ),
        (
            "unidentified",
            unnamed,
            "At places of this trace {} no batch and may belong to it",
            "line",
        ),
        ("empty_batch", _without_holding(seeds), "{} no holding anywhere", "batch"),
    ]
    notes = [
        Note(kind, count, text.format(_has(count, noun), "was" if count == 1 else "were"))
        for kind, count, text, noun in noted
        if count
    ]
    if not trace.complete:
        text = f"The trace was cut at the limit of {limit} holdings: there are more"
        notes.append(Note("limit", limit, text))
    return notes


def _has(count: int, noun: str) -> str:
    many = "es" if noun == "batch" else "s"
    return f"1 {noun} has" if count == 1 else f"{count} {noun}{many} have"


def _without_holding(seeds: Iterable[Seed]) -> int:
    asked = {seed.batch_id for seed in seeds if type(seed) is WholeBatch}
    for part in sql.chunks(sorted(asked)):
        asked -= set(Holding.objects.filter(batch__in=part).values_list("batch", flat=True))
    return len(asked)


def seeds_named(seeds: Iterable[Seed]) -> list[dict]:
    """The seeds in the words of `trace --format json`."""
    seeds = list(seeds)
    held = {seed.holding_id for seed in seeds if type(seed) is FromHolding}
    places = {seed.location_id for seed in seeds if type(seed) is LocationWindow}
    whole = {seed.batch_id for seed in seeds if type(seed) is WholeBatch}
    batch = ["pk", "product__code", "number", "origin__code"]
    at = ["pk", *(f"batch__{name}" for name in batch[1:]), "location__code"]
    batches, codes = _by_pk(Batch, whole, batch), _by_pk(Location, places, ["pk", "code"])
    holdings = _by_pk(Holding, held, at)
    named = []
    for seed in seeds:
        if type(seed) is WholeBatch and seed.batch_id in batches:
            named.append(_words(batches[seed.batch_id]))
        elif type(seed) is LocationWindow and seed.location_id in codes:
            code = codes[seed.location_id][0]
            named.append({"location": code, "from": _text(seed.from_), "to": _text(seed.to)})
        elif type(seed) is FromHolding and seed.holding_id in holdings:
            *identity, code = holdings[seed.holding_id]
            named.append({**_words(identity), "location": code, "since": _text(seed.since)})
    return named


def _words(identity: Iterable[str]) -> dict[str, str]:
    return dict(zip(("product", "batch", "origin"), identity, strict=True))


def _text(at: datetime | None) -> str | None:
    return at and at.isoformat().replace("+00:00", "Z")
