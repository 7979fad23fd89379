"""The charts of the analytics page: each a sentence, bars, and the table behind them."""

import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from statistics import median

from batches.models import Location
from batches.reports.rates import PER, complaint_rates, gaps_by_place
from batches.templatetags.wording import day, percent, quantity, span, units
from recalls.models import Drill, Recall
from recalls.reports.drill_trend import trend
from recalls.reports.improvement import Pace, Recovery, paces, recovery
from recalls.reports.status import RecallStatus, statuses

# So many bars can be read side by side; the table has them all.
SHOWN = 12
MOST_RECALLS = 50
FEW = 3
TITLES = {
    "scope": "Time to scope",
    "notify": "Time to notify",
    "acknowledge": "Time to 80 % acknowledged",
    "channel": "Recovered by channel",
    "country": "Recovered by country",
    "gaps": "Open data gaps by site and supplier",
    "complaints": f"Complaints per {PER:,} made",
    "drills": "Drills",
}
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bar:
    """`value` is what is drawn, `said` how it reads."""

    label: str
    value: float
    said: str


@dataclass(frozen=True)
class Chart:
    """`axis` names what the bars count; the longest is `top`, or the highest value if that is 0.
    One that could not be made has nothing but `failed`, its reference in the log."""

    key: str
    axis: str = ""
    sentence: str = ""
    heads: Sequence[str] = ()
    rows: list[Sequence] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    top: float = 0
    most: int = SHOWN
    failed: str = ""

    @property
    def title(self) -> str:
        return TITLES[self.key]

    @property
    def cut(self) -> int:
        """How many more bars there would be."""
        return max(len(self.bars) - self.most, 0)


def charts(since: datetime, now: datetime) -> list[Chart]:
    """Of that time, in the order of the page; one that fails takes no other with it. The number of
    queries does not grow with the records. Where live recalls are few, the drills come first: they
    say more then."""
    found = [_made(key, make) for key, make in makers(since, now).items()]
    scope, drills = found[0], found[-1]
    is_few = not scope.failed and len(scope.rows) < FEW
    return [drills, *found[:-1]] if is_few else found


def _made(key: str, make: Callable[[], Chart]) -> Chart:
    try:
        return make()
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("Chart %s of the analytics failed, reference %s", key, reference)
        return Chart(key, failed=reference)


def makers(since: datetime, now: datetime) -> dict[str, Callable[[], Chart]]:
    """How each chart of that time is made. Those of live recalls share what they read."""

    @cache
    def states() -> list[RecallStatus]:
        return _states(since, now)

    @cache
    def going() -> list[Pace]:
        return paces(states())

    return {
        **{key: lambda key=key: _times(key, going(), now) for key in TIMES},
        "channel": lambda: _recovered("channel", states(), _channel),
        "country": lambda: _recovered("country", states(), _country),
        "gaps": _gaps,
        "complaints": lambda: _complaints(since, now),
        "drills": lambda: _drills(since, now),
    }


def _states(since: datetime, until: datetime) -> list[RecallStatus]:
    recalls = Recall.objects.filter(is_drill=False, activated_at__isnull=False)
    opened = recalls.filter(opened_at__gte=since, opened_at__lt=until)
    newest = opened.order_by("-opened_at", "-pk")[:MOST_RECALLS]
    return list(statuses(reversed(newest)).values())


# Key -> what was reached, how it is read from a pace, how far it is where it was not.
TIMES: dict[str, tuple[str, Callable, Callable]] = {
    "scope": (
        "had a frozen scope",
        lambda pace: pace.to_scope,
        lambda pace: "not frozen",
    ),
    "notify": (
        "had told each place",
        lambda pace: pace.to_notify,
        lambda pace: f"{pace.told:,} of {pace.places:,} told",
    ),
    "acknowledge": (
        "had four in five acknowledgements",
        lambda pace: pace.to_acknowledge,
        lambda pace: f"{pace.acknowledged:,} of {pace.places:,} acknowledged",
    ),
}


def _times(key: str, going: list[Pace], now: datetime) -> Chart:
    reached, read, how_far = TIMES[key]
    said = [(pace, read(pace)) for pace in going]
    return Chart(
        key=key,
        axis="hours from the opening",
        sentence=_pace_in_words(reached, said),
        heads=("Recall", "Subject", "Opened", TITLES[key], "Hours"),
        rows=[
            (
                pace.recall.reference,
                pace.recall.title,
                day(pace.recall.opened_at, now),
                how_far(pace) if took is None else span(took),
                "" if took is None else f"{_hours(took):.2f}",
            )
            for pace, took in said
        ],
        bars=[
            Bar(f"{pace.recall.reference} {pace.recall.title}", _hours(took), span(took))
            for pace, took in said
            if took is not None
        ][-SHOWN:],
    )


def _hours(took: timedelta) -> float:
    return max(took.total_seconds(), 0) / 3600


