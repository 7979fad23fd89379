"""The page of findings, can we prove it?, and the page of the log."""

from django.contrib import messages
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from batches.lists.access import check
from batches.lists.pages import Empty, ListPage
from batches.lists.tabs import Tab
from batches.models import AuditRun, Event, Finding
from batches.operations.audits import ask_for_audit
from batches.reports.audit.trend import last_runs, rule_counts
from batches.reports.working import pace_of
from batches.templatetags.wording import moment
from batches.views.audit import filters, tables

RUN = "batches.run_audit"
Severity = Finding.Severity
_WORST_FIRST = [Severity.ALARM, Severity.WARNING, Severity.GAP]


class AuditedPage(ListPage):
    """What both pages share: asking for a run, and showing that it is under way."""

    log_only = False
    asked = ""

    def get(self, request, *args, **kwargs):
        if request.htmx and request.htmx.target == "progress":
            return self.progress(request)
        return super().get(request, *args, **kwargs)

    def post(self, request):
        check(request.user, RUN)
        ask_for_audit(by=request.user, at=timezone.now(), log_only=self.log_only)
        messages.success(request, self.asked)
        return redirect(request.path)

    def run(self) -> AuditRun | None:
        """The newest run that is not at its end: waiting, running, or failed."""
        newest = AuditRun.objects.filter(log_only=self.log_only).select_related("job").first()
        return newest if newest and newest.finished_at is None else None

    def progress(self, request):
        run = self.run()
        if run and run.job and run.job.state != "failed":
            context = {"run": run, "pace": pace_of(run.job, timezone.now())}
            return render(request, "batches/audit_progress.html", context)
        response = HttpResponse()
        response["HX-Refresh"] = "true"
        return response

    def context(self, filters, table):
        run = self.run()
        failed = bool(run and run.job and run.job.state == "failed")
        return super().context(filters, table) | {
            "run": None if failed else run,
            "pace": pace_of(run.job, timezone.now()) if run and run.job else None,
            "failed": run if failed else None,
            "may_run": self.request.user.has_perm(RUN),
        }


class AuditPage(AuditedPage):
    permission = "batches.view_finding"
    table_class = tables.FindingTable
    filterset_class = filters.FindingFilter
    template_name = "batches/audit.html"
    title = "Audit"
    asked = "The audit was asked for. This page shows when it is done."
    personal = frozenset({"owner=me"})
    tabs = (
        Tab("To settle", ""),
        Tab("Mine", "owner=me"),
        Tab("Accepted", "state=accepted"),
        Tab("Closed", "state=closed"),
        Tab("All", "state=all"),
    )

    def rows(self):
        """Without a state asked for: what waits for a person."""
        asked = self.request.GET.get("state")
        rows = Finding.objects.all() if asked else Finding.objects.unsettled()
        ranks = [When(severity=name, then=Value(n)) for n, name in enumerate(_WORST_FIRST)]
        rank = Case(*ranks, default=Value(len(ranks)), output_field=IntegerField())
        return rows.select_related("owner").annotate(rank=rank).order_by("rank", "-found_at")

    def context(self, filters, table):
        table.with_pages(self.request.user)
        runs = last_runs()
        self.empty = Empty(_nothing(runs))
        return super().context(filters, table) | {
            "runs": runs,
            "last_run": runs[-1] if runs else None,
            "rules": rule_counts(runs),
        }


def _nothing(runs: list[AuditRun]) -> str:
    if not runs:
        return "No open findings, but the audit has not run yet. It runs each night; run it now."
    return f"No open findings. Last run {moment(runs[-1].finished_at, timezone.now())}."


class LogPage(AuditedPage):
    permission = "batches.view_event"
    table_class = tables.EventTable
    filterset_class = filters.EventFilter
    template_name = "batches/audit_log.html"
    title = "Event log"
    empty = Empty("Nothing has been written to the log yet.")
    log_only = True
    asked = "The log is being verified. This page shows when it is done."

    def rows(self):
        return Event.objects.select_related("actor")

    def context(self, filters, table):
        verified = AuditRun.objects.of_the_log().select_related("asked_by")
        verified = verified.order_by("-finished_at", "-pk").first()
        return super().context(filters, table) | {
            "verified": verified,
            "is_broken": bool(verified and verified.counts.get("chain")),
        }
