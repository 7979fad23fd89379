"""A trace becomes cards: what was used shows its receipts, what was passed on its places."""

from decimal import Decimal

import pytest

from batches.models import Adjustment, Hold, Holding
from batches.templatetags import wording
from batches.tests.factory import NOON, location, trace_graph
from batches.tracing import WholeBatch, resolve
from batches.tracing.facts import read_facts
from batches.tracing.picture import Picture, Words, paint

pytestmark = pytest.mark.django_db

WORDS = Words(wording.quantity, lambda moment: f"{moment:%d.%m.}")


def picture(nodes: dict, start: str, direction: str = "forward", **options) -> Picture:
    result = resolve([WholeBatch(nodes[start].batch_id)], direction)
    facts = read_facts(result.holdings, result.links)
    return paint(result.holdings, result.links, facts, WORDS, **options)


def drawn(painted: Picture) -> list[str]:
    """Lines by the codes of their cards."""
    codes = {node.id: node.code for node in painted.nodes}
    return sorted(f"{codes[e.source]} > {codes[e.target]}" for e in painted.edges)


def card(painted: Picture, code: str):
    return next(node for node in painted.nodes if node.code == code)


@pytest.fixture
def places():
    location("FARM", kind="supplier", name="Farm")
    location("PLANT", kind="plant", name="Plant", is_own=True)
    location("DC", kind="distribution_centre", name="Centre")
    for number in range(1, 5):
        location(f"SHOP{number}", kind="store", name=f"Shop {number}")


def test_what_a_run_used_is_shown_by_its_receipts(places):
    nodes = trace_graph("RAW@FARM -1..2x10-> RAW@PLANT -5x4-> MIX@PLANT")
    assert drawn(picture(nodes, "RAW@FARM")) == ["RAW > SH-0", "RUN-1 > MIX", "SH-0 > RUN-1"]


def test_a_receipt_that_came_after_the_run_did_not_go_into_it(places):
    nodes = trace_graph("""
        RAW@FARM -1..2x10-> RAW@PLANT -5x4-> MIX@PLANT
        RAW@FARM -8..9x10-> RAW@PLANT
    """)
    lines = drawn(picture(nodes, "RAW@FARM"))
    assert "SH-0 > RUN-1" in lines
    assert "SH-2 > RUN-1" not in lines


def test_a_receipt_of_unknown_time_may_have_gone_into_the_run(places):
    nodes = trace_graph("""
        RAW@FARM -1..2x10-> RAW@PLANT -5x4-> MIX@PLANT
        RAW@FARM -?-> RAW@PLANT
    """)
    assert "SH-2 > RUN-1" in drawn(picture(nodes, "RAW@FARM"))


def test_many_receipts_and_many_runs_meet_in_one_card(places):
    many = "".join(f"RAW@FARM -1..2x10-> RAW@PLANT -5x4-> MIX{i}@PLANT\n" for i in range(9))
    nodes = trace_graph(many)
    painted = picture(nodes, "RAW@FARM")
    assert len(painted.edges) == 9 + 9 + 9 + 9
    made = nodes["MIX3@PLANT"].pk
    steps = resolve([WholeBatch(nodes["RAW@FARM"].batch_id)]).path(made)
    codes = {node.id: node.code for node in painted.nodes}
    path = [codes[name] for name in painted.path(steps)]
    assert path[0] == "RAW" and path[2:] == ["RAW", path[3], "MIX3"]
    assert path[1].startswith("SH-") and path[3].startswith("RUN-")


def test_a_place_is_one_card_however_many_batches_it_got(places):
    nodes = trace_graph("""
        RAW@PLANT -1x5-> A@PLANT -3x2-> A@DC -4x1-> A@SHOP1
        RAW@PLANT -1x5-> B@PLANT -3x3-> B@DC
    """)
    centre = card(picture(nodes, "RAW@PLANT"), "Centre")
    assert (centre.quantity, centre.line2) == (5, "5\u00a0cases")


def test_receivers_that_a_plant_serves_itself_stand_behind_direct_orders(places):
    nodes = trace_graph("""
        MIX@PLANT -3x2-> MIX@SHOP1
        MIX@PLANT -3x3-> MIX@SHOP2
        MIX@PLANT -3x4-> MIX@SHOP3
    """)
    painted = picture(nodes, "MIX@PLANT")
    assert "MIX > Direct orders" in drawn(painted)
    assert "Direct orders > Shop 2" in drawn(painted)
    assert card(painted, "Direct orders").quantity == 9


