"""Which addresses a notice can reach, how two spellings of one are known, and their digests."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import suppress

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.crypto import salted_hmac

from batches.models import Contact

# SQLite takes at most 32,766 parameters in a statement.
CHUNK = 10_000


def chunks(ids: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]


def address_key(address: str) -> str:
    """One spelling for an address: no case, the domain as it goes over the wire."""
    local, _, domain = address.strip().rpartition("@")
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode()
    return f"{local}@{domain}".lower()


def is_usable(address: str) -> bool:
    """Whether a mail server would take the address; a local part beyond ASCII it would not."""
    try:
        validate_email(address.strip())
        address.strip().rpartition("@")[0].encode("ascii")
    except (ValidationError, UnicodeError):
        return False
    return len(address_key(address)) <= 254


def digest(reference: str, key: str) -> str:
    """What stands in a frozen scope for an address: it proves the address, and hides it."""
    return salted_hmac(f"recalls.contact.{reference}", key, algorithm="sha256").hexdigest()


def contacts_at(locations: Collection[int]) -> dict[int, dict[str, Contact]]:
    """Usable contacts by location and address key; the first spelling of an address wins."""
    found: dict[int, dict[str, Contact]] = defaultdict(dict)
    for ids in chunks(locations):
        rows = Contact.objects.filter(location__in=ids, receives_notices=True).exclude(email="")
        for contact in rows.order_by("location_id", "pk"):
            if is_usable(contact.email):
                found[contact.location_id].setdefault(address_key(contact.email), contact)
    return found
