"""What was answered of single holdings in the recalls that are under way, for traces."""

from collections.abc import Collection
from urllib.parse import urlencode

from django.urls import reverse

from batches.tracing.answers import Answered
from recalls.models import Recall, ScopeLine
from recalls.reports.status import PlaceStatus, RecallStatus, statuses
from recalls.scope.contacts import chunks

# How the state of a place looks, wherever it is shown: colour key and glyph.
LOOKS = {
    "not_delivered": ("crit", "bounce"),
    "unreachable": ("crit", "bounce"),
    "failed": ("crit", "bounce"),
    "no_ack": ("hold", "clock"),
    "pending": ("none", "mail"),
    "acknowledged": ("info", "half"),
    "responded": ("ok", "okc"),
    "waived": ("none", "dash"),
}
_UNDER_WAY = (Recall.Status.ACTIVE, Recall.Status.COMPLETED)


def answered_of(holdings: Collection[int]) -> dict[int, Answered]:
    """By holding, in its newest live recall under way. Nothing of those that nobody was asked of.

    A drill answers nothing about where goods are. The number of queries does not depend on
    the number of holdings, but for their chunks.
    """
    live = Recall.objects.live().filter(status__in=_UNDER_WAY)
    if not live.exists():
        return {}
    wanted, asked = set(holdings), set()
    told = ScopeLine.objects.filter(role=ScopeLine.Role.RECIPIENT, version__recall__in=live)
    for ids in chunks(sorted(wanted)):
        lines = told.filter(holding__in=ids).order_by()
        asked |= set(lines.values_list("version__recall_id", flat=True).distinct())
    found: dict[int, Answered] = {}
    for state in statuses(live.filter(pk__in=asked).order_by("opened_at", "pk")).values():
        found |= {key: said for key, said in _of(state).items() if key in wanted}
    return found


def _of(state: RecallStatus) -> dict[int, Answered]:
    return {
        line.holding_id: _answered(state.recall.reference, place, amount)
        for place in state.places
        for line, amount in zip(place.lines, place.line_amounts, strict=True)
    }


def _answered(reference: str, place: PlaceStatus, amount) -> Answered:
    key, glyph = LOOKS[place.key]
    sheet = reverse("recall-output", args=[reference, "evidence", "pdf"])
    return Answered(
        recall=reference,
        url=reverse("recall-recipient", args=[reference, place.code]),
        sheet=f"{sheet}?{urlencode({'place': place.code})}",
        key=key,
        word=place.word,
        glyph=glyph,
        at=place.since,
        quarantined=amount.quarantined,
        returned=amount.returned,
        destroyed=amount.destroyed,
        sold=amount.sold,
        no_answer=amount.no_answer,
    )
