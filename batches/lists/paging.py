"""Paging that stays cheap on big tables: a page begins behind a row, and says how far it counted.

Page 400 of a list costs what page 2 costs: nothing is skipped row by row. A row that comes or
goes meanwhile moves no other one onto a page that was seen already.
"""

from dataclasses import dataclass
from typing import NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Q, QuerySet, Subquery
from django.db.models.expressions import OrderBy

from batches.lists.keyed import HasKey

LIMIT = 10_000


class Order(NamedTuple):
    """One part of an order, with the place of unknown values settled for every database."""

    path: str
    descending: bool
    nulls_first: bool
    is_nullable: bool = True
    is_computed: bool = False

    def known(self) -> "Order":
        """The same where no value is missing."""
        return self._replace(is_nullable=False)

    def reverse(self) -> "Order":
        return self._replace(descending=not self.descending, nulls_first=not self.nulls_first)

    @property
    def expression(self) -> OrderBy:
        nulls = {}
        if self.is_nullable:
            nulls = {"nulls_first": True} if self.nulls_first else {"nulls_last": True}
        return OrderBy(F(self.path), descending=self.descending, **nulls)


class Part(NamedTuple):
    """Rows that follow one another, and by what they are ordered."""

    condition: Q
    orders: list[Order]


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
    asked = rows.query.order_by or rows.model._meta.ordering
    parts = [_order(rows, part) for part in asked]
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
    few, count = _narrowed(rows, of)
    is_few = few is not rows
    if before is not None:
        keys = _keys(few, _beyond(of, back, before), size + 1, is_few)
        shown, has_before, has_after = keys[:size][::-1], len(keys) > size, True
    else:
        parts = _all(orders) if after is None else _beyond(of, orders, after)
        keys = _keys(few, parts, size + 1, is_few)
        shown, has_before, has_after = keys[:size], after is not None, len(keys) > size
    first = 1
    if has_before and shown:
        first = _counted(few, _beyond(of, back, shown[0])) + 1
    is_all = not has_before and not has_after
    return Page(
        _records(of, shown),
        first,
        count if count is not None else len(shown) if is_all else counted(rows),
        shown[0] if has_before and shown else None,
        shown[-1] if has_after and shown else None,
    )


def _narrowed(rows: QuerySet, of: QuerySet) -> tuple[QuerySet, int | None]:
    """What a filter left, and how many that are; where they are few, by their keys alone.

    One look through the table finds and counts them. Otherwise the database would look for them
    in the order of the list, from row to row all over the table, and a second time to count.
    """
    if not rows.query.where:
        return rows, None
    keys = list(rows.order_by().values_list("pk", flat=True)[: LIMIT + 1])
    return (of.filter(HasKey(keys)) if len(keys) <= LIMIT else rows), len(keys)


def _keys(rows: QuerySet, parts: list[Part], size: int, is_few: bool) -> list[int]:
    """The first keys of parts that follow one another. Of a row that is not shown nothing but
    what it is ordered by is looked up."""
    found: list[int] = []
    for part in parts:
        inside = _by(rows.filter(part.condition), part.orders).values_list("pk", flat=True)
        left = size - len(found)
        # Asked for the first of few rows, PostgreSQL would look for them in the order of the list,
        # from row to row; asked for all of them, it puts them in order.
        found += list(inside)[:left] if is_few else inside[:left]
        if len(found) == size:
            break
    return found


def _records(of: QuerySet, keys: list[int]) -> list:
    """By their keys alone: beside a filter that names keys as well, PostgreSQL takes neither for
    its index, and reads the whole table."""
    by_key = {row.pk: row for row in of.filter(pk__in=keys).order_by()} if keys else {}
    return [by_key[key] for key in keys if key in by_key]


def _counted(rows: QuerySet, parts: list[Part]) -> int:
    """At most LIMIT + 1."""
    total = 0
    for part in parts:
        total += counted(rows.filter(part.condition))
        if total > LIMIT:
            break
    return min(total, LIMIT + 1)


def _by(rows: QuerySet, orders: list[Order]) -> QuerySet:
    return rows.order_by(*(order.expression for order in orders))


def _order(rows: QuerySet, part) -> Order:
    if isinstance(part, str):
        descending, path = part.startswith("-"), part.removeprefix("-")
        part = OrderBy(F(path), descending=descending)
    path = part.expression.name
    nulls_first = bool(part.nulls_first) or (part.descending and not part.nulls_last)
    is_computed = path in rows.query.annotations
    is_nullable = is_computed or _is_nullable(rows.model, path)
    return Order(path, part.descending, nulls_first, is_nullable, is_computed)


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


def _all(orders: list[Order]) -> list[Part]:
    """All rows: where the first value may be missing, those that have it and those that do not,
    each by an order that an index knows."""
    first, *rest = orders
    if not first.is_nullable or first.is_computed:
        return [Part(Q(), orders)]
    known = Part(Q(**{f"{first.path}__isnull": False}), [first.known(), *rest])
    unknown = Part(Q(**{f"{first.path}__isnull": True}), rest)
    return [unknown, known] if first.nulls_first else [known, unknown]


def _beyond(of: QuerySet, orders: list[Order], pk: int) -> list[Part]:
    """The rows that come after the row `pk`, the nearest first: those that are equal to it in all
    but the last part of the order, then those that are equal in one part less, and so on.

    Asked for all at once, with "or" between, no database goes to the place by an index.
    """
    mark = of.filter(pk=pk).order_by()
    values = mark.values(*(order.path for order in orders)).first()
    if values is None:
        raise Gone
    found: list[Part] = []
    same = Q()
    for place, order in enumerate(orders):
        path, value = order.path, values[order.path]
        # What is computed is compared inside the database: a sum that went through a decimal
        # of ours may not be equal to itself any more.
        if path in of.query.annotations and value is not None:
            value = Subquery(mark.values(path)[:1])
        rest = orders[place + 1 :]
        found = [Part(same & step, [*by, *rest]) for step, by in _steps(order, value)] + found
        same &= Q(**{f"{path}__isnull": True}) if value is None else Q(**{path: value})
    return found


def _steps(order: Order, value) -> list[tuple[Q, list[Order]]]:
    """Strictly after `value` in this part of the order, and by what that is ordered in it."""
    unknown = Q(**{f"{order.path}__isnull": True})
    if value is None:
        return [(~unknown, [order.known()])] if order.nulls_first else []
    later = Q(**{f"{order.path}__{'lt' if order.descending else 'gt'}": value})
    steps = [(later, [order.known()])]
    return steps if order.nulls_first or not order.is_nullable else [*steps, (unknown, [])]
