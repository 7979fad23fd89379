"""The row of a drill: begun together with its recall, and its score kept when that ends."""

from django.core.exceptions import ValidationError

from batches.models import Finding
from batches.operations.events import record
from batches.operations.findings import close_finding
from recalls.models import Drill, Recall
from recalls.operations.drill_calendar import DUE, settle_duties
from recalls.reports.drilled import score, seal


def begin(recall: Recall, drill: Drill | None, *, by, at) -> Drill:
    """Joins `recall` to the drill that was planned; one that was not planned gets its row now.

    Its time counts from the moment that is planned for it, if that lies ahead.
    """
    if drill is None:
        drill = Drill(
            lead=recall.lead,
            window_from=at,
            window_until=at,
            starts_at=at,
            planted_sha256=seal([]),
            planned_by=by,
            planned_at=at,
        )
    drill.recall, drill.started_at = recall, max(at, recall.planned_at or at)
    drill.save(update_fields=["recall", "started_at"] if drill.pk else None)
    return drill


def keep_score(recall: Recall, *, by, at, remark="") -> Drill | None:
    """Keeps the score of a drill as it is now; the recall's row is locked, and its state final.

    What is no drill, or has its score, stays as it is. Refuses a planted truth that does not
    match its seal. Moves on the drills of the calendar that this one was.
    """
    drill = Drill.objects.select_for_update().filter(recall=recall).first()
    if drill is None or drill.finished_at:
        return None
    if seal(drill.planted) != drill.planted_sha256:
        raise ValidationError("What was planted was changed since it was sealed. No score counts.")
    drill.recall = recall
    drill.score = score(drill, at)
    drill.finished_at, drill.finished_by, drill.remark = at, by, remark.strip()
    drill.save(update_fields=["score", "finished_at", "finished_by", "remark"])
    overdue = Finding.objects.open().filter(kind=DUE, object_type=Drill._meta.label_lower)
    for finding in overdue.order_by("pk"):
        close_finding(finding=finding, reason=f"{recall} was run.", by=by, at=at)
    settle_duties(drill, by=by, at=at)
    record(verb="drill finished", obj=drill, by=by, at=at, after=drill.score, reason=drill.remark)
    return drill
