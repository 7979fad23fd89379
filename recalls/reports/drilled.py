"""What a drill came to: how fast, how much was found, and does it add up. Reads only.

The record that BRCGS asks for of a test: start and end, direction, batch, time taken, share
accounted for, gaps. Unlike units are never added: the share is that of the worst unit.
"""

import hashlib
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from django.db.models import Max

from batches.models import Contact
from batches.operations.events import canonical, plain
from batches.templatetags.wording import quantity, span
from recalls.models import Drill, Notice, ScopeLine
from recalls.reports.reconciliation import Reconciliation, reconciliation
from recalls.reports.status import RecallStatus, status
from recalls.scope.rules import described

SHOWN_GAPS = 20
_TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Accounted:
    """How much of what was made is accounted for, in one unit; None where a part is unknown."""

    unit: str
    made: Decimal | None
    accounted: Decimal | None
    percent: Decimal | None


@dataclass(frozen=True)
class Score:
    """Seconds are counted from the start; None is: not reached. Percents are rounded down."""

    seconds_to_scope: int | None
    seconds_to_told: int | None
    places: int
    reached: int
    answered: int
    planted: int
    found: int
    missed: list[str] = field(default_factory=list)
    found_percent: Decimal | None = None
    balance: list[Accounted] = field(default_factory=list)
    balance_percent: Decimal | None = None
    contacts: int = 0
    contacts_tested: int = 0
    gaps: list[str] = field(default_factory=list)


def seal(planted: list[dict]) -> str:
    """The hash of what was planted, which shows later that nobody changed it."""
    return hashlib.sha256(canonical(planted)).hexdigest()


def percent(part, whole) -> Decimal | None:
    """Rounded down: 100 is said of nothing but all."""
    if not whole:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(_TENTH, ROUND_DOWN)


def score(drill: Drill, now: datetime) -> dict:
    """The score as it is kept: JSON types, decimals as text."""
    return plain(asdict(score_of(drill, now)))


def score_of(drill: Drill, now: datetime) -> Score:
    """As it stands at `now`. The number of queries does not depend on how much was found."""
    state = status(drill.recall)
    sums = reconciliation(drill.recall, state)
    missed = _missed(drill, state)
    planted = len(drill.planted)
    balance = _balance(sums)
    return Score(
        seconds_to_scope=_to_scope(drill, state),
        seconds_to_told=_to_told(drill, state),
        places=state.conservation.total,
        reached=state.conservation.accepted + state.conservation.acknowledged,
        answered=state.answered,
        planted=planted,
        found=planted - len(missed),
        missed=missed,
        found_percent=percent(planted - len(missed), planted),
        balance=balance,
        balance_percent=_worst(balance),
        gaps=[gap.text for gap in sums.gaps[:SHOWN_GAPS]],
        **_contacts(state, now),
    )


def _seconds(drill: Drill, moment: datetime | None) -> int | None:
    """What was done before the planned hour took no time."""
    return None if moment is None else max(int((moment - drill.started_at).total_seconds()), 0)


def _to_scope(drill: Drill, state: RecallStatus) -> int | None:
    return _seconds(drill, state.versions[0].frozen_at if state.versions else None)


def _to_told(drill: Drill, state: RecallStatus) -> int | None:
    """Until the last place was told. One that no mail reached is a miss: then there is no time."""
    missing = state.conservation.failed + state.conservation.pending
    missing += state.conservation.unreachable
    if missing or not state.conservation.total:
        return None
    told = drill.recall.notices.filter(kind=Notice.Kind.NOTICE)
    return _seconds(drill, told.aggregate(Max("accepted_at"))["accepted_at__max"])


def _missed(drill: Drill, state: RecallStatus) -> list[str]:
    """What was planted and is in no line of the newest released version, in words."""
    # Nothing frozen: no line has no version.
    lines = ScopeLine.objects.filter(version=state.version)
    found = lines.values_list("location_code", "batch_number")
    pairs = {(code.casefold(), number.casefold()) for code, number in found}
    codes = {code for code, _ in pairs}
    return [said(row) for row in drill.planted if not _is_found(row, pairs, codes)]


def _is_found(row: dict, pairs: set, codes: set) -> bool:
    place, batch = row["place"].casefold(), row.get("batch", "").casefold()
    return (place, batch) in pairs if batch else place in codes


def said(row: dict) -> str:
    return f"{row['batch']} at {row['place']}" if row.get("batch") else row["place"]


def _balance(sums: Reconciliation) -> list[Accounted]:
    by_unit = defaultdict(list)
    for side in sums.batches:
        by_unit[side.unit].append(side)
    return [_accounted(unit, sides) for unit, sides in sorted(by_unit.items())]


def _accounted(unit: str, sides: list) -> Accounted:
    if any(side.unexplained is None for side in sides):
        return Accounted(unit, None, None, None)
    made = sum(side.made + side.came_back for side in sides)
    # Too much here does not make up for too little there.
    accounted = made - sum(abs(side.unexplained) for side in sides)
    return Accounted(unit, made, accounted, percent(max(accounted, Decimal(0)), made))


def _worst(balance: list[Accounted]) -> Decimal | None:
    known = [row.percent for row in balance]
    return None if not known or None in known else min(known)


def _contacts(state: RecallStatus, now: datetime) -> dict[str, int]:
    """Of the places to be told, those with a contact, and those where one confirmed a test."""
    here = Contact.objects.filter(
        location__in=[place.location_id for place in state.places], receives_notices=True
    ).order_by()
    return {
        "contacts": here.values("location").distinct().count(),
        "contacts_tested": here.tested(now).values("location").distinct().count(),
    }


def subject(drill: Drill) -> str:
    """What it is about: its batch, or what the rules of its recall say."""
    if drill.batch:
        return f"{drill.batch.number}, {drill.batch.product.name}"
    said = [text for _, text in described(drill.recall.rules.filter(withdrawn_at=None))]
    return "; ".join(said) or "no rule says yet"


def in_words(score: dict) -> list[tuple[str, str]]:
    """A score as it is kept, as people read it: each figure with its name."""
    places = score["places"]
    return [
        ("Time to scope", time_in_words(score["seconds_to_scope"])),
        ("Time until all were told", time_in_words(score["seconds_to_told"])),
        ("Places told", f"{score['reached']} of {places}"),
        ("Places that answered", f"{score['answered']} of {places}"),
        ("Planted places found", _found_in_words(score)),
        *((f"Accounted for, {row['unit']}", _accounted_in_words(row)) for row in score["balance"]),
        ("Places with a tested contact", f"{score['contacts_tested']} of {places}"),
    ]


def time_in_words(seconds: int | None) -> str:
    if seconds is None:
        return "not reached"
    return f"{seconds} s" if seconds < 60 else span(timedelta(seconds=seconds))


def _found_in_words(score: dict) -> str:
    if not score["planted"]:
        return "nothing was planted"
    return f"{score['found']} of {score['planted']}, {score['found_percent']} %"


def _accounted_in_words(row: dict) -> str:
    if row["percent"] is None:
        return "unknown"
    return f"{row['percent']} % of {quantity(Decimal(row['made']), row['unit'])}"
