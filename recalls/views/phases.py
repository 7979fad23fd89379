"""The bar on top of a recall: where it stands between scope and closing."""

from dataclasses import dataclass

from recalls.models import Recall
from recalls.reports.checking import Checking
from recalls.reports.status import RecallStatus

Status = Recall.Status
SCOPE, NOTIFY, RECOVER, CHECK, CLOSE, OVER = range(6)


@dataclass(frozen=True)
class Phase:
    word: str
    state: str
    glyph: str
    at: object = None
    text: str = ""


def phases(
    recall: Recall, state: RecallStatus | None = None, checks: Checking | None = None
) -> list[Phase]:
    """Scope, notify, recover, check effectiveness, close."""
    here = _position(recall, state, checks)
    told, places = _told(state)
    answered = f"{state.answered:,} of {places:,}" if state and places else ""
    made = f"{checks.made:,} of {checks.wanted:,}" if checks and checks.checks else ""
    details = [
        ("Scope", recall.activated_at, ""),
        ("Notify", None, f"{told:,} of {places:,}" if places else ""),
        ("Recover", recall.completed_at, answered),
        ("Check effectiveness", None, made or _no_checks(checks)),
        ("Close", recall.closed_at, "report, signature" if here < CLOSE else ""),
    ]
    return [
        Phase(word, *_mark(index, here), at=at if index < here else None, text=text)
        for index, (word, at, text) in enumerate(details)
    ]


def _no_checks(checks: Checking | None) -> str:
    if checks is None:
        return ""
    return "none, level E" if checks.level == "E" else "not drawn"


def _position(recall: Recall, state, checks) -> int:
    if recall.status == Status.CLOSED:
        return OVER
    if recall.status == Status.CANCELLED:
        return -1
    if recall.status == Status.COMPLETED:
        return CLOSE if checks is None or checks.is_done else CHECK
    if recall.status == Status.ACTIVE:
        return NOTIFY if state is not None and state.conservation.pending else RECOVER
    return SCOPE


def _told(state) -> tuple[int, int]:
    if state is None:
        return 0, 0
    line = state.conservation
    return line.acknowledged + line.accepted, line.total


def _mark(index: int, here: int) -> tuple[str, str]:
    if index < here:
        return "done", "okc"
    return ("now", "half") if index == here else ("next", "dash")
