"""Registers the app that decides, tells and proves."""

from django.apps import AppConfig
from django.core import checks


class RecallsConfig(AppConfig):
    name = "recalls"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from batches.operations import jobs
        from batches.operations.listeners import (
            when_asked_which_holds_recalls_let_go,
            when_asked_which_recalls_hold,
            when_links_are_written,
        )
        from batches.reports import audit, resolver
        from batches.tracing.answers import when_asked_what_was_answered
        from recalls import packaging
        from recalls.operations.arrivals import recalls_that_hold
        from recalls.operations.delivery import check_lease
        from recalls.operations.recalls import let_go
        from recalls.operations.records import SHEET, run_sheet_job
        from recalls.operations.scope import mark_drift
        from recalls.reports.answered import answered_of
        from recalls.reports.audit import VERSIONS
        from recalls.reports.named import RECALLS

        audit.register(VERSIONS)
        jobs.register(packaging.JOB, packaging.run_package_job)
        jobs.register(SHEET, run_sheet_job)
        resolver.register(RECALLS)
        when_links_are_written(mark_drift)
        when_asked_which_holds_recalls_let_go(let_go)
        when_asked_which_recalls_hold(recalls_that_hold)
        when_asked_what_was_answered(answered_of)
        checks.register(check_lease)
