"""The audit: every check there is, run over everything that is recorded. Reads only.

`operations.audits` keeps what it finds as findings; `manage.py audit` prints it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from batches.reports.audit import contacts, frozen, keys, links, machinery, numbers, stock, times
from batches.reports.audit.shapes import Check, Found, Kind, Look, Severity, merged
from batches.templatetags.wording import site_zone
from batches.tracing.sql import one_snapshot

__all__ = [
    "FAILED",
    "LOG",
    "Check",
    "Found",
    "Kind",
    "Look",
    "Report",
    "checks",
    "examine",
    "kinds",
    "register",
    "word_of",
]

FAILED = Kind(
    "rule_failed", "A rule could not be checked", Severity.ALARM, "Check the server's log"
)
LOG = machinery.LOG.name
_checks: dict[str, Check] = {
    check.name: check
    for check in (
        machinery.LOG,
        machinery.TRIGGERS,
        machinery.INDEXES,
        numbers.NUMBERS,
        numbers.LEFT_OVER,
        keys.KEYS,
        stock.SUMS,
        stock.EXPIRED,
        links.LINKS,
        times.TIMES,
        contacts.CONTACTS,
        frozen.TRACES,
    )
}
# Findings of these kinds are raised where they happen, and settled by a person.
_WORDS = {
    "held_batch_moved": "Held batch moved",
    "void_number_used": "Number out of use on a batch",
    "not_recorded": "Goods without a record",
    "made_elsewhere": "Made elsewhere than recorded",
    "scope_drift": "Recall scope grew",
    "scope_unseen": "Recall scope cannot be looked at",
    "drill_due": "A drill is due",
    "narrowed_moved": "Left out of a recall, and moved",
    "break_glass": "Recall activated by one person",
    "countersign_overdue": "Recall not countersigned in time",
    "recall_objected": "Objection to a recall",
    "target_scope": "Scope of a recall not frozen in time",
    "target_notified": "Not all notified in time",
    "target_records": "Records of a recall not handed over in time",
    "target_answers": "Answers to a recall overdue",
    "records_late": "Records asked for, and not handed over in 24 h",
    "unit_checked_often": "Unit code checked often",
    "unit_codes_guessed": "Unit codes guessed",
}
_log = logging.getLogger(__name__)


@dataclass
class Report:
    """What was found, and the kinds of which this is all: a check that failed leaves its own."""

    found: dict[tuple[str, str, str], Found] = field(default_factory=dict)
    complete: set[str] = field(default_factory=set)

    @property
    def counts(self) -> dict[str, int]:
        counted = dict.fromkeys(sorted(self.complete), 0)
        for kind, _, _ in self.found:
            counted[kind] = counted.get(kind, 0) + 1
        return counted


def register(check: Check) -> None:
    """Adds a check of a layer above, which this one never imports."""
    _checks[check.name] = check


def checks() -> list[Check]:
    return list(_checks.values())


def kinds() -> dict[str, Kind]:
    """Every rule by the name of its findings, in the order of the page."""
    return {kind.name: kind for check in checks() for kind in check.kinds} | {FAILED.name: FAILED}


def word_of(name: str) -> str:
    kind = kinds().get(name)
    plain = name.replace("_", " ").replace("-", " ").capitalize()
    return kind.word if kind else _WORDS.get(name, plain)


def examine(
    now: datetime, names: set[str] | None = None, tell: Callable[..., None] = lambda **_: None
) -> Report:
    """Runs the checks `names`, or all. A check that fails becomes a finding of its own.

    Each check sees one moment of the database, so that what is posted meanwhile looks like no
    contradiction.
    """
    report, look = Report(), Look(now, now.astimezone(site_zone()).date())
    wanted = [check for check in checks() if names is None or check.name in names]
    for done, check in enumerate(wanted):
        tell(done=done, total=len(wanted))
        try:
            with one_snapshot():
                report.found |= merged(check.find(look))
        except Exception as error:
            _log.exception("The check %s of the audit failed.", check.name)
            report.found |= merged([_failure(check, error)])
        else:
            report.complete |= {kind.name for kind in check.kinds}
    report.complete.add(FAILED.name)
    tell(done=len(wanted), total=len(wanted))
    return report


def _failure(check: Check, error: Exception) -> Found:
    rules = ", ".join(kind.word.lower() for kind in check.kinds)
    text = (
        f"The check “{check.name}” stumbled ({type(error).__name__}), so nothing is known of: "
        f"{rules}. What it found before stays open. Look in the server's log."
    )
    return Found(FAILED, "check", check.name, check.name, text)
