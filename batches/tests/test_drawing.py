"""A drawing of any trace keeps its promises: nothing lost, nothing overlapping, never too big."""

import itertools
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batches.tracing.drawing import TIERS, Edge, Node, draw, opening
from batches.tracing.drawing.layout import settle
from batches.tracing.drawing.shapes import HEIGHT, MAX_BOXES, MAX_CURVES, ROW_GAP

TIER_NAMES = list(TIERS)


def chain(*names: str, tier="site") -> tuple[list[Node], list[Edge]]:
    nodes = [Node(name, tier, name) for name in names]
    return nodes, [Edge(a, b) for a, b in itertools.pairwise(names)]


def fan(parents: int, stores: int) -> tuple[list[Node], list[Edge]]:
    """Centres with `stores` each, and the batch that feeds them."""
    nodes = [Node("batch", "made", "L1")]
    edges = []
    for p in range(parents):
        nodes.append(Node(f"dc{p}", "site", f"DC {p}"))
        edges.append(Edge("batch", f"dc{p}", Decimal(10), "case"))
        for s in range(stores):
            name = f"store{p}-{s}"
            nodes.append(Node(name, "receiver", name, quantity=Decimal(s), unit="case"))
            edges.append(Edge(f"dc{p}", name, Decimal(1 + s), "case"))
    return nodes, edges


def alone(drawing) -> set[str]:
    return {box.id for box in drawing.boxes if box.node}


@st.composite
def graphs(draw_from, most=60):
    count = draw_from(st.integers(1, most))
    tiers = draw_from(st.lists(st.sampled_from(TIER_NAMES), min_size=count, max_size=count))
    nodes = [
        Node(f"n{i}", tier, f"N{i}", quantity=Decimal(i % 7), unit="kg", when=i % 5)
        for i, tier in enumerate(tiers)
    ]
    ends = st.integers(0, count - 1)
    pairs = draw_from(st.sets(st.tuples(ends, ends), max_size=3 * count))
    edges = [Edge(f"n{a}", f"n{b}", Decimal(1), "kg") for a, b in sorted(pairs) if a != b]
    return nodes, edges


@st.composite
def requests(draw_from):
    nodes, edges = draw_from(graphs())
    names = [node.id for node in nodes]
    keys = [group.key for group in draw(nodes, edges).bundles]
    return (
        nodes,
        edges,
        {
            "seeds": draw_from(st.lists(st.sampled_from(names), max_size=3)),
            "selected": draw_from(st.none() | st.sampled_from(names)),
            "opens": draw_from(st.lists(st.sampled_from([*keys, "nonsense", "x.y"]), max_size=3)),
        },
    )


@settings(max_examples=150, deadline=None)
@given(requests())
@pytest.mark.slow
def test_each_node_is_drawn_alone_or_in_exactly_one_group(request):
    nodes, edges, asked = request
    drawing = draw(nodes, edges, **asked)
    drawn = [node.id for box in drawing.boxes for node in box.members]
    assert sorted(drawn) == sorted(node.id for node in nodes)
    assert drawing.alone + drawing.hidden == drawing.nodes == len(nodes)
    assert all(len(group.members) > 1 for group in drawing.bundles)


@settings(max_examples=150, deadline=None)
@given(requests())
@pytest.mark.slow
def test_cards_of_a_column_keep_their_order_and_their_gaps(request):
    nodes, edges, asked = request
    drawing = draw(nodes, edges, **asked)
    for upper, lower in zip(drawing.boxes, drawing.boxes[1:], strict=False):
        if upper.column == lower.column:
            assert upper.x == lower.x
            assert lower.y - upper.y >= HEIGHT + ROW_GAP - 0.11
    assert all(0 <= box.y <= drawing.height - HEIGHT + 0.11 for box in drawing.boxes)


@settings(max_examples=150, deadline=None)
@given(requests())
@pytest.mark.slow
def test_every_line_runs_to_the_right(request):
    nodes, edges, asked = request
    drawing = draw(nodes, edges, **asked)
    column = {box.id: box.column for box in drawing.boxes}
    assert all(column[line.source] < column[line.target] for line in drawing.curves)


@settings(max_examples=60, deadline=None)
@given(requests())
@pytest.mark.slow
def test_what_is_a_seed_or_selected_is_never_in_a_group(request):
    nodes, edges, asked = request
    drawing = draw(nodes, edges, **asked)
    alone = {box.id for box in drawing.boxes if box.node}
    assert {*asked["seeds"], *filter(None, [asked["selected"]])} <= alone


@settings(max_examples=60, deadline=None)
@given(requests(), st.randoms())
@pytest.mark.slow
def test_the_same_graph_in_any_order_is_drawn_the_same(request, random):
    nodes, edges, asked = request
    once = draw(nodes, edges, **asked)
    nodes, edges = list(nodes), list(edges)
    random.shuffle(nodes)
    random.shuffle(edges)
    again = draw(nodes, edges, **asked)
    assert (once.boxes, once.curves, once.headings) == (again.boxes, again.curves, again.headings)


