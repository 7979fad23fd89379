"""The timeline of a recall: its events, the answers and the failed notices, newest first."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from django.utils import timezone

from batches.models import Event, Location
from batches.templatetags.wording import clock, day, quantity, shown_zone
from recalls.models import Notice, Recall, Response, Target
from recalls.reports.status import RecallStatus
from recalls.views.asked import WORDS

SHOWN = 20
# Of answers in a row, those that are shown one by one; and the glyph by which they are known.
MOST_ANSWERS, _ANSWER = 2, "store"

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
    ("update posted", "info", "chat", True),
    ("handed over", "ok", "doc", True),
    ("target missed", "crit", "warn", True),
    ("target changed", "hold", "clock", True),
    ("sample drawn", "info", "audit", True),
    ("check recorded", "ok", "audit", False),
    ("check waived", "none", "minus", False),
    ("no checks", "hold", "minus", True),
    ("task done", "ok", "check", False),
    ("task", "none", "plus", False),
    ("file added", "none", "doc", True),
    ("output sent", "info", "doc", False),
    ("report written", "info", "mail", False),
    ("contacted", "info", "phone", False),
    ("remind", "info", "bell", False),
    ("passed on", "hold", "truck", False),
    ("customer approved", "info", "mail", False),
    ("customers to be called", "hold", "phone", False),
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
    "goods came back": "Goods came back from {place}: return {shipment}",
    "disposition proposed": "Proposed, {kind}: {quantity} of {batch} at {code}",
    "disposition carried out": "Carried out, {kind}: {quantity} of {batch} at {code}",
    "disposition rejected": "Rejected, {kind}: {quantity} of {batch} at {code}",
    "location waived": "{place} is not waited for",
    "reminders written": "Reminder sent to {count} recipients",
    "records handed over": "Records handed over to the authority, reference {reference}",
    "sample drawn": "{count} of {population} places drawn for effectiveness checks",
    "check recorded": "Effectiveness check {check}: {place} {outcome}",
    "check waived": "Effectiveness check {check} waived: {place}",
    "target missed": "Missed: {target_word}, due within {hours} h",
    "target changed": "{target_word} is due within {hours} h",
    "task added": "Task added: {title}",
    "task assigned": "Task given on: {title}",
    "task done": "Task done: {title}",
    "task opened again": "Task open again: {title}",
    "place contacted": "{place} was contacted, {reached_word}",
    "places contacted": "{count} places were contacted, {reached_word}",
    "update posted": "Update",
    "reminded of an update": "A status update is overdue: the lead was reminded",
    "passed on": "A recipient named a customer to whom it sent goods on",
    "customer contacted": "A customer of a recipient was contacted, {reached_word}",
    "customers to be called": "Silent customers of recipients to be called: {count}",
    "customers escalated": "Silent customers of recipients: the lead was told of {count}",
    "customer approved": "A customer of a recipient may be told",
    "customers reminded": "Reminder sent to {count} customers of recipients",
    "file added": "Document added: {title}",
}


@dataclass(frozen=True)
class Entry:
    """`day` is said where another day than that of the entry above, or than today, begins."""

    at: datetime
    key: str
    glyph: str
    text: str
    detail: str = ""
    is_milestone: bool = False
    subject: str = ""
    day: str = ""


def entries_seen(request, recall: Recall, state: RecallStatus | None = None) -> list[Entry]:
    """The timeline as its page asks for it; nothing for who may not read the log."""
    if not request.user.has_perm("batches.view_event"):
        return []
    return timeline(recall, state, milestones="milestones" in request.GET)


def timeline(
    recall: Recall, state: RecallStatus | None, *, milestones: bool = False
) -> list[Entry]:
    """Without a status, of a recall of which nobody was told."""
    events = list(_events(recall))
    names = _names(events)
    entries = [_event(event, names) for event in events]
    if milestones:
        return _dated([entry for entry in entries if entry.is_milestone][:SHOWN])
    places = _places_of(state) if state else {}
    entries += _failures(recall, places)
    entries += _answers(state) + _readings(state, places) if state else []
    return _dated(_gathered(sorted(entries, key=lambda entry: entry.at, reverse=True))[:SHOWN])


def _dated(entries: list[Entry]) -> list[Entry]:
    """Under each day that is not today, the hours of that day."""
    now = timezone.now()
    days = [day(entry.at, now, shown_zone()) for entry in entries]
    above = [day(now, now, shown_zone()), *days]
    return [
        replace(entry, day=own if own != before else "")
        for entry, own, before in zip(entries, days, above, strict=False)
    ]


def _gathered(entries: list[Entry]) -> list[Entry]:
    """Many answers in a row, with nothing else between, become one entry behind the newest."""
    found: list[Entry] = []
    for glyph, run in groupby(entries, key=lambda entry: entry.glyph):
        own = list(run)
        if glyph != _ANSWER or len(own) <= MOST_ANSWERS:
            found += own
            continue
        shown, rest = own[:MOST_ANSWERS], own[MOST_ANSWERS:]
        first, last = rest[-1].at, rest[0].at
        since = f"{clock(first, last, shown_zone())} to {clock(last, last, shown_zone())}"
        found += [
            *shown,
            Entry(
                rest[0].at,
                "hold",
                _ANSWER,
                f"{len(rest):,} more answer{'s' * (len(rest) > 1)}",
                since,
            ),
        ]
    return found


def _events(recall: Recall):
    events = Event.objects.filter(object_type="recalls.recall", object_id=str(recall.pk))
    events = events.exclude(verb__in=_OWN_ROWS)
    return events.select_related("actor").order_by("-seq")[: SHOWN * 4]


def _names(events: list[Event]) -> dict[str, str]:
    """Of the places that events name by their codes."""
    codes = {event.after["code"] for event in events if (event.after or {}).get("code")}
    return dict(Location.objects.filter(code__in=codes).values_list("code", "name"))


def _event(event: Event, names: dict[str, str]) -> Entry:
    look = next((look for look in LOOKS if look[0] in event.verb), None)
    _, key, glyph, is_milestone = look or ("", "none", "doc", False)
    who = event.actor.get_full_name() or event.actor.get_username() if event.actor else "automatic"
    text, reason = _text(event, names), event.reason
    if event.verb == "update posted":
        text, reason = reason, ""
    if event.verb == "check recorded":
        after = event.after or {}
        who = f"{who}, {_MEANS.get(after.get('means'), '')}".rstrip(", ")
        key, glyph = _CHECKED.get(after.get("result"), (key, glyph))
    if event.verb == "reminders written" and event.actor is None:
        reason = "nobody acknowledged or answered in time"
    detail = f"{who}: {reason}" if reason else who
    return Entry(event.at, key, glyph, text, detail, is_milestone)


def _steps(after: dict) -> str:
    """`1 told to the place above, 2 to be called`: the steps that were taken, and how often."""
    words = {
        "parent": "told to the place above",
        "call": "to be called",
        "lead": "told to the lead",
    }
    return ", ".join(f"{after[step]} {word}" for step, word in words.items() if after.get(step))


_MEANS = {"phone": "by phone", "visit": "by visit", "letter": "by letter"}
_CHECKED = {"failed": ("crit", "x"), "not_reached": ("hold", "phone")}


def _words(after: dict, names: dict[str, str]) -> dict:
    """What an event carries, and words for its codes."""
    code = after.get("code", "")
    return {
        **after,
        "place": names.get(code, code),
        "outcome": str(after.get("result", "")).replace("_", " "),
        "target_word": dict(Target.choices).get(after.get("target"), ""),
        "reached_word": "reached" if after.get("reached") else "not reached",
    }


def _text(event: Event, names: dict[str, str]) -> str:
    if event.verb == "silence escalated":
        return f"Silent places: {_steps(event.after)}"
    try:
        return _TEXTS[event.verb].format(**_words(event.after or {}, names))
    except KeyError:
        return event.verb[:1].upper() + event.verb[1:]


def _places_of(state: RecallStatus) -> dict[int, str]:
    """By recipient: its place, or the first of them and how many more there are."""
    found: dict[int, list[str]] = defaultdict(list)
    for place in state.places:
        for recipient in place.recipients:
            found[recipient.pk].append(place.name)
    return {
        pk: f"{names[0]} and {len(names) - 1} more" if len(names) > 1 else names[0]
        for pk, names in found.items()
    }


def _readings(state: RecallStatus, names: dict[int, str]) -> list[Entry]:
    """Of those who have not counted: an answer says that the notice was read."""
    counted = {row.recipient_id for row in state.responses}
    rows = [row for row in reversed(state.acknowledgements) if row[0] not in counted]
    return [
        Entry(at, "info", "half", "acknowledged the notice", **_read_by(recipient, state, names))
        for recipient, _, at in rows[:SHOWN]
    ]


def _read_by(recipient: int, state: RecallStatus, names: dict[int, str]) -> dict:
    person = state.recipients[recipient].name
    subject = names.get(recipient) or person or "A recipient"
    return {"subject": subject, "detail": person if person != subject else ""}


def _answers(state: RecallStatus) -> list[Entry]:
    by_answer = defaultdict(list)
    for row in reversed(state.responses[-SHOWN * 20 :]):
        by_answer[row.at, row.recipient_id, row.line.location_name].append(row)
    return [
        Entry(at, "hold", _ANSWER, _found(answers), _answered_by(answers[0]), subject=f"{name}:")
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


def _failures(recall: Recall, names: dict[int, str]) -> list[Entry]:
    rows = (
        Notice.objects.filter(recall=recall, state__in=Notice.UNDELIVERED)
        .exclude(kind__in=Notice.TO_OUR_OWN)
        .only("recipient", "kind", "last_reply", "created_at")
        .prefetch_related("attempts__outcome")[:SHOWN]
    )
    return [
        Entry(
            _last_try(row), "crit", "bounce", **_lost(names.get(row.recipient_id), row.last_reply)
        )
        for row in rows
    ]


def _lost(place: str | None, reply: str) -> dict:
    if place is None:
        return {"text": "A notice was not delivered", "detail": reply}
    return {"text": "the notice was not delivered", "detail": reply, "subject": f"{place}:"}


def _last_try(notice: Notice) -> datetime:
    attempts = list(notice.attempts.all())
    return attempts[-1].started_at if attempts else notice.created_at
