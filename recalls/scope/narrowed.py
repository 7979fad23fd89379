"""What was taken out of an active recall, and what has become of it. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery

from batches.models import Hold
from batches.operations.events import plain
from recalls.models import (
    NarrowedHolding,
    Narrowing,
    Notice,
    NoticeLine,
    Recall,
    ScopeLine,
    ScopeVersion,
)
from recalls.scope.frozen import newest
from recalls.scope.resolve import preview
from recalls.scope.rules import described
from recalls.scope.shapes import Without


def narrowed_in_words(narrowing: Narrowing, before: ScopeVersion, removed: Collection[int]) -> dict:
    """The narrowing as the version that it makes keeps it, with the lines that are gone."""
    lines = before.lines.filter(holding__in=removed).order_by("holding_id")
    return {
        "kind": "narrowing",
        "number": narrowing.number,
        "reason": narrowing.reason,
        "rules": [text for _, text in described(narrowing.rules.order_by("pk"))],
        "removed": [_short(line) for line in lines],
    }


@dataclass(frozen=True)
class Effect:
    """What a narrowing takes out, as the newest version has it, and how much it leaves."""

    lines: list[ScopeLine]
    left: int
    told: set[int]
    holds: int


def effect_of(narrowing: Narrowing) -> Effect:
    """What would happen if it were approved now. `told` are holdings that a notice named."""
    recall = narrowing.recall
    named = frozenset(narrowing.holdings.values_list("holding_id", flat=True))
    rules = frozenset(narrowing.rules.values_list("pk", flat=True))
    now = {line.holding_id for line in preview(recall).lines}
    left = {line.holding_id for line in preview(recall, without=Without(rules, named)).lines}
    gone = named | (now - left)
    lines = newest(recall).lines.filter(holding__in=gone).defer("path", "contacts")
    lines = list(lines.order_by("location_code", "product_code", "batch_number", "pk"))
    told = NoticeLine.objects.filter(
        notice__recall=recall, notice__kind=Notice.Kind.NOTICE, line__holding__in=gone
    ).exclude(notice__state__in=[*Notice.UNDELIVERED, Notice.State.WITHDRAWN])
    places = {(line.batch_id, line.location_id) for line in lines}
    held = Hold.objects.filter(recall=recall.reference, released_at__isnull=True)
    held = held.values_list("batch_id", "location_id")
    return Effect(
        lines=lines,
        left=len(left),
        told=set(told.order_by().values_list("line__holding_id", flat=True).distinct()),
        holds=sum(key in places for key in held),
    )


def _short(line: ScopeLine) -> dict:
    names = (
        "holding_id", "product_code", "product_name", "batch_number", "origin_code",
        "location_code", "location_name", "role", "unit", "due",
    )  # fmt: skip
    return plain({name: getattr(line, name) for name in names})


def approved_holdings(recall: Recall) -> QuerySet[NarrowedHolding]:
    """Every holding that was ever taken out of the recall, with its line of the version before."""
    return NarrowedHolding.objects.filter(narrowing__recall=recall, line__isnull=False)


def out_now(recall: Recall) -> QuerySet[NarrowedHolding]:
    """What was taken out and is not back in: no later version, released or not, has it."""
    return _out_now(approved_holdings(recall))


def _out_now(rows: QuerySet[NarrowedHolding]) -> QuerySet[NarrowedHolding]:
    same = {"version__recall": OuterRef("narrowing__recall"), "holding": OuterRef("holding")}
    later = (
        ScopeLine.objects.filter(**same)
        .order_by()
        .values("holding")
        .annotate(newest=Max("version__number"))
        .values("newest")
    )
    rows = rows.annotate(last_in=Subquery(later))
    return rows.filter(narrowing__version__number__gt=F("last_in"))


def moved_since(recall: Recall) -> QuerySet[NarrowedHolding]:
    """What is out and has more movements out of it than people know of, as `movements`."""
    links = Count("holding__links_out", filter=Q(holding__links_out__voided=False))
    return out_now(recall).annotate(movements=links).filter(movements__gt=F("links_out"))


def taken_out_ever(recall: Recall) -> set[tuple[int, int]]:
    rows = approved_holdings(recall).order_by()
    return set(rows.values_list("line__batch_id", "line__location_id"))


def is_taken_out() -> Exists:
    """Of a hold: whether the recall that placed it does not cover these goods any more."""
    rows = NarrowedHolding.objects.filter(
        narrowing__recall__reference=OuterRef("recall"),
        line__batch=OuterRef("batch"),
        line__location=OuterRef("location"),
    )
    return Exists(_out_now(rows))
