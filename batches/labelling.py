"""Many labels in one file: the job behind the page, and where its files are kept."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from batches.codes.symbols import Kind
from batches.models import Batch, Job
from batches.operations import jobs
from batches.reports.labels import content, pdf
from batches.reports.labels.layout import Layout, lay_out
from batches.reports.labels.sizes import SIZES

JOB = "labels"
KEPT = timedelta(days=7)
_CHUNK = 200
_NAMED = 20


def labels_folder() -> Path:
    folder = Path(settings.DATA_DIR) / "labels"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def file_of(job: Job) -> Path:
    return labels_folder() / f"{job.pk}.pdf"


def run_label_job(job: Job, tell: jobs.Tell) -> dict:
    """Writes the job's PDF; a second run writes the same file again."""
    _forget_old()
    asked = job.parameters
    size, copies = SIZES[asked["size"]], asked["copies"]
    total = len(asked["batches"]) * copies
    remarks: dict[str, str] = {}
    layouts = _layouts(asked["batches"], Kind(asked["symbol"]), size, remarks)

    def hear(done: int) -> None:
        if done % 100 == 0:
            tell(done=done, total=total)

    path = file_of(job)
    begun = path.with_suffix(".part")
    with begun.open("wb") as file:
        pdf.write(
            file,
            layouts,
            size,
            title=f"{total} labels",
            copies=copies,
            first=asked["first"],
            tell=hear,
        )
    tell(done=total, total=total)
    begun.replace(path)
    some = dict(list(remarks.items())[:_NAMED])
    return {"labels": total, "remarks": some, "remarked": len(remarks)}


def _layouts(ids: list[int], kind: Kind, size, remarks: dict[str, str]) -> Iterator[Layout]:
    for start in range(0, len(ids), _CHUNK):
        some = ids[start : start + _CHUNK]
        found = Batch.objects.identified().select_related("product", "origin").in_bulk(some)
        for batch in (found[pk] for pk in some if pk in found):
            layout = lay_out(content.of_batch(batch), kind, size)
            if layout.remarks:
                remarks[batch.number] = " ".join(layout.remarks)
            yield layout


def _forget_old() -> None:
    """Labels are quickly made again; files of last week only fill the disk."""
    limit = (timezone.now() - KEPT).timestamp()
    for path in labels_folder().iterdir():
        if path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
