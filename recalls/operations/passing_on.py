"""A recipient names customers of its own: each is told, and answers for itself."""

from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from batches.operations.events import record
from recalls import mail
from recalls.message.languages import known
from recalls.models import Notice, PassedOn, Recall, Recipient
from recalls.operations.customers import tell_customer
from recalls.operations.responses import current, open_recall_of
from recalls.scope import lines_of
from recalls.scope.contacts import address_key, is_usable

# Of one recipient. A link must not become a way to write to the world.
MOST, MOST_IN_AN_HOUR = 50, 20
# Fewer make no number that can be called.
DIGITS = 5


@transaction.atomic
def pass_on(*, recipient, name, address, phone, language, quantities, at) -> list[PassedOn]:
    """Keeps how much of which line, by line id, went on to whom, and owes them a notice; where
    PASS_ON_NEEDS_APPROVAL is set, the first one after somebody of ours approved the customer.

    The customer gets a link of its own, for these lines alone; an address that this recall
    knows already gets them in the link it has. The same again changes nothing, another
    quantity counts instead, 0 takes it back. A customer without an address is owed no mail: it
    is on the call list. Refuses one without a name, without both an address and a phone number,
    and with an address that no mail reaches; the recipient itself, no quantity, a line that is
    not the recipient's own, more than 50 customers or 20 in an hour, and whoever was named by a
    recipient: they call us.
    """
    recall, recipient = open_recall_of(recipient.recall_id), current(recipient)
    name, address, phone = mail.one_line(name)[:100], address.strip(), phone.strip()
    key = _key(address, phone)
    _check(recipient, name, address, key, at)
    own = {line.pk: line for line in lines_of(recipient).select_related("location")}
    if not own:
        raise ValidationError(_("Please call us and say to whom you sent it on."))
    if set(quantities) - set(own):
        raise ValidationError(_("A line you answered is not part of this notice."))
    to = _customer(recall, key, name, address, language)
    made = _rows(recipient, to, own, quantities, name=name, phone=phone, at=at)
    if not made:
        return []
    told = [row for row in made if row.quantity]
    if told and to.address and not _waits(to):
        tell_customer(recall, to, told, at)
    lines = {row.line_id: row.quantity for row in made}
    after = {"recipient": recipient.pk, "to": to.pk, "lines": lines}
    record(verb="passed on", obj=recall, by=None, at=at, after=after)
    return made


def _key(address: str, phone: str) -> str:
    """By what it is known again. Refuses neither, and an address that no mail reaches."""
    if address and not is_usable(address):
        raise ValidationError({"address": _("This is not an e-mail address. Check it.")})
    digits = "".join(sign for sign in phone if sign.isdecimal())
    if not address and len(digits) < DIGITS:
        said = _("Enter an e-mail address, or a phone number at which we can call this customer.")
        raise ValidationError({"address": said})
    return address_key(address) if address else f"tel:{digits}"


def _check(recipient: Recipient, name: str, address: str, key: str, at) -> None:
    if not name:
        raise ValidationError({"name": _("Enter the name of the customer.")})
    if address and key == recipient.address_key:
        raise ValidationError({"address": _("This is your own address.")})
    before = recipient.passed_on.exclude(to__address_key=key)
    if before.values("to").distinct().count() >= MOST:
        raise ValidationError(
            _("%(most)s customers are named. Call us for the others.") % {"most": MOST}
        )
    lately = before.filter(at__gt=at - timedelta(hours=1))
    if lately.values("to").distinct().count() >= MOST_IN_AN_HOUR:
        raise ValidationError(_("You named many customers in an hour. Go on later, or call us."))


def _customer(recall: Recall, key: str, name: str, address: str, language: str) -> Recipient:
    given = {"address": address, "name": name, "language": known(language)}
    to, _is_new = Recipient.objects.get_or_create(recall=recall, address_key=key, defaults=given)
    if to.revoked_at:
        raise ValidationError(
            {"address": _("This address is told no more. Call us and say who they are.")}
        )
    return to


def _rows(recipient, to, own, quantities: dict[int, Decimal], **said) -> list[PassedOn]:
    """One row for each quantity that is not what was said last."""
    last = {
        row.holding_id: row.quantity for row in recipient.passed_on.filter(to=to).order_by("pk")
    }
    if not last and not any(quantities.values()):
        raise ValidationError(_("Enter how much of which batch went to this customer."))
    rows = [
        PassedOn(
            recall_id=recipient.recall_id,
            line=own[pk],
            holding_id=own[pk].holding_id,
            by=recipient,
            to=to,
            quantity=quantity,
            **said,
        )
        for pk, quantity in sorted(quantities.items())
        if quantity != last.get(own[pk].holding_id, Decimal(0))
    ]
    for row in rows:
        row.save(force_insert=True)
    return rows


def _waits(to: Recipient) -> bool:
    """Whether somebody of ours is to look at the customer first."""
    told = to.notices.filter(kind__in=[Notice.Kind.NOTICE, Notice.Kind.PASSED])
    return settings.PASS_ON_NEEDS_APPROVAL and not told.exists()
