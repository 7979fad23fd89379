"""Long work as rows: jobs, the files that were imported, and the workers that were seen."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse


class Job(models.Model):
    """A piece of work too long for a request. The row is the truth; a broker only rings."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Stopped"

    kind = models.CharField(max_length=40)
    parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    refused = models.PositiveBigIntegerField(default=0)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    attempts = models.PositiveIntegerField(default=0)
    token = models.CharField(max_length=36, blank=True)
    heartbeat_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, help_text="When its last try began.")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["state", "heartbeat_at"],
                condition=Q(state__in=["queued", "running"]),
                name="job_owed",
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    @property
    def is_over(self) -> bool:
        return self.state not in (self.State.QUEUED, self.State.RUNNING)


class ImportRun(models.Model):
    """One file that was read: its digest, what became of its rows, and those refused."""

    kind = models.CharField(max_length=20)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, db_index=True)
    is_dry_run = models.BooleanField(default=False)
    rows = models.PositiveBigIntegerField(default=0)
    added = models.PositiveBigIntegerField(default=0)
    already_there = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0)
    header = models.JSONField(default=list, help_text="The first row of the file, as it stands.")
    warnings = models.JSONField(default=list)
    errors = models.JSONField(default=list, help_text="Rows refused: line, column, value, reason.")
    refused_rows = models.TextField(blank=True, help_text="CSV of the rows refused, to mend.")
    job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="import_runs")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        permissions = [("import_data", "Can import files")]

    def __str__(self):
        return f"{self.file_name} ({self.kind})"

    def get_absolute_url(self):
        return reverse("import-detail", args=[self.pk])


class ColumnName(models.Model):
    """What a header means in files of one kind, as somebody said once; without a `column` it is
    left out. `key` is the header as headers are compared."""

    kind = models.CharField(max_length=20)
    header = models.CharField(max_length=100)
    key = models.CharField(max_length=100)
    column = models.CharField(max_length=40, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "header", "pk"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="column_named_once")]

    def __str__(self):
        return f"{self.header} in {self.kind}"


class Worker(models.Model):
    """A process that drains what is owed, and when it was last seen."""

    name = models.CharField(max_length=100, unique=True)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self):
        return self.name