def _pace_in_words(reached: str, said: list[tuple[Pace, timedelta | None]]) -> str:
    """Newest against the one before and the middle of all."""
    if not said:
        return "No live recall was opened in this time."
    done = [(pace, took) for pace, took in said if took is not None]
    missing = len(said) - len(done)
    lacking = f" {missing:,} of {len(said):,} did not get so far yet." if missing else ""
    if not done:
        return f"None of {len(said):,} recalls {reached} yet."
    pace, took = done[-1]
    text = f"{pace.recall.reference} {reached} after {span(took)}"
    if len(done) == 1:
        return f"{text}.{lacking}"
    before = done[-2][1]
    word = "sooner" if took < before else "later"
    change = f"{span(abs(took - before))} {word} than" if took != before else "as long as"
    middle = span(median(took for _, took in done))
    return f"{text}, {change} the one before; half of {len(done):,} within {middle}.{lacking}"


def _channel(place) -> str:
    return Location.Kind(place.kind).label


def _country(place) -> str:
    return place.country or "No country"


def _recovered(key: str, states: Iterable[RecallStatus], name_of) -> Chart:
    found = recovery(states, name_of)
    has_units = len({row.amounts.unit for row in found}) > 1
    return Chart(
        key=key,
        axis="% of what was due",
        sentence=_least(found),
        heads=(key.capitalize(), "Unit", "Due", "Recovered", "%"),
        rows=[
            (row.name, row.amounts.unit, row.amounts.due, row.amounts.recovered, _share(row))
            for row in found
        ],
        bars=[
            Bar(
                f"{row.name}, {row.amounts.unit}" if has_units else row.name,
                float(_share(row)),
                f"{_share(row)} %",
            )
            for row in found
        ],
        top=100,
    )


def _share(row: Recovery) -> str:
    return percent(row.amounts.recovered, row.amounts.due)


def _least(found: list[Recovery]) -> str:
    if not found:
        return "Nothing was due in a live recall of this time."
    least = min(found, key=lambda row: row.amounts.recovered / row.amounts.due)
    part = quantity(least.amounts.recovered)
    whole = quantity(least.amounts.due, least.amounts.unit)
    word = "Least came back from" if len(found) > 1 else "Came back from"
    return f"{word} {least.name}: {_share(least)} %, {part} of {whole}."


def _gaps() -> Chart:
    found = gaps_by_place()
    total = sum(row.gaps for row in found)
    worst = found[0] if found else None
    return Chart(
        key="gaps",
        axis="gaps now",
        sentence=(
            f"{worst.name} has most: {worst.gaps:,} of {total:,} open gaps."
            if worst
            else "No data gap is open."
        ),
        heads=("Code", "Place", "Kind", "Gaps"),
        rows=[
            (
                row.location.code if row.location else "",
                row.name,
                row.location.get_kind_display() if row.location else "",
                row.gaps,
            )
            for row in found
        ],
        bars=[Bar(row.name, row.gaps, f"{row.gaps:,}") for row in found],
        most=6,
    )


def _complaints(since: datetime, until: datetime) -> Chart:
    found = complaint_rates(since, until)
    rated = [row for row in found if row.rate is not None]
    sentence = "No complaint in this time."
    if rated:
        worst = rated[0]
        sentence = (
            f"Most for what was made: {worst.product.name}, {worst.rate:.1f} per {PER:,} "
            f"{units(worst.product.unit, PER)} ({worst.complaints:,} of "
            f"{quantity(worst.made, worst.product.unit)})."
        )
    elif found:
        sentence = "Of the products that were complained about none was made in this time."
    return Chart(
        key="complaints",
        axis=f"per {PER:,} units of the product",
        sentence=sentence,
        heads=("Product", "Name", "Complaints", "Made", "Unit", f"Per {PER:,}"),
        rows=[
            (
                row.product.code,
                row.product.name,
                row.complaints,
                row.made,
                row.product.unit,
                "" if row.rate is None else f"{row.rate:.2f}",
            )
            for row in found
        ],
        bars=[Bar(row.product.name, float(row.rate), f"{row.rate:.1f}") for row in rated],
    )


def _drills(since: datetime, until: datetime) -> Chart:
    finished = Drill.objects.filter(
        finished_at__gte=since, finished_at__lt=until, score__isnull=False
    )
    made = trend(finished.select_related("recall")[:MOST_RECALLS])
    rows = made.rows[::-1]
    timed = [row for row in rows if row.drill.score["seconds_to_scope"] is not None]
    return Chart(
        key="drills",
        axis="hours to scope",
        sentence=made.sentence if rows else "No drill was finished in this time.",
        heads=("Drill", "Time to scope", "Found", "Accounted for", "Answered", "Places"),
        rows=[
            (
                row.drill.recall.reference,
                row.to_scope,
                row.found,
                row.balance,
                row.drill.score["answered"],
                row.drill.score["places"],
            )
            for row in rows
        ],
        bars=[
            Bar(
                row.drill.recall.reference,
                row.drill.score["seconds_to_scope"] / 3600,
                row.to_scope,
            )
            for row in timed[-SHOWN:]
        ],
    )
