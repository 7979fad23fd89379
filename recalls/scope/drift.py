"""Comparing a look with what was frozen: what is new, what changed, what is kept. Reads only."""

from django.db.models import Max

from recalls.models import (
    Notice,
    NoticeLine,
    Recall,
    Response,
    ScopeLine,
    ScopeRelease,
    ScopeVersion,
)
from recalls.scope.frozen import asked_in, newest, newest_released
from recalls.scope.shapes import Line, ScopePreview

Change, Role = ScopeLine.Change, ScopeLine.Role
_COMPARED = ["holding_id", "location_id", "role", "received", "links_in", "contacts"]


def has_additions(recall: Recall, seen: ScopePreview) -> bool:
    """Whether the look shows anything that the newest version, released or not, does not."""
    marks = _marks(recall, newest(recall), seen.lines)
    return any(mark != Change.SAME for mark in marks)


def compared(recall: Recall, seen: ScopePreview) -> list[dict]:
    """The values of the next version's lines, marked against the last released version."""
    marks = _marks(recall, newest_released(recall), seen.lines)
    return [
        {**line.values(), "change": str(mark)} for line, mark in zip(seen.lines, marks, strict=True)
    ]


def kept_lines(before: ScopeVersion | None, present: set[int]) -> list[ScopeLine]:
    """Copies of earlier lines, but for those `present`: nothing is taken out on its own."""
    gone = [line for line in before.lines.all() if line.holding_id not in present] if before else []
    for line in gone:
        line.pk, line.version, line._state.adding = None, None, True
        released = hasattr(before, "release")
        line.change = str(Change.SAME) if released else line.change
    return gone


def is_widened(recall: Recall) -> bool:
    """Whether somebody widened the scope since the newest version: a rule that it lacks, or
    an exclusion that it has and that was taken back."""
    before = newest(recall)
    frozen = [(row.get("kind"), row.get("parameters")) for row in before.rules]
    rules = recall.rules.filter(withdrawn_at__isnull=True)
    if any((rule.kind, rule.parameters) not in frozen for rule in rules):
        return True
    left_out = {row.get("holding") for row in before.rules if row.get("kind") == "exclusion"}
    back = recall.exclusions.filter(withdrawn_at__isnull=False, holding__in=left_out - {None})
    still = recall.exclusions.standing().values("holding")
    return back.exclude(holding__in=still).exists()


def _marks(recall: Recall, before: ScopeVersion | None, lines: list[Line]) -> list[Change]:
    if before is None:
        return [Change.NEW for _ in lines]
    earlier = {row["holding_id"]: row for row in before.lines.values(*_COMPARED)}
    asked = asked_in(recall)
    untold = _untold(recall, before, asked)
    marks = [_mark(earlier.get(line.holding_id), line, untold) for line in lines]
    pairs = list(zip(lines, marks, strict=True))
    grown = {line.location_id for line, mark in pairs if mark != Change.SAME}
    missed = {x.holding_id: x.location_id for x in lines if x.location_id in grown}
    missed = {pk: place for pk, place in missed.items() if pk in untold}
    again = missed.keys() - _told_by_hand(recall, missed, asked)
    return [
        # The next mail to a place names also what nothing has brought there yet.
        Change.CHANGED if mark == Change.SAME and line.holding_id in again else mark
        for line, mark in pairs
    ]


def _mark(before: dict | None, line: Line, untold: set[int]) -> Change:
    """How a line differs. Less than before is no change: nothing is taken out on its own.

    What comes back to a site of ours is expected in a recall, so there more received is
    no news; a place to be told is told, and so is one that can be reached only now.
    """
    if before is None:
        return Change.NEW
    if line.role != Role.RECIPIENT:
        return Change.CHANGED if before["role"] == Role.SOURCE != line.role else Change.SAME
    if before["role"] != Role.RECIPIENT or _more(before, line):
        return Change.CHANGED
    if line.holding_id in untold and set(line.contacts) - set(before["contacts"]):
        return Change.CHANGED
    return Change.SAME


def _more(before: dict, line: Line) -> bool:
    """Whether more came than was known. An unknown amount grows with each further movement."""
    if before["received"] is not None and line.received is not None:
        return line.received > before["received"]
    if before["received"] is not None:
        return True
    return before["links_in"] is not None and line.links_in > before["links_in"]


def _untold(recall: Recall, before: ScopeVersion, asked: dict[int, int]) -> set[int]:
    """Holdings to be told of that no notice since they were asked has named, or is to name.

    One on its way counts: if it fails, the status of the place shows it.
    """
    named = (
        NoticeLine.objects.filter(notice__recall=recall, notice__kind=Notice.Kind.NOTICE)
        .exclude(notice__state__in=Notice.UNDELIVERED)
        .order_by()
        .values_list("line__holding_id")
        .annotate(Max("notice__version__number"))
    )
    newest_notice = dict(named)
    holdings = before.lines.filter(role=Role.RECIPIENT).values_list("holding_id", flat=True)
    return {pk for pk in holdings if newest_notice.get(pk, 0) < asked.get(pk, 1)}


def _told_by_hand(recall: Recall, places: dict[int, int], asked: dict[int, int]) -> set[int]:
    """Which holdings, of these by location, somebody called, wrote or went there about since they
    were asked, or had an answer about."""
    if not places:
        return set()
    answers = Response.objects.filter(recall=recall, holding__in=places).order_by()
    answered = dict(answers.values_list("holding_id").annotate(Max("line__version__number")))
    rows = ScopeRelease.objects.filter(version__recall=recall)
    released = dict(rows.values_list("version__number", "at"))
    calls = recall.contacted.filter(reached=True).order_by()
    reached = dict(calls.values_list("location_id").annotate(Max("at")))
    return {
        pk
        for pk, place in places.items()
        if answered.get(pk, 0) >= (number := asked.get(pk, 1))
        or (place in reached and reached[place] >= released[number])
    }
