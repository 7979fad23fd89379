"""What went into batches of the scope and into others too, rework among it."""

from collections import defaultdict

from batches.models import Batch, Run, RunInput, RunOutput
from recalls.models import ScopeRule
from recalls.scope.contacts import chunks
from recalls.scope.hints.hint import Hint, batches_in, numbers

_POSTED = {"run__status": Run.Status.POSTED}


def shared_inputs(scope: set[int]) -> list[Hint]:
    """Inputs outside the scope that its batches share with others, those first that explain
    most of the scope while reaching least beyond it."""
    made_by = _runs_of(RunOutput, scope)
    went_into = _inputs({run for runs in made_by.values() for run in runs}, scope)
    if not went_into:
        return []
    others = _others(went_into, scope)
    reworked = _reworked(went_into)
    explains = {
        pk: {batch for batch, own in made_by.items() if runs & own}
        for pk, runs in went_into.items()
    }
    rows = batches_in(scope.union(went_into, *others.values()))
    wanted = [pk for pk in went_into if others.get(pk) and pk in rows]
    wanted.sort(key=lambda pk: (-len(explains[pk]), len(others[pk]), rows[pk].number, pk))
    return [_hint(rows, pk, explains[pk], others[pk], pk in reworked) for pk in wanted]


def _runs_of(model, batches: set[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for ids in chunks(batches):
        rows = model.objects.filter(batch__in=ids, **_POSTED).order_by()
        for batch, run in rows.values_list("batch", "run"):
            found[batch].add(run)
    return found


def _inputs(runs: set[int], scope: set[int]) -> dict[int, set[int]]:
    """Inputs of the runs by batch, without what is in the scope itself."""
    found: dict[int, set[int]] = defaultdict(set)
    for ids in chunks(runs):
        for batch, run in RunInput.objects.filter(run__in=ids).values_list("batch", "run"):
            if batch not in scope:
                found[batch].add(run)
    return found


def _others(inputs: dict[int, set[int]], scope: set[int]) -> dict[int, set[int]]:
    """What else was made of each input, by input, without what is in the scope."""
    used_in = _runs_of(RunInput, set(inputs))
    made: dict[int, set[int]] = defaultdict(set)
    for ids in chunks({run for runs in used_in.values() for run in runs}):
        for run, batch in RunOutput.objects.filter(run__in=ids).values_list("run", "batch"):
            made[run].add(batch)
    return {
        pk: set().union(*(made[run] for run in runs)) - scope - {pk} for pk, runs in used_in.items()
    }


def _reworked(inputs: dict[int, set[int]]) -> set[int]:
    """Inputs that came out of rework, or went in by it."""
    rework = {"run__kind": Run.Kind.REWORK, **_POSTED}
    found: set[int] = set()
    for ids in chunks(inputs):
        for model in (RunOutput, RunInput):
            rows = model.objects.filter(batch__in=ids, **rework).order_by()
            found |= set(rows.values_list("batch", flat=True))
    return found


def _hint(rows: dict[int, Batch], pk: int, explains, others, is_rework: bool) -> Hint:
    batch = rows[pk]
    into = numbers(rows[one] for one in explains if one in rows)
    beyond = numbers(rows[one] for one in others if one in rows)
    count = "1 other" if len(others) == 1 else f"{len(others)} others"
    return Hint(
        key=f"input-{pk}",
        kind="rework" if is_rework else "input",
        word="Shared rework" if is_rework else "Shared input",
        title=f"{batch.number} of {batch.product.name}",
        evidence=f"Went into {into}, and into {count} outside the scope: {beyond}.",
        rule=ScopeRule.Kind.BATCHES,
        parameters={"batches": [pk]},
    )
