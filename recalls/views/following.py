"""What the clock does next about the silent places of a recall, in two figures."""

from dataclasses import dataclass
from datetime import datetime

from recalls.models import Escalation
from recalls.reports.silence import REMIND, Silence


@dataclass(frozen=True)
class Coming:
    """The next reminders and the next steps beyond them; a moment is None when none is left."""

    remind_at: datetime | None
    recipients: int
    escalate_at: datetime | None
    places: int


def coming(silent: list[Silence]) -> Coming:
    """Those that fall due together with the next one count together."""
    remind_at, reminded = _first([one for one in silent if one.next == REMIND])
    escalate_at, places = _first([one for one in silent if one.next in Escalation.Step])
    recipients = {pk for one in reminded for pk in one.recipients}
    return Coming(remind_at, len(recipients), escalate_at, len(places))


def _first(silent: list[Silence]) -> tuple[datetime | None, list[Silence]]:
    """The earliest moment, and who falls due within the same minute."""
    first = min((one.due for one in silent), default=None)
    if first is None:
        return None, []
    return first, [one for one in silent if (one.due - first).total_seconds() < 60]
