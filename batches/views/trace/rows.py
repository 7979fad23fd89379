"""The tables of a trace: places, batches, shipments, runs and all documents, as rows of cells."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from batches.lists.pages import Refused
from batches.models import Shipment
from batches.templatetags import statuses, wording
from batches.tracing.picture.cards import RECEIVERS
from batches.tracing.picture.roles import MADE, SUPPLIED, joined, seconds, total
from batches.views.trace.asked import Asked
from batches.views.trace.found import Found


@dataclass
class Cell:
    """`value` is what sorts and is exported, `text` what is read; `kind` how it is shown."""

    value: object
    text: str = ""
    kind: str = ""
    small: str = ""
    look: statuses.Look | None = None
    label: str = ""


@dataclass
class Row:
    cells: list[Cell]
    card: str
    asked: Asked
    selected: bool = False

    @property
    def url(self) -> str:
        return self.asked.selecting(self.card)


@dataclass(frozen=True)
class Column:
    name: str
    label: str
    num: bool = False


@dataclass
class Rows:
    """`kind` is the tab, or `answers` for places that a recall asks."""

    kind: str
    columns: list[Column]
    rows: list[Row]
    sort: str


def _columns(text: str) -> list[Column]:
    """`Place, Received#`: a # marks numbers."""
    found = []
    for label in text.split(", "):
        name = label.rstrip("#")
        found.append(Column(name.lower().replace(" ", "_"), name, label.endswith("#")))
    return found


COLUMNS = {
    "answers": _columns(
        "Location, Batches, First received, Status, Received#, Quarantined#, Sold#, No answer#"
    ),
    "places": _columns(
        "Location, Batches, First received, Status, Received#, On hand#, Left again#"
    ),
    "batches": _columns(
        "Batch, Product, Made at, Best before, Status, Made#, On own sites#, Places#"
    ),
    "shipments": _columns("Shipment, From, To, Left, Arrived, Status, Batches, Quantity#"),
    "runs": _columns("Run, Location, Time, From, Made, Quantity#"),
    "documents": _columns("Document, Kind, On paper, Time, From, To, Batches, Quantity#"),
}
FIRST_SORT = {
    "answers": "-no_answer",
    "places": "-on_hand",
    "batches": "-places",
    "shipments": "-left",
    "runs": "-time",
    "documents": "-time",
}


def rows(found: Found) -> Rows:
    """The rows of the chosen tab in the order asked for, the selected ones first."""
    tab = found.asked.tab
    kind = "answers" if tab == "places" and found.facts.answers else tab
    sort = found.asked.sort or FIRST_SORT[kind]
    columns = COLUMNS[kind]
    names = [column.name for column in columns]
    if sort.lstrip("-") not in names:
        raise Refused(f"This table cannot be sorted by “{sort}”. Click a column to sort by it.")
    made = [row for row in _MAKERS[tab](found) if _has(row, found.asked.find)]
    if found.group:
        inside = {node.id for node in found.group.members}
        made = [row for row in made if row.card in inside]
    for row in made:
        for column, cell in zip(columns, row.cells, strict=True):
            cell.label = column.label
    at = names.index(sort.lstrip("-"))
    known = [row for row in made if row.cells[at].value not in (None, "")]
    unknown = [row for row in made if row.cells[at].value in (None, "")]
    known.sort(key=lambda row: row.cells[at].value, reverse=sort.startswith("-"))
    ordered = known + unknown
    ordered.sort(key=lambda row: not row.selected)
    return Rows(kind, columns, ordered, sort)


def _has(row: Row, words: str) -> bool:
    """Whether every word stands somewhere in the row."""
    if not words:
        return True
    said = " ".join(f"{c.value} {c.text} {c.small}" for c in row.cells if c.value is not None)
    said = said.replace("\xa0", " ").casefold()
    return all(word in said for word in words.casefold().split())


def counts(found: Found) -> dict[str, int]:
    index = found.picture.index
    shipments = len({s for by in index.shipped_in.values() for s in by})
    return {
        "places": len(_by_place(found)),
        "batches": len({h.batch_id for h in found.holdings.values()}),
        "shipments": shipments,
        "runs": len(index.inputs),
        "documents": shipments + len(index.inputs),
    }


def _by_place(found: Found) -> dict[tuple[int, str], list]:
    """By place and unit: unlike units are never added."""
    here: dict[tuple[int, str], list] = {}
    for held in found.holdings.values():
        here.setdefault((held.location_id, held.unit), []).append(held)
    return here


def _row(found: Found, cells: list[Cell], card: str, held: Iterable = ()) -> Row:
    """A row is selected with its card, or as where the goods of another card are."""
    selected = card == found.asked.sel
    if not selected and found.chosen and not found.asked.sel.startswith("l:"):
        chosen = {h.holding_id for h in found.chosen}
        selected = any(h.holding_id in chosen for h in held)
    if card in found.stopped_cards:
        cells[0].small = joined(cells[0].small, "trace stopped here")
    return Row(cells, card, found.asked, selected)


