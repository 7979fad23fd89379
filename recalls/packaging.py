"""The 24 h package: everything about one recall in one ZIP, with a manifest of its hashes.

Made by a job, because it takes longer than a request may; the command writes the same file.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from batches.models import Job
from batches.operations import jobs
from recalls.models import Recall
from recalls.reports.dossier import Dossier, dossier
from recalls.reports.outputs import OUTPUTS, make, tables
from recalls.reports.outputs.consumer_words import WORDS
from recalls.scope import canonical_scope

JOB = "recall_package"
KEPT = timedelta(days=30)
# Name of the file, kind and format, in the order in which an inspector reads them.
_FILES = (
    ("01-firm-report.pdf", "firm"),
    ("02-status-report.pdf", "status"),
    ("03-closing-report.pdf", "closing"),
    ("04-fsma-204.xlsx", "fsma"),
    ("05-scope.xlsx", "status"),
    ("data/record.json", "status"),
    ("data/enforcement.json", "openfda"),
)
_TABLES = (
    ("data/totals.csv", tables.totals),
    ("data/batches.csv", tables.batches),
    ("data/places.csv", tables.places),
    ("data/notices.csv", tables.notices),
)


def package_folder() -> Path:
    folder = Path(settings.DATA_DIR) / "packages"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def file_of(job: Job) -> Path:
    return package_folder() / f"{job.pk}.zip"


def name_of(reference: str, version: int) -> str:
    return f"{reference}-package-version-{version}.zip"


def run_package_job(job: Job, tell: jobs.Tell) -> dict:
    """Writes the package of the job's recall; a second run writes the same file again."""
    _forget_old()
    recall = Recall.objects.get(reference=job.parameters["reference"])
    who = job.created_by.get_full_name() or job.created_by.get_username() if job.created_by else ""
    try:
        case = dossier(recall, at=timezone.now(), by=who or "the clock")
    except ValidationError as refusal:
        raise jobs.JobRefused(" ".join(refusal.messages)) from None
    path = file_of(job)
    begun = path.with_suffix(".part")
    with begun.open("wb") as file:
        files = write_package(file, case, tell)
    begun.replace(path)
    return {
        "files": files,
        "bytes": path.stat().st_size,
        "sha256": _digest(path),
        "version": case.version.number,
        "at": case.at.isoformat(),
    }


def write_package(file: BinaryIO, case: Dossier, tell: Callable[..., None]) -> int:
    """Writes the ZIP file by file, so that no more than one of them is in memory."""
    total, listed = _count(case), []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for number, (name, content) in enumerate(_contents(case), 1):
            package.writestr(name, content)
            listed.append(
                {
                    "name": name,
                    "bytes": len(content),
                    "sha256": hashlib.sha256(content).hexdigest(),
                }
            )
            if number % 10 == 0:
                tell(done=number, total=total)
        package.writestr("manifest.json", _manifest(case, listed))
    tell(done=total, total=total)
    return len(listed) + 1


def _count(case: Dossier) -> int:
    return len(_FILES) + len(_TABLES) + len(WORDS) + 1 + len({x.location_id for x in case.lines})


def _contents(case: Dossier) -> Iterator[tuple[str, bytes]]:
    for name, kind in _FILES:
        yield name, make(case, kind, name.rpartition(".")[2]).content
    for language in WORDS:
        yield (
            f"consumer/notice-{language}.pdf",
            make(case, "consumer", "pdf", language=language).content,
        )
    for name, table in _TABLES:
        yield name, table(case)
    # Byte for byte what was hashed: its SHA-256 is the one on every page.
    frozen = canonical_scope(case.version, case.version.lines.all())
    yield f"data/scope-version-{case.version.number}.json", frozen
    for code in sorted({line.location_code for line in case.lines}):
        content = make(case, "evidence", "pdf", place=code).content
        yield f"evidence/{_file_name(code)}.pdf", content


def _file_name(code: str) -> str:
    """A code as a name that stays inside its folder; two codes never give the same one."""
    kept = "".join(c if c.isalnum() or c in "-_" else "_" for c in code)
    return kept if kept == code else f"{kept}-{hashlib.sha256(code.encode()).hexdigest()[:8]}"


def _manifest(case: Dossier, listed: list[dict]) -> bytes:
    says = {
        "recall": case.recall.reference,
        "title": case.recall.title,
        "is_drill": case.recall.is_drill,
        "status": str(case.recall.status),
        "scope_version": case.version.number,
        "scope_sha256": case.version.sha256,
        "generated_at": case.at.isoformat(),
        "generated_by": case.by,
        "outputs": {one.kind: one.title for one in OUTPUTS.values()},
        "files": listed,
    }
    return json.dumps(says, indent=1, ensure_ascii=False).encode()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _forget_old() -> None:
    limit = (timezone.now() - KEPT).timestamp()
    for path in package_folder().iterdir():
        if path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
