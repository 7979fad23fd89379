"""How far a recall is: who was told, what came back, and what is stuck. Reads only.

The number of queries does not depend on the number of places.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from recalls.models import (
    Notice,
    Recall,
    Recipient,
    Response,
    ScopeLine,
    ScopeVersion,
    Waiver,
)
from recalls.reports.amounts import ZERO, Amounts, Seen, add_up, of_line
from recalls.reports.curve import Point, curve
from recalls.reports.rows import RecallRows, read
from recalls.scope.returned import Return

STATES = ("acknowledged", "accepted", "pending", "failed", "unreachable")
WORDS = {
    "responded": "Responded",
    "waived": "Waived",
    "acknowledged": "Acknowledged",
    "no_ack": "No acknowledgement",
    "pending": "Waiting to be sent",
    "not_delivered": "Not delivered",
    "unreachable": "No usable contact",
}
_S = Notice.State


@dataclass(frozen=True)
class Conservation:
    """Places to be told, each counted in exactly one state. `total` is counted on its own."""

    acknowledged: int
    accepted: int
    pending: int
    failed: int
    unreachable: int
    total: int

    @property
    def holds(self) -> bool:
        return self.total == sum(getattr(self, state) for state in STATES)


@dataclass
class PlaceStatus:
    """One place to be told.

    `state` is one of STATES. `key` and `word` are how people read it: not_delivered,
    pending, no_ack, acknowledged, responded, waived. `answers` are the newest, one a line.
    """

    location_id: int
    code: str
    name: str
    address: str
    state: str
    since: datetime | None
    lines: list[ScopeLine]
    line_amounts: list[Amounts]
    amounts: list[Amounts]
    recipients: list[Recipient]
    last_reply: str
    answered: bool
    waived: bool
    waiver: Waiver | None = None
    answers: list[Response | None] = field(default_factory=list)

    @property
    def key(self) -> str:
        if self.answered:
            return "responded"
        if self.waived:
            return "waived"
        undelivered = {"failed": "not_delivered", "unreachable": "not_delivered"}
        return undelivered.get(self.state) or {"accepted": "no_ack"}.get(self.state, self.state)

    @property
    def word(self) -> str:
        return WORDS["unreachable" if self._has_no_contact else self.key]

    @property
    def _has_no_contact(self) -> bool:
        return self.key == "not_delivered" and self.state == "unreachable"

    @property
    def kind(self) -> str:
        """Of the location as it is now."""
        return self.lines[0].kind_now

    @property
    def country(self) -> str:
        return self.lines[0].country_now

    @property
    def no_answer(self) -> Decimal:
        """What is not accounted for, units mixed: for sorting only."""
        return sum((amount.no_answer for amount in self.amounts), Decimal(0))


@dataclass(frozen=True)
class RecallStatus:
    """`version` is the newest that was released, `draft` one found by drift that was not.

    `passed_on` counts customers to whom places passed some on: told too, and no places of ours.
    `has_customers` also of what was taken out since.
    `notices` and `reminders` are by location. `asked_in` is by holding the version that last asked
    of it, `certified` what of it was destroyed with a certificate.
    """

    recall: Recall
    version: ScopeVersion | None
    draft: ScopeVersion | None
    versions: list[ScopeVersion]
    places: list[PlaceStatus]
    conservation: Conservation
    totals: list[Amounts]
    curve: list[Point] = field(default_factory=list)
    passed_on: int = 0
    has_customers: bool = False
    returns: list[Return] = field(default_factory=list)
    notices: dict[int, list[dict]] = field(default_factory=dict)
    reminders: dict[int, list[dict]] = field(default_factory=dict)
    recipients: dict[int, Recipient] = field(default_factory=dict)
    acknowledgements: list[tuple[int, int, datetime]] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    asked_in: dict[int, int] = field(default_factory=dict)
    certified: dict[int, Decimal] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        return sum(place.answered for place in self.places)

    @property
    def waived(self) -> int:
        """Places that were waived and did not answer."""
        return sum(place.waived and not place.answered for place in self.places)

    @property
    def withdrawn(self) -> list[Recipient]:
        """Those whose link was withdrawn."""
        return [row for row in self.recipients.values() if row.revoked_at]


def status(recall: Recall) -> RecallStatus:
    return statuses([recall])[recall.pk]


def statuses(recalls: Iterable[Recall]) -> dict[int, RecallStatus]:
    """By recall, in as many queries as one takes."""
    recalls = list(recalls)
    rows = read(recalls)
    return {recall.pk: _status(recall, rows[recall.pk]) for recall in recalls}


def _status(recall: Recall, rows: RecallRows) -> RecallStatus:
    versions, version = rows.versions, rows.newest_released
    draft = versions[-1] if versions and versions[-1] is not version else None
    facts = _Facts(rows)
    places = [facts.place(pk, lines) for pk, lines in facts.lines_by_place.items()]
    places.sort(key=lambda place: place.code)
    return RecallStatus(
        recall=recall,
        version=version,
        draft=draft,
        versions=versions,
        places=places,
        conservation=_conservation(places, len(facts.lines_by_place)),
        totals=add_up(amount for place in places for amount in place.amounts),
        passed_on=len({row.to_id for row, _ in rows.passed if row.holding_id in facts.asked}),
        has_customers=bool(rows.passed),
        curve=curve(rows.acknowledgements, facts.places_of, rows.responses),
        returns=rows.returns,
        notices=rows.notices,
        reminders=rows.reminders,
        recipients=facts.recipients,
        acknowledgements=rows.acknowledgements,
        responses=rows.responses,
        asked_in=rows.asked_in,
        certified=rows.certified,
    )


def _conservation(places: list[PlaceStatus], total: int) -> Conservation:
    counts = {state: sum(place.state == state for place in places) for state in STATES}
    return Conservation(**counts, total=total)


class _Facts:
    """The rows of one recall, by what they are asked for."""

    def __init__(self, rows: RecallRows):
        self.lines_by_place: dict[int, list[ScopeLine]] = defaultdict(list)
        for line in rows.lines:
            self.lines_by_place[line.location_id].append(line)
        self.asked = {line.holding_id for line in rows.lines}
        self.asked_in = rows.asked_in
        self.recipients = {row.pk: row for row in rows.recipients}
        self.notices = rows.notices
        self.places_of: dict[int, set[int]] = defaultdict(set)
        for location, notices in self.notices.items():
            for notice in notices:
                self.places_of[notice["recipient"]].add(location)
        self.read: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
        for recipient, number, at in rows.acknowledgements:
            self.read[recipient].append((number, at))
        self.newest = {row.holding_id: row for row in rows.responses}
        self.waivers = {row.location_id: row for row in rows.waivers}
        self.destroyed = rows.destroyed
        self.passed: dict[int, list] = defaultdict(list)
        for row, answer in rows.passed:
            self.passed[row.holding_id] += [answer] if answer else []
        self.came: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
        for row in rows.returns:
            self.came[row.batch_id, row.origin_id] += row.came or ZERO

    def place(self, location: int, lines: list[ScopeLine]) -> PlaceStatus:
        rows = self.notices.get(location, [])
        answers = [self.newest.get(line.holding_id) for line in lines]
        answered = all(
            answer is not None and answer.version_number >= self.asked_in.get(line.holding_id, 1)
            for line, answer in zip(lines, answers, strict=True)
        )
        amounts = [
            of_line(line, answer, self._seen(line))
            for line, answer in zip(lines, answers, strict=True)
        ]
        state, since, decisive = self._state(lines, rows)
        if answered:
            since = max(answer.at for answer in answers)
        waiver = self._waiver(location, lines)
        newest = max(decisive, key=lambda row: row["pk"], default=None)
        return PlaceStatus(
            location_id=location,
            code=lines[0].location_code,
            name=lines[0].location_name,
            address=lines[0].location_address,
            state=state,
            since=since,
            lines=lines,
            line_amounts=amounts,
            amounts=add_up(amounts),
            recipients=[self.recipients[pk] for pk in sorted({r["recipient"] for r in rows})],
            last_reply=newest["last_reply"] if newest else "",
            answered=answered,
            waived=waiver is not None,
            waiver=waiver,
            answers=answers,
        )

    def _seen(self, line: ScopeLine) -> Seen:
        return Seen(
            came=self.came.get((line.batch_id, line.location_id), ZERO),
            destroyed=self.destroyed.get(line.holding_id, ZERO),
            passed=tuple(self.passed.get(line.holding_id, ())),
        )

    def _waiver(self, location: int, lines) -> Waiver | None:
        """The newest waiver, as long as nothing was asked of the place after its version."""
        waiver = self.waivers.get(location)
        return waiver if waiver and waiver.covers(self._asked_in(lines)) else None

    def _asked_in(self, lines) -> int:
        return max(self.asked_in.get(line.holding_id, 1) for line in lines)

    def _state(self, lines, rows) -> tuple[str, datetime | None, list[dict]]:
        """The state of a place, since when, and the notices that make it so.

        Who acknowledged saw every line. Otherwise a place is as far as its least told line:
        a later mail about something else does not hide that an earlier one failed.
        """
        asked_in = self._asked_in(lines)
        read = [
            at
            for recipient in {row["recipient"] for row in rows}
            for number, at in self.read.get(recipient, [])
            if number >= asked_in
        ]
        if read:
            return "acknowledged", min(read), rows
        told = [_told(self._current(line, rows)) for line in lines]
        worst = min((state for state, _, _ in told), key=_WORST_FIRST.index)
        worst_of = [item for item in told if item[0] == worst]
        since = min((since for _, since, _ in worst_of if since), default=None)
        return worst, since, [row for _, _, found in worst_of for row in found]

    def _current(self, line: ScopeLine, rows) -> list[dict]:
        """The notices that name a line as it was last asked about.

        A change that no notice could be written of leaves a line with none.
        """
        asked_in = self.asked_in.get(line.holding_id, 1)
        return [
            row for row in rows if line.holding_id in row["holdings"] and row["version"] >= asked_in
        ]


_WORST_FIRST = ("unreachable", "failed", "pending", "accepted")


def _told(rows: list[dict]) -> tuple[str, datetime | None, list[dict]]:
    """How far the best of these notices is."""
    ladder = (
        ("accepted", {_S.ACCEPTED}, "accepted_at"),
        ("pending", {_S.PENDING, _S.SENDING}, "created_at"),
        ("failed", set(Notice.UNDELIVERED), "created_at"),
    )
    for state, states, moment in ladder:
        if found := [row for row in rows if row["state"] in states]:
            return state, min(row[moment] for row in found), found
    return "unreachable", None, []