def _places(found: Found) -> list[Row]:
    sent = in_transit(found)
    return [
        _place(found, found.facts.locations[location], unit, here, sent)
        for (location, unit), here in _by_place(found).items()
    ]


def _place(found: Found, location, unit: str, here: list, sent: set[int]) -> Row:
    card = card_of(found, location, here)
    first = [found.picture.index.first.get(held.holding_id) for held in here]
    at = min((moment for moment in first if moment is not None), default=None)
    came = [held for held in here if not (held.is_start and not held.received)]
    received = total(held.received for held in came)
    on_hand = total(held.on_hand for held in here)
    gone = None
    if received is not None and on_hand is not None:
        gone = max(received - on_hand, Decimal(0))
    address = location.street or location.city
    city = location.city if location.street and location.kind in RECEIVERS else ""
    cells = [
        Cell(location.name, small=", ".join(filter(None, [address, city])), kind="name"),
        _batch_list(here),
        _moment(at, date_only=True),
        _tag(look_of(found, here, on_hand, sent)),
        _quantity(received, unit) if came else Cell(None, _why_none(here), kind="num"),
    ]
    if found.facts.answers:
        return _row(found, [*cells, *_answer_cells(found, here)], card, here)
    cells += [
        _quantity(on_hand, unit),
        _quantity(gone, unit) if came else Cell(None, kind="num"),
    ]
    return _row(found, cells, card, here)


def card_of(found: Found, location, here: list) -> str:
    """The card that stands for these holdings of a place."""
    own = found.picture.card[here[0].holding_id]
    names = [f"l:{location.pk}", f"k:{location.pk}:{here[0].unit}", own]
    return next(name for name in names if name in found.picture.holdings)


def _answer_cells(found: Found, here: list) -> list[Cell]:
    """What the place answered, in the unit of what it received; nothing where nobody asks it."""
    said = found.facts.said_of(here)
    sums = [
        sum((getattr(answer, part) for answer in said), Decimal(0)) if said else None
        for part in ("quarantined", "sold", "no_answer")
    ]
    return [Cell(s, "" if s is None else wording.number(s), kind="num") for s in sums]


def _why_none(here: list) -> str:
    return "no record" if any(held.is_unexplained for held in here) else "made there"


def _batch_list(here: list) -> Cell:
    numbers = sorted({held.batch_number for held in here})
    text = ", ".join(numbers) if len(numbers) < 3 else f"{len(numbers)} batches"
    return Cell(", ".join(numbers), text)


def look_of(found: Found, here: list, on_hand: Decimal | None, sent: set[int]) -> statuses.Look:
    there = [held for held in here if held.on_hand is None or held.on_hand > 0]
    if worst := found.facts.worst_of(here):
        return statuses.Look(worst.key, worst.word, worst.glyph)
    if any(held.holding_id in sent for held in here):
        return statuses.Look("info", "In transit", "truck")
    if any(found.facts.is_held(held.batch_id, held.location_id) for held in there):
        return statuses.Look("hold", "On hold")
    if on_hand is None:
        return statuses.Look("none", "Amount unknown")
    return statuses.Look("info", "Stock there") if there else statuses.Look("none", "Nothing left")


def in_transit(found: Found) -> set[int]:
    facts = found.facts
    return {
        target
        for target, shipments in found.picture.index.shipped_in.items()
        if any(facts.shipments[s].status == Shipment.Status.POSTED for s in shipments)
    }


def _batches(found: Found) -> list[Row]:
    by_batch: dict[int, list] = {}
    for held in found.holdings.values():
        by_batch.setdefault(held.batch_id, []).append(held)
    return [_batch(found, found.facts.batches[pk], here) for pk, here in by_batch.items()]


def _batch(found: Found, batch, here: list) -> Row:
    index, facts = found.picture.index, found.facts
    source = next((h for h in here if index.roles[h.holding_id] in (MADE, SUPPLIED)), here[0])
    is_made = index.roles[source.holding_id] == MADE or source.is_start
    made = facts.made_of(source) if is_made else batch.quantity
    own = total(h.on_hand for h in here if facts.locations[h.location_id].is_own)
    batch.is_held, batch.is_recalled = batch.pk in facts.on_hold, batch.pk in facts.recalled
    best = batch.expires_on
    cells = [
        Cell(batch.number, kind="code"),
        Cell(batch.product.name, small=batch.product.code),
        Cell(batch.origin.name),
        Cell(best, wording.day(best, timezone.now()) if best else ""),
        _tag(statuses.look(batch)),
        _quantity(made, source.unit),
        _quantity(own, source.unit),
        Cell(Decimal(len(here)), wording.number(len(here)), kind="num"),
    ]
    return _row(found, cells, found.picture.card[source.holding_id], here)


