"""Whether the records are guarded, and all found: the chain of the log, the append-only triggers,
and what searches go by."""

from collections.abc import Iterator

from batches import triggers, trigrams
from batches.operations.events import verify_chain
from batches.reports.audit.shapes import Check, Found, Kind, Look, Severity

CHAIN = Kind("chain", "Log not as it was written", Severity.ALARM, "Open the log", "log")
TRIGGER = Kind("triggers", "Append-only trigger missing", Severity.ALARM, "Run manage.py migrate")

SEARCH = Kind("search", "Search does not find every row", Severity.ALARM, "Run manage.py reindex")


def _chain(look: Look) -> Iterator[Found]:
    """All breaks in one finding: one changed event breaks what follows it as well."""
    faults = verify_chain()
    if faults:
        more = f" And {len(faults) - 5:,} more." if len(faults) > 5 else ""
        yield Found(CHAIN, "batches.event", "chain", "log", " ".join(faults[:5]) + more)


def _triggers(look: Look) -> Iterator[Found]:
    text = "This trigger is missing or off. Run manage.py migrate, which puts it back."
    return (Found(TRIGGER, "trigger", name[:60], name, text) for name in triggers.missing())


def _search(look: Look) -> Iterator[Found]:
    text = "What searches go by does not hold what the table does. Run manage.py reindex."
    return (Found(SEARCH, "index", name[:60], name, text) for name in trigrams.stale())


LOG = Check("log", _chain, (CHAIN,))
TRIGGERS = Check("triggers", _triggers, (TRIGGER,))
INDEXES = Check("search", _search, (SEARCH,))
