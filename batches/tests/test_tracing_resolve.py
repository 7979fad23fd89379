"""A trace against the database: seeds, names, notes, paths and the number of queries."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from itertools import combinations

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from batches.models import Adjustment, Batch, Holding, Link, Location, Shipment
from batches.tests.factory import location, trace_graph
from batches.tracing import FromHolding, LocationWindow, TracedLink, WholeBatch, resolve
from batches.tracing.sql import one_snapshot, statement

pytestmark = pytest.mark.django_db

GRAPH = """
    RAW@FARM -10..20x100-> RAW@PLANT -30x40-> MIX@PLANT -40..50x15-> MIX@SHOP
                           RAW@PLANT -60x5-> RAW@LAB
    OIL@PRESS -5..6x7-> OIL@PLANT -30x40-> MIX@PLANT
    MIX@PLANT -25..26x1-> MIX@EARLY
"""


def at(second):
    return datetime.fromtimestamp(second, UTC)


def names(result):
    return [f"{held.batch_number}@{held.location_code}" for held in result.holdings]


def one(result, nodes, name):
    return result.by_holding[nodes[name].pk]


def test_a_whole_batch_is_affected_since_ever_and_counted_from_its_origin():
    nodes = trace_graph(GRAPH)
    result = resolve([WholeBatch(nodes["RAW@FARM"].batch_id)])
    assert names(result) == ["RAW@FARM", "RAW@PLANT", "RAW@LAB", "MIX@PLANT", "MIX@SHOP"]
    assert [held.depth for held in result.holdings] == [0, 1, 2, 2, 3]
    assert [held.bound for held in result.holdings] == [None, None, None, at(30), at(50)]
    assert [held.received for held in result.holdings] == [0, 100, 5, 40, 15]
    assert [held.is_start for held in result.holdings] == [True, False, False, False, False]
    assert result.complete
    path = result.path(nodes["MIX@SHOP"].pk)
    assert [step.kind for step in path] == ["shipment", "run", "shipment"]
    assert [step.quantity for step in path] == [100, 40, 15]
    assert (path[0].from_location, path[0].left_by) == ("FARM", at(10))


def test_backward_finds_everything_that_went_in():
    nodes = trace_graph(GRAPH)
    result = resolve([FromHolding(nodes["MIX@SHOP"].pk)], direction="backward")
    assert set(names(result)) == {
        "MIX@SHOP", "MIX@PLANT", "RAW@PLANT", "OIL@PLANT", "RAW@FARM", "OIL@PRESS",
    }  # fmt: skip
    assert one(result, nodes, "RAW@PLANT").bound == at(30)
    assert one(result, nodes, "OIL@PRESS").bound == at(5)
    path = result.path(nodes["RAW@FARM"].pk)
    assert [step.from_batch for step in path] == ["MIX", "RAW", "RAW"]


def test_a_voided_link_leads_nowhere():
    nodes = trace_graph("RAW@FARM -1-> RAW@PLANT -2-> RAW@SHOP")
    Link.objects.filter(target=nodes["RAW@SHOP"]).update(voided=True)
    result = resolve([FromHolding(nodes["RAW@FARM"].pk)])
    assert names(result) == ["RAW@FARM", "RAW@PLANT"]


def test_quantities_come_out_as_they_went_in():
    nodes = trace_graph("RAW@FARM -1x0.29-> RAW@PLANT\n RAW@FARM -2x0.010001-> RAW@PLANT")
    Holding.objects.filter(pk=nodes["RAW@PLANT"].pk).update(quantity=Decimal("0.290001"))
    result = resolve([WholeBatch(nodes["RAW@FARM"].batch_id)])
    plant = one(result, nodes, "RAW@PLANT")
    assert (plant.received, plant.on_hand) == (Decimal("0.300001"), Decimal("0.290001"))
    assert one(result, nodes, "RAW@FARM").on_hand is None


def test_notes_say_what_is_not_known():
    nodes = trace_graph("""
        RAW@FARM -?x2-> RAW@PLANT -3-> MIX@PLANT -4x1-> MIX@SHOP
        RAW@LOST
    """)
    Shipment.objects.filter(lines__links__target=nodes["MIX@SHOP"]).update(status="posted")
    result = resolve([WholeBatch(nodes["RAW@FARM"].batch_id)])
    assert [(note.kind, note.count) for note in result.notes] == [
        ("unknown_time", 1),
        ("unknown_quantity", 1),
        ("unreceived", 1),
        ("unexplained", 1),
    ]
    assert result.notes[3].text == (
        "1 holding has no recorded way from the batch's origin and was taken as a starting point"
    )
    lost = one(result, nodes, "RAW@LOST")
    assert lost.is_start and lost.is_unexplained and lost.depth == 0 and lost.bound is None


def test_a_limit_is_never_silent():
    nodes = trace_graph(GRAPH)
    result = resolve([FromHolding(nodes["RAW@FARM"].pk)], limit=2)
    assert (len(result.holdings), result.complete) == (2, False)
    assert [note.text for note in result.notes] == [
        "The trace was cut at the limit of 2 holdings: there are more"
    ]


def test_a_batch_that_is_nowhere_is_noted():
    result = resolve([WholeBatch(0)])
    assert (result.holdings, [note.kind for note in result.notes]) == ([], ["empty_batch"])


def test_a_starting_point_that_something_reached_is_not_merely_one():
    nodes = trace_graph("RAW@FARM -1-> RAW@PLANT -2-> RAW@FARM")
    result = resolve([FromHolding(nodes["RAW@FARM"].pk)])
    assert [held.is_start for held in result.holdings] == [False, False]
    assert result.path(nodes["RAW@FARM"].pk) == ()


def test_links_are_the_affected_ones_as_in_the_table():
    nodes = trace_graph(GRAPH)
    result = resolve([WholeBatch(nodes["RAW@FARM"].batch_id)], direction="backward")
    stored = {link.pk: link for link in Link.objects.all()}
    assert {(link.source, link.target) for link in result.links} == {
        (nodes["RAW@FARM"].pk, nodes["RAW@PLANT"].pk),
        (nodes["RAW@PLANT"].pk, nodes["RAW@LAB"].pk),
    }
    for link in result.links:
        row = stored[link.id]
        assert link == TracedLink(
            row.pk, row.source_id, row.target_id, row.left_by, row.arrived_from, row.quantity,
            row.shipment_line_id, row.run_id,
        )  # fmt: skip


WINDOWS = """
    RAW@FARM -10..20x5-> RAW@PLANT -40..50x5-> RAW@SHOP
