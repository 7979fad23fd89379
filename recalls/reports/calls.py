"""The call list of a recall: whom to call, why, and who was called already. Reads only."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from batches.models import Contact, Location
from recalls.message.languages import of_place
from recalls.models import Contacted, Escalation, Recall, ScopeLine
from recalls.reports.customers import GONE
from recalls.reports.letters import Letter
from recalls.reports.silence import Silence, silences, to_call
from recalls.reports.status import PlaceStatus, status
from recalls.reports.unaware import unaware
from recalls.scope.contacts import chunks


@dataclass(frozen=True)
class Call:
    """One place to be called. `contacts` have a number; those of the place above come last.

    `place` is None where there is nothing to ask. `news` is what was asked after somebody spoke
    to it, `gone` what was taken out and it does not know. What is in the log counts from `since`.
    """

    place: PlaceStatus | None
    location: Location
    why: str
    language: str
    contacts: list[Contact]
    log: list[Contacted]
    since: datetime
    news: list[ScopeLine]
    gone: list[ScopeLine]
    keeps: bool

    @property
    def lines(self) -> list[ScopeLine]:
        return self.place.lines if self.place else []

    @property
    def code(self) -> str:
        return self._named.location_code

    @property
    def name(self) -> str:
        return self._named.location_name

    @property
    def address(self) -> str:
        return self._named.location_address

    @property
    def _named(self) -> ScopeLine:
        return (self.lines or self.gone)[0]

    @property
    def last(self) -> Contacted | None:
        return self.log[0] if self.log else None

    @property
    def is_told(self) -> bool:
        """Whether somebody there was reached since it has to be told what it is called about."""
        return any(entry.reached and entry.at >= self.since for entry in self.log)

    @property
    def was_tried(self) -> bool:
        return any(entry.at >= self.since for entry in self.log)


def call_list(recall: Recall) -> list[Call]:
    """By code, those nobody has reached first; as many queries for one place as for many."""
    now = status(recall)
    silent = silences(recall, now)
    why, by_place = to_call(silent), {one.place.location_id: one for one in silent}
    out, asked = unaware(recall, now.versions), now.asked_in
    kept = {place.location_id for place in now.places}
    locations = _locations({*why, *out})
    contacts = _contacts(locations)
    log = defaultdict(list)
    for entry in recall.contacted.select_related("by").order_by("-at", "-pk"):
        log[entry.location_id].append(entry)
    calls = []
    for pk, location in locations.items():
        own = contacts[pk]
        one, gone = by_place[pk] if pk in why else None, out.get(pk)
        words = [Escalation.Because(why[pk]).label] if one else []
        calls.append(
            Call(
                place=one.place if one else None,
                location=location,
                why=". ".join([*words, GONE] if gone else words),
                language=of_place(location, own),
                contacts=[who for who in [*own, *contacts[location.parent_id]] if who.phone],
                log=log[pk],
                since=max(since for since in (_asked_at(one), gone and gone.since) if since),
                news=_news(one, log[pk], asked) if one else [],
                gone=gone.lines if gone else [],
                keeps=pk in kept,
            )
        )
    return sorted(calls, key=lambda call: (call.is_told, call.code))


def _asked_at(one: Silence | None) -> datetime | None:
    return one.version.release.at if one else None


def _news(one: Silence, log: list[Contacted], asked: dict[int, int]) -> list[ScopeLine]:
    """What a place that was spoken to before is asked since; else all of it is news."""
    at, place = one.version.release.at, one.place
    spoken = any(entry.reached and entry.at < at for entry in log)
    if not spoken and not any(place.answers):
        return []
    pairs = zip(place.lines, place.answers, strict=True)
    return [
        line
        for line, answer in pairs
        if (number := asked.get(line.holding_id, 1)) > 1
        and not (answer and answer.version_number >= number)
    ]


def _locations(ids) -> dict[int, Location]:
    found: dict[int, Location] = {}
    for some in chunks(ids):
        found |= Location.objects.in_bulk(some)
    return found


def _contacts(locations: dict[int, Location]) -> dict[int | None, list[Contact]]:
    parents = {one.parent_id for one in locations.values() if one.parent_id}
    found = defaultdict(list)
    for some in chunks({*locations, *parents}):
        for contact in Contact.objects.filter(location__in=some).order_by("location_id", "pk"):
            found[contact.location_id].append(contact)
    return found


def letters_of(calls: list[Call]) -> list[Letter]:
    """Of what is asked, and of what was taken out. Places of one owner at one address get one that
    names all; that two strangers share an address is no reason to tell one of the other."""
    letters: dict[tuple, Letter] = {}
    for call in calls:
        for lines, is_removal in ((call.lines, False), (call.gone, True)):
            if lines:
                key = (*_address_of(call), is_removal, is_removal and call.keeps)
                new = Letter([], call.language, is_removal, call.keeps)
                for line in lines:
                    line.location = call.location
                letters.setdefault(key, new).lines.extend(lines)
    return list(letters.values())


def _address_of(call: Call) -> tuple:
    parent = call.location.parent_id
    address = call.place.address if call.place else call.address
    return (parent, address) if parent and address else (call.location.pk, "")
