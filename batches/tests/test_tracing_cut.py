"""A trace that is stopped somewhere keeps all that another way still reaches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches.tests.graphs import NORMAL, simply, walks
from batches.tracing.cut import cut
from batches.tracing.graph import BACKWARD, FORWARD, Seeds, among, walk


@st.composite
def stopped(draw):
    links, starts, others, direction = draw(walks())
    ends = sorted({end for link in links for end in (link[0], link[2])})
    holdings = draw(st.sets(st.sampled_from(ends), max_size=3)) if ends else set()
    runs = draw(st.sets(st.sampled_from([0, 1, 2]), max_size=2))
    return links, Seeds(starts, others), direction, holdings, runs


@NORMAL
@given(stopped())
@pytest.mark.slow
def test_without_a_stop_nothing_changes(drawn):
    links, seeds, direction, _, _ = drawn
    whole = walk(seeds, among(links, direction), direction)
    trace, ended = cut(whole, seeds, (), ())
    assert (trace.bound, trace.unexplained, ended) == (whole.bound, whole.unexplained, [])
    assert {row[4] for row in trace.links} == {row[4] for row in whole.links}


@NORMAL
@given(stopped())
@pytest.mark.slow
def test_a_stopped_trace_is_the_trace_without_the_links_that_leave_the_stops(drawn):
    links, seeds, direction, holdings, runs = drawn
    seeds = Seeds(seeds.starts)
    whole = walk(seeds, among(links, direction), direction)
    trace, ended = cut(whole, seeds, holdings, runs)
    near = 0 if direction == FORWARD else 2
    rest = [link for link in links if link[near] not in holdings and link[6] not in runs]
    bounds, used = simply(seeds.starts, (), rest, direction)
    assert {node: trace.seconds(node) for node in trace.bound} == bounds
    assert {row[4] for row in trace.links} == {link[4] for link in used}
    assert all(row[6] is not None and row[0] in trace.bound for row in ended)


@NORMAL
@given(stopped())
@pytest.mark.slow
def test_every_way_of_a_stopped_trace_passes_no_stop(drawn):
    links, seeds, direction, holdings, runs = drawn
    whole = walk(seeds, among(links, direction), direction)
    trace, _ = cut(whole, seeds, holdings, runs)
    assert trace.bound.keys() <= whole.bound.keys()
    assert not {row[6] for row in trace.links} & runs - {None}
    for node in trace.bound:
        assert not {row[6] for row in trace.way(node)} & runs
        assert not {row[0] for row in trace.way(node)} & holdings


def test_a_stop_hides_the_batch_itself_behind_it_and_backward_what_went_into_it():
    # RAW@FARM (0) -> RAW@PLANT (1) -run 7-> MIX (2); RAW@PLANT -> RAW@LAB (3)
    links = [(0, 1, 1, 2, 0, 1, None), (1, 5, 2, 5, 1, 1, 7), (1, 6, 3, 7, 2, 1, None)]
    seeds = Seeds({0: None}, {1, 3})
    whole = walk(seeds, among(links), FORWARD)
    assert cut(whole, seeds, {1}, ())[0].bound.keys() == {0, 1}
    trace, ended = cut(whole, seeds, (), {7})
    assert (trace.bound.keys(), [row[4] for row in ended]) == ({0, 1, 3}, [1])
    seeds = Seeds({2: None})
    whole = walk(seeds, among(links, BACKWARD), BACKWARD)
    assert cut(whole, seeds, {1}, ())[0].bound.keys() == {1, 2}