def test_unlike_units_are_never_added_up(places):
    nodes = trace_graph("""
        RAW@PLANT -1x5-> A@PLANT -3x2-> A@DC
        RAW@PLANT -1x5-> B@PLANT -3x3-> B@DC
    """)
    product = nodes["B@DC"].batch.product
    product.unit = "kg"
    product.save()
    centre = card(picture(nodes, "RAW@PLANT"), "Centre")
    assert (centre.quantity, centre.line2) == (None, "2 batches")


def test_what_is_left_and_what_was_taken_out_is_shown(places):
    nodes = trace_graph("MIX@PLANT -3x2-> MIX@DC")
    here = nodes["MIX@PLANT"]
    Holding.objects.filter(pk=here.pk).update(quantity=7)
    Adjustment.objects.create(holding=here, quantity=Decimal(-3), reason="sample")
    Hold.objects.create(batch=here.batch, location=here.location, reason="x", placed_at=NOON)
    painted = picture(nodes, "MIX@PLANT")
    left, taken = card(painted, "Plant stock"), card(painted, "Samples")
    assert (left.line2, left.status) == ("7\u00a0cases on hold", "hold")
    assert taken.line2 == "3\u00a0cases"
    assert not [n for n in picture(nodes, "MIX@PLANT", with_stock=False).nodes if n.id[0] in "ka"]


def test_a_drills_hold_and_a_released_hold_are_no_status(places):
    nodes = trace_graph("MIX@PLANT -3x2-> MIX@DC")
    made = nodes["MIX@PLANT"].batch
    Hold.objects.create(batch=made, reason="x", placed_at=NOON, is_drill=True)
    Hold.objects.create(batch=made, reason="x", placed_at=NOON, released_at=NOON)
    assert card(picture(nodes, "MIX@PLANT"), "MIX").status == "none"


def test_a_recalled_batch_is_critical(places):
    nodes = trace_graph("MIX@PLANT -3x2-> MIX@DC")
    made = nodes["MIX@PLANT"].batch
    Hold.objects.create(batch=made, reason="x", placed_at=NOON, recall="RC-2026-0001")
    assert card(picture(nodes, "MIX@PLANT"), "MIX").status == "crit"


def test_links_without_a_time_are_counted_on_their_line(places):
    nodes = trace_graph("MIX@PLANT -?-> MIX@DC")
    (line,) = picture(nodes, "MIX@PLANT").edges
    assert (line.count, line.unknown) == (1, 1)


def test_a_backward_path_is_drawn_from_left_to_right(places):
    nodes = trace_graph("RAW@FARM -1..2x10-> RAW@PLANT -5x4-> MIX@PLANT")
    result = resolve([WholeBatch(nodes["MIX@PLANT"].batch_id)], "backward")
    painted = picture(nodes, "MIX@PLANT", "backward")
    codes = {node.id: node.code for node in painted.nodes}
    path = painted.path(result.path(nodes["RAW@FARM"].pk))
    assert [codes[name] for name in path] == ["RAW", "SH-0", "RUN-1", "MIX"]


def test_the_other_ways_to_a_place_are_found_and_no_others(places):
    nodes = trace_graph("""
        RAW@PLANT -1x5-> A@PLANT -3x2-> A@DC -4x1-> A@SHOP1
        RAW@PLANT -1x5-> B@PLANT -3x3-> B@DC
    """)
    painted = picture(nodes, "RAW@PLANT")
    codes = {node.id: node.code for node in painted.nodes}
    ways = painted.ways(card(painted, "Shop 1").id)
    found = {f"{codes[a]} > {codes[b]}" for a, b in ways}
    assert "Centre > Shop 1" in found
    assert not [line for line in found if line.startswith("B")]


def test_every_card_knows_its_holdings_and_every_line_its_cards(places):
    nodes = trace_graph("""
        RAW@FARM -1..2x10-> RAW@PLANT -5x4-> MIX@PLANT -6x1-> MIX@SHOP1 -7x1-> MIX@DC -8-> MIX@PLANT
        MIX@PLANT -9-> NEW@PLANT -10-> NEW@SHOP1
    """)
    painted = picture(nodes, "RAW@FARM")
    names = {node.id for node in painted.nodes}
    assert painted.holdings.keys() == names
    assert {end for e in painted.edges for end in (e.source, e.target)} <= names
    shown = {key for keys in painted.holdings.values() for key in keys}
    assert shown == {node.pk for node in nodes.values()}
