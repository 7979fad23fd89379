"""The timeline of a recall: its events, the answers and the failed notices, newest first."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from batches.models import Event
from batches.templatetags.wording import quantity
from recalls.models import Acknowledgement, Notice, Recall, Response
from recalls.views.asked import WORDS

SHOWN = 16

# Word in the verb -> colour, glyph and whether it is a milestone. First match wins.
LOOKS = [
    ("opened", "crit", "recall", True),
    ("narrow", "hold", "minus", True),
    ("alone", "crit", "flag", True),
    ("objected", "crit", "flag", True),
    ("countersigned", "ok", "lock", True),
    ("frozen", "ok", "lock", True),
    ("activated", "ok", "lock", True),
    ("approved", "ok", "lock", True),
    ("drift", "crit", "flag", True),
    ("version", "crit", "flag", True),
    ("released", "info", "mail", True),
    ("submitted", "hold", "flag", True),
    ("rejected", "hold", "back", True),
    ("cancelled", "none", "x", True),
    ("complete", "ok", "check", True),
    ("closed", "ok", "okc", True),
    ("remind", "info", "bell", False),
    ("escalated", "hold", "flag", False),
    ("returned", "crit", "bounce", False),
    ("came back", "ok", "truck", False),
    ("disposition", "hold", "box", False),
    ("hold", "hold", "hold", False),
    ("waive", "none", "dash", False),
    ("acknowledg", "info", "half", False),
    ("answer", "hold", "store", False),
    ("rule", "none", "filter", False),
    ("exclu", "hold", "minus", False),
    ("notice", "info", "mail", False),
]


# What happened at many places at once is read from its own rows, which know the place.
_OWN_ROWS = ("answer received", "answer recorded", "notice acknowledged")
_TEXTS = {
    "recall activated": "Activated. Notices to send: {notices}. Holdings of ours now held: {holds}",
    "recall activated alone": "Activated by one person alone. Notices to send: {notices}. "
    "Holdings of ours now held: {holds}",
    "scope narrowed": "Narrowed to scope version {version}: {lines} holdings taken out",
    "narrowing proposed": "Narrowing {narrowing} proposed",
    "narrowing rejected": "Narrowing {narrowing} rejected",
    "narrowing withdrawn": "Narrowing {narrowing} withdrawn",
    "scope frozen": "Scope version {version} frozen with {lines} lines",
    "scope version released": "Scope version {version} told. Notices to send: {notices}",
    "goods came back": "Goods came back from {code}: return {shipment}",
    "disposition proposed": "Proposed, {kind}: {quantity} of {batch} at {code}",
    "disposition carried out": "Carried out, {kind}: {quantity} of {batch} at {code}",
    "disposition rejected": "Rejected, {kind}: {quantity} of {batch} at {code}",
    "location waived": "{code} is not waited for",
    "reminders written": "Reminders written: {count}",
}


@dataclass(frozen=True)
class Entry:
    at: datetime
    key: str
    glyph: str
    text: str
    detail: str = ""
    is_milestone: bool = False


def entries_seen(request, recall: Recall) -> list[Entry]:
    """The timeline as its page asks for it; nothing for who may not read the log."""
    if not request.user.has_perm("batches.view_event"):
        return []
    return timeline(recall, milestones="milestones" in request.GET)


def timeline(recall: Recall, *, milestones: bool = False) -> list[Entry]:
    entries = [_event(event) for event in _events(recall)]
    if milestones:
        return [entry for entry in entries if entry.is_milestone][:SHOWN]
    entries += _answers(recall) + _readings(recall) + _failures(recall)
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:SHOWN]


def _events(recall: Recall):
    events = Event.objects.filter(object_type="recalls.recall", object_id=str(recall.pk))
    events = events.exclude(verb__in=_OWN_ROWS)
    return events.select_related("actor").order_by("-seq")[: SHOWN * 4]


def _event(event: Event) -> Entry:
    look = next((look for look in LOOKS if look[0] in event.verb), None)
    _, key, glyph, is_milestone = look or ("", "none", "doc", False)
    who = event.actor.get_full_name() or event.actor.get_username() if event.actor else "automatic"
    text = _text(event)
    detail = f"{who}: {event.reason}" if event.reason else who
    return Entry(event.at, key, glyph, text, detail, is_milestone)


def _steps(after: dict) -> str:
    """`1 told to the place above, 2 to be called`: the steps that were taken, and how often."""
    words = {
        "parent": "told to the place above",
        "call": "to be called",
        "lead": "told to the lead",
    }
    return ", ".join(f"{after[step]} {word}" for step, word in words.items() if after.get(step))


def _text(event: Event) -> str:
    if event.verb == "silence escalated":
        return f"Silent places: {_steps(event.after)}"
    try:
        return _TEXTS[event.verb].format(**(event.after or {}))
    except KeyError:
        return event.verb[:1].upper() + event.verb[1:]


def _readings(recall: Recall) -> list[Entry]:
    rows = Acknowledgement.objects.filter(recipient__recall=recall).select_related("recipient")
    return [
        Entry(row.at, "info", "half", "A notice was acknowledged", row.recipient.name)
        for row in rows.order_by("-at", "-pk")[:SHOWN]
    ]


def _answers(recall: Recall) -> list[Entry]:
    rows = recall.responses.select_related("line", "recorded_by").order_by("-at", "-pk")[
        : SHOWN * 4
    ]
    by_answer = defaultdict(list)
    for row in rows:
        by_answer[row.at, row.recipient_id, row.line.location_name].append(row)
    return [
        Entry(at, "hold", "store", f"{name}: {_found(answers)}", _answered_by(answers[0]))
        for (at, _, name), answers in by_answer.items()
    ]


def _found(answers: list[Response]) -> str:
    units = sorted({answer.line.unit for answer in answers})
    parts = []
    for unit in units:
        own = [answer for answer in answers if answer.line.unit == unit]
        sums = {word: sum(getattr(a, part) for a in own) for part, word in WORDS.items()}
        parts += [f"{quantity(v, unit)} {word.lower()}" for word, v in sums.items() if v]
    return ", ".join(parts) or "none found"


def _answered_by(answer: Response) -> str:
    if answer.recorded_by:
        by = answer.recorded_by
        return f"{answer.name}, told to {by.get_full_name() or by.get_username()}"
    return f"signed link, {answer.name}" if answer.name else "signed link"


def _failures(recall: Recall) -> list[Entry]:
    rows = (
        Notice.objects.filter(recall=recall, state__in=Notice.UNDELIVERED)
        .exclude(kind__in=Notice.TO_OUR_OWN)
        .only("address", "kind", "last_reply", "created_at")
        .prefetch_related("attempts__outcome")[:SHOWN]
    )
    return [
        Entry(_last_try(row), "crit", "bounce", "A notice was not delivered", row.last_reply)
        for row in rows
    ]


def _last_try(notice: Notice) -> datetime:
    attempts = list(notice.attempts.all())
    return attempts[-1].started_at if attempts else notice.created_at
