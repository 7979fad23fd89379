"""What several places have in common: one walk for all of them, one answer for each. Pure.

    RAW-1 --> MIX-1 --> SHOP-A     asked: SHOP-A and SHOP-B, backward
         \\
          `-> MIX-2 --> SHOP-B     RAW-1 explains both, MIX-1 and MIX-2 one each

What explains much may be in everything. So each candidate is weighed against how much it
reaches at all: `Shared.weight` is the log-likelihood ratio of "as many as were asked for
come from it" against "as many as its reach would give by chance".
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import inf, log

from batches.tracing.graph import BACKWARD, Frontier, Seeds, Trace, among, as_stored, walk

Key = tuple[Hashable, ...]
# Holdings with the second from which (backward: until which) each counts; None has no bound.
Starts = Mapping[int, int | None]


def walks_of(
    asked: Mapping[Hashable, Starts],
    links_of: Callable[[Frontier], Iterable[tuple]],
    direction: str = BACKWARD,
    limit: int | None = None,
) -> tuple[dict[Hashable, Trace], Trace]:
    """A trace for each of `asked`, and the one of all of them, which alone asks `links_of`.

    What all reach together holds every link that one of them reaches, so the single ones
    are walked in memory. Cut at `limit`, the single ones are cut with it.
    """
    whole = walk(Seeds(_together(asked.values(), direction)), links_of, direction, limit)
    near = among((as_stored(whole, row) for row in whole.links), direction)
    return {name: walk(Seeds(starts), near, direction) for name, starts in asked.items()}, whole


def _together(asked: Iterable[Starts], direction: str) -> dict[int, int | None]:
    """Each holding with the bound that reaches most."""
    reaches_most = max if direction == BACKWARD else min
    together: dict[int, int | None] = {}
    for starts in asked:
        for holding, bound in starts.items():
            known = together.get(holding, bound)
            is_open = known is None or bound is None
            together[holding] = None if is_open else reaches_most(known, bound)
    return together


@dataclass(frozen=True, slots=True)
class Shared:
    """One candidate: which of the `asked` it explains, and how many of `population` it reaches."""

    key: Key
    explains: frozenset[Hashable]
    asked: int
    reaches: int
    population: int

    @property
    def coverage(self) -> Fraction:
        return Fraction(len(self.explains), self.asked)

    @property
    def reach(self) -> Fraction:
        return Fraction(self.reaches, self.population)

    @property
    def lift(self) -> Fraction:
        """How many times more of the asked come from it than of all that there is."""
        return self.coverage / self.reach

    @property
    def weight(self) -> float:
        """The log-likelihood ratio, below zero when it explains less than chance would."""
        found, missed, reach = len(self.explains), self.asked - len(self.explains), self.reach
        if reach == 1:
            return -inf if missed else 0.0
        total = _term(found, self.coverage, reach) + _term(missed, 1 - self.coverage, 1 - reach)
        return total if self.coverage >= reach else -total


def _term(count: int, seen: Fraction, expected: Fraction) -> float:
    return count * log(seen / expected) if count else 0.0


def rank(
    explained: Mapping[Key, Iterable[Hashable]],
    reached: Mapping[Key, int],
    *,
    asked: int,
    population: int,
    by: str = "weight",
) -> list[Shared]:
    """The candidates, those first that say most: by `weight`, or by `coverage`.

    What reaches less comes first among equals. A candidate that reaches fewer than it
    explains, for want of records, reaches at least those.
    """
    rows = []
    for key, cases in explained.items():
        cases = frozenset(cases)
        least = max(reached.get(key, 0), len(cases), 1)
        rows.append(Shared(key, cases, asked, least, max(population, least)))
    order = _BY[by]
    return sorted(rows, key=lambda row: (*order(row), row.reaches, _text(row.key)))


_BY: dict[str, Callable[[Shared], tuple]] = {
    "weight": lambda row: (-round(row.weight, 9), -row.coverage),
    "coverage": lambda row: (-row.coverage, -round(row.weight, 9)),
}


def _text(key: Key) -> tuple[str, ...]:
    return tuple(f"{part:012}" if isinstance(part, int) else str(part) for part in key)
