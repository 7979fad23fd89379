"""What people have to do in a recall, beside what the system does by itself."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class TaskQuerySet(models.QuerySet):
    def open(self):
        return self.filter(done_at__isnull=True)


class Task(models.Model):
    """`kind` is what the template or the clock wrote it for; the clock closes some by the facts."""

    class Kind(models.TextChoices):
        STOP_SALE = "stop_sale", "Stop sale at our sites"
        REPORT = "report", "File the initial report"
        PUBLIC = "public", "Draft the public notice"
        PICKUP = "pickup", "Arrange the pick-ups"
        CALL = "call", "Call who was not reached"
        CHECK = "check", "Follow up a failed check"
        OWN = "own", "Added by a person"
        # What a drill has shown to be wrong; it is put right after the drill is over.
        CORRECTIVE = "corrective", "Corrective action"

    recall = models.ForeignKey("recalls.Recall", models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.OWN)
    title = models.CharField(max_length=200)
    location = models.ForeignKey("batches.Location", models.PROTECT, null=True, related_name="+")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="recall_tasks"
    )
    due_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="Nobody: the facts closed it.",
    )
    done_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, blank=True, help_text="Such as a reference.")

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["recall", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["recall", "kind"],
                condition=Q(kind="call", done_at__isnull=True),
                name="task_call_open_once",
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=False) | Q(done_by__isnull=True),
                name="task_done_by_and_at",
            ),
            models.CheckConstraint(
                condition=~Q(kind="corrective") | Q(assignee__isnull=False, due_at__isnull=False),
                name="task_corrective_has_owner_and_due",
            ),
        ]

    def __str__(self):
        return f"{self.title} ({self.recall})"