"""


@pytest.mark.parametrize(
    ("stock", "start", "end", "since"),
    [
        (5, 25, 30, 25),
        (5, 5, 30, 20),
        (5, 20, 20, 20),
        (5, 5, 19, None),
        (0, 40, 60, 40),
        (0, 41, 60, None),
        (5, 41, 60, 41),
        (None, 41, 60, 41),
    ],
)
def test_a_window_takes_what_was_there_at_some_moment_of_it(stock, start, end, since):
    nodes = trace_graph(WINDOWS)
    plant = nodes["RAW@PLANT"]
    Holding.objects.filter(pk=plant.pk).update(quantity=stock)
    result = resolve([LocationWindow(plant.location_id, at(start), at(end))])
    held = result.by_holding.get(plant.pk)
    assert (held and held.bound) == (since and at(since))


def test_what_was_scrapped_later_was_there_before():
    nodes = trace_graph(WINDOWS)
    plant = nodes["RAW@PLANT"]
    Holding.objects.filter(pk=plant.pk).update(quantity=0)
    seed = LocationWindow(plant.location_id, at(55), at(80))
    assert names(resolve([seed])) == []
    Adjustment.objects.create(holding=plant, quantity=-1, reason="scrap", at=at(60))
    assert "RAW@PLANT" in names(resolve([seed]))
    Adjustment.objects.update(voided_at=at(70))
    assert names(resolve([seed])) == []
    Adjustment.objects.create(holding=plant, quantity=-1, reason="scrap", at=None)
    assert "RAW@PLANT" in names(resolve([seed]))


def test_a_scrapping_on_a_bare_day_may_have_been_late_that_day():
    nodes = trace_graph(WINDOWS)
    plant = nodes["RAW@PLANT"]
    Holding.objects.filter(pk=plant.pk).update(quantity=0)
    Adjustment.objects.create(
        holding=plant, quantity=-1, reason="scrap", at=at(0), at_date_only=True
    )
    last_second = 24 * 3600 - 1
    assert names(resolve([LocationWindow(plant.location_id, at(last_second), None)]))
    assert not names(resolve([LocationWindow(plant.location_id, at(last_second + 1), None)]))


def test_what_was_made_here_was_here_before_it_came_back():
    nodes = trace_graph("RAW@FARM -10-> RAW@PLANT -90..95-> RAW@FARM")
    farm = nodes["RAW@FARM"]
    seed = LocationWindow(farm.location_id, at(5), at(50))
    assert one(resolve([seed]), nodes, "RAW@FARM").bound == at(5)
    Batch.objects.filter(pk=farm.batch_id).update(produced_at=at(60))
    assert names(resolve([seed])) == []


def test_a_window_backward_reaches_what_had_come_by_its_end():
    nodes = trace_graph("OLD@FARM -1..2-> OLD@PLANT\n NEW@FARM -30..40-> NEW@PLANT")
    plant = nodes["OLD@PLANT"].location_id
    result = resolve([LocationWindow(plant, at(10), at(20))], direction="backward")
    assert names(result) == ["OLD@PLANT", "OLD@FARM"]
    assert [held.bound for held in result.holdings] == [at(20), at(1)]


def fan(width, of="RAW"):
    return trace_graph(
        "\n".join(
            f"{of}@FARM -1..2x3-> {of}@W{n} -3x1-> {of}{n}@W{n} -4..5x1-> {of}{n}@S{n}"
            for n in range(width)
        )
    )


def queries(seed, direction):
    with CaptureQueriesContext(connection) as caught:
        result = resolve([WholeBatch(seed.batch_id)], direction)
        result.as_json()
    asked = [q["sql"] for q in caught if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    frontier = [sql for sql in asked if "l.voided" in sql.replace('"', "")]
    return len(asked), len(frontier), result.trace.levels


def test_queries_do_not_grow_with_the_trace():
    first = queries(fan(1)["RAW@FARM"], "forward")
    assert queries(fan(25, of="OIL")["OIL@FARM"], "forward") == first
    assert first[1] == first[2] == 4


@pytest.mark.slow
def test_both_directions_read_one_index_and_nothing_else():
    many_links(trace_graph(GRAPH))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
            cursor.execute("ANALYZE batches_link")
        for direction, index in (("forward", "link_forward"), ("backward", "link_backward")):
            for again in (False, True):
                plan = explained(cursor, direction, again)
                assert index in plan
                assert "COVERING INDEX" in plan or "Index Only Scan" in plan


def many_links(nodes):
    """So many that the planner must choose: of a table on one page, any index will do."""
    pairs = list(combinations(nodes.values(), 2))
    line = Link.objects.filter(shipment_line__isnull=False).first().shipment_line
    Link.objects.bulk_create(
        Link(source=source, target=target, left_by=n, arrived_from=n, shipment_line=line)
        for n in range(150)
        for source, target in pairs
    )


def explained(cursor, direction, again):
    query = statement(connection.vendor, direction, again)
    if connection.vendor == "postgresql":
        cursor.execute("EXPLAIN " + query, ["{1}", "{0}", "{9}"][: query.count("%s")])
    else:
        cursor.execute("ANALYZE")
        resolve([FromHolding(1)])  # makes the temporary table
        cursor.execute("EXPLAIN QUERY PLAN " + query)
    return "\n".join(str(row) for row in cursor.fetchall())


@pytest.mark.django_db(transaction=True)
def test_a_trace_sees_one_moment_and_keeps_nobody_from_writing():
    nodes = trace_graph("RAW@FARM -1-> RAW@PLANT -2-> RAW@SHOP")
    seed = FromHolding(nodes["RAW@FARM"].pk)
    written = []

    def write_meanwhile():
        with ThreadPoolExecutor(1) as pool:
            pool.submit(
                lambda: (Link.objects.update(voided=True), connections.close_all())
            ).result()
        written.append(Link.objects.filter(voided=True).count())

    with one_snapshot():
        assert len(resolve([seed]).holdings) == 3
        write_meanwhile()
        assert len(resolve([seed]).holdings) == 3
    assert written == [0]
    assert len(resolve([seed]).holdings) == 1


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_ends_when_its_reader_fails():
    with pytest.raises(ZeroDivisionError), one_snapshot():
        raise ZeroDivisionError
    location("AFTER")
    assert Location.objects.filter(code="AFTER").exists()
