"""The recalls that one place was part of, and how soon it answered. Reads only."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min

from batches.models import Location
from recalls.models import Notice, Recall, Response, ScopeLine

SHOWN = 12


@dataclass(frozen=True)
class AtPlace:
    """`told_at` is when a mail server first took a notice to it, `answered_at` its first answer;
    `is_asked` is false where the goods were ours to hold, or only started."""

    recall: Recall
    is_asked: bool
    told_at: datetime | None
    answered_at: datetime | None

    @property
    def took(self) -> timedelta | None:
        """From the notice to the answer; who answers without one is spoken to."""
        if self.told_at is None or self.answered_at is None:
            return None
        return max(self.answered_at - self.told_at, timedelta(0))


def recalls_at(place: Location) -> list[AtPlace]:
    """The newest live ones first; four queries."""
    lines = ScopeLine.objects.filter(location=place, version__release__isnull=False).order_by()
    recalls = Recall.objects.live().filter(pk__in=lines.values("version__recall"))
    found = list(recalls.order_by("-opened_at", "-pk")[:SHOWN])
    asked = lines.filter(version__recall__in=found, role=ScopeLine.Role.RECIPIENT)
    asked_in = set(asked.values_list("version__recall", flat=True))
    notices = Notice.objects.filter(
        recall__in=found, kind=Notice.Kind.NOTICE, lines__location=place
    )
    told = _first(notices, "accepted_at")
    answered = _first(Response.objects.filter(recall__in=found, line__location=place), "at")
    return [
        AtPlace(one, one.pk in asked_in, told.get(one.pk), answered.get(one.pk)) for one in found
    ]


def _first(rows, moment: str) -> dict[int, datetime | None]:
    return dict(rows.order_by().values_list("recall").annotate(first=Min(moment)))
