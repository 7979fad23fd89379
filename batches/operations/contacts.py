"""What is known of a contact's address: asked whether mail arrives, confirmed, or came back.

Nothing here switches a contact off: whether one still gets notices, a person decides.
"""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.models import Contact, Finding, Location
from batches.operations.changes import locked, need_reason
from batches.operations.events import record
from batches.operations.findings import close_finding, raise_finding

# Also a rule of the audit, which closes what no longer holds.
RETURNED = "contact_returned"


def label_of(contact: Contact) -> str:
    """How the log names a contact: never by name or address."""
    return f"Contact at {contact.location.code}"


@transaction.atomic
def contacts_asked(*, contacts: Iterable[Contact], by, at) -> int:
    """Notes that each of the contacts was asked whether mail arrives; returns how many."""
    rows = sorted(contacts, key=lambda contact: contact.pk)
    for contact in rows:
        contact.test_sent_at = at
        contact.save(update_fields=["test_sent_at"])
        after = {"test_sent_at": at}
        record(
            verb="contact asked", obj=contact, by=by, at=at, after=after, label=label_of(contact)
        )
    return len(rows)


@transaction.atomic
def confirm_contact(*, contact, at) -> Contact:
    """Notes that mail arrives: somebody there said so. What came back before is settled."""
    contact = locked(contact)
    before = {"tested_at": contact.tested_at, "returned_at": contact.returned_at}
    contact.tested_at, contact.returned_at, contact.returned_text = at, None, ""
    contact.save(update_fields=["tested_at", "returned_at", "returned_text"])
    record(
        verb="contact confirmed",
        obj=contact,
        by=None,
        at=at,
        before=before,
        after={"tested_at": at},
        label=label_of(contact),
    )
    settle_return(contact.location, "Mail arrives: it was confirmed.", by=None, at=at)
    return contact


@transaction.atomic
def mail_came_back(*, contact, text, at) -> Contact:
    """Shows that mail to a contact came back, at the contact and in the queue of what waits."""
    contact = locked(contact)
    before = {"returned_at": contact.returned_at}
    contact.returned_at, contact.returned_text = at, text[:300]
    contact.save(update_fields=["returned_at", "returned_text"])
    record(
        verb="mail to contact came back",
        obj=contact,
        by=None,
        at=at,
        before=before,
        after={"returned_at": at},
        label=label_of(contact),
    )
    raise_finding(
        kind=RETURNED,
        severity=Finding.Severity.WARNING,
        obj=contact.location,
        label=contact.location.code,
        text=returned_text(contact.location.name, 1),
        at=at,
    )
    return contact


def returned_text(place: str, count: int) -> str:
    """What the finding says, here and when the audit finds it."""
    who = "a contact" if count == 1 else f"{count} contacts"
    return f"Mail to {who} of {place} came back. Correct the address, or test it again."


@transaction.atomic
def keep_contact(*, contact, reason, by, at) -> Contact:
    """Goes on with an address although mail came back: the mailbox was full, say.

    Refuses an empty reason, and a contact of which nothing came back.
    """
    contact = locked(contact)
    reason = need_reason(reason, "the address is right")
    if contact.returned_at is None:
        raise ValidationError("No mail to this contact came back.")
    before = {"returned_at": contact.returned_at}
    contact.returned_at, contact.returned_text = None, ""
    contact.save(update_fields=["returned_at", "returned_text"])
    record(
        verb="contact kept",
        obj=contact,
        by=by,
        at=at,
        before=before,
        after={"returned_at": None},
        reason=reason,
        label=label_of(contact),
    )
    settle_return(contact.location, reason, by=by, at=at)
    return contact


def settle_return(location: Location, reason: str, *, by, at) -> None:
    """Closes the finding about a place, once no mail to any of its contacts has come back."""
    if location.contacts.filter(returned_at__isnull=False).exists():
        return
    about = {"object_type": location._meta.label_lower, "object_id": str(location.pk)}
    for finding in Finding.objects.open().filter(kind=RETURNED, **about):
        close_finding(finding=finding, reason=reason, by=by, at=at)
