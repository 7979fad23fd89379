"""A whole drill without a browser: planned, started, frozen, told, answered, finished."""

import csv
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management import CommandError

from recalls.models import Drill
from recalls.operations.activation import activate_unsigned, follow_up
from recalls.operations.drills import finish_drill, plan_drill, start_drill
from recalls.operations.recalls import submit_recall
from recalls.operations.responses import answer
from recalls.reports.drilled import in_words
from recalls.scope import lines_of
from recalls.tasks import deliver

_BACKEND = "django.contrib.auth.backends.ModelBackend"


def as_json(drill: Drill) -> str:
    figures = {"reference": str(drill), "batch": drill.batch.number, **drill.score}
    return json.dumps(figures, indent=1, ensure_ascii=False)


def as_text(drill: Drill) -> str:
    lines = [f"{drill}  {drill.batch.product.code}/{drill.batch.number}"]
    lines += [f"{name:<30}{value}" for name, value in in_words(drill.score)]
    lines += [f"missed: {place}" for place in drill.score["missed"]]
    lines += [f"gap: {text}" for text in drill.score["gaps"]]
    return "\n".join(lines)


def planted_in(path: str) -> list[dict]:
    """The rows of a CSV file with a column `place` and, if wanted, `batch`; or the same as JSON."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}.") from None
    try:
        rows = (
            json.loads(text) if path.endswith(".json") else list(csv.DictReader(text.splitlines()))
        )
        return [{"place": row["place"], "batch": row.get("batch") or ""} for row in rows]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CommandError(
            f"{path} has no places. Write CSV with the columns place and batch, or a JSON list "
            'of {"place": …, "batch": …}.'
        ) from None


def lead_named(name: str):
    """The user with this name, or the first who may run drills and can be written to."""
    users = get_user_model().objects
    if name:
        found = users.filter(username=name, is_active=True).first()
        if found is None:
            raise CommandError(f"There is no user {name}.")
        return found
    found = users.with_perm("recalls.run_drill", backend=_BACKEND).exclude(email="")
    if (first := found.order_by("pk").first()) is None:
        raise CommandError("Nobody with an e-mail address may run drills. Name one with --by.")
    return first


def run_drill(*, batch, by, planted, answers: bool, clock: Callable[[], datetime]) -> Drill:
    """The whole loop, by the operations that pages call; refusals end it as they do there."""
    drill = plan_drill(lead=by, by=by, at=clock(), batch=batch, planted=planted)
    drill = start_drill(drill=drill, by=by, at=clock())
    try:
        recall = submit_recall(recall=drill.recall, by=by, at=clock())
        version = activate_unsigned(recall=recall, by=by, at=clock())
        follow_up(version, clock())
        deliver(clock())
        if answers:
            _answer_all(recall, clock)
    except ValidationError as refusal:
        finish_drill(drill=drill, by=by, at=clock(), remark=" ".join(refusal.messages))
        raise
    return finish_drill(drill=drill, by=by, at=clock())


def _answer_all(recall, clock) -> None:
    """As the team would through the links: everything asked for was found and set aside."""
    for recipient in recall.recipients.filter(revoked_at__isnull=True).order_by("pk"):
        lines = lines_of(recipient)
        found = {line.pk: {"quarantined": line.due} for line in lines if line.due is not None}
        if found:
            answer(
                recipient=recipient, answers=found, name="Drill", phone="", remark="Simulated.",
                at=clock(),
            )  # fmt: skip
