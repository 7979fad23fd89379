"""The life of a run: drafted, posted, voided."""

from collections import Counter
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.models import Batch, Hold, Holding, Link, Run, RunInput, RunOutput
from batches.operations.changes import locked, need_reason, values
from batches.operations.documents import checks
from batches.operations.documents.drafts import make_lines, save_draft
from batches.operations.events import record
from batches.operations.holds import holds_by_batch, place_holds
from batches.operations.listeners import links_were_written
from batches.operations.posting import post_runs_in_bulk
from batches.operations.stock import get_or_make_holdings, recompute

FIELDS = ["reference", "location", "kind", "line", "ran_at", "ran_date_only", "remark"]

# Whose outputs are the inputs in other portions: quantities are compared, so units must agree.
_SAME_UNIT = {Run.Kind.BLEND, Run.Kind.SPLIT}


def create_run(*, reference, location, inputs, outputs, by, at, **fields) -> Run:
    """Drafts a run. `inputs` and `outputs` are dicts: batch, quantity (None: unknown), unit.

    `fields`: kind, line, ran_at, ran_date_only, remark.
    """
    return save_run(
        run=Run(reference=reference, location=location, **fields),
        inputs=make_lines(RunInput, inputs),
        outputs=make_lines(RunOutput, outputs),
        by=by,
        at=at,
    )


@transaction.atomic
def save_run(*, run, inputs: list[RunInput], outputs: list[RunOutput], by, at, seen="") -> Run:
    """Saves a new or changed draft with exactly these lines.

    Refuses a document that is no draft, one that changed since `seen`
    (`changes.fingerprint` of the run, its inputs and its outputs), a batch listed twice
    or on both sides, and units that a blend or a split cannot bring together.
    """
    checks.refuse(_impossible(run, inputs, outputs))
    lines = {"inputs": inputs, "outputs": outputs}
    save_draft(document=run, lines=lines, fields=FIELDS, by=by, at=at, seen=seen)
    return run


@transaction.atomic
def post_run(*, run, by, at, decided_by="") -> Run:
    """Uses the inputs and makes the outputs: writes the links, every input to every output.

    Refuses a document that is no draft, has no input or no output, uses more than is
    known to be there, uses a voided or held batch, makes a voided one, or uses what it makes.
    The holds of the recall `decided_by` do not stop it: that recall decided about the goods.
    Nor do, for a rework, holds decided so; what is made of those goods is held in its turn.
    """
    run = locked(run)
    _refuse_posted(run)
    inputs, outputs = list(run.inputs.order_by("pk")), list(run.outputs.order_by("pk"))
    if not inputs or not outputs:
        missing = "inputs" if not inputs else "outputs"
        raise ValidationError(f"{run} has no {missing}. Add a batch before posting it.")
    batches = checks.batches_of(inputs + outputs)
    used = {line.batch_id: batches[line.batch_id] for line in inputs}
    sentences = [*_impossible(run, inputs, outputs)]
    sentences += checks.missing_stock(run, inputs, used, run.location)
    holds = holds_by_batch(used, run.location)
    sentences += _held(run, used, holds, decided_by)
    sentences += _unmakeable(run, {line.batch_id: batches[line.batch_id] for line in outputs})
    checks.refuse(sentences)
    run.status, run.posted_by, run.posted_at = Run.Status.POSTED, by, at
    run.save(update_fields=["status", "posted_by", "posted_at"])
    post_runs_in_bulk([run])
    after = {
        "status": "posted",
        "inputs": [values(line, ["batch", "quantity"]) for line in inputs],
        "outputs": [values(line, ["batch", "quantity"]) for line in outputs],
    }
    record(verb="run posted", obj=run, by=by, at=at, before={"status": "draft"}, after=after)
    _hold_what_was_reworked(run, used, holds, outputs, by=by, at=at)
    return run


def _hold_what_was_reworked(run, used, holds: dict[int, list[Hold]], outputs, *, by, at) -> None:
    of = [used[pk] for pk, rows in holds.items() if any(_is_for(run, row) for row in rows)]
    if of:
        places = [(line.batch_id, run.location_id) for line in outputs]
        names = ", ".join(batch.number for batch in of)
        reason = f"Reworked from {names}. Decide whether it is good now."
        place_holds(places=places, reason=reason, by=by, at=at)


