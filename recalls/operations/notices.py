"""Recall notices as rows, written with the scope that they tell of.

Delivering, reminding and reporting have modules of their own and are named here too.
"""

from recalls import mail
from recalls.message.texts import Texts
from recalls.models import Notice, Recall, Recipient, ScopeLine, ScopeVersion
from recalls.operations.delivery import drain
from recalls.operations.letters import join, join_files, letter
from recalls.operations.reminders import follow_up, remind, reminders_owed
from recalls.operations.reporting import reports_owed, write_reports
from recalls.scope import Place
from recalls.scope.contacts import contacts_at

__all__ = [
    "drain",
    "follow_up",
    "remind",
    "reminders_owed",
    "reports_owed",
    "write_notices",
    "write_reports",
]


def write_notices(*, version: ScopeVersion, places: list[Place] | None, at, due) -> int:
    """Owes one mail to every address that a new or changed line concerns; returns how many.

    They are due at `due`. `places` carries the contacts as they were looked up; None looks
    them up now.
    """
    concerned = version.lines.filter(role=ScopeLine.Role.RECIPIENT)
    lines = list(
        concerned.exclude(change=ScopeLine.Change.SAME).select_related("location").order_by("pk")
    )
    if places is None:
        contacts = contacts_at({line.location_id for line in lines})
    else:
        contacts = {place.location_id: place.contacts for place in places}
    told = _by_address(lines, contacts)
    # Nobody could answer with a link that was withdrawn; the place counts as unreachable.
    for key in version.recall.recipients.filter(revoked_at__isnull=False).values_list(
        "address_key", flat=True
    ):
        told.pop(key, None)
    told_before = _told_before(version.recall)
    recipients = _recipients(version.recall, told)
    texts = Texts(version.recall)
    notices = Notice.objects.bulk_create(
        (
            letter(
                version,
                mail.notice(
                    version.recall,
                    version,
                    own,
                    recipients[key].language,
                    texts,
                    adds=recipients[key].pk in told_before,
                ),
                recipient=recipients[key],
                address=contact.email.strip(),
                address_key=key,
                at=at,
                due=due,
            )
            for key, (contact, own) in sorted(told.items())
        ),
        batch_size=200,
    )
    join(notices, {key: own for key, (_, own) in told.items()})
    join_files(notices)
    return len(notices)


def _told_before(recall: Recall) -> set[int]:
    """Recipients (ids) that a mail of the recall has told of something, or is on its way to."""
    rows = recall.notices.filter(kind__in=[Notice.Kind.NOTICE, Notice.Kind.PASSED])
    rows = rows.exclude(state__in=[*Notice.UNDELIVERED, Notice.State.WITHDRAWN])
    return set(rows.order_by().values_list("recipient_id", flat=True))


def _by_address(lines, contacts) -> dict[str, tuple]:
    """Address key -> (a contact that has it, the lines of all its places)."""
    told: dict[str, tuple] = {}
    for line in lines:
        for key, contact in contacts.get(line.location_id, {}).items():
            told.setdefault(key, (contact, []))[1].append(line)
    return told


def _recipients(recall: Recall, told: dict[str, tuple]) -> dict[str, Recipient]:
    known = set(recall.recipients.values_list("address_key", flat=True))
    Recipient.objects.bulk_create(
        Recipient(
            recall=recall,
            address=contact.email.strip(),
            address_key=key,
            name=contact.name,
            language=contact.language,
        )
        for key, (contact, _) in sorted(told.items())
        if key not in known
    )
    return {row.address_key: row for row in recall.recipients.all()}
