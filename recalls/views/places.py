"""The recipients' table of a recall: one row per place to be told."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from batches.models import Location
from batches.templatetags.wording import iso, shown_zone
from recalls.reports.answered import LOOKS
from recalls.reports.status import PlaceStatus, RecallStatus

# Tab -> the keys of the rows in it, in the order in which rows are sorted.
TABS = {
    "not_delivered": ("not_delivered", "unreachable", "failed"),
    "no_ack": ("no_ack", "pending"),
    "acknowledged": ("acknowledged",),
    "responded": ("responded", "waived"),
}
TAB_WORDS = {
    "": "All",
    "not_delivered": "Not delivered",
    "no_ack": "No acknowledgement",
    "acknowledged": "Acknowledged, no count",
    "responded": "Responded",
}
_NOBODY: dict[int, datetime] = {}
_CODES = re.compile(r"^[\s\d.]+")
_ORDER = {key: n for n, key in enumerate(k for keys in TABS.values() for k in keys)}


@dataclass(frozen=True)
class Row:
    place: PlaceStatus
    key: str
    colour: str
    glyph: str
    due: list[tuple[str, Decimal]]
    no_answer: list[tuple[str, Decimal]]
    parts: list[tuple[str, str, Decimal]]
    label: str
    since: datetime | None
    reminded_at: datetime | None
    is_called: bool = False  # Reminders and the place above have not helped.
    spoken_at: datetime | None = None

    @property
    def reply(self) -> str:
        """The mail server's words, without its codes."""
        return _CODES.sub("", self.place.last_reply) or "no contact that gets notices"

    @property
    def may_remind(self) -> bool:
        return self.key in {"no_ack", "acknowledged"} and not self.may_call

    @property
    def may_call(self) -> bool:
        """Also who heard nothing from a reminder: another mail helps less than a voice."""
        is_silent = self.key == "no_ack" and self.reminded_at is not None
        return self.is_called or is_silent or self.key in TABS["not_delivered"]

    @property
    def waits(self) -> bool:
        """Told, and no sign yet: how long counts, not since when."""
        return self.key == "no_ack" and self.since is not None

    @property
    def since_iso(self) -> str:
        return iso(self.since, shown_zone()) if self.since else ""

    @property
    def is_open(self) -> bool:
        return self.key not in TABS["responded"]

    @property
    def kind_word(self) -> str:
        return Location.Kind(self.place.kind).label

    @property
    def age(self) -> tuple[bool, float]:
        """For sorting: the oldest first, what has no moment last."""
        return self.since is None, self.since.timestamp() if self.since else 0.0

    @property
    def total(self) -> Decimal:
        """Units mixed, as in `missing`: for sorting only."""
        return sum((amount for _, amount in self.due), Decimal(0))

    @property
    def missing(self) -> Decimal:
        return sum((amount for _, amount in self.no_answer), Decimal(0))


def rows_of(
    state: RecallStatus, called: Collection[int] = (), spoken: Mapping[int, datetime] = _NOBODY
) -> list[Row]:
    """By status, worst first, and within it most goods without an answer first.

    `called` are the locations on the call list, `spoken` those where somebody was reached.
    """
    reminded = {
        location: max(row["created_at"] for row in rows)
        for location, rows in state.reminders.items()
    }
    rows = [_row(place, reminded, called, spoken) for place in state.places]
    return sorted(rows, key=lambda row: (_ORDER[row.key], -row.missing, row.place.code))


def _row(place: PlaceStatus, reminded: dict, called, spoken) -> Row:
    colour, glyph = LOOKS[place.key]
    sums = [
        (word, key, sum((getattr(a, name) for a in place.amounts), Decimal(0)))
        for word, name, key in (
            ("quarantined", "quarantined", "is-hold"),
            ("returned", "returned", "is-ok"),
            ("destroyed", "destroyed", "is-ok dots"),
            ("sold", "sold", "is-none lines"),
            ("no answer", "no_answer", "is-crit hatch"),
        )
    ]
    return Row(
        place=place,
        key=place.key,
        colour=colour,
        glyph=glyph,
        due=[(a.unit, a.due) for a in place.amounts],
        no_answer=[(a.unit, a.no_answer) for a in place.amounts],
        parts=[part for part in sums if part[2]],
        label=", ".join(f"{amount.normalize():f} {word}" for word, _, amount in sums),
        since=place.since,
        reminded_at=reminded.get(place.location_id),
        is_called=place.location_id in called,
        spoken_at=spoken.get(place.location_id),
    )
