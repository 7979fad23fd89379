"""What the number pages show: what a pattern would give, what is reserved, what a number says."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError

from batches.codes import patterns
from batches.codes.gs1.errors import CodeError
from batches.codes.numbering import number_key
from batches.codes.patterns import Pattern, Reading
from batches.models import Batch, IssuedNumber, Location, NumberBlock, NumberSequence, Product
from batches.operations import numbering
from batches.operations.numbering import Order

NEXT = 5
SHOWN = 50


@dataclass(frozen=True)
class Preview:
    """What a pattern would give. `faults` refuse it, `needs` keep its next numbers from being
    shown, `remarks` are advice. `odds` is N of “1 in N”, 1 where numbers can be foreseen."""

    text: str
    faults: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    next: list[str] = field(default_factory=list)
    space: int = 0
    odds: int = 1
    is_hard_to_guess: bool = False
    repeats: str = ""
    is_random: bool = False


def usual(product: Product, now: datetime) -> dict:
    """Where and on which line the product was made last, and how many batches in a year."""
    batches = Batch.objects.filter(product=product)
    made = batches.exclude(origin__kind=Location.Kind.SUPPLIER).select_related("origin")
    last = made.order_by("-produced_at", "-pk").first()
    origin = last.origin if last else Location.objects.filter(kind=Location.Kind.PLANT).first()
    return {
        "origin": origin,
        "line": (last.line if last else "") or "1",
        "shift": "1",
        "per_year": max(1, batches.filter(produced_at__gte=now - timedelta(days=365)).count()),
    }


def preview(
    *,
    product: Product,
    text: str,
    origin: Location | None,
    now: datetime,
    per_year: int,
    **stations,
) -> Preview:
    """What `text` (empty: the site's pattern) would give to batches made now."""
    wanted = Product(
        code=product.code, shelf_life_days=product.shelf_life_days, number_pattern=text
    )
    try:
        pattern = numbering.pattern_of(wanted)
    except ValidationError as error:
        return Preview(text, faults=error.messages)
    # The site's pattern is held against this product's shelf life as its own would be.
    wanted.number_pattern = pattern.text
    try:
        numbering.check_pattern(wanted)
        faults = []
    except ValidationError as error:
        faults = error.messages
    keep = numbering.keep(product)
    chance = patterns.chance_to_guess(pattern, per_year, keep)
    found, needs = _next(pattern, product, origin, now, stations)
    return Preview(
        pattern.text,
        faults=faults,
        needs=needs,
        remarks=patterns.remarks(pattern),
        next=found,
        space=patterns.space(pattern),
        odds=int(1 / chance),
        is_hard_to_guess=chance < patterns.GUESS_LIMIT,
        repeats=_repeats(pattern),
        is_random=pattern.has("random"),
    )


def _repeats(pattern: Pattern) -> str:
    days = patterns.days_until_repeat(pattern)
    if days is None:
        return "never"
    return f"after {days:,} day{'' if days == 1 else 's'}" if days else "on the same day"


def _next(pattern, product, origin, now, stations) -> tuple[list[str], list[str]]:
    """The numbers that the next batches would get, or what is missing for them."""
    if origin is None:
        return [], ["No plant is recorded yet, so there is no production day."]
    order = Order(product, origin, now, **stations)
    try:
        key = order.key(pattern)
        row = NumberSequence.objects.filter(key=key).first() if key else None
        last = row.last if row else 0
        counts = range(last + 1, last + 1 + NEXT * 4)
        found = _until_used_up(pattern, order, counts)
    except ValidationError as error:
        return [], error.messages
    used, registered = numbering.taken(product, [number_key(number) for number in found])
    free = [number for number in found if number_key(number) not in used | registered]
    return free[:NEXT], [] if free else ["The next numbers are all taken."]


def _until_used_up(pattern, order, counts) -> list[str]:
    found = [numbering.number_of(pattern, order, counts[0])]
    for count in counts[1:]:
        try:
            found.append(numbering.number_of(pattern, order, count))
        except ValidationError:
            break
    return found


def blocks(product: Product) -> list[NumberBlock]:
    return list(
        NumberBlock.objects.filter(product=product).select_related("origin", "reserved_by")[:SHOWN]
    )


def numbers_of(block: NumberBlock) -> list[IssuedNumber]:
    return list(IssuedNumber.objects.filter(block=block).with_state().order_by("position", "pk"))


def not_used(product: Product) -> list[IssuedNumber]:
    """Reserved and void numbers, and those that came to nothing: the latest of them."""
    rows = IssuedNumber.objects.filter(product=product).with_state().filter(is_used=False)
    return list(rows.select_related("block")[: SHOWN + 1])


WORDS = {
    "line": "Line",
    "shift": "Shift",
    "hhmm": "Time",
    "counter": "Counter",
    "random": "Random part",
}


@dataclass(frozen=True)
class Parts:
    """What a number says: words and values, and what is wrong with it."""

    said: list[tuple[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    nearest: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.said or self.faults)


def parts_of(batch: Batch, now: datetime) -> Parts:
    """The parts of a batch's number, by the pattern that made it, else by its product's own.

    Nothing is said of a number that no pattern of ours made: a supplier's is its own affair.
    """
    if batch.is_unidentified:
        return Parts()
    row = IssuedNumber.objects.filter(product=batch.product, number_key=batch.number_key).first()
    text = row.pattern if row else batch.product.number_pattern
    if not text or (not row and batch.origin.kind == Location.Kind.SUPPLIER):
        return Parts()
    try:
        pattern = patterns.parse(text)
    except CodeError:
        return Parts()
    codes = (batch.product.code, batch.origin.code)
    try:
        reading = patterns.read(pattern, batch.number, *codes)
    except CodeError:
        return Parts(
            faults=[f"The number is not of the form {text}."],
            nearest=patterns.nearest(pattern, batch.number, *codes),
        )
    near = batch.origin.production_day(batch.produced_at or now)
    return _parts(reading, pattern, batch, near)


def _parts(reading: Reading, pattern: Pattern, batch: Batch, near: date) -> Parts:
    faults = []
    said = _day_said(reading, near, faults, batch.produced_at is not None)
    for name, word in WORDS.items():
        if name in reading.parts:
            text = reading.parts[name]
            said.append((word, f"{text[:2]}:{text[2:]}" if name == "hhmm" else text))
    near_by = []
    if not reading.is_right:
        faults.append(f"Its check character {reading.check} is wrong, expected {reading.expected}.")
        near_by = patterns.nearest(pattern, batch.number, batch.product.code, batch.origin.code)
    elif reading.check:
        said.append(("Check character", f"{reading.check}, right"))
    return Parts(said, faults, near_by)


def _day_said(reading: Reading, near: date, faults: list[str], is_known: bool) -> list:
    if not reading.has_date:
        return []
    days = reading.days(near)
    if days is None:
        faults.append("Its date is one that no calendar has.")
        return []
    first, last = days
    if is_known and not first <= near <= last:
        faults.append(f"It says another day than the batch was made on, {near:%-d %b %Y}.")
    whole = f"{first:%-d %b %Y}"
    return [("Day", whole if first == last else f"{whole} to {last:%-d %b %Y}")]
