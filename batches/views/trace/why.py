"""Why a place or batch is in a trace: the explaining path, step by step, with its evidence."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from batches.models import Inspection, Run, Shipment
from batches.templatetags import wording
from batches.tracing import Step, TracedHolding
from batches.tracing.picture import as_goods_went
from batches.tracing.picture.roles import ICONS, MADE, RECEIVED, SUPPLIED
from batches.views.trace.ends import end_of
from batches.views.trace.found import Found

MOST_TABS = 4


@dataclass
class Point:
    """One stop of a path. `sure` is false where a time is not known or goods are on their way."""

    icon: str
    title: str
    url: str
    text: str
    evidence: str = ""
    sure: bool = True
    mono: bool = True
    status: str = "none"


@dataclass
class Tab:
    label: str
    url: str
    current: bool
    is_next: bool = False


@dataclass
class Why:
    heading: str
    name: str
    url: str
    amount: str
    batches: int
    is_start: bool
    is_affected: bool
    is_made: bool
    unsure: int
    seeds: list[str]
    tabs: list[Tab] = field(default_factory=list)
    more_tabs: int = 0
    points: list[Point] = field(default_factory=list)
    response_url: str = ""
    sheet_url: str = ""
    # Whether the sheet is of a recall's frozen scope, and not of this trace.
    is_frozen: bool = False
    end: str = ""


def why(found: Found) -> Why | None:
    """None when nothing is selected."""
    if not found.chosen:
        return None
    holding, chosen = found.explained, found.chosen
    node = next(n for n in found.picture.nodes if n.id == found.asked.sel)
    affected = found.is_affected(holding.holding_id)
    steps = as_goods_went(found.steps)
    tabs = [_tab(found, held, holding) for held in chosen] if len(chosen) > 1 else []
    if tabs:
        at = next(n for n, tab in enumerate(tabs) if tab.current)
        tabs[(at + 1) % min(len(tabs), MOST_TABS)].is_next = True
    answer = found.facts.answers.get(holding.holding_id)
    return Why(
        heading=f"Why is {node.code} affected?" if affected else f"How is {node.code} connected?",
        name=node.code,
        url=_url(found, node.id, holding),
        amount="" if _is_stop(found) else _amount(chosen),
        batches=len({held.batch_id for held in chosen}),
        is_start=not steps,
        is_affected=affected,
        is_made=found.picture.index.roles[holding.holding_id] == MADE,
        unsure=sum(step.left_by is None or step.arrived_from is None for step in steps),
        seeds=[batch.number for batch in found.seeds],
        tabs=tabs[:MOST_TABS],
        more_tabs=max(0, len(tabs) - MOST_TABS),
        points=_points(found, steps, holding),
        response_url=answer.url if answer else "",
        sheet_url=answer.sheet if answer else f"{found.asked.url()}&export=sheet",
        is_frozen=bool(answer),
        end=end_of(found, node.code),
    )


def _is_stop(found: Found) -> bool:
    """Whether a run is selected that nothing came out of, because the trace is stopped at it."""
    kind, _, key = found.asked.sel.partition(":")
    return kind == "p" and not found.picture.index.outputs[int(key)]


def _tab(found: Found, held: TracedHolding, current: TracedHolding) -> Tab:
    amount = f", {wording.quantity(held.received, held.unit)}" if held.received else ""
    url = found.asked.selecting(found.asked.sel, str(held.holding_id))
    return Tab(f"{held.batch_number}{amount}", url, held is current)


def _amount(chosen: list[TracedHolding]) -> str:
    """What it received; nothing where that is not known, or where it was made."""
    units = {held.unit for held in chosen}
    amounts = [held.received for held in chosen]
    if len(units) > 1 or None in amounts or not any(amounts):
        return ""
    return wording.quantity(sum(amounts, Decimal(0)), units.pop())


def _url(found: Found, name: str, holding: TracedHolding) -> str:
    """The page of what a card shows."""
    kind, _, key = name.partition(":")
    if kind == "p":
        return found.facts.runs[int(key)].get_absolute_url()
    if kind == "r":
        return found.facts.shipments[int(key.partition(":")[0])].get_absolute_url()
    if kind == "l":
        return found.facts.locations[int(key)].get_absolute_url()
    return found.facts.batches[holding.batch_id].get_absolute_url()


def points_of(found: Found, holding: TracedHolding) -> list[Point]:
    """The way to any holding of the trace, as the goods went."""
    path = found.result_of(holding.holding_id).path(holding.holding_id)
    return _points(found, as_goods_went(path), holding)


def _points(found: Found, steps: list[Step], holding: TracedHolding) -> list[Point]:
    first = found.holdings[steps[0].from_holding] if steps else holding
    points = [_start(found, first)]
    for step in steps:
        points += _run(found, step) if step.kind == "run" else [_shipment(found, step)]
    return points


def _start(found: Found, held: TracedHolding) -> Point:
    batch, place = found.facts.batches[held.batch_id], found.facts.locations[held.location_id]
    role = found.picture.index.roles[held.holding_id]
    word = "Supplier batch" if role == SUPPLIED else "Batch"
    seeds = {seed.pk for seed in found.seeds}
    finding = _finding(batch) if batch.pk in seeds else ""
    evidence = finding or (
        "The trace begins here" if held.is_start else _best_before(held.expires_on)
    )
    if held.is_unexplained:
        evidence = "No record says how it came here"
    return Point(
        ICONS[place.kind] if role == SUPPLIED else "box",
        held.batch_number,
        batch.get_absolute_url(),
        f"{word}, {place.name}",
        evidence,
        sure=not held.is_unexplained,
        status=_status(found, held),
    )


def _finding(batch) -> str:
    """The newest failed inspection of a batch that a trace begins with."""
    failed = Inspection.objects.filter(batch=batch, result=Inspection.Result.FAILED).first()
    if failed is None:
        return ""
    value = wording.quantity(failed.value, failed.unit) if failed.value is not None else "failed"
    return f"{failed.kind}, {_day(failed.at)}: {value}"


def _shipment(found: Found, step: Step) -> Point:
    index = found.picture.index
    held = found.holdings[step.to_holding]
    shipment = found.facts.shipments[index.documents["shipment", step.document]]
    place = found.facts.locations[held.location_id]
    amount = wording.quantity(step.quantity, held.unit)
    evidence, sure = _arrival(shipment)
    if index.roles[step.to_holding] == RECEIVED:
        when = _moment(shipment.received_at, shipment.received_date_only)
        title, url, icon = shipment.reference, shipment.get_absolute_url(), "raw"
        text = f"Received {amount} at {place.name}, {when}"
        evidence, sure = (shipment.document or evidence, sure) if sure else (evidence, sure)
    else:
        title, url, icon = place.name, place.get_absolute_url(), ICONS[place.kind]
        when = _moment(shipment.shipped_at, shipment.shipped_date_only)
        text = f"{amount} in {shipment.reference}, {when}"
    mono = index.roles[step.to_holding] == RECEIVED
    return Point(icon, title, url, text, evidence, sure, mono, _status(found, held))


def _arrival(shipment: Shipment) -> tuple[str, bool]:
    if shipment.status == Shipment.Status.POSTED:
        return "Sent, and not yet received", False
    if shipment.refusal_reason:
        return "Refused there, and sent back", True
    if shipment.received_at is None and shipment.shipped_at is None:
        return "No time is recorded: counted as possible", False
    if shipment.received_at is None:
        return "The time of arrival is not recorded", False
    return f"Received {_moment(shipment.received_at, shipment.received_date_only)}", True


def _run(found: Found, step: Step) -> list[Point]:
    used, made = found.holdings[step.from_holding], found.holdings[step.to_holding]
    run = found.facts.runs[found.picture.index.documents["run", step.document]]
    quantity = found.facts.used.get((run.pk, used.batch_id))
    where = f" on {run.line}" if run.line else f" at {made.location_name}"
    when = _moment(run.ran_at, run.ran_date_only)
    batch = found.facts.batches[made.batch_id]
    amount = wording.quantity(step.quantity, made.unit)
    return [
        Point(
            "factory",
            run.reference,
            run.get_absolute_url(),
            f"{wording.quantity(quantity, used.unit)} used{where}, {when}",
            run.get_kind_display() if run.ran_at else "No time is recorded: counted as possible",
            sure=run.ran_at is not None,
        ),
        Point(
            "box",
            made.batch_number,
            batch.get_absolute_url(),
            f"{amount} made{_made_on(run)}",
            _best_before(made.expires_on),
            status=_status(found, made),
        ),
    ]


def _made_on(run: Run) -> str:
    return f", {_day(run.ran_at)}" if run.ran_at else ""


def _best_before(day) -> str:
    return f"Best before {wording.day(day, timezone.now())}" if day else ""


def _status(found: Found, held: TracedHolding) -> str:
    """The colour of the card that shows a holding; a receipt has its batch's."""
    if found.picture.index.roles[held.holding_id] in (MADE, SUPPLIED):
        card = found.picture.card[held.holding_id]
        return next(node.status for node in found.picture.nodes if node.id == card)
    is_there = held.on_hand is None or held.on_hand > 0
    is_held = found.facts.is_held(held.batch_id, held.location_id)
    return "hold" if is_there and is_held else "none"


def _day(moment: datetime) -> str:
    return wording.day(moment, timezone.now())


def _moment(moment: datetime | None, date_only: bool) -> str:
    return wording.moment(moment, timezone.now(), date_only) if moment else "time unknown"