@settings(max_examples=50, deadline=None)
@given(graphs())
@pytest.mark.slow
def test_other_keys_of_the_same_records_change_no_place(graph):
    nodes, edges = graph
    turned = {node.id: f"{1000 - at}" for at, node in enumerate(nodes)}
    other = draw(
        [replace(node, id=turned[node.id]) for node in nodes],
        [replace(edge, source=turned[edge.source], target=turned[edge.target]) for edge in edges],
    )
    assert places(draw(nodes, edges)) == places(other)


def places(drawing):
    cards = [(sorted(node.code for node in box.members), box.x, box.y) for box in drawing.boxes]
    return sorted(cards), sorted(curve.d for curve in drawing.curves)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 60), st.integers(0, 40), st.integers(0, 60), st.sampled_from(["site", "made"])
)
@pytest.mark.slow
def test_no_drawing_exceeds_its_budget(columns, skips, width, tier):
    nodes, edges = chain(*(f"c{i}" for i in range(columns)), tier=tier)
    for i in range(columns):
        edges += [Edge(f"c{i}", f"c{j}") for j in range(i + 2, min(columns, i + 2 + skips))]
        nodes += [Node(f"w{i}-{j}", tier, "w") for j in range(width)]
        edges += [Edge(f"c{i}", f"w{i}-{j}") for j in range(width)]
    everything = [node.id for node in nodes]
    drawing = draw(nodes, edges, seeds=everything, path=everything)
    assert len(drawing.boxes) <= MAX_BOXES
    assert len(drawing.curves) <= MAX_CURVES


def test_a_dense_two_column_graph_stays_within_its_lines():
    nodes = [Node(f"a{i}", "made", "a") for i in range(40)]
    nodes += [Node(f"b{i}", "site", "b") for i in range(40)]
    edges = [Edge(f"a{i}", f"b{j}") for i in range(40) for j in range(40) if (i * j) % 7]
    drawing = draw(nodes, edges, seeds=[node.id for node in nodes])
    assert len(drawing.curves) <= MAX_CURVES


