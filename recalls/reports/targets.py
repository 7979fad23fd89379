"""How a recall stands against its four targets, counted from its opening. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min

from batches.templatetags.wording import site_zone, span
from recalls.models import (
    Contacted,
    Handover,
    Notice,
    Recall,
    Target,
    TargetChange,
    TargetPlan,
)
from recalls.reports.looks import HasLook
from recalls.reports.status import RecallStatus

# Recall -> place -> when somebody there was first reached.
Spoken = dict[int, dict[int, datetime]]
# State -> word for screen readers and exports, colour key, glyph.
LOOKS = {
    "met": ("met", "ok", "okc"),
    "met_late": ("met late", "hold", "warn"),
    "running": ("running", "info", "clock"),
    "stuck": ("at risk", "hold", "warn"),
    "late": ("late", "crit", "recall"),
    "missed": ("not met", "crit", "x"),
}


@dataclass(frozen=True)
class TargetRow(HasLook):
    """One target: `state` is a key of LOOKS, `share` how much of it is used or reached, in %."""

    LOOKS = LOOKS

    target: str
    hours: int
    due: datetime
    met_at: datetime | None
    state: str
    text: str
    share: int
    change: TargetChange | None = None

    @property
    def word(self) -> str:
        return Target(self.target).label

    @property
    def said(self) -> str:
        return LOOKS[self.state][0]

    @property
    def is_late(self) -> bool:
        return self.state == "late"


def targets(
    recall: Recall, state: RecallStatus, now: datetime, spoken: Spoken | None = None
) -> list[TargetRow]:
    """The four rows, in the order in which they fall due by default; four queries."""
    return targets_of([state], now, spoken)[recall.pk]


def targets_of(
    states: Iterable[RecallStatus], now: datetime, spoken: Spoken | None = None
) -> dict[int, list[TargetRow]]:
    """The same of several, by recall, in as many queries as one takes; one less for who knows
    who was `spoken` to."""
    states = list(states)
    recalls = [state.recall for state in states]
    spoken = spoken_to(recalls) if spoken is None else spoken
    hours, handed = _hours(recalls), _handed_at(recalls)
    found = {}
    for state in states:
        pk = state.recall.pk
        facts = {
            Target.SCOPE: _scope(state),
            Target.NOTIFIED: notified(state, spoken.get(pk, {})),
            Target.RECORDS: Fact(met_at=handed.get(pk)),
            Target.ANSWERS: _answers(state),
        }
        found[pk] = _rows(state.recall, facts, *hours[pk], now)
    return found


def _rows(recall: Recall, facts, hours, changes, now: datetime) -> list[TargetRow]:
    end = min(now, recall.closed_at) if recall.closed_at else now
    return [
        _row(recall, target, facts[target], hours[target], changes.get(target), end)
        for target in Target
    ]


def hours_of(recall: Recall) -> tuple[dict[str, int], dict[str, TargetChange]]:
    """Hours by target, as the class has them or somebody changed them, and those changes."""
    return _hours([recall])[recall.pk]


def _hours(recalls: list[Recall]) -> dict[int, tuple[dict[str, int], dict[str, TargetChange]]]:
    plans = {plan.classification: plan for plan in TargetPlan.objects.all()}
    changes: dict[int, dict[str, TargetChange]] = {recall.pk: {} for recall in recalls}
    rows = TargetChange.objects.filter(recall__in=recalls).select_related("by")
    for row in rows.order_by("pk"):
        changes[row.recall_id][row.target] = row
    found = {}
    for recall in recalls:
        plan, changed = plans[recall.classification], changes[recall.pk]
        hours = {target: getattr(plan, f"{target}_hours") for target in Target}
        found[recall.pk] = hours | {key: row.hours for key, row in changed.items()}, changed
    return found


@dataclass(frozen=True)
class Fact:
    """When it was met, or how far it is."""

    met_at: datetime | None = None
    done: int = 0
    of: int = 0
    stuck: int = 0


def _scope(state: RecallStatus) -> Fact:
    return Fact(met_at=state.versions[0].frozen_at if state.versions else None)


def spoken_to(recalls: Iterable[Recall]) -> Spoken:
    """By recall and place, when somebody there was first spoken to; one query."""
    found: Spoken = {}
    calls = Contacted.objects.filter(recall__in=recalls, reached=True).order_by()
    for recall, place, first in calls.values_list("recall", "location").annotate(first=Min("at")):
        found.setdefault(recall, {})[place] = first
    return found


def notified(state: RecallStatus, spoken: dict[int, datetime]) -> Fact:
    """Told is who was reached by mail, answered, was waived, or was spoken to."""
    if state.version is None:
        return Fact()
    first = _first_accepted(state)
    told, stuck = [], 0
    for place in state.places:
        by_mail = place.state in {"acknowledged", "accepted"}
        if by_mail or place.answered:
            told.append(first.get(place.location_id) or place.since)
        elif place.waiver and place.waived:
            told.append(place.waiver.at)
        elif place.location_id in spoken:
            told.append(spoken[place.location_id])
        else:
            stuck += place.state in {"failed", "unreachable"}
    is_met = len(told) == len(state.places)
    met_at = max(filter(None, told), default=state.version.release.at) if is_met else None
    return Fact(met_at, len(told), len(state.places), stuck)


def _first_accepted(state: RecallStatus) -> dict[int, datetime]:
    """By place, when a mail server first took the newest version's notice to it."""
    found: dict[int, datetime] = {}
    for place, rows in state.notices.items():
        taken = [row for row in rows if row["state"] == Notice.State.ACCEPTED]
        newest = max((row["version"] for row in taken), default=0)
        if taken:
            found[place] = min(row["accepted_at"] for row in taken if row["version"] == newest)
    return found


