"""What one place would be told, before anything is frozen: for previews and tests. Reads only."""

from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Subquery

from batches.models import Contact, Location, Product
from recalls.message.languages import known, of_place
from recalls.message.texts import Audience
from recalls.models import Recall, ScopeLine, ScopeVersion
from recalls.scope import Place, ScopePreview, newest_released
from recalls.scope.contacts import chunks

RECIPIENT = ScopeLine.Role.RECIPIENT
OFFERED = 200


@dataclass(frozen=True)
class Sample:
    """The lines of one place, as a notice would name them; `version` is not saved in a draft."""

    version: ScopeVersion
    place: Location | None
    lines: list[ScopeLine]


@dataclass(frozen=True)
class PublicBatch:
    """A batch as everybody may know it: no customer, no quantity."""

    number: str
    product_name: str
    brand: str
    gtin: str
    expires_on: date | None


def sample(recall: Recall, seen: ScopePreview | None, code: str = "") -> Sample:
    """Of the place with this code, else of the first one that a mail would reach."""
    version = newest_released(recall)
    if version is None:
        version, rows = ScopeVersion(recall=recall, number=1), _looked_at(seen)
    else:
        rows = list(version.lines.filter(role=RECIPIENT).defer("path").order_by("pk"))
    codes = [row.location_code for row in rows]
    chosen = code if code in codes else _first(seen, codes)
    own = [row for row in rows if row.location_code == chosen]
    place = Location.objects.filter(code=chosen).first() if own else None
    for number, line in enumerate(own):
        line.pk, line.location = line.pk or -number - 1, place
    return Sample(version, place, own)


def _looked_at(seen: ScopePreview | None) -> list[ScopeLine]:
    lines = seen.lines if seen else []
    return [ScopeLine(**line.values()) for line in lines if line.role == RECIPIENT]


def _first(seen: ScopePreview | None, codes: list[str]) -> str:
    reached = (place.code for place in (seen.recipients if seen else []) if place.contacts)
    return next((code for code in reached if code in codes), codes[0] if codes else "")


def public_batches(seen: ScopePreview | None) -> list[PublicBatch]:
    """The batches that reached others, each once."""
    lines = [line for line in (seen.lines if seen else []) if line.role == RECIPIENT]
    by_batch = {line.batch_id: line for line in lines}
    codes = {line.product_code for line in by_batch.values()}
    brands = dict(Product.objects.filter(code__in=codes).values_list("code", "brand"))
    return [
        PublicBatch(
            line.batch_number,
            line.product_name,
            brands.get(line.product_code, ""),
            line.gtin,
            line.expires_on,
        )
        for line in sorted(by_batch.values(), key=lambda o: (o.product_code, o.batch_number))
    ]


def pairs_told(seen: ScopePreview | None) -> set[tuple[str, str]]:
    """(audience, language) of every mail that the scope would make, and of what is said on the
    telephone or in a letter to places that no mail reaches."""
    places = {place.location_id: place for place in (seen.recipients if seen else [])}
    first = Contact.objects.filter(location=OuterRef("pk")).order_by("pk").values("language")[:1]
    found = set()
    for ids in chunks(places):
        rows = Location.objects.filter(pk__in=ids).annotate(first_language=Subquery(first))
        for row in rows.only("kind", "country"):
            audience = str(Audience.STORE if row.kind == "store" else Audience.TRADE)
            found |= {(audience, language) for language in _languages(row, places[row.pk])}
    return found


def _languages(row: Location, place: Place) -> set[str]:
    """Of its mails; without one as on the call list: its first contact's, else its country's."""
    if place.contacts:
        return {known(contact.language) for contact in place.contacts.values()}
    return {of_place(row) if row.first_language is None else known(row.first_language)}
