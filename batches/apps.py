"""Registers the app that knows what was made from what, and where it is now."""

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate


class BatchesConfig(AppConfig):
    name = "batches"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from batches import freezing, importing, labelling, triggers, trigrams
        from batches.operations import audits, jobs, snapshots
        from batches.operations.imports import uploads

        post_migrate.connect(triggers.install_after_migrate, sender=self)
        post_migrate.connect(trigrams.install_after_migrate, sender=self)
        checks.register(triggers.check_installed, checks.Tags.database)
        jobs.register(uploads.JOB, importing.run_import_job)
        jobs.register(audits.JOB, audits.run_audit_job)
        jobs.register(labelling.JOB, labelling.run_label_job)
        jobs.register(snapshots.JOB, freezing.run_snapshot_job)