@pytest.mark.parametrize("stores", [625, 5])
def test_five_thousand_nodes_are_drawn_within_the_budget(stores):
    nodes, edges = fan(5000 // stores, stores)
    drawing = draw(nodes, edges, seeds=["batch"], selected="store0-3")
    assert drawing.nodes > 5000
    assert len(drawing.boxes) <= MAX_BOXES


def test_tiers_are_columns_in_the_order_of_the_domain():
    nodes = [Node(tier, tier, tier) for tier in reversed(TIER_NAMES)]
    edges = [Edge(a, b) for a, b in itertools.pairwise(TIER_NAMES)]
    drawing = draw(nodes, edges)
    assert [heading.label for heading in drawing.headings] == list(TIERS.values())
    assert [box.id for box in drawing.boxes] == TIER_NAMES


def test_a_further_step_of_the_same_kind_splits_its_column():
    nodes, edges = chain("dc1", "dc2", "dc3")
    drawing = draw([*nodes, Node("shop", "receiver", "shop")], [*edges, Edge("dc1", "shop")])
    assert [box.column for box in drawing.boxes] == [0, 1, 2, 3]
    assert [heading.label for heading in drawing.headings][-1] == "Receivers"


def test_what_is_made_from_goods_that_were_already_shipped_stands_behind_them():
    nodes = [Node("dc", "site", "dc"), Node("repack", "run", "repack"), Node("l2", "made", "l2")]
    drawing = draw(nodes, [Edge("dc", "repack"), Edge("repack", "l2")])
    assert [box.id for box in drawing.boxes] == ["dc", "repack", "l2"]
    assert [h.label for h in drawing.headings] == [
        "Sites and carriers",
        "Production",
        "Finished batches",
    ]


def test_a_return_is_a_badge_and_not_a_line():
    nodes, edges = chain("dc", "shop")
    drawing = draw(nodes, [*edges, Edge("shop", "dc", count=2)])
    assert [(line.source, line.target) for line in drawing.curves] == [("dc", "shop")]
    assert {box.id: box.loops for box in drawing.boxes} == {"dc": 2, "shop": 0}


def test_siblings_collapse_only_when_they_are_more_than_six():
    assert not draw(*fan(1, 6)).bundles
    assert [len(group.members) for group in draw(*fan(2, 7)).bundles] == [7, 7]


def test_an_opened_group_shows_its_six_largest_and_the_rest_stays_together():
    nodes, edges = fan(1, 20)
    (group,) = draw(nodes, edges).bundles
    drawing = draw(nodes, edges, opens=[group.key])
    shown = {box.id for box in drawing.boxes if box.node and box.node.tier == "receiver"}
    assert shown == {f"store0-{i}" for i in range(14, 20)}
    (rest,) = drawing.bundles
    assert len(rest.members) == 14
    assert (rest.shown, rest.next_open) == (range(1, 7), f"{group.key}.6")


def test_a_group_opened_further_shows_the_next_and_folds_the_earlier_again():
    nodes, edges = fan(1, 20)
    opens, shown = (), []
    for _ in range(5):
        (group,) = draw(nodes, edges, opens=opens).bundles
        opens = opening(opens, group.next_open)
        shown.append(alone(draw(nodes, edges, opens=opens)) - {"batch", "dc0"})
    assert [len(names) for names in shown] == [6, 6, 6, 2, 6]
    assert len(set.union(*shown[:4])) == 20
    assert shown[4] == shown[0] and len(opens) == 1


def unreached(nodes, edges, **asked) -> set[str]:
    """What stays in a group however long one opens what holds it."""
    opens: tuple[str, ...] = ()
    unseen = {node.id for node in nodes}
    for _ in range(len(nodes) + 1):
        drawing = draw(nodes, edges, opens=opens, **asked)
        assert len(drawing.boxes) <= MAX_BOXES and len(drawing.curves) <= MAX_CURVES
        unseen -= alone(drawing)
        rest = (b for b in drawing.bundles if unseen & {node.id for node in b.members})
        if (group := next(rest, None)) is None:
            break
        opens = opening(opens, group.next_open)
    return unseen


@settings(max_examples=60, deadline=None)
@given(requests())
@pytest.mark.slow
def test_every_hidden_node_is_reached_by_opening_groups(request):
    nodes, edges, asked = request
    assert not unreached(nodes, edges, seeds=asked["seeds"], selected=asked["selected"])


@pytest.mark.parametrize(
    "graph",
    [fan(2, 40), fan(30, 7), chain(*(f"c{i}" for i in range(60)))],
    ids=["large groups", "many groups", "a long chain"],
)
def test_every_node_of_a_crowd_is_reached_within_the_budget(graph):
    nodes, edges = graph
    everything = [node.id for node in nodes]
    assert not unreached(nodes, edges, seeds=everything[:80], path=everything)


def test_every_node_of_a_tangle_is_reached_within_its_lines():
    nodes = [Node(f"a{i}", "made", "a") for i in range(40)]
    nodes += [Node(f"b{i}", "site", "b") for i in range(40)]
    edges = [Edge(f"a{i}", f"b{j}") for i in range(40) for j in range(40) if (i * j) % 7]
    assert not unreached(nodes, edges, seeds=[node.id for node in nodes])


def test_selecting_a_member_leaves_the_other_groups_alone():
    nodes, edges = fan(2, 20)
    before = {group.key: len(group.members) for group in draw(nodes, edges).bundles}
    after = draw(nodes, edges, selected="store1-4").bundles
    assert sorted(before.values()) == [20, 20]
    assert sorted((g.key, len(g.members)) for g in after) != sorted(before.items())
    assert {g.key for g in after} == before.keys()


def test_a_very_long_chain_is_folded_in_its_middle_and_can_be_unfolded():
    nodes, edges = chain(*(f"c{i:03}" for i in range(200)))
    drawing = draw(nodes, edges, seeds=["c000"])
    (fold,) = drawing.bundles
    assert drawing.boxes[0].id == "c000" and drawing.boxes[-1].id == "c199"
    opened = draw(nodes, edges, seeds=["c000"], opens=[fold.next_open])
    assert opened.hidden == drawing.hidden - 6


def test_the_selected_path_and_the_other_ways_are_told_apart():
    nodes = [Node(name, "site", name) for name in "sabtx"]
    edges = [Edge("s", "a"), Edge("s", "b"), Edge("a", "t"), Edge("b", "t"), Edge("s", "x")]
    drawing = draw(
        nodes, edges, selected="t", path=["s", "a", "t"], others=[("s", "b"), ("b", "t")]
    )
    roles = {line.source + line.target: line.role for line in drawing.curves}
    assert roles == {"sa": "path", "at": "path", "sb": "other", "bt": "other", "sx": ""}


def test_merged_lines_add_up_and_keep_the_count_of_unknown_times():
    nodes, edges = fan(1, 10)
    edges[-1] = Edge("dc0", "store0-9", Decimal(100), "case", unknown=1)
    line = next(line for line in draw(nodes, edges).curves if line.source == "dc0")
    assert (line.count, line.unknown, line.quantity) == (10, 1, sum(range(1, 10)) + 100)


def test_quantities_in_unlike_units_are_never_added():
    nodes, edges = fan(1, 10)
    edges[-1] = Edge("dc0", "store0-9", Decimal(100), "kg")
    line = next(line for line in draw(nodes, edges).curves if line.source == "dc0")
    assert line.quantity is None


def test_nothing_gives_an_empty_drawing():
    drawing = draw([], [])
    assert (drawing.boxes, drawing.curves, drawing.nodes) == ([], [], 0)


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=30), st.floats(1, 50))
def test_settling_keeps_every_gap(wishes, gap):
    found = settle(wishes, [gap] * (len(wishes) - 1))
    assert all(b - a >= gap - 1e-6 for a, b in itertools.pairwise(found))
