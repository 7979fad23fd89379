"""The bar on top of a recall: where it stands between scope and closing."""

from dataclasses import dataclass

from recalls.models import Recall

Status = Recall.Status
ORDER = [Status.DRAFT, Status.SUBMITTED, None, Status.ACTIVE, Status.COMPLETED]


@dataclass(frozen=True)
class Phase:
    word: str
    state: str
    glyph: str
    at: object = None
    text: str = ""


def phases(recall: Recall, state) -> list[Phase]:
    """Scope, approve, notify, recover, close; `state` is the status report or None."""
    here = _position(recall, state)
    told, places = _told(state)
    details = [
        ("Scope", recall.submitted_at, ""),
        ("Approve", recall.activated_at, ""),
        ("Notify", None, f"{told} of {places}" if places else ""),
        ("Recover", recall.completed_at, f"{state.answered} of {places}" if places else ""),
        ("Close", recall.closed_at, ""),
    ]
    return [
        Phase(word, *_mark(index, here), at=at if index < here else None, text=text)
        for index, (word, at, text) in enumerate(details)
    ]


def _position(recall: Recall, state) -> int:
    if recall.status == Status.CLOSED:
        return 5
    if recall.status == Status.CANCELLED:
        return -1
    if recall.status == Status.ACTIVE and state is not None:
        return 2 if state.conservation.pending else 3
    return ORDER.index(recall.status)


def _told(state) -> tuple[int, int]:
    if state is None:
        return 0, 0
    line = state.conservation
    return line.acknowledged + line.accepted, line.total


def _mark(index: int, here: int) -> tuple[str, str]:
    if index < here:
        return "done", "okc"
    return ("now", "half") if index == here else ("next", "dash")
