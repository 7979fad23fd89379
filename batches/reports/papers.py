"""Who did something with one batch, and the documents that name it."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User

from batches.models import Batch, Event, RunOutput, ShipmentLine
from batches.operations.stock import MOVED

SHOWN = 8


@dataclass(frozen=True)
class Deed:
    """What somebody did with the batch, last at that moment."""

    who: User
    did: str
    at: datetime


@dataclass(frozen=True)
class Paper:
    """A document of ours, and the number of the paper that came or went with the goods."""

    icon: str
    word: str
    reference: str
    url: str
    number: str = ""


def people(batch: Batch, holds, inspections, with_log: bool) -> list[Deed]:
    """Each person once for each kind of deed, the newest first. Who recorded it says the log."""
    deeds = [
        *_of_holds(holds),
        *(Deed(row.by, f"tested it: {row.kind.lower()}", row.at) for row in inspections if row.by),
        *_of_runs(batch),
        *(_recorded(batch) if with_log else ()),
    ]
    deeds.sort(key=lambda deed: deed.at)
    newest = {(deed.who.pk, deed.did): deed for deed in deeds}
    return sorted(newest.values(), key=lambda deed: deed.at, reverse=True)[:SHOWN]


def _of_holds(holds):
    for hold in holds:
        if hold.is_drill:
            continue
        done = (
            (hold.placed_by, "held it", hold.placed_at),
            (hold.decided_by, "decided on the hold", hold.decided_at),
            (hold.released_by, "released it", hold.released_at),
        )
        yield from (Deed(who, did, at) for who, did, at in done if who and at)


def _of_runs(batch: Batch):
    rows = RunOutput.objects.filter(batch=batch, run__status="posted", run__posted_by__isnull=False)
    for row in rows.select_related("run__posted_by").order_by("-pk")[:SHOWN]:
        yield Deed(row.run.posted_by, "recorded the run that made it", row.run.posted_at)


def _recorded(batch: Batch):
    rows = Event.objects.filter(object_type="batches.batch", object_id=str(batch.pk))
    words = {
        "batch made": "recorded it",
        "batch changed": "changed it",
        "batch voided": "voided it",
    }
    rows = rows.filter(verb__in=words, actor__isnull=False).select_related("actor")
    for event in rows.order_by("-seq")[:SHOWN]:
        yield Deed(event.actor, words[event.verb], event.at)


def papers(batch: Batch) -> tuple[list[Paper], bool]:
    """The newest documents that name it, first those that made it; and whether there are more."""
    made = RunOutput.objects.filter(batch=batch, run__status="posted").select_related("run")
    found = [
        Paper("factory", "Made by", row.run.reference, row.run.get_absolute_url())
        for row in made.order_by("-pk")[:SHOWN]
    ]
    moved = ShipmentLine.objects.filter(batch=batch, shipment__status__in=MOVED)
    moved = moved.select_related("shipment__origin", "shipment__destination")
    rows = list(moved.order_by("-pk")[: SHOWN + 1])
    shipments = {row.shipment_id: row.shipment for row in rows[:SHOWN]}
    for shipment in shipments.values():
        word = "Came with" if shipment.destination.is_own else "Left with"
        url = shipment.get_absolute_url()
        found.append(Paper("truck", word, shipment.reference, url, shipment.document))
    return found, len(rows) > SHOWN
