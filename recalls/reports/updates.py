"""When the next status update of a recall is due to those who get its reports. Reads only.

FDA expects a status report every two to four weeks (21 CFR 7.53); people want to hear weekly. How
often is in the plan of the class.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Subquery

from batches.models import Event
from batches.templatetags.wording import span
from recalls.models import Recall, ReminderPlan
from recalls.reports.targets import due_word

VERB = "update posted"


@dataclass(frozen=True)
class UpdateDue:
    """Shown beside the targets, and like them."""

    since: datetime
    due: datetime
    now: datetime
    word: str = "Status update"

    @property
    def is_late(self) -> bool:
        return self.now > self.due

    @property
    def newest(self) -> datetime:
        """The last of the days on which one was due: they go on while nobody sends any."""
        every = self.due - self.since
        return self.since + max((self.now - self.since) // every, 1) * every

    @property
    def said(self) -> str:
        return "overdue" if self.is_late else "to come"

    @property
    def colour(self) -> str:
        return "crit" if self.is_late else "info"

    @property
    def glyph(self) -> str:
        return "recall" if self.is_late else "clock"

    @property
    def share(self) -> int:
        used = (self.now - self.since) / (self.due - self.since)
        return round(min(max(used, 0), 1) * 100)

    @property
    def text(self) -> str:
        if self.is_late:
            return f"overdue by {span(self.now - self.due)}"
        return f"due {due_word(self.due, self.now)}"


def update_due(recall: Recall, now: datetime) -> list[UpdateDue]:
    """Counted from the last update that was mailed, or from the activation; one query.

    Nothing while a recall is prepared, and after its end.
    """
    if recall.status not in {Recall.Status.ACTIVE, Recall.Status.COMPLETED}:
        return []
    events = Event.objects.filter(object_type="recalls.recall", object_id=str(recall.pk), verb=VERB)
    mailed = events.filter(after__by_mail=True).order_by("-seq")
    plan = ReminderPlan.objects.annotate(last=Subquery(mailed.values("at")[:1]))
    days, last = plan.values_list("update_days", "last").get(classification=recall.classification)
    since = last or recall.activated_at
    return [UpdateDue(since, since + timedelta(days=days), now)]
