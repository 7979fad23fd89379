"""The call list of a recall: whom to call, why, and who was called already. Reads only."""

from collections import defaultdict
from dataclasses import dataclass

from batches.models import Contact, Location
from recalls.message.languages import of_place
from recalls.models import Contacted, Escalation, Recall
from recalls.reports.silence import silences, to_call
from recalls.reports.status import PlaceStatus, status
from recalls.scope.contacts import chunks


@dataclass(frozen=True)
class Call:
    """One place to be called. `contacts` have a number; those of the place above come last."""

    place: PlaceStatus
    location: Location
    why: str
    language: str
    contacts: list[Contact]
    log: list[Contacted]

    @property
    def last(self) -> Contacted | None:
        return self.log[0] if self.log else None


def call_list(recall: Recall) -> list[Call]:
    """By code, those nobody has reached first; as many queries for one place as for many."""
    now = status(recall)
    why = to_call(silences(recall, now))
    places = [place for place in now.places if place.location_id in why]
    locations = _locations(why)
    contacts = _contacts(locations)
    log = defaultdict(list)
    for entry in recall.contacted.select_related("by").order_by("-at", "-pk"):
        log[entry.location_id].append(entry)
    calls = []
    for place in places:
        location = locations[place.location_id]
        own = contacts[location.pk]
        numbers = [one for one in [*own, *contacts[location.parent_id]] if one.phone]
        calls.append(
            Call(
                place,
                location,
                Escalation.Because(why[location.pk]).label,
                of_place(location, own),
                numbers,
                log[location.pk],
            )
        )
    return sorted(calls, key=lambda call: any(entry.reached for entry in call.log))


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


def letters_of(calls: list[Call]) -> list[tuple[list, str]]:
    """(lines, language) of each letter. Places of one owner at one address get one that names all;
    that two strangers share an address is no reason to tell one of the other."""
    letters: dict[tuple, tuple[list, str]] = {}
    for call in calls:
        place, parent = call.place, call.location.parent_id
        shared = bool(parent and place.address)
        key = (parent, place.address) if shared else (place.location_id,)
        lines, _ = letters.setdefault(key, ([], call.language))
        for line in place.lines:
            line.location = call.location
        lines += place.lines
    return list(letters.values())
