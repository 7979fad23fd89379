"""Status reports owed to the recall's own people."""

from django.db import transaction

from batches.operations import doorbell
from batches.operations.events import record
from recalls import mail
from recalls.models import Notice, Recall, ScopeVersion
from recalls.operations.letters import letter
from recalls.reports.status import status
from recalls.reports.workbook import workbook
from recalls.scope.contacts import address_key, is_usable

Kind = Notice.Kind


@transaction.atomic
def write_reports(*, version: ScopeVersion, round: str, at) -> int:
    """Owes the status report to the recall's subscribers: one per version, round and address.

    Safe to call twice: who has this report already is left alone.
    """
    recall = Recall.objects.select_for_update().get(pk=version.recall_id)
    wanted = subscribers(recall)
    there = recall.notices.filter(version=version, kind=Kind.REPORT, round=round)
    for key in there.values_list("address_key", flat=True):
        wanted.pop(key, None)
    if not wanted:
        return 0
    content = mail.report(recall, status(recall), round)
    fields = {
        "kind": Kind.REPORT,
        "round": round,
        "attachment_name": f"{recall.reference}-scope-{version.number}.xlsx",
        "attachment": workbook(version),
        "at": at,
    }
    Notice.objects.bulk_create(
        letter(version, content, address=address, address_key=key, **fields)
        for key, address in sorted(wanted.items())
    )
    record(
        verb="report written",
        obj=recall,
        by=None,
        at=at,
        after={"round": round, "version": version.number, "count": len(wanted)},
    )
    doorbell.ring()
    return len(wanted)


def subscribers(recall: Recall) -> dict[str, str]:
    rows = recall.subscriptions.filter(active=True).select_related("user")
    addresses = [row.address for row in rows if row.address and is_usable(row.address)]
    return {address_key(address): address for address in addresses}


def reports_owed(recall: Recall, day: str) -> list[str]:
    """The rounds of the newest version's reports that were not written yet.

    `day` is today as ISO date when the daily report is due, else empty.
    """
    rounds = {Recall.Status.ACTIVE: day, Recall.Status.COMPLETED: "completion"}
    wanted = ["activation", rounds.get(recall.status, "")]
    reports = recall.notices.filter(kind=Kind.REPORT, round__in=wanted)
    if recall.status == Recall.Status.COMPLETED:
        # Completed twice, because a version was released in between: reported twice.
        reports = reports.filter(created_at__gte=recall.completed_at) | reports.filter(
            round="activation"
        )
    written = set(reports.values_list("round", flat=True))
    return [round for round in wanted if round and round not in written]
