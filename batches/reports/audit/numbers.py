"""Batch numbers against their standard: the product's pattern, GS1, and one another.

One pass over all batches, product by product, beside the numbers that were issued. Suppliers
print what they like: their numbers are held against GS1 and one another only.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, Exists, OuterRef

from batches.codes.gs1.charsets import SET_82
from batches.codes.gs1.errors import CodeError
from batches.codes.lookalikes import shape
from batches.codes.numbering import number_key
from batches.codes.patterns import Pattern, Reading, local_time, parse, read
from batches.codes.patterns.calendar import DATE_TOKENS, texts_of
from batches.codes.patterns.language import LONGEST
from batches.models import Batch, IssuedNumber, Location, NumberBlock, Product
from batches.reports.audit.counters import GAP, Counters
from batches.reports.audit.shapes import Check, Found, Kind, Look, Severity, about, listed

PATTERN = Kind("number_off_pattern", "Number not of its pattern")
CHECK = Kind("number_check_character", "Check character wrong")
DATE = Kind("number_date", "Date in the number wrong")
SAME = Kind("number_twice", "Number given twice")
ALIKE = Kind("number_look_alike", "Numbers that look alike")
GS1 = Kind("number_not_gs1", "Number does not fit GS1")
KEY = Kind("number_key", "Search key stale", Severity.ALARM, "Save the batch", "admin")
NO_PATTERN = Kind("pattern_missing", "No pattern of its own", Severity.GAP, "Set it", "admin")
BAD_PATTERN = Kind("pattern_wrong", "Pattern cannot be read", fix="Mend the product", door="admin")
LEFT = Kind("number_left_over", "Number left over", Severity.GAP, "Take it out of use")
_SIGNS = frozenset(SET_82)
_CHUNK = 5_000


class Row(NamedTuple):
    product: int
    pk: int
    origin: int
    number: str
    key: str
    made: datetime | None
    status: str


@dataclass
class Numbers:
    """The batches of one product as the pass goes over them."""

    product: Product
    issued: dict[str, tuple[str, str]]  # Search key -> number, and the pattern that made it.
    places: dict[int, Location]
    patterns: dict[str, Pattern | None] = field(default_factory=dict)
    firsts: dict[tuple[int, str], str] = field(default_factory=dict)
    shapes: dict[str, tuple[str, str]] = field(default_factory=dict)
    unread: int = 0

    def __post_init__(self):
        self.counters = Counters(self.product)

    def pattern(self, text: str) -> Pattern | None:
        if text not in self.patterns:
            try:
                self.patterns[text] = parse(text)
            except CodeError:
                self.patterns[text] = None
        return self.patterns[text]

    def faults(self, row: Row) -> Iterator[Found]:
        place, void = self.places[row.origin], row.status == Batch.Status.VOIDED
        bought = place.kind == Location.Kind.SUPPLIER
        key = number_key(row.number)
        if not void:
            yield from self._of_any(row, key, bought, place)
        if bought:
            return
        _, text = self.issued.get(key, ("", self.product.number_pattern))
        if not text:
            self.unread += not void
        elif pattern := self.pattern(text):
            found = list(self._against(pattern, row, place))
            yield from () if void else found

    def _of_any(self, row: Row, key: str, bought: bool, place: Location) -> Iterator[Found]:
        if key != row.key:
            yield _about(KEY, row, "A search does not find it. Save it once more.")
        if said := _not_gs1(row.number):
            yield _about(GS1, row, said, Severity.GAP if bought else "")
        first = self.firsts.setdefault((row.origin, key), row.number)
        if first is not row.number:
            text = f"{place.code} has {first} of {self.product.code} already: it is the same."
            yield _about(SAME, row, text)
            return
        other, other_key = self.shapes.setdefault(shape(key), (row.number, key))
        if other_key != key:
            text = f"It is easily mistaken for {other}, which is {self.product.code} too."
            yield _about(ALIKE, row, text)

    def _against(self, pattern: Pattern, row: Row, place: Location) -> Iterator[Found]:
        try:
            reading = read(pattern, row.number, self.product.code, place.code)
        except CodeError:
            yield _about(PATTERN, row, f"It is not of the form {pattern.text}.")
            return
        if (meant := _written(pattern, reading)) != row.number:
            yield _about(PATTERN, row, f"By its pattern {pattern.text} it is written {meant}.")
        if not reading.is_right:
            text = f"It ends in {reading.check}, expected {reading.expected}. Look at the label."
            yield _about(CHECK, row, text)
            return
        self.counters.add(pattern, reading, row)
        if row.made and (text := _other_day(pattern, reading, row.made, place)):
            yield _about(DATE, row, text)

    def at_the_end(self) -> Iterator[Found]:
        own = self.product.number_pattern
        label, key = self.product.code, self.product.pk
        if own and self.pattern(own) is None:
            text = f"Its pattern {own} is none, so its numbers are not checked."
            yield about(BAD_PATTERN, Product, key, label, text)
        if self.unread:
            text = (
                f"It has no pattern of its own, so {self.unread:,} of its numbers are checked "
                f"against GS1 and one another only. New ones are made by {settings.NUMBER_PATTERN}."
            )
            yield about(NO_PATTERN, Product, key, label, text)
        yield from self.counters.gaps(self.issued_readings())

    def issued_readings(self) -> Iterator[tuple[Pattern, Reading]]:
        for number, text in self.issued.values():
            if pattern := self.pattern(text):
                try:
                    yield pattern, read(pattern, number, self.product.code)
                except CodeError:
                    continue


def _about(kind: Kind, row: Row, text: str, severity: str = "") -> Found:
    return about(kind, Batch, row.pk, row.number, text, severity)


def _not_gs1(number: str) -> str:
    odd = dict.fromkeys(sign for sign in number if sign not in _SIGNS)
    if odd:
        signs = listed(["a space" if sign == " " else f"“{sign}”" for sign in odd])
        return f"GS1 codes cannot have {signs}. Its labels cannot carry it."
    if len(number) > LONGEST:
        return f"It has {len(number)} characters, GS1 codes at most {LONGEST}."
    return ""


def _written(pattern: Pattern, reading: Reading) -> str:
    """The number as the pattern prints it, with its hyphens and in upper case."""
    parts = reading.parts | {"check": reading.check}
    return "".join(parts[part.name] if part.name else part.text for part in pattern.parts)


def _other_day(pattern: Pattern, reading: Reading, made: datetime, place: Location) -> str:
    """What is wrong with the date, if the number shows another than the production day's."""
    names = tuple(name for name in pattern.dates if name in DATE_TOKENS)
    shown = tuple(reading.parts[name] for name in names)
    day = place.production_day(made)
    days = {day}
    if local_time(made, place.zone) == f"{time.min:%H%M}":
        # A day without an hour is stored as its midnight, whenever production days begin.
        days.add(made.astimezone(place.zone).date())
    if not names or any(texts_of(names, one) == shown for one in days):
        return ""
    right = " ".join(texts_of(names, day))
    return f"It shows {' '.join(shown)}, but was made on {day:%d %b %Y}, which is {right}."


