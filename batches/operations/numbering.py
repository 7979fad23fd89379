"""Giving out batch numbers: the next one, a block in advance, and taking numbers out of use.

A number is issued once per product and never again. The counter's row is locked until the
transaction ends, so that two at once get two numbers; what is undone gives its number back.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from batches.codes import patterns
from batches.codes.gs1.errors import CodeError
from batches.codes.numbering import number_key
from batches.codes.patterns import Facts, Pattern
from batches.models import (
    Batch,
    IssuedNumber,
    Location,
    NumberBlock,
    NumberSequence,
    Product,
    VoidedNumber,
)
from batches.operations.changes import need_reason
from batches.operations.events import record

LARGEST_BLOCK = 2_000
TRIES = 100


def keep(product: Product) -> timedelta:
    """How long no number of the product may come again."""
    return timedelta(days=(product.shelf_life_days or 0) + settings.RETENTION_DAYS)


def pattern_of(product: Product, text: str = "") -> Pattern:
    """The pattern `text`, else the product's own, else the site's. Refuses what is none."""
    try:
        return patterns.parse(text or product.number_pattern or settings.NUMBER_PATTERN)
    except CodeError as error:
        raise ValidationError({"number_pattern": str(error)}) from error


def check_pattern(product: Product) -> None:
    """Refuses a pattern that is none, that the product's code does not fit into, or whose
    numbers could repeat within shelf life and retention."""
    if not product.number_pattern:
        return
    pattern = pattern_of(product)
    said = patterns.faults(pattern, keep(product))
    try:
        patterns.render(pattern, _example(pattern, product), 1)
    except CodeError as error:
        said.append(str(error))
    if said:
        raise ValidationError({"number_pattern": said})


def _example(pattern: Pattern, product: Product) -> Facts:
    widths = {name: part.width for name in ("line", "shift") if (part := pattern.part(name))}
    stations = {name: "1" * (width or 1) for name, width in widths.items()}
    return Facts(product.code, "P", day=date(2026, 1, 1), time="0000", **stations)


@dataclass(frozen=True)
class Order:
    """What numbers are wanted for; by `made` (a moment, or a production day alone)."""

    product: Product
    origin: Location
    made: datetime | date | None = None
    line: str = ""
    shift: str = ""

    @property
    def facts(self) -> Facts:
        day, time = self.made, ""
        if isinstance(day, datetime):
            time = patterns.local_time(day, self.origin.zone)
            day = self.origin.production_day(day)
        codes = self.product.code, self.origin.code
        stations = (
            patterns.station("line", self.line),
            patterns.station("shift", self.shift),
        )
        return Facts(*codes, *stations, day, time)

    def key(self, pattern: Pattern) -> str:
        """Which counter counts; empty where the pattern has none."""
        counter, facts = pattern.part("counter"), self.facts
        if counter is None or counter.scope == ("ever",):
            return "ever" if counter else ""
        words = {
            "day": facts.day,
            "year": facts.day and patterns.year_of(facts.day, pattern.by_week),
            "line": f"line {facts.line}",
            "origin": f"origin {self.origin.pk}",
        }
        counted = [f"{words[name]}" for name in counter.scope if name in words]
        return ", ".join([f"product {self.product.pk}", *counted])


def number_of(pattern: Pattern, order: Order, count: int) -> str:
    try:
        return patterns.render(pattern, order.facts, count)
    except CodeError as error:
        raise ValidationError({_field_of(pattern, order): str(error)}) from error


def _field_of(pattern: Pattern, order: Order) -> str:
    """Where a person mends what is missing."""
    if order.made is None and pattern.needs_time:
        return "produced_at"
    return "line" if pattern.has("line") and not order.line.strip() else "number"


def refuse_supplier(origin: Location) -> None:
    if origin.kind == Location.Kind.SUPPLIER:
        raise ValidationError(
            {"number": f"{origin.code} is a supplier. Enter the number that it printed."}
        )


@transaction.atomic
def take_numbers(*, order, count, at, block=None) -> list[IssuedNumber]:
    """Issues the next `count` numbers, skipping those that a batch has already.

    Refuses a supplier's place, a pattern whose numbers could come again too early, a missing
    fact of the pattern, and a used-up counter.
    """
    refuse_supplier(order.origin)
    pattern = pattern_of(order.product)
    _refuse_repeats(pattern, order.product)
    if pattern.needs_time and order.made is None:
        number_of(pattern, order, 1)
    if not (key := order.key(pattern)):
        return _drawn(pattern, order, count, at, block)
    sequence = locked_sequence(key)
    rows, position = [], sequence.last
    while (wanted := count - sum(not row.is_taken for row in rows)) > 0:
        counts = range(position + 1, position + 1 + wanted)
        rows += _candidates(pattern, order, counts, sequence, at, block)
        position += wanted
    sequence.last = position
    sequence.save(update_fields=["last"])
    IssuedNumber.objects.bulk_create(row for row in rows if not row.is_registered)
    return [row for row in rows if not row.is_taken]


def _refuse_repeats(pattern: Pattern, product: Product) -> None:
    """The site's pattern was never held against this product's shelf life; and the retention
    of records may have grown since its own was."""
    if said := patterns.faults(pattern, keep(product)):
        mend = f"Change the pattern of {product.code}, {pattern.text}, before its next batch."
        raise ValidationError({"number": [*said, mend]})


def locked_sequence(key: str) -> NumberSequence:
    """The counter, made if it is new, and nobody else's until the transaction ends."""
    rows = NumberSequence.objects.select_for_update().filter(key=key)
    if (row := rows.first()) is None:
        NumberSequence.objects.get_or_create(key=key)
        row = rows.get()
    return row


