"""What a pattern is good for: how many numbers it has, when they repeat, who can guess one."""

from datetime import timedelta
from fractions import Fraction
from math import ceil

from batches.codes.patterns.calendar import distinct, shortest_repeat
from batches.codes.patterns.language import Pattern

# EU 2016/161 Art. 4 and EU 2018/574 Art. 8: the chance to guess an identifier is below it.
GUESS_LIMIT = Fraction(1, 10_000)
ALPHABET = 32
YEAR = timedelta(days=365)


def space(pattern: Pattern) -> int:
    """How many different numbers it can make in a hundred years at one plant, line and shift."""
    counter, random = pattern.part("counter"), pattern.part("random")
    size = distinct(pattern.dates, 100) if pattern.dates else 1
    size *= 1440 if pattern.has("hhmm") else 1
    size *= 10**counter.width - 1 if counter else 1
    return size * (ALPHABET**random.width if random else 1)


def days_until_repeat(pattern: Pattern) -> int | None:
    """The fewest days after which the same number can come again; None: never.

    A counter that is never set back does not repeat, and a random part is drawn again until
    its number is new. 0 means that two batches of one day can get the same number.
    """
    counter = pattern.part("counter")
    if pattern.has("random"):
        return None
    if counter is None:
        return 0
    # The counter of each line is one of its own: only the line in the number tells them apart.
    if any(name in counter.scope and not pattern.has(name) for name in ("line", "origin")):
        return 0
    restarts = next((name for name in ("day", "year") if name in counter.scope), "")
    if not restarts:
        return None
    return shortest_repeat(pattern.dates, restarts)


def faults(pattern: Pattern, keep: timedelta) -> list[str]:
    """Why numbers of it could repeat within `keep` (shelf life and retention of records)."""
    repeat, counter = days_until_repeat(pattern), pattern.part("counter")
    if repeat is None or repeat > keep.days:
        return []
    if counter is None:
        return ["Two batches of one day would get the same number. Add {counter:2/day}."]
    for name in ("line", "origin"):
        if name in counter.scope and not pattern.has(name):
            return [
                f"The counter counts for each {name}, but the number does not say which: add "
                f"{{{name}}}, or count per day."
            ]
    years, rest = divmod(keep.days, 365)
    kept = f"{keep.days:,} days" + (f", {years} years and {rest} days" if years else "")
    return [
        f"The same number can come again after {_days(repeat)}, but must not within {kept} "
        f"(shelf life and retention of records). {_mend(pattern)}"
    ]


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count:,} days"


def _mend(pattern: Pattern) -> str:
    if not set(pattern.dates) & {"YY", "Y"}:
        return "Add the year, {YY}."
    if pattern.has("Y"):
        return "Write the year with two digits, {YY}."
    return "Add {JJJ}, or count per product: {counter:5}."


def remarks(pattern: Pattern) -> list[str]:
    """What is allowed and not wise."""
    said = []
    literals = "".join(part.text for part in pattern.parts)
    if looks := sorted(set(literals) & set("OI")):
        said.append(f"“{'” and “'.join(looks)}” in the fixed text looks like a digit when printed.")
    if not pattern.has("check"):
        said.append("Without {check}, a number that is misread is not noticed.")
    if pattern.has("Y"):
        said.append("A year of one digit means another year every ten years.")
    return said


def chance_to_guess(pattern: Pattern, per_year: int, keep: timedelta) -> Fraction:
    """How likely one guess hits a number that was issued, for somebody who knows the pattern,
    when the product is made, and the numbers before: only a random part cannot be foreseen.

    p = numbers that share what can be foreseen / 32^length, where `per_year` batches are made.
    """
    random = pattern.part("random")
    if random is None:
        return Fraction(1)
    alike = 1
    if not pattern.has("counter"):
        years = 1 if set(pattern.dates) & {"YY", "Y"} else ceil(keep / YEAR)
        in_year = distinct(pattern.dates, 1) if pattern.dates else 1
        alike = max(1, ceil(per_year * max(1, years) / in_year))
    return min(Fraction(1), Fraction(alike, ALPHABET**random.width))