def _numbers(look: Look) -> Iterator[Found]:
    products, places = Product.objects.in_bulk(), Location.objects.in_bulk()
    issued = _Issued()
    rows = (
        Batch.objects.identified()
        .order_by("product_id", "pk")
        .values_list(
            "product_id", "pk", "origin_id", "number", "number_key", "produced_at", "status"
        )
    )
    for pk, group in groupby(rows.iterator(chunk_size=_CHUNK), key=itemgetter(0)):
        numbers = Numbers(products[pk], issued.of(pk), places)
        for row in group:
            yield from numbers.faults(Row(*row))
        yield from numbers.at_the_end()


class _Issued:
    """The register of issued numbers, read along with the batches."""

    def __init__(self):
        rows = IssuedNumber.objects.order_by("product_id", "pk").values_list(
            "product_id", "number_key", "number", "pattern"
        )
        self.groups = groupby(rows.iterator(chunk_size=_CHUNK), key=itemgetter(0))
        self.current = next(self.groups, None)

    def of(self, product: int) -> dict[str, tuple[str, str]]:
        while self.current and self.current[0] < product:
            self.current = next(self.groups, None)
        if not self.current or self.current[0] != product:
            return {}
        return {key: (number, pattern) for _, key, number, pattern in self.current[1]}


def _left_over(look: Look) -> Iterator[Found]:
    """Numbers of a block whose day is over, and which neither a batch has nor anybody voided."""
    used = Batch.objects.filter(product=OuterRef("product"), number_key=OuterRef("number_key"))
    free = IssuedNumber.objects.filter(~Exists(used), voided=None, block__day__lt=look.today)
    rows = free.order_by().values_list("block", "block__product__code", "block__day", "block__size")
    for pk, code, day, size, n in rows.annotate(n=Count("pk")):
        text = (
            f"{n} of {size} numbers reserved for {day:%d %b %Y} are on no batch. Enter the "
            "batches, or take the rest out of use."
        )
        yield about(LEFT, NumberBlock, pk, f"Block {pk} of {code}", text)


NUMBERS = Check(
    "numbers",
    _numbers,
    (PATTERN, CHECK, DATE, SAME, ALIKE, GS1, GAP, KEY, NO_PATTERN, BAD_PATTERN),
)
LEFT_OVER = Check("left over", _left_over, (LEFT,))