def _refuse_posted(run) -> None:
    if run.status == Run.Status.VOIDED:
        raise ValidationError(f"{run} was voided. Enter a new run.")
    if not run.is_draft:
        raise ValidationError(f"{run} is posted already. Nothing was posted twice.")


def _impossible(run, inputs, outputs) -> Iterable[str]:
    """What no stock could make right: twice the same batch, itself as its source, unlike units."""
    for word, lines in (("inputs", inputs), ("outputs", outputs)):
        names = {line.batch_id: line.batch for line in lines}
        for pk, times in Counter(line.batch_id for line in lines).items():
            if times > 1:
                yield f"{names[pk]} is among the {word} twice. Enter it once, with the sum."
    made = {line.batch_id for line in outputs}
    for line in inputs:
        if line.batch_id in made:
            yield (
                f"{line.batch} is both used and made by {run}. Give what is made a number of its "
                "own."
            )
    units = {line.batch.product.unit for line in [*inputs, *outputs]}
    if run.kind in _SAME_UNIT and len(units) > 1:
        yield (
            f"A {run.get_kind_display().lower()} cannot bring {' and '.join(sorted(units))} "
            "together. Enter it as production or repack."
        )


def _is_for(run, hold: Hold) -> bool:
    """Whether people decided that what is held goes into such a run."""
    is_rework = run.kind == Run.Kind.REWORK and hold.decision == Hold.Decision.REWORK
    return is_rework and hold.is_free


def _held(
    run, batches: dict[int, Batch], found: dict[int, list[Hold]], decided_by
) -> Iterable[str]:
    for pk, holds in found.items():
        others = [hold for hold in holds if not decided_by or hold.recall != decided_by]
        others = [hold for hold in others if not _is_for(run, hold)]
        if not others:
            continue
        hold = others[0]
        if hold.is_free and hold.decision == Hold.Decision.REWORK:
            yield f"{batches[pk]} is held for rework. Enter {run} as a rework."
        elif hold.recall:
            yield f"{batches[pk]} is held by recall {hold.recall}. Take it off {run}."
        else:
            yield (
                f"{batches[pk]} is on hold at {run.location.code}: {hold.reason} "
                "Release the hold before using it."
            )


def _unmakeable(run, batches: dict[int, Batch]) -> Iterable[str]:
    for batch in batches.values():
        if batch.status == Batch.Status.VOIDED:
            yield f"{batch} was voided. Take it off {run}."
        elif batch.origin_id != run.location_id:
            yield (
                f"{batch} was made at {batch.origin.code}, so {run} at {run.location.code} cannot "
                "have made it. Correct the location, or make a batch of that place."
            )


@transaction.atomic
def void_run(*, run, reason, by, at) -> Run:
    """Takes the run back; its links stay as voided. A draft is only marked as voided.

    Refuses an empty reason, a run voided before, and outputs that have moved on, naming
    what to void first.
    """
    reason = need_reason(reason, f"{run} is voided")
    run = locked(run)
    if run.status == Run.Status.VOIDED:
        raise ValidationError(f"{run} was voided already.")
    was_status = run.status
    made = list(run.outputs.values_list("batch_id", flat=True))
    batches = {*made, *run.inputs.values_list("batch_id", flat=True)}
    checks.lock_batches(batches)
    run.status, run.voided_at, run.void_reason = Run.Status.VOIDED, at, reason
    run.save(update_fields=["status", "voided_at", "void_reason"])
    if was_status == Run.Status.POSTED:
        _take_back(run, batches, made)
    record(
        verb="run voided",
        obj=run,
        by=by,
        at=at,
        before={"status": was_status},
        after={"status": "voided"},
        reason=reason,
    )
    return run


def _take_back(run, batches, made) -> None:
    links = Link.objects.filter(run=run, voided=False)
    sources = set(links.values_list("source_id", flat=True))
    links.update(voided=True)
    origins = Batch.objects.filter(pk__in=made).values_list("pk", "origin_id")
    here = {(batch, run.location_id) for batch in batches}
    holdings = get_or_make_holdings(here | set(origins))
    filled = [holdings[batch, run.location_id] for batch in made]
    was = dict(Holding.objects.filter(pk__in=filled).values_list("pk", "quantity"))
    recompute(holdings.values())
    checks.refuse_if_moved_on(filled, was, by_run=True)
    links_were_written(sources)
