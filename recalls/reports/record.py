"""A recall as JSON: where it stands, and its frozen versions byte for byte."""

import json
from dataclasses import fields

from batches.operations.events import plain
from recalls.models import Recall
from recalls.reports.amounts import Amounts
from recalls.reports.status import STATES, RecallStatus, status
from recalls.scope import canonical_scope


def summary(recall: Recall, now: RecallStatus) -> dict:
    """The head of a recall and its figures, as JSON types."""
    return {
        "reference": recall.reference,
        "title": recall.title,
        "is_drill": recall.is_drill,
        "status": str(recall.status),
        "classification": str(recall.classification),
        "activated_alone": recall.is_break_glass,
        "countersigned": recall.countersigned_by_id is not None,
        "version": now.version.number if now.version else None,
        "draft_version": now.draft.number if now.draft else None,
        "places": {name: getattr(now.conservation, name) for name in (*STATES, "total")},
        "answered": now.answered,
        "waived": now.waived,
        "amounts": [amounts_of(amount) for amount in now.totals],
    }


def record_of(recall: Recall) -> dict:
    """Everything a second system needs; no names and no addresses of people."""
    now = status(recall)
    return {
        **summary(recall, now),
        "locations": [
            {
                "code": place.code,
                "name": place.name,
                "state": place.key,
                "since": plain(place.since),
                "amounts": [amounts_of(amount) for amount in place.amounts],
            }
            for place in now.places
        ],
        "versions": [
            {
                "number": version.number,
                "sha256": version.sha256,
                "is_released": version.is_released,
                "scope": json.loads(canonical_scope(version, version.lines.all())),
            }
            for version in now.versions
        ],
    }


def amounts_of(amount: Amounts) -> dict:
    return plain({item.name: getattr(amount, item.name) for item in fields(amount)})
