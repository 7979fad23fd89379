"""Counts what the tabs of lists show, a few at a time, so that no page has to count for them."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from time import monotonic

from django.urls import URLPattern, URLResolver, get_resolver

from batches.lists.pages import ListPage
from batches.models import SavedView, ViewCount
from batches.operations.view_counts import forget_counts, keep_counts

EVERY = timedelta(minutes=10)
# Longer than this no import or package waits for counts; the next round goes on.
SECONDS = 5.0
_log = logging.getLogger(__name__)


def count_views(now: datetime, seconds: float = SECONDS) -> int:
    """Counts the tabs whose count is missing or old, the oldest first; returns how many."""
    pages = list_pages()
    known = {(row.page, row.query): row for row in ViewCount.objects.all()}
    wanted = _wanted(pages)
    started, counts, wrong = monotonic(), {}, set()
    for page, query in _due(wanted, known, now):
        if monotonic() - started > seconds:
            break
        count = _count(pages[page], query)
        if count is None:
            wrong.add((page, query))
        else:
            counts[page, query] = count
    keep_counts(counts=counts, at=now)
    gone = [row for key, row in known.items() if key not in wanted or key in wrong]
    if gone:
        forget_counts(rows=gone)
    return len(counts)


def list_pages() -> dict[str, type[ListPage]]:
    """By the name of its address, each list that belongs to no one record."""
    return dict(_views(get_resolver().url_patterns))


def _views(patterns) -> Iterator[tuple[str, type[ListPage]]]:
    for pattern in patterns:
        if pattern.pattern.converters:
            continue
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and pattern.name:
            view = getattr(pattern.callback, "view_class", None)
            if view and issubclass(view, ListPage):
                yield pattern.name, view


def _wanted(pages: dict[str, type[ListPage]]) -> set[tuple[str, str]]:
    own = {(name, tab.query) for name, page in pages.items() for tab in page.tabs}
    saved = SavedView.objects.filter(page__in=pages).order_by()
    return own | set(saved.values_list("page", "query").distinct())


def _due(wanted, known: dict, now: datetime) -> list[tuple[str, str]]:
    never = datetime.min.replace(tzinfo=now.tzinfo)
    counted = {key: known[key].counted_at if key in known else never for key in wanted}
    due = [key for key, at in counted.items() if at <= now - EVERY]
    return sorted(due, key=lambda key: (counted[key], key))


def _count(page: type[ListPage], query: str) -> int | None:
    """None for a view that cannot be counted: it stays without a figure."""
    try:
        return page.count_of(query)
    except Exception:
        _log.exception("The view %r of %s could not be counted.", query, page.__name__)
        return None
