"""Long work that failed in the last days, and was not done since."""

from collections.abc import Iterator

from django.utils import timezone

from batches.templatetags.lotline import person
from traceability.reports import work
from traceability.reports.attention.item import Item, first_sentence


def failed_jobs():
    return work.failed(timezone.now())


def job_items(rows, limit) -> Iterator[Item]:
    jobs = rows.select_related("created_by").prefetch_related("import_runs")
    for one in work.named(jobs.order_by("finished_at", "pk")[:limit]):
        yield Item(
            rank=2,
            since=one.job.finished_at or one.job.created_at,
            key="crit",
            icon="x",
            title=f"Failed: {one.word}",
            detail=first_sentence(one.job.error),
            record=f"Job {one.job.pk}",
            record_url=one.url,
            record_detail="",
            owner=person(one.job.created_by),
            action="Open",
            action_url=one.url,
        )
