"""Outputs of a recall by mail: a file made now, owed to one address."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from batches.operations import doorbell
from batches.operations.events import record
from recalls import mail
from recalls.models import Notice, Recall, Subscription
from recalls.operations.letters import letter
from recalls.reports.dossier import dossier
from recalls.reports.outputs import OUTPUTS, Made, make
from recalls.scope.contacts import address_key, is_usable

MOST_BYTES = 10_000_000


def addresses_for(recall: Recall, by) -> list[str]:
    """Who may be sent an output: those who get the reports, and the person who asks."""
    rows = Subscription.objects.filter(Q(recall=recall) | Q(recall=None), active=True)
    found = {address_key(row.address): row.address for row in rows.select_related("user")}
    if by.email:
        found.setdefault(address_key(by.email), by.email)
    return sorted(address for address in found.values() if is_usable(address))


def send_output(*, recall, kind, format, address, by, at, place="", language="") -> Notice:
    """Makes an output and owes it to `address`, in the outbox as every other mail.

    Refuses a recall without a frozen scope, an output that there is not, an address that
    does not get the reports, a file too large for mail, and the same one twice in a second.
    """
    _refuse_stranger(recall, address, by)
    who = by.get_full_name() or by.get_username()
    case = dossier(recall, at=at, by=who)
    made = make(case, kind, format, place=place, language=language)
    _refuse_large(made)
    return _owe(case.version, OUTPUTS[kind].title, made, kind, address.strip(), by, at)


def send_package(*, version, made, address, by, at) -> Notice:
    """Owes a package that was made of a version to `address`; refuses as `send_output` does."""
    _refuse_stranger(version.recall, address, by)
    _refuse_large(made)
    return _owe(version, "24 h package", made, "package", address.strip(), by, at)


def _refuse_stranger(recall: Recall, address: str, by) -> None:
    if address_key(address) not in map(address_key, addresses_for(recall, by)):
        raise ValidationError(
            {"address": f"{address} does not get the reports of {recall}. Add it there first."}
        )


def _refuse_large(made: Made) -> None:
    if len(made.content) > MOST_BYTES:
        raise ValidationError("This file is too large for mail. Take it from the page.")


@transaction.atomic
def _owe(version, title: str, made: Made, kind: str, address: str, by, at) -> Notice:
    recall = Recall.objects.select_for_update().get(pk=version.recall_id)
    key, round = address_key(address), f"{kind}-{at:%m%d%H%M%S}"
    if recall.notices.filter(version=version, round=round, address_key=key).exists():
        raise ValidationError("This was sent just now. Wait a moment before you send it again.")
    row = letter(
        version,
        mail.output(recall, title, made.name),
        at=at,
        kind=Notice.Kind.REPORT,
        round=round,
        address=address,
        address_key=key,
        attachment_name=made.name,
        attachment=made.content,
    )
    row.save(force_insert=True)
    after = {"notice": row.pk, "kind": kind, "version": version.number}
    record(verb="output sent", obj=recall, by=by, at=at, after=after)
    doorbell.ring()
    return row