def _handed_at(recalls: Iterable[Recall]) -> dict[int, datetime]:
    """By recall, when its records were first handed to an authority."""
    rows = Handover.objects.filter(recall__in=recalls).order_by()
    return dict(rows.values_list("recall").annotate(first=Min("handed_at")))


def _answers(state: RecallStatus) -> Fact:
    if state.version is None:
        return Fact()
    moments = [
        place.since if place.answered else place.waiver.at
        for place in state.places
        if place.answered or (place.waived and place.waiver)
    ]
    is_met = len(moments) == len(state.places)
    met_at = max(filter(None, moments), default=state.version.release.at) if is_met else None
    return Fact(met_at, len(moments), len(state.places))


def _row(recall, target, fact: Fact, hours: int, change, end: datetime) -> TargetRow:
    start, allowed = recall.opened_at, timedelta(hours=hours)
    due, met = start + allowed, fact.met_at
    if met:
        state = "met" if met <= due else "met_late"
    elif end > due:
        state = "missed" if recall.closed_at else "late"
    else:
        state = "stuck" if fact.stuck else "running"
    used = (met or end) - start
    part = fact.done / fact.of if fact.of else used / allowed
    share = 100 if state in {"met_late", "late", "missed"} else round(min(max(part, 0), 1) * 100)
    if met and state == "met":
        share = round(min(max(used / allowed, 0), 1) * 100)
    text = _text(state, fact, used, allowed, due, end)
    return TargetRow(target, hours, due, met, state, text, share, change)


def _text(state, fact: Fact, used, allowed, due, end) -> str:
    count = f"{fact.done:,} of {fact.of:,}" if fact.of else ""
    if state == "met":
        return f"{span(used)} of {span_hours(allowed)}"
    if state == "met_late":
        return f"met, late by {span(used - allowed)}"
    if state in {"late", "missed"}:
        late = f"late by {span(used - allowed)}"
        return ", ".join(filter(None, [count, late]))
    if state == "stuck":
        return f"{fact.stuck:,} of {fact.of:,} not delivered"
    if count:
        return f"{count}, due {due_word(due, end)}"
    return f"{span(due - end)} left of {span_hours(allowed)}"


def span_hours(allowed: timedelta) -> str:
    """As it was set: `24 h`, not a day."""
    return f"{allowed // timedelta(hours=1)} h"


def due_word(due: datetime, now: datetime) -> str:
    """`14:03` today, `08:14 Mon` within the week, else `08:14, 3 Dec`."""
    local, here = due.astimezone(site_zone()), now.astimezone(site_zone())
    if local.date() == here.date():
        return f"{local:%H:%M}"
    is_near = abs(local.date() - here.date()) < timedelta(days=7)
    return f"{local:%H:%M} {local:%a}" if is_near else f"{local:%H:%M}, {local.day} {local:%b}"


def late_ones(rows: Iterable[TargetRow]) -> list[TargetRow]:
    return [row for row in rows if row.is_late]
