"""What was made next on the same line: between two runs nobody may have cleaned it."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from django.db.models import F, Min, Value
from django.db.models.functions import Coalesce, NullIf

from batches.models import Batch, Location, Run, RunOutput
from recalls.models import ScopeRule
from recalls.scope.contacts import chunks
from recalls.scope.hints.hint import Hint, batches_in, numbers


@dataclass
class Turn:
    """What a line made at one moment, in one run or without one on record."""

    at: datetime
    run: str
    batches: set[int] = field(default_factory=set)


def next_on_line(scope: set[int]) -> list[Hint]:
    lines = _lines_of(scope)
    found: list[tuple[Location, str, Turn, Turn]] = []
    for (place, line), span in sorted(lines.items()):
        for before, after in pairwise(_turns(place, line, *span)):
            if before.batches & scope and not after.batches & scope:
                found.append((place, line, before, after))
    rows = batches_in({pk for *_, one, other in found for pk in one.batches | other.batches})
    places = Location.objects.in_bulk({place for place, *_ in found})
    return [_hint(places[place], line, before, after, rows) for place, line, before, after in found]


def _made():
    """Outputs of posted runs with the line and the moment that are known of each."""
    line = Coalesce(NullIf(F("run__line"), Value("")), F("batch__line"))
    moment = Coalesce(F("run__ran_at"), F("batch__produced_at"))
    rows = RunOutput.objects.filter(run__status=Run.Status.POSTED).order_by()
    return rows.annotate(on_line=line, moment=moment).exclude(on_line="")


def _unmade():
    """Batches with a line and a moment of their own that no run is recorded to have made."""
    rows = Batch.objects.filter(run_outputs__isnull=True, produced_at__isnull=False).order_by()
    return rows.exclude(line="").exclude(status=Batch.Status.VOIDED)


def _lines_of(scope: set[int]) -> dict[tuple[int, str], tuple[datetime, datetime]]:
    """(place, line) on which something of the scope was made, and when first and last."""
    spans: dict[tuple[int, str], tuple[datetime, datetime]] = {}
    for ids in chunks(scope):
        made = _made().filter(batch__in=ids, moment__isnull=False)
        rows = list(made.values_list("run__location", "on_line", "moment"))
        rows += _unmade().filter(pk__in=ids).values_list("origin", "line", "produced_at")
        for place, line, at in rows:
            first, last = spans.get((place, line), (at, at))
            spans[place, line] = min(at, first), max(at, last)
    return spans


def _turns(place: int, line: str, first: datetime, last: datetime) -> list[Turn]:
    """What the line made from the first to the last moment, and the one turn after them."""
    made = _made().filter(run__location=place, on_line=line, moment__gte=first)
    unmade = _unmade().filter(origin=place, line=line, produced_at__gte=first)
    unmade = unmade.annotate(moment=F("produced_at"))
    ends = [rows.filter(moment__gt=last).aggregate(Min("moment")) for rows in (made, unmade)]
    end = min((one["moment__min"] for one in ends if one["moment__min"]), default=last)
    turns: dict[tuple, Turn] = {}
    rows = made.filter(moment__lte=end).values_list("run__reference", "moment", "batch")
    for reference, at, batch in rows:
        turns.setdefault((reference,), Turn(at, reference)).batches.add(batch)
    for at, batch in unmade.filter(moment__lte=end).values_list("moment", "pk"):
        turns.setdefault(("", at), Turn(at, "")).batches.add(batch)
    return sorted(turns.values(), key=lambda turn: (turn.at, turn.run))


def _hint(place: Location, line: str, before: Turn, after: Turn, rows: dict[int, Batch]) -> Hint:
    made = [rows[pk] for pk in sorted(after.batches) if pk in rows]
    earlier = [rows[pk] for pk in sorted(before.batches) if pk in rows]
    at = after.at.astimezone(place.zone)
    run = f" in {after.run}" if after.run else ""
    return Hint(
        key=f"line-{min(after.batches)}",
        kind="line",
        word="Next on the line",
        title=f"{numbers(made)}, made next on {line} at {place.name}",
        evidence=f"Made{run} on {at.day} {at:%b %Y %H:%M}, next after {numbers(earlier)}. "
        "Whether the line was cleaned between the two is not on record.",
        rule=ScopeRule.Kind.BATCHES,
        parameters={"batches": sorted(after.batches)},
    )
