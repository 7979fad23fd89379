"""The batches, runs and lines that complaints share, weighed against how much each reaches.

A fixed number of queries and two walks, however many complaints: one back from all of them,
one on from all candidates; the single answers are worked out in memory.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from batches.models import Batch, Complaint, Holding, Run, RunOutput
from batches.reports.complaints.starts import Start, starts_of
from batches.tracing import BACKWARD, FORWARD, sql
from batches.tracing.graph import RUN, Trace
from batches.tracing.sharing import Key, Shared, rank, walks_of

BATCH, SUPPLIED, RUN_KIND, LINE = "batch", "supplied", "run", "line"
# Holdings that a walk may add, and candidates that are weighed: beyond it a note says so.
MOST_HOLDINGS, MOST_WEIGHED = 20_000, 80


@dataclass(frozen=True)
class Source:
    """A candidate. `batches` are what a recall of it begins with; a run has its `run`, a line
    its `place`, `line` and the span of its runs that complaints lead back to."""

    shared: Shared
    kind: str
    batches: list[Batch]
    run: Run | None = None
    line: str = ""
    first: datetime | None = None
    last: datetime | None = None

    @property
    def batch(self) -> Batch | None:
        return self.batches[0] if self.kind in (BATCH, SUPPLIED) else None


@dataclass
class CommonSource:
    """The answer: where each complaint began, the candidates ranked, and what is not known."""

    starts: list[Start]
    sources: list[Source] = field(default_factory=list)
    traces: dict[int, Trace] = field(default_factory=dict)
    batch_of: dict[int, int] = field(default_factory=dict)
    line_of: dict[int, tuple] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def untraced(self) -> list[Start]:
        return [start for start in self.starts if not start.holdings]


def common_source(complaints: Iterable[Complaint], by: str = "weight") -> CommonSource:
    """`complaints` with product, batch and location at hand; `by` is `weight` or `coverage`."""
    starts = starts_of(complaints)
    asked = {start.complaint.pk: start.holdings for start in starts if start.holdings}
    answer = CommonSource(starts)
    if not asked:
        return answer
    with sql.one_snapshot():
        traces, whole = walks_of(asked, sql.links_of(BACKWARD), BACKWARD, MOST_HOLDINGS)
        answer.traces = traces
        answer.batch_of = _batch_of(whole.bound)
        candidates = _Candidates(traces, answer.batch_of)
        explained = candidates.weighed()
        reached, population, is_whole = _reach(candidates, explained, asked)
    ranked = rank(explained, reached, asked=len(asked), population=population, by=by)
    answer.line_of = {run.pk: (run.location_id, run.line) for run in candidates.runs.values()}
    answer.sources = [candidates.source(shared) for shared in ranked]
    answer.notes = _notes(whole.complete, is_whole, len(explained), len(candidates.explained))
    return answer


def _notes(is_back_whole: bool, is_on_whole: bool, weighed: int, found: int) -> list[str]:
    notes = []
    if not is_back_whole:
        notes.append(f"The way back was cut at {MOST_HOLDINGS:,} stocks: there may be more.")
    if not is_on_whole:
        notes.append(f"The way on was cut at {MOST_HOLDINGS:,} stocks: the lift is too high.")
    if weighed < found:
        notes.append(f"{weighed} of {found:,} candidates are weighed: those that explain most.")
    return notes


def _batch_of(holdings: Collection[int]) -> dict[int, int]:
    return {row[0]: row[1] for row in sql.rows_by_id(sql.HOLDINGS, holdings)}


class _Candidates:
    """What the traces came by, and the batches that each of it stands for."""

    def __init__(self, traces: dict[int, Trace], batch_of: dict[int, int]):
        self.explained: dict[Key, set[int]] = {}
        self.runs: dict[int, Run] = {}
        self.spans: dict[Key, list[datetime]] = {}
        for complaint, trace in traces.items():
            for holding in trace.bound:
                self._add((BATCH, batch_of[holding]), complaint)
            for run in {row[RUN] for row in trace.links} - {None}:
                self._add((RUN_KIND, run), complaint)
        self.runs = _by_pk(Run.objects.select_related("location"), self._keys(RUN_KIND))
        self._add_lines()
        self.made: dict[Key, list[int]] = {}
        self.batches: dict[int, Batch] = {}

    def _add(self, key: Key, complaint: int) -> None:
        self.explained.setdefault(key, set()).add(complaint)

    def _keys(self, kind: str) -> set:
        return {key[1] for key in self.explained if key[0] == kind}

    def _add_lines(self) -> None:
        for run in self.runs.values():
            if not run.line:
                continue
            key = (LINE, run.location_id, run.line)
            for complaint in self.explained[RUN_KIND, run.pk]:
                self._add(key, complaint)
            self.spans.setdefault(key, []).extend([run.ran_at] if run.ran_at else [])

    def weighed(self) -> dict[Key, set[int]]:
        """Those that explain most, with the batches that they stand for looked up."""
        ordered = sorted(self.explained, key=lambda key: (-len(self.explained[key]), str(key)))
        explained = {key: self.explained[key] for key in ordered[:MOST_WEIGHED]}
        self._look_up(explained)
        return explained

    def _look_up(self, explained: Collection[Key]) -> None:
        made_by = _outputs({key[1] for key in explained if key[0] == RUN_KIND})
        for key in explained:
            if key[0] == BATCH:
                self.made[key] = [key[1]]
            elif key[0] == RUN_KIND:
                self.made[key] = made_by.get(key[1], [])
        self._look_up_lines([key for key in explained if key[0] == LINE])
        rows = Batch.objects.select_related("product", "origin")
        self.batches = _by_pk(rows, {pk for made in self.made.values() for pk in made})

    def _look_up_lines(self, lines: list[Key]) -> None:
        """All that a line made in the span of the runs that complaints lead back to."""
        rows = Run.objects.filter(
            location__in={key[1] for key in lines},
            line__in={key[2] for key in lines},
            status=Run.Status.POSTED,
        )
        runs = list(rows.order_by("pk").values_list("pk", "location", "line", "ran_at"))
        wanted = {key: [pk for pk, *at in runs if self._is_on(key, *at)] for key in lines}
        made_by = _outputs({pk for found in wanted.values() for pk in found})
        for key, found in wanted.items():
            self.made[key] = sorted({batch for run in found for batch in made_by.get(run, [])})

    def _is_on(self, key: Key, place: int, line: str, at: datetime | None) -> bool:
        span = self.spans[key]
        is_in_span = at is None or not span or min(span) <= at <= max(span)
        return key[1:] == (place, line) and is_in_span

    def source(self, shared: Shared) -> Source:
        key, kind = shared.key, str(shared.key[0])
        batches = [self.batches[pk] for pk in self.made[key] if pk in self.batches]
        if kind == BATCH and batches[0].origin.kind == "supplier":
            kind = SUPPLIED
        if kind == RUN_KIND:
            return Source(shared, kind, batches, run=self.runs[key[1]])
        if kind != LINE:
            return Source(shared, kind, batches)
        span = self.spans[key]
        runs = [run for run in self.runs.values() if (run.location_id, run.line) == key[1:]]
        first, last = (min(span), max(span)) if span else (None, None)
        return Source(shared, kind, batches, runs[0], str(key[2]), first, last)


def _reach(
    candidates: _Candidates, explained: Collection[Key], asked: dict[int, dict]
) -> tuple[dict[Key, int], int, bool]:
    """How many of the stocks that such a complaint can come from each candidate reaches.

    Those are the stocks of the products complained about that are with others, and the
    complaints' own. Also how many there are, and whether the walk was not cut.
    """
    stock: dict[int, list[int]] = {}
    held = Holding.objects.filter(batch__in=list(candidates.batches)).order_by()
    for holding, batch in held.values_list("pk", "batch"):
        stock.setdefault(batch, []).append(holding)
    starts = {
        key: {holding: None for batch in candidates.made[key] for holding in stock.get(batch, [])}
        for key in explained
    }
    traces, whole = walks_of(starts, sql.links_of(FORWARD), FORWARD, MOST_HOLDINGS)
    own = {holding for holdings in asked.values() for holding in holdings}
    products = set(Holding.objects.filter(pk__in=own).values_list("batch__product", flat=True))
    outside = Holding.objects.filter(batch__product__in=products, location__is_own=False)
    counted = set(own)
    for part in sql.chunks(sorted(whole.bound)):
        counted |= set(outside.filter(pk__in=part).values_list("pk", flat=True))
    population = outside.exclude(pk__in=own).count() + len(own)
    reached = {key: len(counted & trace.bound.keys()) for key, trace in traces.items()}
    return reached, population, whole.complete


def _outputs(runs: Collection[int]) -> dict[int, list[int]]:
    made: dict[int, list[int]] = {}
    rows = RunOutput.objects.filter(run__in=list(runs)).order_by("pk")
    for run, batch in rows.values_list("run", "batch"):
        made.setdefault(run, []).append(batch)
    return made


def _by_pk(rows, ids: Collection[int]) -> dict:
    return {row.pk: row for part in sql.chunks(sorted(ids)) for row in rows.filter(pk__in=part)}
