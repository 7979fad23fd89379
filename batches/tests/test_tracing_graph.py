"""The walk on drawn graphs, without a database: loops, diamonds, dates, equal and missing times."""

import re

import pytest

from batches.tracing.graph import BACKWARD, FORWARD, LINK, Seeds, among, walk

ARROW = re.compile(r"-(\S*?)->")


def drawn(text):
    """Links out of lines such as `A -9..10x5r1-> B`: left_by..arrived_from, quantity, run."""
    links = []
    for line in filter(str.strip, text.splitlines()):
        names = [name.strip() for name in ARROW.split(line.strip())[::2]]
        for left, label, right in zip(names, ARROW.findall(line), names[1:], strict=False):
            times, _, rest = label.partition("x")
            quantity, _, run = rest.partition("r")
            leaves, dots, arrives = times.partition("..")
            links.append(
                (
                    left,
                    known(leaves),
                    right,
                    known(arrives if dots else leaves),
                    len(links),
                    known(quantity),
                    known(run),
                )
            )
    return links


def known(text):
    return int(text) if text not in ("", "?") else None


def forward(text, starts, others=(), **options):
    return walk(Seeds(starts, others), among(drawn(text)), FORWARD, **options)


def backward(text, starts, others=(), **options):
    return walk(Seeds(starts, others), among(drawn(text), BACKWARD), BACKWARD, **options)


def bounds(trace):
    return {name: trace.seconds(name) for name in trace.bound}


def way(trace, name):
    return [row[LINK] for row in trace.way(name)]


def test_forward_reaches_only_what_left_after_the_incident():
    trace = forward("FARM -1-> PLANT -5..6-> EAST\n PLANT -9..10-> WEST", {"PLANT": 7})
    assert bounds(trace) == {"PLANT": 7, "WEST": 10}


def test_what_left_at_the_very_moment_is_affected():
    assert bounds(forward("A -7..8-> B -8-> C", {"A": 7})) == {"A": 7, "B": 8, "C": 8}


def test_backward_reaches_only_what_had_arrived_by_then():
    trace = backward("EAST -5..6-> PLANT\n WEST -9..10-> PLANT -12-> SHOP", {"PLANT": 8})
    assert bounds(trace) == {"PLANT": 8, "EAST": 5}


def test_backward_is_forward_in_a_mirror():
    text = "A -1..3-> B -2..5-> C\n A -4..9-> C -7-> A"
    turned = [(t, a and -a, s, left and -left, n, q, r) for s, left, t, a, n, q, r in drawn(text)]
    there = walk(Seeds({"C": 9}), among(drawn(text), BACKWARD), BACKWARD)
    mirrored = walk(Seeds({"C": -9}), among(turned))
    assert {n: -at for n, at in bounds(mirrored).items()} == bounds(there)


def test_a_diamond_counts_its_end_once_since_the_earlier_way():
    trace = forward("A -1..2-> B -5..9-> D\n A -1..2-> C -3..4-> D", {"A": None})
    assert bounds(trace) == {"A": None, "B": 2, "C": 2, "D": 4}
    assert way(trace, "D") == [2, 3]
    assert trace.depth["D"] == 2


def test_a_loop_ends_and_what_comes_back_is_counted_once():
    trace = forward("A -1..2x5-> B -3..4x2-> A -5..6x1-> B", {"A": 0})
    assert bounds(trace) == {"A": 0, "B": 2}
    assert trace.received() == {"B": 6, "A": 2}
    assert way(trace, "A") == []


def test_a_loop_of_no_duration_explains_itself_from_outside():
    trace = forward("A -5-> B -5-> A\n X -5-> A\n B -5-> C", {"X": 5})
    assert bounds(trace) == {"X": 5, "A": 5, "B": 5, "C": 5}
    assert way(trace, "A") == [2]
    assert way(trace, "C") == [2, 0, 3]


def test_equal_times_hold_a_chain_together():
    assert bounds(forward("A -5-> B -5-> C -5-> D", {"A": 5})) == dict.fromkeys("ABCD", 5)


def test_unknown_times_never_exclude():
    trace = forward("A -?..4-> B -3..?-> C\n B -?-> D\n B -5..?-> E", {"A": 9})
    assert bounds(trace) == {"A": 9, "B": 9, "D": 9}
    trace = forward("A -9..?-> B", {"A": 9})
    assert bounds(trace) == {"A": 9, "B": 9}


def test_a_bare_date_may_have_arrived_before_it_left():
    # Day 10..19: it left by 19 and may have arrived from 10 on.
    trace = forward("A -19..10-> B -12-> C", {"A": 5})
    assert bounds(trace) == {"A": 5, "B": 10, "C": 12}


def test_a_bare_date_is_looked_at_again_when_its_source_turns_out_affected_earlier():
    # u since 10, its link to v has only a date (left by 23, arrived from 0), so v since 10;
    # then u improves to 8, and so must v, or what left v at 9 is lost.
    text = """
        S -10-> u -23..0-> v -9-> w
        S -7-> a -8-> b -8-> u
    """
    trace = forward(text, {"S": 7})
    assert bounds(trace) == {"S": 7, "a": 7, "u": 8, "b": 8, "v": 8, "w": 9}
    assert way(trace, "w") == [3, 4, 5, 1, 2]
    assert [row[LINK] for row in trace.links].count(1) == 1


