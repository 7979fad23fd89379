"""What several places share, against a count that tries everything."""

from fractions import Fraction
from math import inf, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches.tests.graphs import NORMAL, graphs, simply
from batches.tracing.graph import BACKWARD, FORWARD, among
from batches.tracing.sharing import Shared, rank, walks_of


@st.composite
def asked(draw):
    nodes, links = draw(graphs())
    bound = st.one_of(st.none(), st.integers(0, 60))
    starts = st.dictionaries(st.integers(0, len(nodes) - 1), bound, min_size=1, max_size=3)
    cases = draw(st.lists(starts, min_size=1, max_size=5))
    return links, dict(enumerate(cases)), draw(st.sampled_from([FORWARD, BACKWARD]))


@NORMAL
@given(asked())
@pytest.mark.slow
def test_one_walk_for_all_gives_each_what_its_own_would(drawn):
    links, cases, direction = drawn
    each, whole = walks_of(cases, among(links, direction), direction)
    assert whole.complete
    for name, starts in cases.items():
        bounds, used = simply(starts, (), links, direction)
        assert {n: each[name].seconds(n) for n in each[name].bound} == bounds
        assert {row[4] for row in each[name].links} == {link[4] for link in used}


def test_the_links_are_asked_for_once_per_level_however_many_ask():
    links = [(n, n, n + 1, n, n, 1, None) for n in range(5)]
    levels = []

    def counted(frontier):
        levels.append(len(frontier))
        return among(links, BACKWARD)(frontier)

    walks_of({n: {5: None} for n in range(50)}, counted)
    assert len(levels) == 6


KEYS = [("batch", n) for n in range(6)]


@st.composite
def tables(draw):
    count = draw(st.integers(1, 6))
    cases = st.sets(st.integers(0, count - 1), min_size=1)
    explained = draw(st.dictionaries(st.sampled_from(KEYS), cases, min_size=1))
    population = draw(st.integers(count, 40))
    reached = {key: draw(st.integers(len(explained[key]), population)) for key in explained}
    return explained, reached, count, population


def likelihood(share: float, found: int, asked: int) -> float:
    """The logarithm of the chance to see exactly these, one after the other."""
    chances = [share] * found + [1 - share] * (asked - found)
    return sum(log(chance) if chance else -inf for chance in chances)


@NORMAL
@given(tables())
@pytest.mark.slow
def test_the_weight_is_the_ratio_of_two_likelihoods_counted_one_by_one(drawn):
    explained, reached, count, population = drawn
    for row in rank(explained, reached, asked=count, population=population):
        found, share = len(explained[row.key]), reached[row.key] / population
        ratio = likelihood(found / count, found, count) - likelihood(share, found, count)
        expected = ratio if found / count >= share else -ratio
        assert row.weight == pytest.approx(expected, abs=1e-9)


@NORMAL
@given(tables(), st.randoms())
@pytest.mark.slow
def test_the_order_is_total_and_does_not_depend_on_the_order_of_asking(drawn, dice):
    explained, reached, count, population = drawn
    for by in ("weight", "coverage"):
        ranked = rank(explained, reached, asked=count, population=population, by=by)
        shuffled = list(explained.items())
        dice.shuffle(shuffled)
        again = rank(dict(shuffled), reached, asked=count, population=population, by=by)
        assert [row.key for row in ranked] == [row.key for row in again]
        assert {row.key for row in ranked} == set(explained)
    covered = [row.coverage for row in ranked]
    assert covered == sorted(covered, reverse=True)


@NORMAL
@given(tables())
def test_of_two_that_explain_the_same_the_one_that_reaches_less_comes_first(drawn):
    explained, reached, count, population = drawn
    first = ("batch", 100)
    explained, reached = {**explained}, {**reached}
    best = max(explained, key=lambda key: len(explained[key]))
    explained[first], reached[first] = explained[best], len(explained[best])
    ranked = [row.key for row in rank(explained, reached, asked=count, population=population)]
    if reached[best] > reached[first]:
        assert ranked.index(first) < ranked.index(best)


def test_what_is_in_everything_says_less_than_what_is_in_little_else():
    explained = {("salt",): range(5), ("raisins",): range(4), ("one jar",): range(1)}
    reached = {("salt",): 100, ("raisins",): 20, ("one jar",): 2}
    ranked = rank(explained, reached, asked=5, population=100)
    assert [row.key for row in ranked] == [("raisins",), ("one jar",), ("salt",)]
    assert ranked[0].lift == Fraction(4)
    by_coverage = rank(explained, reached, asked=5, population=100, by="coverage")
    assert by_coverage[0].key == ("salt",)


def test_records_that_are_missing_divide_nothing_by_zero():
    [row] = rank({("x",): {0, 1}}, {}, asked=2, population=0)
    assert (row.reaches, row.population, row.lift) == (2, 2, 1)
    assert Shared(("x",), frozenset({0}), 1, 1, 1).weight == 0
