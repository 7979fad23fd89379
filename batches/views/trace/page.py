"""What the template of a trace gets: every address and figure, ready to be shown."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.urls import NoReverseMatch, reverse

from batches.models import Batch, Preferences
from batches.operations.preferences import preferences_of
from batches.views.trace.asked import DIRECTIONS, TABS, VIEWS, Asked, Seeds, pairs_of
from batches.views.trace.cards import graph, mix_of, name_of
from batches.views.trace.columns import chosen
from batches.views.trace.ends import dead_end
from batches.views.trace.found import Found
from batches.views.trace.gaps import gaps
from batches.views.trace.mass import mass
from batches.views.trace.places import place_map
from batches.views.trace.rows import counts, rows
from batches.views.trace.stopped import band, offer
from batches.views.trace.summary import summary
from batches.views.trace.totals import totals
from batches.views.trace.why import why

# Documents named in a note, and batches that an address may take up at one click.
DOCUMENTS, MOST = 8, 40


def page_of(found: Found, seeds: Seeds, user) -> dict:
    asked = found.asked
    return {
        "found": found,
        "asked": asked,
        "unknown": seeds.unknown,
        "choices": seeds.ambiguous,
        "lost": bool(asked.sel) and not found.chosen,
        "title": ", ".join(batch.number for batch in found.seeds[:3]),
        "recall_url": _recall_url(found) if user.has_perm("recalls.add_recall") else "",
        "summary": summary(found),
        "notes": found.notes(),
        "whole": asked.bare(),
        "band": band(found),
        "stop_offer": offer(found),
        "unnamed": _unnamed(found),
        "why": why(found),
        "totals": {} if found.chosen else totals(found),
        "gaps": None if found.chosen else gaps(found),
        "mass": mass(found),
        "unselected": asked.selecting(""),
        "again": asked.url(sel="", via="", open=(), sort="", tab="places"),
        "way": DIRECTIONS[asked.dir],
        "dead_end": dead_end(found),
        "own": _own(found),
        **_bar(found),
        **_table(found, preferences_of(user)),
        **(_graph(found) if asked.view == "graph" else {}),
        **({"places": place_map(found)} if asked.view == "map" else {}),
        **_times(found),
        "resolved_in": f"{found.seconds:.2f} s",
    }


def _bar(found: Found) -> dict:
    asked = found.asked
    return {
        "chips": [_chip(asked, batch) for batch in found.seeds],
        "directions": [
            (asked.url(dir=key), word, asked.dir == key) for key, word in DIRECTIONS.items()
        ],
        "views": [
            (key, asked.url(view=key), word, asked.view == key) for key, word in VIEWS.items()
        ],
        "exports": [(kind, f"{asked.url()}&export={kind}") for kind in ("csv", "xlsx", "json")],
    }


def _table(found: Found, kept: Preferences) -> dict:
    asked, table, count = found.asked, rows(found), counts(found)
    page = Paginator(table.rows, kept.page_size).get_page(asked.page)
    seen = chosen(table, kept.columns)
    return {
        "page": page,
        "shown": seen.narrowed(page),
        "columns": seen,
        "state": asked.url().partition("?")[2],
        "heads": [_head(asked, table, column) for column in seen.columns],
        "tabs": [
            (asked.url(tab=key, sort="", find="", group=""), word, count[key], asked.tab == key)
            for key, word in TABS.items()
        ],
        "find_hidden": asked.pairs(find=""),
        "all_rows": asked.url(find="", group="") if asked.find or found.group else "",
        "group": name_of(found.group) if found.group else "",
        "previous": asked.url(page=page.number - 1) if page.has_previous() else "",
        "next": asked.url(page=page.number + 1) if page.has_next() else "",
    }


def _graph(found: Found) -> dict:
    return {
        "graph": graph(found),
        "mix": list(mix_of(found).items()),
        "closed_url": found.asked.url(open=()) if found.asked.open else "",
    }


def _times(found: Found) -> dict:
    asked, times = found.asked, found.times
    narrowed = times.is_narrowed or asked.asof
    return {
        "times": times,
        "time_hidden": asked.hidden("from", "to", "asof"),
        "day_before": times.moved(-1),
        "day_after": times.moved(1),
        "all_times": asked.url(first="", last="", asof="") if narrowed else "",
    }


def _chip(asked: Asked, batch: Batch) -> dict:
    rest = tuple(pk for pk in asked.seeds if pk != batch.pk)
    key = "crit" if batch.is_recalled else "hold" if batch.is_held else "none"
    return {
        "batch": batch,
        "key": key,
        "icon": "supplier" if batch.origin.kind == "supplier" else "box",
        "without": asked.url(seeds=rest) if rest else reverse("batch-trace"),
    }


def _own(found: Found) -> dict:
    """Addresses that trace the selected card's batch by itself."""
    if not found.explained:
        return {}
    here = found.asked.url(
        seeds=(found.explained.batch_id,), sel="", via="", open=(), dir="both", stops=()
    )
    return {"url": here, "number": found.explained.batch_number}


def _head(asked: Asked, table, column) -> dict:
    current = table.sort.lstrip("-") == column.name
    descending = table.sort.startswith("-")
    flipped = column.name if current and descending else f"-{column.name}"
    if not current and not column.num:
        flipped = column.name
    order = ("descending" if descending else "ascending") if current else ""
    return {"column": column, "url": asked.url(sort=flipped), "order": order}


def _unnamed(found: Found) -> dict:
    """The documents of lines without a batch, and the trace that follows those goods as well."""
    lines = found.unnamed
    pages = {"shipment": "shipment-detail", "run": "run-detail"}
    documents = dict.fromkeys((pages[line.document], line.reference) for line in lines)
    shown = list(documents)[:DOCUMENTS]
    seeds = tuple(line.batch_id for line in lines)
    return {
        "documents": [(text, reverse(page, args=[text])) for page, text in shown],
        "more": len(documents) - len(shown),
        "url": found.asked.url(seeds=found.asked.seeds + seeds) if 0 < len(seeds) <= MOST else "",
    }


def _recall_url(found: Found) -> str:
    try:
        pairs = [("batch", batch.pk) for batch in found.seeds]
        # A stop that hides only where goods came from is nothing to a recall.
        pairs += pairs_of(found.asked.stops) if found.hides_affected else []
        return f"{reverse('recall-open')}?{urlencode(pairs)}"
    except NoReverseMatch:
        return ""
