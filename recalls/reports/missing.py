"""What a recall still needs before it can be completed and closed. Reads only."""

from dataclasses import dataclass

from recalls.models import Narrowing, Recall
from recalls.reports.checking import Checking
from recalls.reports.reconciliation import Reconciliation
from recalls.reports.status import RecallStatus

NAMED = 5


@dataclass(frozen=True)
class Missing:
    """One thing, in words; `key` names the page where it is done, `code` the place it is about."""

    key: str
    text: str
    code: str = ""


def missing(
    recall: Recall,
    now: RecallStatus,
    checks: Checking,
    balance: Reconciliation,
    narrowing: Narrowing | None,
) -> list[Missing]:
    """In the order in which people get them out of the way; no query. `narrowing` is the one
    that waits for a second person."""
    if recall.status not in {Recall.Status.ACTIVE, Recall.Status.COMPLETED}:
        return []
    signed = Missing("sign", "The report is to be signed by a second person")
    return [
        *_to_complete(recall, now, narrowing),
        *_to_close(recall),
        *unchecked(recall, checks),
        *_unexplained(balance),
        signed,
    ]


def _to_complete(recall: Recall, now: RecallStatus, narrowing) -> list[Missing]:
    if recall.status != Recall.Status.ACTIVE:
        return []
    found = []
    if now.draft:
        found.append(Missing("version", f"Scope version {now.draft.number} is not released"))
    if narrowing:
        found.append(Missing("narrowing", "A narrowing waits for a second person"))
    places = sum(not (place.answered or place.waived) for place in now.places)
    if places:
        words = "place has not answered" if places == 1 else "places have not answered"
        found.append(Missing("answers", f"{places:,} {words}, or must be waived"))
    return found


def _to_close(recall: Recall) -> list[Missing]:
    return [Missing("countersign", "Not countersigned")] if recall.is_uncountersigned else []


def _unexplained(balance: Reconciliation) -> list[Missing]:
    """What does not add up, by batch and by place, the worst first: each comes or is explained."""
    gaps = balance.to_explain
    found = [Missing("balance", gap.text.rstrip("."), gap.code) for gap in gaps[:NAMED]]
    if (more := len(gaps) - NAMED) > 0:
        words = "thing does" if more == 1 else "things do"
        found.append(Missing("balance", f"{more:,} more {words} not add up"))
    return found


def unchecked(recall: Recall, checks: Checking) -> list[Missing]:
    """What the effectiveness checks lack. A drill may go without them."""
    if not checks.level:
        return [] if recall.is_drill else [Missing("level", "No level of checks is chosen")]
    if checks.unsampled:
        return [Missing("sample", "The places to be checked are not drawn")]
    if checks.to_do:
        words = "check is" if checks.to_do == 1 else "checks are"
        return [Missing("checks", f"{checks.to_do:,} effectiveness {words} not made or waived")]
    return []