def _shipments(found: Found) -> list[Row]:
    return [_shipment(found, shipment, links) for shipment, links in _shipped(found)]


def _shipped(found: Found) -> list[tuple[Shipment, list]]:
    parts: dict[int, list] = {}
    for by_shipment in found.picture.index.shipped_in.values():
        for shipment, links in by_shipment.items():
            parts.setdefault(shipment, []).extend(links)
    return [(found.facts.shipments[pk], links) for pk, links in parts.items()]


def _shipment(found: Found, shipment, links: list) -> Row:
    facts, ends = found.facts, [found.holdings[link.target] for link in links]
    units = {held.unit for held in ends}
    amount = total(link.quantity for link in links) if len(units) == 1 else None
    name = f"r:{shipment.pk}:{ends[0].holding_id}"
    card = name if name in found.picture.holdings else found.picture.card[ends[0].holding_id]
    cells = [
        Cell(shipment.reference, kind="code"),
        Cell(facts.locations[shipment.origin_id].name),
        Cell(facts.locations[shipment.destination_id].name),
        _moment(seconds(shipment.shipped_at), shipment.shipped_date_only),
        _moment(seconds(shipment.received_at), shipment.received_date_only),
        _tag(statuses.look(shipment)),
        _batch_list(ends),
        _quantity(amount, units.pop() if len(units) == 1 else ""),
    ]
    return _row(found, cells, card)


def _runs(found: Found) -> list[Row]:
    return [_run(found, found.facts.runs[pk]) for pk in found.picture.index.inputs]


def _run(found: Found, run) -> Row:
    index = found.picture.index
    used = [found.holdings[key] for key in index.inputs[run.pk]]
    made = [found.holdings[key] for key in index.outputs[run.pk]]
    units = {held.unit for held in made}
    amount = total(index.outputs[run.pk].values()) if len(units) == 1 else None
    cells = [
        Cell(run.reference, kind="code", small=run.get_kind_display()),
        Cell(found.facts.locations[run.location_id].name, small=run.line),
        _moment(seconds(run.ran_at), run.ran_date_only),
        _batch_list(used),
        _batch_list(made),
        _quantity(amount, units.pop() if len(units) == 1 else ""),
    ]
    return _row(found, cells, f"p:{run.pk}")


def _documents(found: Found) -> list[Row]:
    """Every shipment and run in one order of time, with what stands on its paper."""
    return [
        *(_sent_document(found, shipment, links) for shipment, links in _shipped(found)),
        *(_run_document(found, found.facts.runs[pk]) for pk in found.picture.index.inputs),
    ]


def _sent_document(found: Found, shipment: Shipment, links: list) -> Row:
    row = _shipment(found, shipment, links)
    name, start, end, left, arrived, _, batches, quantity = row.cells
    at = left if left.value is not None else arrived
    paper = Cell(shipment.document)
    row.cells = [name, Cell("Shipment"), paper, at, start, end, batches, quantity]
    return row


def _run_document(found: Found, run) -> Row:
    row = _run(found, run)
    name, place, at, used, made, quantity = row.cells
    batches = made if made.value else used
    here = Cell(place.value)
    row.cells = [name, Cell(name.small), Cell(place.small), at, here, here, batches, quantity]
    name.small = ""
    return row


_MAKERS: dict[str, Callable[[Found], list[Row]]] = {
    "places": _places,
    "batches": _batches,
    "shipments": _shipments,
    "runs": _runs,
    "documents": _documents,
}


def _quantity(value: Decimal | None, unit: str) -> Cell:
    return Cell(value, wording.quantity(value, unit), kind="num")


def _moment(at: float | None, date_only: bool = False) -> Cell:
    if at is None:
        return Cell(None, "unknown")
    moment = datetime.fromtimestamp(at, wording.site_zone())
    return Cell(moment, wording.moment(moment, timezone.now(), date_only))


def _tag(look: statuses.Look) -> Cell:
    return Cell(look.word, kind="tag", look=look)


def values(columns: Iterable[Column], rows: Iterable[Row]) -> Iterable[list]:
    """What a file gets of these rows, below their heads."""
    yield [column.label for column in columns]
    for row in rows:
        yield [_bare(cell) for cell in row.cells]


def _bare(cell: Cell):
    """What a file gets: numbers as numbers, times in full, words as they stand."""
    if isinstance(cell.value, datetime):
        return f"{cell.value:%Y-%m-%d %H:%M}"
    if isinstance(cell.value, Decimal):
        return cell.value.normalize()
    return cell.value if cell.value is not None else ""
