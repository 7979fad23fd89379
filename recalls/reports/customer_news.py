"""Which batches came into a recall that customers may have got too, and were not told of.

Those whom mail reaches are told by mail, see operations.customers. Others are called. Reads only.
"""

from collections.abc import Collection

from recalls.models import CustomerContacted, Notice, NoticeLine, Recall, Recipient, ScopeLine
from recalls.scope.narrowed import out_now
from recalls.scope.passed import Passed

Kind = Notice.Kind


def news(
    recall: Recall,
    passed: dict[Recipient, list[Passed]],
    log: dict[int, list[CustomerContacted]],
) -> dict[int, list[ScopeLine]]:
    """By customer: what came in of a product that its place sent it, or is back in.

    Nothing that a mail tells it, or that somebody there was spoken to about since.
    """
    places = {one.line.location_id for own in passed.values() for one in own}
    new = ScopeLine.objects.filter(
        version__recall=recall,
        version__number__gt=1,
        version__release__isnull=False,
        change=ScopeLine.Change.NEW,
        role=ScopeLine.Role.RECIPIENT,
        location__in=places,
    ).exclude(holding__in=out_now(recall).values("holding"))
    rows = list(new.select_related("version__release", "location").defer("path").order_by("pk"))
    if not rows:
        return {}
    aware = _mailed(passed)
    return {
        to.pk: [
            line
            for line in rows
            if _may_have(own, line)
            and (to.pk, line.holding_id) not in aware
            and not _spoken_since(log[to.pk], line)
        ]
        for to, own in passed.items()
    }


def _may_have(own: list[Passed], line: ScopeLine) -> bool:
    """Whether its place sent it of the same product, and has not said so since it came in."""
    way, at = (line.location_id, line.product_code), line.version.release.at
    sent = [one for one in own if (one.line.location_id, one.line.product_code) == way]
    same = [one for one in sent if one.row.holding_id == line.holding_id]
    return bool(sent) and all(one.row.at < at for one in same or sent)


def _spoken_since(log: list[CustomerContacted], line: ScopeLine) -> bool:
    return any(entry.reached and entry.at >= line.version.release.at for entry in log)


def _mailed(recipients: Collection[Recipient]) -> set[tuple[int, int]]:
    """Whom (recipient) a mail has told, or will, of what (holding)."""
    rows = NoticeLine.objects.filter(
        notice__recipient__in=recipients, notice__kind__in=[Kind.PASSED, Kind.WIDENED]
    )
    rows = rows.exclude(notice__state__in=Notice.UNDELIVERED).order_by()
    return set(rows.values_list("notice__recipient_id", "line__holding_id"))
