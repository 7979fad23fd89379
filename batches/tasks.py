"""What the clock does for batches: works off the jobs that wait, asks for the nightly audit."""

from django.utils import timezone


def run_due_jobs(*, worker: str) -> int:
    """Runs the jobs that wait, one after the other; returns how many were run."""
    from batches.operations import jobs

    return jobs.run_due(worker=worker)


def owe_audit(now=None) -> None:
    """Asks for the audit of the night once it is due; the job queue runs it."""
    from batches.operations.audits import owe_nightly_audit

    owe_nightly_audit(at=now or timezone.now())
