"""Quantities of a recall per unit: due, what came back, and what nobody answered for."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal

from recalls.models import Response, ScopeLine

ZERO = Decimal(0)


@dataclass(frozen=True)
class Amounts:
    """In `unit`: due + over = quarantined + returned + destroyed + sold + no_answer.

    `over` was reported beyond what was due. `unknown` counts lines whose due nobody knows:
    what is reported of them counts, and as due no more than that.
    """

    unit: str
    due: Decimal = ZERO
    quarantined: Decimal = ZERO
    returned: Decimal = ZERO
    destroyed: Decimal = ZERO
    sold: Decimal = ZERO
    no_answer: Decimal = ZERO
    over: Decimal = ZERO
    unknown: int = 0

    @property
    def recovered(self) -> Decimal:
        return self.quarantined + self.returned + self.destroyed

    @property
    def accounted(self) -> Decimal:
        return self.recovered + self.sold


@dataclass(frozen=True)
class Seen:
    """What is known of a line beside its answer: came back to us, was destroyed at the place, and
    the answers of customers to whom the place passed some on."""

    came: Decimal = ZERO
    destroyed: Decimal = ZERO
    passed: tuple[Response, ...] = ()


def of_line(line: ScopeLine, answer: Response | None, seen: Seen | None = None) -> Amounts:
    """What was answered, or more where we saw more. What we saw beyond it was set aside until
    then: a place need not answer again when its goods are fetched."""
    parts = {
        part: getattr(answer, part, ZERO)
        for part in ("quarantined", "returned", "destroyed", "sold")
    }
    if seen:
        more = {
            "returned": max(seen.came - parts["returned"], ZERO),
            "destroyed": max(seen.destroyed - parts["destroyed"], ZERO),
        }
        parts["quarantined"] = max(parts["quarantined"] - sum(more.values()), ZERO)
        parts |= {part: parts[part] + amount for part, amount in more.items()}
        parts = _with_passed(line, parts, seen.passed)
    said = sum(parts.values(), ZERO)
    due = said if line.due is None else line.due
    return Amounts(
        unit=line.unit,
        due=due,
        **parts,
        no_answer=max(due - said, ZERO),
        over=max(said - due, ZERO),
        unknown=int(line.due is None and answer is None),
    )


def _with_passed(line: ScopeLine, parts: dict[str, Decimal], passed) -> dict[str, Decimal]:
    """With what customers of the place found. The place may have called the same goods sold:
    what would then be more than was due is counted once."""
    found = {part: sum((getattr(one, part) for one in passed), ZERO) for part in parts}
    both = {part: parts[part] + found[part] for part in parts}
    if line.due is not None:
        twice = max(sum(both.values(), ZERO) - line.due, ZERO)
        both["sold"] -= min(twice, parts["sold"], sum(found.values(), ZERO))
    return both


def add_up(amounts: Iterable[Amounts]) -> list[Amounts]:
    """One sum per unit; unlike units are never added."""
    totals: dict[str, Amounts] = {}
    names = [item.name for item in fields(Amounts) if item.name != "unit"]
    for one in amounts:
        before = totals.get(one.unit, Amounts(one.unit))
        values = {name: getattr(before, name) + getattr(one, name) for name in names}
        totals[one.unit] = Amounts(one.unit, **values)
    return [totals[unit] for unit in sorted(totals)]
