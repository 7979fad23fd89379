"""Where a batch went, or where it came from: the JSON of `manage.py trace --format json`."""

from datetime import datetime
from typing import Literal

from django.http import JsonResponse
from ninja import Field, Query, Router, Schema

from batches.api.door import answers
from batches.api.naming import the_batch
from batches.api.problems import USUAL, Ambiguous, Problem
from batches.tracing import FORWARD, WholeBatch, resolve

router = Router()


class Question(Schema):
    batch: str = Field(max_length=60, description="Its number, as printed or nearly so.")
    product: str = Field("", max_length=60, description="Code of its product.")
    origin: str = Field("", max_length=60, description="Code of the location that made it.")
    direction: Literal["forward", "backward"] = FORWARD


class Named(Schema):
    product: str
    batch: str
    origin: str


class Note(Schema):
    kind: str
    count: int
    text: str


class End(Schema):
    batch: str
    location: str


class Step(Schema):
    document: str
    kind: Literal["shipment", "run"]
    left_by: datetime | None
    arrived_from: datetime | None
    quantity: str | None
    from_: End = Field(alias="from")
    to: End


class Holding(Schema):
    """`since` in a forward trace, `until` in a backward one; null is since ever, or until now.
    `path` is why it is affected, empty for a starting point."""

    product: str
    batch: str
    origin: str
    location: str
    since: datetime | None = None
    until: datetime | None = None
    depth: int
    received: str | None
    on_hand: str | None
    unit: str
    path: list[Step]


class Location(Schema):
    code: str
    name: str


class Counts(Schema):
    holdings: int
    batches: int
    locations: int


class Trace(Schema):
    """Every affected holding, by depth, location, product and batch. What is not known never
    makes it smaller: see `notes`."""

    direction: Literal["forward", "backward"]
    seeds: list[Named]
    complete: bool
    notes: list[Note]
    holdings: list[Holding]
    batches: list[Named]
    locations: list[Location]
    counts: Counts


@router.get(
    "/trace",
    response={200: Trace, 404: Problem, 409: Ambiguous, **USUAL},
    url_name="api-trace",
    summary="Where it went, or came from",
    by_alias=True,
)
@answers("batches.view_batch", "batches.view_holding")
def show_trace(request, asked: Query[Question]):
    """The trace of one whole batch, forward or backward, with one explaining path for each
    holding."""
    batch = the_batch(asked.batch, product=asked.product, origin=asked.origin)
    # Thousands of holdings: validating what this site itself made would take longer than the walk.
    return JsonResponse(resolve([WholeBatch(batch.pk)], asked.direction).as_json())
