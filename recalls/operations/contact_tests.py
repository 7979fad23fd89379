"""Asking contacts, outside any recall, whether our mail reaches them; and their “yes”."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from batches.models import Contact
from batches.operations import doorbell
from batches.operations.contacts import confirm_contact, contacts_asked
from recalls import mail
from recalls.models import ContactConfirmation, ContactTest, Notice
from recalls.operations.letters import letter
from recalls.scope.contacts import address_key, is_usable

Kind, State = Notice.Kind, Notice.State
MOST = 500
# A link from long ago says little about the mailbox of today.
VALID_FOR = timedelta(days=90)
# Who was asked so short ago has the mail before their eyes.
JUST_ASKED = timedelta(hours=1)


@dataclass(frozen=True)
class Asked:
    """How many mails are owed, and how many contacts were left out, and why."""

    mails: int
    unusable: int
    just_asked: int

    @property
    def said(self) -> str:
        """As a person is told."""
        mails = f"{self.mails} test {'mail is' if self.mails == 1 else 'mails are'} on the way."
        left_out = []
        if self.just_asked:
            left_out.append(f"{self.just_asked} asked within the hour")
        if self.unusable:
            left_out.append(f"{self.unusable} without a usable address")
        return f"{mails} Left out: {', '.join(left_out)}." if left_out else mails


@transaction.atomic
def ask_contacts(*, contacts, by, at) -> Asked:
    """Owes one mail to each address: those who share a mailbox share the mail and the answer.

    Leaves out who was asked within the hour. Refuses more than 500 at once, and a choice in
    which nobody has an address that a mail server takes.
    """
    ids = [contact.pk for contact in contacts]
    if len(ids) > MOST:
        raise ValidationError(f"Choose at most {MOST} contacts at once; there are {len(ids):,}.")
    rows = Contact.objects.select_for_update(of=("self",)).filter(pk__in=ids)
    rows = list(rows.select_related("location").order_by("pk"))
    usable = [row for row in rows if is_usable(row.email)]
    if not usable:
        raise ValidationError("Nobody there has an e-mail address that can be tested.")
    fresh = [row for row in usable if not _was_just_asked(row, at)]
    by_address = defaultdict(list)
    for row in fresh:
        by_address[address_key(row.email)].append(row)
    rounds = _rounds(by_address)
    notices = Notice.objects.bulk_create(
        (_mail(key, own, rounds[key], at) for key, own in sorted(by_address.items())),
        batch_size=200,
    )
    ContactTest.objects.bulk_create(
        ContactTest(notice=notice, contact=contact)
        for notice in notices
        for contact in by_address[notice.address_key]
    )
    contacts_asked(contacts=fresh, by=by, at=at)
    doorbell.ring()
    return Asked(len(notices), len(rows) - len(usable), len(usable) - len(fresh))


def _was_just_asked(contact: Contact, at) -> bool:
    """A mail that came back since may be asked again at once: somebody mended the address."""
    asked, returned = contact.test_sent_at, contact.returned_at
    return bool(asked and at - asked < JUST_ASKED and not (returned and returned >= asked))


def _rounds(keys) -> dict[str, str]:
    """By address the mail before this one; two who ask at once would be of one round."""
    earlier = Notice.objects.filter(kind=Kind.CONTACT, address_key__in=list(keys)).order_by()
    newest = dict(earlier.values_list("address_key").annotate(Max("pk")))
    return {key: str(newest.get(key, 0)) for key in keys}


def _mail(key: str, contacts: list[Contact], turn: str, at) -> Notice:
    first = contacts[0]
    places = sorted({row.location for row in contacts}, key=lambda place: place.code)
    return letter(
        None,
        mail.contact_test(places, first.language),
        at=at,
        kind=Kind.CONTACT,
        round=turn,
        address=first.email.strip(),
        address_key=key,
    )


@transaction.atomic
def confirm_test(*, notice, at) -> ContactConfirmation:
    """Notes that the mail arrived, at every contact that it was for. Again changes nothing.

    Refuses a mail of long ago, and an address that is nobody's any more.
    """
    notice = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
    made = ContactConfirmation.objects.filter(notice=notice).first()
    if made:
        return made
    contacts = contacts_of(notice)
    if at - notice.created_at > VALID_FOR or not contacts:
        raise ValidationError("This link does not work any more.")
    made = ContactConfirmation.objects.create(notice=notice, at=at)
    for contact in contacts:
        confirm_contact(contact=contact, at=at)
    return made


def contacts_of(notice: Notice) -> list[Contact]:
    """The contacts that still have the address that the mail was written to."""
    rows = Contact.objects.filter(tests__notice=notice).select_related("location")
    return [row for row in rows.order_by("pk") if address_key(row.email) == notice.address_key]
