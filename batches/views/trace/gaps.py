"""What is not known about a trace, record by record, so that somebody can mend it."""

from dataclasses import dataclass

from django.urls import reverse

from batches.models import Shipment
from batches.tracing.picture.roles import is_unsure
from batches.views.trace.found import Found

# Shown at once, and at most.
FIRST, MOST = 6, 100


@dataclass(frozen=True)
class Gap:
    """One record: `url` is where it is looked at or mended."""

    name: str
    url: str
    text: str


@dataclass(frozen=True)
class Gaps:
    first: list[Gap]
    others: list[Gap]
    count: int

    @property
    def left_out(self) -> int:
        return self.count - len(self.first) - len(self.others)


def gaps(found: Found) -> Gaps:
    """Places without a way from the origin, then documents, each once."""
    known = [*_unexplained(found), *_documents(found), *_unnamed(found)]
    return Gaps(known[:FIRST], known[FIRST:MOST], len(known))


def _unexplained(found: Found) -> list[Gap]:
    return [
        Gap(
            f"{held.batch_number} at {held.location_name}",
            found.asked.selecting(found.picture.card[key]),
            "no recorded way from its origin",
        )
        for key, held in found.holdings.items()
        if held.is_unexplained
    ]


def _documents(found: Found) -> list[Gap]:
    said: dict[tuple[str, str], dict[str, None]] = {}
    for link in found.links:
        words = _lacks(link)
        if link.run:
            key = ("run-detail", found.facts.runs[link.run].reference)
        else:
            shipment = found.facts.shipments[found.facts.shipment_of[link.shipment_line]]
            key = ("shipment-detail", shipment.reference)
            if shipment.status == Shipment.Status.POSTED:
                words = ["not received yet", *(word for word in words if word == "no quantity")]
        if words:
            said.setdefault(key, {}).update(dict.fromkeys(words))
    return [
        Gap(reference, reverse(page, args=[reference]), ", ".join(words))
        for (page, reference), words in said.items()
    ]


def _lacks(link) -> list[str]:
    words = []
    if is_unsure(link):
        sides = (link.left_by, link.arrived_from)
        both = "no time" if link.run or sides == (None, None) else ""
        words.append(both or ("no time of leaving" if link.left_by is None else "no arrival"))
    return words + (["no quantity"] if link.quantity is None else [])


def _unnamed(found: Found) -> list[Gap]:
    pages = {"shipment": "shipment-detail", "run": "run-detail"}
    keys = dict.fromkeys((pages[line.document], line.reference) for line in found.unnamed)
    return [
        Gap(reference, reverse(page, args=[reference]), "goods without a batch")
        for page, reference in keys
    ]
