"""The job that resolves a trace too large for a page and freezes it as a page would show it.

It works beside the pages because it keeps what they show: their figures, rows and drawing.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict

from django.http import QueryDict
from django.utils import timezone

from batches.lists.pages import Refused
from batches.models import Job, TraceSnapshot
from batches.operations import jobs
from batches.operations.snapshots import Frozen, freeze_trace
from batches.tracing.sql import one_snapshot
from batches.views.trace import asked as addresses
from batches.views.trace.asked import DIRECTIONS, Asked
from batches.views.trace.cards import graph, mix_of
from batches.views.trace.found import Found, find
from batches.views.trace.rows import in_transit, look_of
from batches.views.trace.summary import summary
from batches.views.trace.totals import totals

# At about 6 KB each a worker's memory has room for so many; what lies beyond is noted.
MOST = 500_000


def run_snapshot_job(job: Job, tell: jobs.Tell) -> dict:
    """Freezes what the job's address asks for. A second run finds the snapshot of the first."""
    if kept := TraceSnapshot.objects.filter(job=job).first():
        return {"code": str(kept.code)}
    params = QueryDict(job.parameters["query"])
    try:
        seeds = addresses.find_seeds(params.getlist("seed")).batches
        read = addresses.read(params)
    except Refused as refusal:
        raise jobs.JobRefused(str(refusal)) from None
    if not seeds:
        raise jobs.JobRefused("None of the batches that it begins with is recorded any more.")
    asked = Asked(**{**vars(read), "seeds": tuple(b.pk for b in seeds)})
    at = timezone.now()
    with one_snapshot():
        found = find(asked, seeds, MOST, lambda met: tell(done=met))
        frozen = Frozen(_head(found, **job.parameters), list(_lines(found)))
    snapshot = freeze_trace(job=job, frozen=frozen, at=at, tell=tell)
    return {"code": str(snapshot.code)}


def _head(found: Found, query: str, title: str) -> dict:
    asked = found.asked
    return {
        "title": title[:200],
        "query": query,
        "asked": {
            "direction": DIRECTIONS[asked.dir],
            "seeds": [
                {"product": b.product.code, "batch": b.number, "origin": b.origin.code}
                for b in found.seeds
            ],
            "from": asked.first,
            "to": asked.last,
            "stops": [{"name": stop.name, "reason": stop.reason} for stop in asked.stops],
        },
        "known_at": asked.known_at,
        "complete": found.complete,
        "counts": {
            "holdings": len(found.holdings),
            "batches": len({held.batch_id for held in found.holdings.values()}),
            "places": len({held.location_id for held in found.holdings.values()}),
            "links": len(found.links),
        },
        "notes": [*found.stop_notes(), *found.notes()],
        "figures": [[one.label, one.text, one.alarm] for one in summary(found)],
        "totals": {
            title: [[one.name, one.places, one.amount] for one in rows]
            for title, rows in totals(found).items()
        },
        "graph": _drawing(found),
    }


def _drawing(found: Found) -> dict:
    """Cards and lines as plain values; which card leads where is the page's own."""
    drawn, drawing = graph(found), found.drawing
    cards = [
        {
            "box": {
                "id": card.box.id,
                "x": card.box.x,
                "y": card.box.y,
                "loops": card.box.loops,
                "bundle": bool(card.box.bundle),
            },
            "classes": card.classes,
            "mono": card.mono,
            **{name: getattr(card, name) for name in _CARD},
        }
        for card in drawn.cards
    ]
    made = {
        "width": float(drawn.width),
        "height": float(drawn.height),
        "cards": cards,
        "lines": [asdict(line) for line in drawn.lines],
        "headings": [heading._asdict() for heading in drawing.headings],
        "nodes": drawing.nodes,
        "alone": drawing.alone,
        "hidden": drawing.hidden,
        "bundles": [bundle.key for bundle in drawing.bundles],
        "mix": list(mix_of(found).items()) if drawn.has_mix else [],
        "has_mix": drawn.has_mix,
        "has_unknown": drawn.has_unknown,
        "has_stops": drawn.has_stops,
        "has_minimap": drawn.has_minimap,
    }
    # PostgreSQL knows no negative zero, and what it gives back must have the same hash.
    return json.loads(json.dumps(made), parse_float=lambda text: float(text) + 0.0)


_CARD = ("label", "line2", "name", "icon", "glyph", "bars", "stops")


def _lines(found: Found) -> Iterator[dict]:
    """A line for each holding in the order of the trace, the way that is followed first."""
    boxes = {node.id: box.id for box in found.drawing.boxes for node in box.members}
    place = {key: n for n, key in enumerate(found.holdings, 1)}
    sent = in_transit(found)
    for key, held in found.holdings.items():
        result = found.result_of(key)
        document, before = result.came_by(key) or ("", 0)
        look = look_of(found, [held], held.on_hand, sent)
        yield {
            "way": result.direction,
            **{name: getattr(held, name) for name in _COPIED},
            "country": found.facts.locations[held.location_id].country,
            "status": look.key,
            "word": look.word,
            "document": document,
            "came_from": place.get(before),
            "card": boxes[found.picture.card[key]],
        }


_COPIED = (
    "product_code", "product_name", "batch_number", "origin_code", "location_code",
    "location_name", "unit", "bound", "depth", "received", "on_hand",
)  # fmt: skip
