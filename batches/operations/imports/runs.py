"""Importing runs: what was made from what, one row per input or output."""

from dataclasses import dataclass, field

from batches.codes.numbering import RAN
from batches.models import Batch, Finding, Link, Run, RunInput, RunOutput
from batches.operations.imports.conflicts import refuse_conflict, say_if_doubled
from batches.operations.imports.unnamed import (
    Unnamed,
    note_unnamed,
    refuse_named_later,
    save_unnamed,
)
from batches.operations.imports.work import Work, in_parts
from batches.operations.posting import post_runs_in_bulk
from batches.operations.times import latest

_MODELS = {"input": RunInput, "output": RunOutput}
_LINE = ("run_id", "batch_id", "quantity")
_OTHER = {"input": "output", "output": "input"}


@dataclass
class _Making:
    """One reference: what its rows say of it, and its quantities by direction and batch."""

    head: dict
    run: Run | None = None
    line: int | None = None
    quantities: dict = field(default_factory=dict)
    lines: dict = field(default_factory=dict)
    unnamed: Unnamed = field(default_factory=Unnamed)
    new: list = field(default_factory=list)


def import_runs(work: Work) -> None:
    """Adds runs by reference, posted. An input or output that is missing is added to its run.

    What names no batch becomes a batch of its own, of the place of the run.
    Refuses what contradicts the run as it stands, and a batch that would be made of itself.
    """
    makings = _known({row.get("reference") for row in work.sheet.good()})
    for row in list(work.sheet.good()):
        goods, location = work.goods(row), work.location(row, "location")
        if not row.problems:
            _take(row, goods, _head(row, location), makings)
    changed = [making for making in makings.values() if making.new]
    _write(work, changed)
    for making in changed:
        _look_at(work, making)


def _head(row, location) -> dict:
    moment = row.get("ran_at")
    ran_at = (moment.at(location.zone), moment.is_date) if moment else None
    return {"location": location, "ran_at": ran_at, "kind": row.get("kind")}


def _known(references: set[str]) -> dict[str, _Making]:
    """The runs that are there already, with their inputs and outputs."""
    there, by_id = {}, {}
    queryset = Run.objects.order_by().select_related("location")
    for run in in_parts(queryset, "reference", references):
        ran_at = (run.ran_at, run.ran_date_only) if run.ran_at else None
        head = {"location": run.location, "ran_at": ran_at, "kind": run.kind}
        there[run.reference] = by_id[run.pk] = _Making(head, run)
    for direction, model in _MODELS.items():
        lines = model.objects.order_by().select_related("batch")
        lines = lines.only(*_LINE, "batch__product_id", "batch__is_unidentified")
        for line in in_parts(lines, "run_id", by_id):
            by_id[line.run_id].quantities[direction, line.batch_id] = line.quantity
            if line.batch.is_unidentified:
                said = (direction, line.batch.product_id, line.quantity)
                by_id[line.run_id].unnamed.note(said)
    return there


def _take(row, goods, head: dict, makings: dict) -> None:
    """Adds the row to its run, or finds it there, or refuses it."""
    reference, direction = row.get("reference"), row.get("direction")
    making = makings.setdefault(reference, _Making({}, line=row.line))
    known = {name: value for name, value in head.items() if making.head.get(name) is not None}
    # A file fills its own gaps from line to line; a run that is there is not filled up.
    said = head if making.run else known
    if _is_not_open(row, making.run):
        return
    if refuse_conflict(row, f"Run {reference}", said, making.head, making.line):
        return
    if _is_there(row, goods, making):
        return
    making.head |= {name: value for name, value in head.items() if value is not None}
    if isinstance(goods, Batch):
        batch = goods
        key = (direction, batch.pk)
        making.quantities[key], making.lines[key] = row.get("quantity"), row.line
    else:
        batch = making.unnamed.made(row, goods, head["location"], reference, RAN)
    making.new.append((row, _MODELS[direction](batch=batch, quantity=row.get("quantity"))))
    row.is_added = True


