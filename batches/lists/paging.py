"""Paging that stays cheap on big tables: a page begins behind a row, and says how far it counted.

Page 400 of a list costs what page 2 costs: nothing is skipped row by row. A row that comes or
goes meanwhile moves no other one onto a page that was seen already.
"""

from dataclasses import dataclass
from typing import NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Q, QuerySet, Subquery
from django.db.models.expressions import OrderBy

LIMIT = 10_000


class Order(NamedTuple):
    """One part of an order, with the place of unknown values settled for every database."""

    path: str
    descending: bool
    nulls_first: bool
    is_nullable: bool = True

    def reverse(self) -> "Order":
        return self._replace(descending=not self.descending, nulls_first=not self.nulls_first)

    @property
    def expression(self) -> OrderBy:
        nulls = {}
        if self.is_nullable:
            nulls = {"nulls_first": True} if self.nulls_first else {"nulls_last": True}
        return OrderBy(F(self.path), descending=self.descending, **nulls)


@dataclass(frozen=True)
class Page:
    """`first` is the place of its first row, `counted` at most LIMIT + 1; `before` and `after`
    are the keys behind which the neighbours begin, None where there is none."""

    records: list
    first: int
    counted: int
    before: int | None
    after: int | None

    @property
    def last(self) -> int:
        return self.first + len(self.records) - 1

    @property
    def count(self) -> int:
        return min(self.counted, LIMIT)

    @property
    def has_more(self) -> bool:
        """Whether there are more rows than were counted."""
        return self.counted > LIMIT

    @property
    def is_far(self) -> bool:
        """Whether it lies beyond what was counted, so that nobody knows its place."""
        return self.first > LIMIT


class Gone(Exception):
    """The row behind which the page was to begin is not there."""


def counted(rows: QuerySet) -> int:
    """At most LIMIT + 1, at the price of LIMIT."""
    # Only keys, in no order: annotations and sorting would be computed to be thrown away.
    return rows.order_by().values("pk")[: LIMIT + 1].count()


def orders_of(rows: QuerySet) -> list[Order]:
    """The order of the rows, ending in the key, so that it is total."""
    parts = [_order(rows.model, part) for part in rows.query.order_by or rows.model._meta.ordering]
    if not parts or parts[-1].path != "pk":
        parts.append(Order("pk", False, False, False))
    return parts


def ordered(rows: QuerySet) -> QuerySet:
    return _by(rows, orders_of(rows))


def page_of(
    rows: QuerySet,
    *,
    of: QuerySet,
    size: int,
    after: int | None = None,
    before: int | None = None,
) -> Page:
    """The page of `rows` behind the row `after`, the one in front of `before`, or the first.

    `of` are the rows without a filter, so that a row which the filter does not show any more
    still has its place. Raises Gone if it is not among those.
    """
    orders = orders_of(rows)
    back = [order.reverse() for order in orders]
    if before is not None:
        found = list(_by(rows.filter(_beyond(of, back, before)), back)[: size + 1])
        records, has_before, has_after = found[:size][::-1], len(found) > size, True
    else:
        start = rows if after is None else rows.filter(_beyond(of, orders, after))
        found = list(_by(start, orders)[: size + 1])
        records, has_before, has_after = found[:size], after is not None, len(found) > size
    first = 1
    if has_before and records:
        first = counted(rows.filter(_beyond(of, back, records[0].pk))) + 1
    return Page(
        records,
        first,
        counted(rows),
        records[0].pk if has_before and records else None,
        records[-1].pk if has_after and records else None,
    )


def _by(rows: QuerySet, orders: list[Order]) -> QuerySet:
    return rows.order_by(*(order.expression for order in orders))


def _order(model, part) -> Order:
    if isinstance(part, str):
        descending, path = part.startswith("-"), part.removeprefix("-")
        part = OrderBy(F(path), descending=descending)
    path = part.expression.name
    nulls_first = bool(part.nulls_first) or (part.descending and not part.nulls_last)
    return Order(path, part.descending, nulls_first, _is_nullable(model, path))


def _is_nullable(model, path: str) -> bool:
    """Whether the value may be missing; of what is computed nobody knows."""
    try:
        for name in path.split("__"):
            field = model._meta.pk if name == "pk" else model._meta.get_field(name)
            if field.null:
                return True
            model = field.related_model
    except FieldDoesNotExist:
        return True
    return False


def _beyond(of: QuerySet, orders: list[Order], pk: int) -> Q:
    """The rows that come after the row `pk` in this order."""
    mark = of.filter(pk=pk).order_by()
    values = mark.values(*(order.path for order in orders)).first()
    if values is None:
        raise Gone
    found, same = Q(), Q()
    for order in orders:
        path, value = order.path, values[order.path]
        # What is computed is compared inside the database: a sum that went through a decimal
        # of ours may not be equal to itself any more.
        if path in of.query.annotations and value is not None:
            value = Subquery(mark.values(path)[:1])
        if (step := _step(order, value)) is not None:
            found |= same & step
        same &= Q(**{f"{path}__isnull": True}) if value is None else Q(**{path: value})
    return found


def _step(order: Order, value) -> Q | None:
    """Strictly after `value` in this part of the order; None if nothing can be."""
    unknown = Q(**{f"{order.path}__isnull": True})
    if value is None:
        return ~unknown if order.nulls_first else None
    later = Q(**{f"{order.path}__{'lt' if order.descending else 'gt'}": value})
    return later if order.nulls_first or not order.is_nullable else later | unknown