def test_the_same_backward():
    text = """
        w -9..9-> v -23..0-> u -8-> S
        u -10-> b -10-> a -11-> S
    """
    trace = backward(text, {"S": 11})
    assert bounds(trace) == {"S": 11, "u": 10, "v": 10, "b": 10, "a": 11, "w": 9}
    assert [row[LINK] for row in trace.links].count(1) == 1


def test_a_link_that_becomes_affected_late_still_counts_once():
    # At first B is affected since 20, so its link at 15 is not; then since 10.
    text = """
        A -20x1-> B -15x7-> C
        A -1-> D -5-> E -10x2-> B
    """
    trace = forward(text, {"A": 0})
    assert bounds(trace)["B"] == 10
    assert trace.received()["C"] == 7
    assert trace.received()["B"] == 3


def test_depth_is_the_fewest_links_even_when_they_turn_out_affected_late():
    text = """
        A -20-> B -15-> C -16-> F
        A -1-> D -5-> E -10-> B
    """
    trace = forward(text, {"A": 0})
    assert trace.depth == {"A": 0, "B": 1, "C": 2, "D": 1, "E": 2, "F": 3}
    assert way(trace, "C") == [3, 4, 5, 1]


def test_what_a_run_made_counts_once_per_run_and_a_shipment_line_once_each():
    text = """
        OATS -3x40r1-> MIX -5x10-> SHOP
        NUTS -3x40r1-> MIX -6x12-> SHOP
        OATS -4x30r2-> MIX
    """
    trace = forward(text, {"OATS": None, "NUTS": None})
    assert trace.received() == {"MIX": 70, "SHOP": 22}


def test_a_part_that_is_unknown_makes_the_sum_unknown():
    assert forward("A -1x5-> B\n A -2-> B", {"A": None}).received() == {"B": None}


def test_a_whole_batch_is_counted_from_its_origin_and_affected_since_ever():
    text = "FARM -5..6-> PLANT -9..10-> LAB\n PLANT -2..3-> SHOP"
    trace = forward(text, {"FARM": None}, {"PLANT", "LAB"})
    assert bounds(trace) == {"FARM": None, "PLANT": None, "LAB": None, "SHOP": 3}
    assert trace.depth == {"FARM": 0, "PLANT": 1, "LAB": 2, "SHOP": 2}
    assert way(trace, "LAB") == [0, 1]
    assert not trace.unexplained


def test_a_holding_that_nothing_explains_is_a_starting_point_of_its_own():
    trace = forward("FARM -5-> PLANT\n LAB -3-> SHOP -4-> PLANT", {"FARM": None}, {"PLANT", "LAB"})
    assert trace.unexplained == {"LAB"}
    assert trace.depth == {"FARM": 0, "PLANT": 1, "LAB": 0, "SHOP": 1}
    assert way(trace, "LAB") == []


def test_backward_a_batch_is_explained_from_its_origin_along_the_links():
    text = "OATS -3-> MILL -5-> EAST\n MILL -7-> WEST"
    trace = backward(text, {"MILL": None}, {"EAST", "WEST", "LOST"})
    assert trace.unexplained == {"LOST"}
    assert trace.depth == {"MILL": 0, "LOST": 0, "EAST": 1, "WEST": 1, "OATS": 1}
    assert way(trace, "WEST") == [2]
    assert way(trace, "OATS") == [0]


def test_no_link_stands_twice_in_a_way_through_rework():
    # Back and forth between two batches of which both are seeds.
    text = "O -1-> x -9-> m -9-> n -9-> S -3-> m"
    trace = forward(text, {"O": None}, {"S"})
    for name in trace.bound:
        steps = way(trace, name)
        assert len(set(steps)) == len(steps)
        assert name == "O" or steps[0] == 0


def test_a_limit_leaves_the_rest_out_and_says_so():
    text = "A -1-> B -2-> C -3-> D\n B -2-> E"
    cut = forward(text, {"A": 0}, limit=3)
    assert not cut.complete
    assert bounds(cut) == {"A": 0, "B": 1, "C": 2}
    assert sorted(row[LINK] for row in cut.links) == [0, 1]


def test_a_limit_that_is_not_reached_changes_nothing():
    text = "A -1-> B -2-> C\n C -2-> A"
    whole = forward(text, {"A": 0}, limit=3)
    assert whole.complete
    assert bounds(whole) == {"A": 0, "B": 1, "C": 2}


def test_a_limit_never_leaves_out_a_seed():
    cut = forward("A -1-> B -2-> C", {"A": None}, {"B", "C"}, limit=1)
    assert set(cut.bound) == {"A", "B", "C"}
    assert cut.complete


@pytest.mark.parametrize("direction", [FORWARD, BACKWARD])
def test_links_are_asked_for_once_per_level(direction):
    links = drawn("A -1-> B -2-> C -3-> D\n A -1-> C")
    asked, links_of = [], among(links, direction)

    def counted(frontier):
        asked.append([name for name, _, _ in frontier])
        return links_of(frontier)

    walk(Seeds({"A" if direction == FORWARD else "D": None}), counted, direction)
    assert (
        asked
        == {
            FORWARD: [["A"], ["B", "C"], ["D"]],
            BACKWARD: [["D"], ["C"], ["A", "B"]],
        }[direction]
    )


def test_nothing_comes_of_nothing():
    trace = forward("A -1-> B", {})
    assert (trace.bound, trace.links, trace.levels) == ({}, [], 0)