def _is_there(row, goods, making: _Making) -> bool:
    """Whether the run has the row's line already; refuses the row if with other content."""
    reference, direction = row.get("reference"), row.get("direction")
    if not isinstance(goods, Batch):
        return making.unnamed.meets((direction, goods.pk, row.get("quantity")))
    batch = goods
    key = (direction, batch.pk)
    if key in making.quantities:
        there = {"quantity": making.quantities[key]}
        what = f"The {direction} {batch} of run {reference}"
        line = making.lines.get(key)
        if not refuse_conflict(row, what, {"quantity": row.get("quantity")}, there, line):
            say_if_doubled(row, line, "If there were two, write one row with the sum.")
        return True
    if (_OTHER[direction], batch.pk) in making.quantities:
        row.refuse(
            "direction",
            f"Batch {batch} is the {_OTHER[direction]} of run {reference} already; "
            "a run cannot make a batch of itself.",
        )
        return True
    said = (direction, batch.product_id, row.get("quantity"))
    return refuse_named_later(row, making.unnamed, said, f"Run {reference}")


def _is_not_open(row, run: Run | None) -> bool:
    if run is None or run.status == Run.Status.POSTED:
        return False
    if run.status == Run.Status.VOIDED:
        row.warn("reference", f"Run {run} was voided. It was not imported again.")
    else:
        row.refuse("reference", f"Run {run} is a draft here. Post it, or take it away.")
    return True


def _write(work: Work, makings: list[_Making]) -> None:
    late = [making.run.pk for making in makings if making.run]
    fresh = [making for making in makings if making.run is None]
    for making in fresh:
        making.run = _made(work, making)
    Run.objects.bulk_create([making.run for making in fresh])
    lines = []
    for making in makings:
        for _, line in making.new:
            line.run = making.run
            lines.append(line)
    save_unnamed(line.batch for line in lines)
    for model in _MODELS.values():
        model.objects.bulk_create([line for line in lines if isinstance(line, model)])
    # A run that gets another line is linked anew as a whole; its first links are voided, so
    # that no pair of input and output stands twice.
    Link.objects.filter(run__in=late, voided=False).update(voided=True)
    post_runs_in_bulk([making.run for making in makings])


def _made(work: Work, making: _Making) -> Run:
    head = making.head
    ran_at = head.get("ran_at")
    return Run(
        reference=making.new[0][0].get("reference"),
        location=head["location"],
        kind=head.get("kind") or Run.Kind.PRODUCTION,
        ran_at=ran_at and ran_at[0],
        ran_date_only=bool(ran_at and ran_at[1]),
        status=Run.Status.POSTED,
        created_by=work.by,
        posted_by=work.by,
        posted_at=work.at,
    )


def _look_at(work: Work, making: _Making) -> None:
    """Notes gaps and contradictions of what was added."""
    run, gap = making.run, Finding.Severity.GAP
    directions = {direction for direction, _ in making.quantities}
    directions |= {row.get("direction") for row, _ in making.new}
    if run.ran_at is None:
        text = "The time of the run is not known: a trace takes it as possible."
        work.find("time_unknown", gap, run, text)
    for missing in sorted({"input", "output"} - directions):
        text = f"Run {run} has no {missing}, so nothing is linked by it."
        work.find("run_incomplete", gap, run, text)
        making.new[0][0].warn("direction", text)
    ended = latest(run.ran_at, run.ran_date_only, run.location.zone)
    for row, line in making.new:
        place = (line.batch_id, run.location_id)
        work.touched.add(place)
        if line.batch.is_unidentified:
            note_unnamed(work, run, line.batch)
        if line.quantity is None:
            text = f"The quantity of batch {line.batch} is not known."
            work.find("quantity_unknown", gap, run, text)
        if isinstance(line, RunInput):
            work.taken_out.append((row, place, run))
            _check_age(work, run, row, line, ended)
        elif line.batch.origin_id != run.location_id:
            text = f"Batch {line.batch} has another origin than the place of run {run}."
            work.find("made_elsewhere", Finding.Severity.WARNING, run, text)
            row.warn("location", text)


def _check_age(work: Work, run: Run, row, line: RunInput, ended: int | None) -> None:
    made = line.batch.produced_at
    if made and ended is not None and ended < made.timestamp():
        text = f"Batch {line.batch} was used before it was made."
        work.find("used_before_made", Finding.Severity.WARNING, run, text)
        row.warn("ran_at", text)
