"""Where a trace goes no further for want of records, and when something was last recorded."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from batches.templatetags import wording
from batches.tracing import TracedHolding
from batches.views.trace.found import Found


def dead_end(found: Found) -> str:
    """Of the whole trace, where nothing leads on from what it begins with."""
    if found.times.links or found.asked.stops:
        return ""
    name = ", ".join(batch.number for batch in found.seeds[:3])
    return _said(found, name, found.holdings.values(), found.asked.dir)


def end_of(found: Found, name: str) -> str:
    """Of the selected card, where nothing leads on from it and no stop is the reason."""
    chosen, forward = found.chosen, found.is_affected(found.explained.holding_id)
    is_stock = found.asked.sel.startswith(("k:", "a:", "d:"))
    if is_stock or found.asked.sel in found.stopped_cards or not found.times.links:
        return ""
    here = {held.holding_id for held in chosen}
    if any((link.source if forward else link.target) in here for link in found.times.links):
        return ""
    return _said(found, name, chosen, "fwd" if forward else "back")


def _said(found: Found, name: str, holdings: Iterable[TracedHolding], way: str) -> str:
    where = {"fwd": "after", "back": "before", "both": "before or after"}[way]
    at = _last(found, list(holdings))
    last = f"Last event {wording.day(at, timezone.now())}." if at else "No event has a time."
    return f"Nothing is recorded {where} {name}. {last}"


def _last(found: Found, holdings: list[TracedHolding]) -> datetime | None:
    """The latest moment that a record about these holdings names."""
    here = {held.holding_id for held in holdings}
    zone = wording.site_zone()
    times = [
        datetime.fromtimestamp(at, zone)
        for link in found.times.links
        if link.source in here or link.target in here
        for at in (link.left_by, link.arrived_from)
        if at is not None
    ]
    made = (found.facts.batches[held.batch_id].produced_at for held in holdings if held.is_start)
    return max([*times, *filter(None, made)], default=None)