def _candidates(pattern, order, counts, sequence, at, block) -> list[IssuedNumber]:
    """Rows for `counts`. One whose number a batch has already goes into the register too, so
    that its position is accounted for."""
    rows = [
        IssuedNumber(
            product=order.product,
            number=(number := number_of(pattern, order, count)),
            number_key=number_key(number),
            pattern=pattern.text,
            sequence=sequence,
            position=count,
            block=block,
            at=at,
        )
        for count in counts
    ]
    used, registered = taken(order.product, [row.number_key for row in rows])
    for row in rows:
        row.is_registered = row.number_key in registered
        row.is_taken = row.is_registered or row.number_key in used
        if row.is_taken:
            row.block = None
    return rows


def taken(product: Product, keys: list[str]) -> tuple[set[str], set[str]]:
    """Which keys batches of the product have, and which are in the register."""
    wanted = {"product": product, "number_key__in": keys}
    used = Batch.objects.filter(**wanted).values_list("number_key", flat=True)
    registered = IssuedNumber.objects.filter(**wanted).values_list("number_key", flat=True)
    return set(used.order_by()), set(registered.order_by())


def _drawn(pattern, order, count, at, block) -> list[IssuedNumber]:
    """Numbers without a counter: drawn until they are new."""
    rows: dict[str, IssuedNumber] = {}
    for _ in range(TRIES):
        fresh = _candidates(pattern, order, [None] * (count - len(rows)), None, at, block)
        rows |= {row.number_key: row for row in fresh if not row.is_taken}
        if len(rows) == count:
            return IssuedNumber.objects.bulk_create(rows.values())
    raise ValidationError(
        {"number": "No new number was found. Give the random part more characters."}
    )


def next_number(*, batch, at, shift="") -> str:
    """The number for a batch that is about to be made. It is issued by this."""
    order = Order(batch.product, batch.origin, batch.produced_at, batch.line, shift)
    return take_numbers(order=order, count=1, at=at)[0].number


def refuse_void(batch: Batch) -> None:
    """Refuses a number that was taken out of use. Locks it until the transaction ends."""
    key = number_key(batch.number)
    row = IssuedNumber.objects.select_for_update().filter(product=batch.product, number_key=key)
    if (found := row.first()) and (void := VoidedNumber.objects.filter(number=found).first()):
        raise ValidationError(
            {"number": f"{found} was taken out of use: {void.reason} Take another number."}
        )


@transaction.atomic
def reserve_block(*, product, origin, day, size, purpose, by, at, line="", shift="") -> NumberBlock:
    """Issues `size` numbers for a production day, for a line that cannot ask for each.

    Refuses more than LARGEST_BLOCK at once and a pattern with the time of production.
    """
    pattern = pattern_of(product)
    if not 1 <= size <= LARGEST_BLOCK:
        raise ValidationError({"size": f"Reserve between 1 and {LARGEST_BLOCK:,} numbers at once."})
    if pattern.has("hhmm"):
        raise ValidationError(
            "Its numbers have the time of production in them, which nobody knows beforehand. "
            "They cannot be reserved."
        )
    purpose = need_reason(purpose, "the numbers are reserved")
    block = NumberBlock(
        product=product,
        origin=origin,
        day=day,
        line=line.strip(),
        shift=shift.strip(),
        purpose=purpose,
        size=size,
        reserved_by=by,
        reserved_at=at,
    )
    block.full_clean()
    block.save(force_insert=True)
    order = Order(product, origin, day, line, shift)
    numbers = take_numbers(order=order, count=size, at=at, block=block)
    after = {"size": size, "first": numbers[0].number, "last": numbers[-1].number, "day": day}
    record(verb="numbers reserved", obj=block, by=by, at=at, after=after, reason=purpose)
    return block


@transaction.atomic
def void_number(*, number, reason, by, at) -> VoidedNumber:
    """Takes a number out of use for ever. Refuses one that a batch has, and one void before."""
    reason = need_reason(reason, f"{number} is taken out of use")
    row = IssuedNumber.objects.select_for_update().get(pk=number.pk)
    if IssuedNumber.objects.used().filter(pk=row.pk).exists():
        raise ValidationError(f"{row} is the number of a batch. Void the batch.")
    if VoidedNumber.objects.filter(number=row).exists():
        raise ValidationError(f"{row} was taken out of use already.")
    void = VoidedNumber.objects.create(number=row, reason=reason, by=by, at=at)
    record(verb="number voided", obj=row, by=by, at=at, reason=reason)
    return void


@transaction.atomic
def void_rest(*, block, reason, by, at) -> int:
    """Takes out of use what no batch has of a block; how many. Refuses if nothing is left."""
    reason = need_reason(reason, "the rest is taken out of use")
    rows = list(IssuedNumber.objects.free().filter(block=block).select_for_update(of=("self",)))
    if not rows:
        raise ValidationError(f"Nothing is left of {block}: each number is used or void.")
    VoidedNumber.objects.bulk_create(
        VoidedNumber(number=row, reason=reason, by=by, at=at) for row in rows
    )
    after = {"voided": len(rows), "numbers": sorted(row.number for row in rows)}
    record(verb="numbers voided", obj=block, by=by, at=at, after=after, reason=reason)
    return len(rows)
