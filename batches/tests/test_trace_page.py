"""The trace page answers what a batch is connected to, and why, and bounds what it shows."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from batches.models import (
    Batch,
    Holding,
    Link,
    Location,
    Run,
    RunOutput,
    Shipment,
)
from batches.tests import factory
from batches.tests.factory import location, trace_graph

pytestmark = pytest.mark.django_db

STORY = """
RAW@FARM -1..2x100-> RAW@PLANT -5x40-> MIX@PLANT -8..9x25-> MIX@DC -10..11x12-> MIX@SHOP1
MIX@DC -12..13x13-> MIX@SHOP2
"""


@pytest.fixture
def story():
    location("FARM", kind="supplier", name="The Farm")
    location("PLANT", kind="plant", name="The Plant", is_own=True)
    location("DC", kind="distribution_centre", name="The Centre")
    location("SHOP1", kind="store", name="First Shop")
    location("SHOP2", kind="store", name="Second Shop")
    nodes = trace_graph(STORY)
    Holding.objects.filter(location__kind="store").update(quantity=5)
    return nodes


@pytest.fixture
def page(client, vera):
    client.force_login(vera)

    def get(status=200, **params):
        response = client.get(reverse("batch-trace"), params)
        assert response.status_code == status
        return response

    return get


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def cards(response) -> list[str]:
    """What the cards of the graph are called for a screen reader, left to right."""
    found = re.findall(r'<a class="n [^"]*"[^>]* aria-label="([^"]*)"', response.content.decode())
    return [name.split(". ")[0].split(",")[0] for name in found]


def batch(number) -> Batch:
    return Batch.objects.get(number=number)


# -- who, and with what


def test_a_visitor_is_sent_to_the_login_page(client, story):
    response = client.get(reverse("batch-trace"), {"seed": batch("RAW").pk})
    assert response.status_code == 302
    assert response.url.startswith(reverse("login"))


def test_a_viewer_sees_the_trace_and_cannot_recall(page, story):
    shown = text(page(seed=batch("RAW").pk))
    assert "Trace of RAW" in shown
    assert "Recall this scope" not in shown


def test_with_nothing_selected_the_panel_says_where_it_went_by_kind_and_country(page, story):
    Location.objects.filter(code="SHOP1").update(country="DE")
    shown = page(seed=story["RAW@FARM"].batch_id)
    assert [(row.name, row.places) for row in shown.context["totals"]["By kind"]] == [
        ("Store", 2),
        ("Distribution centre", 1),
    ]
    assert [(row.name, row.places) for row in shown.context["totals"]["By country"]] == [
        ("No country", 2),
        ("DE", 1),
    ]
    chosen = shown.context["graph"].cards[0].box.id
    assert page(seed=story["RAW@FARM"].batch_id, sel=chosen).context["totals"] == {}


def test_a_stop_goes_with_the_recall_where_it_hides_what_that_takes_in(client, quinn, story):
    client.force_login(quinn)
    stop = {"stop": f"l:{Location.objects.get(code='DC').pk}", "reason": "x"}
    forward = client.get(reverse("batch-trace"), {"seed": batch("RAW").pk, **stop})
    assert "&stop=l%3A" in forward.context["recall_url"]
    assert "A recall is not stopped" in text(forward)
    back = client.get(reverse("batch-trace"), {"seed": batch("MIX").pk, "dir": "back", **stop})
    assert "stop" not in back.context["recall_url"] and "A recall is not" not in text(back)


def test_who_may_open_recalls_is_offered_one_for_the_seeds(client, quinn, story):
    client.force_login(quinn)
    seeds = [batch("RAW").pk, batch("MIX").pk]
    shown = text(client.get(reverse("batch-trace"), {"seed": seeds}))
    assert f'{reverse("recall-open")}?batch={seeds[0]}&amp;batch={seeds[1]}"' in shown


def test_looking_changes_nothing(page, story):
    with CaptureQueriesContext(connection) as queries:
        page(seed=batch("RAW").pk, sel="l:1", dir="both")
    written = [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    # The walk keeps its frontier in a table of its own connection.
    assert not [sql for sql in written if "trace_frontier" not in sql]


# -- picking a batch


def test_without_a_seed_the_page_asks_for_a_number(page):
    assert "Batch number, as printed" in text(page())


def test_a_typed_number_leads_to_its_trace_whatever_its_spaces(page, story):
    response = page(status=302, number=" r-a w ", dir="back")
    assert response.url == f"{reverse('batch-trace')}?seed={batch('RAW').pk}&dir=back"


def test_a_typed_number_is_added_to_the_seeds_that_are_there(page, story):
    response = page(status=302, seed=batch("RAW").pk, number="MIX")
    assert response.url.endswith(f"?seed={batch('RAW').pk}&seed={batch('MIX').pk}&dir=fwd")


def test_an_unknown_number_says_so_and_asks_again(page, story):
    shown = text(page(status=404, number="RAVV"))
    assert "No batch is called “RAVV”" in shown
    assert "Batch number, as printed" in shown


def test_a_number_of_several_batches_lists_them_to_choose_from(page):
    factory.batch("112", of="BERRY", at="FARM-A")
    factory.batch("112", of="BERRY", at="FARM-B")
    shown = text(page(number="112"))
    assert "2 batches are called “112”. Which one is meant?" in shown
    for found in Batch.objects.all():
        assert f"?seed={found.pk}&amp;dir=fwd" in shown


@pytest.mark.parametrize("typed", ["LOT-5", "Lot LOT-5", "lot 5"])  # may say lot
def test_a_number_that_begins_with_the_word_for_it_is_found(page, typed):
    one = factory.batch("LOT-5")  # may say lot
    assert page(status=302, number=typed).url.endswith(f"?seed={one.pk}&dir=fwd")


def test_a_seed_by_product_and_number_is_found(page, story):
    assert "From" in text(page(seed="P-RAW:raw"))
    assert "Trace of RAW" in text(page(seed="r-a w"))


def test_a_seed_by_product_number_and_origin_tells_two_batches_apart(page):
    one = factory.batch("112", of="BERRY", at="FARM-A")
    factory.batch("112", of="BERRY", at="FARM-B")
    assert "2 batches are called “BERRY:112”" in text(page(seed="BERRY:112"))
    shown = page(seed="BERRY:112:FARM-A").context
    assert shown["asked"].seeds == (one.pk,)


def test_an_unknown_seed_beside_a_known_one_is_named_and_left_out(page, story):
    shown = text(page(seed=[batch("RAW").pk, "999999"]))
    assert "No batch is called “999999”, so the trace begins without it." in shown


@pytest.mark.parametrize("seed", ["999999", "9" * 40, "nothing", "P-RAW:", ":RAW", "²"])
def test_a_seed_that_names_nothing_is_not_found(page, story, seed):
    assert "No batch is called" in text(page(status=404, seed=seed))


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"dir": "sideways"}, "“sideways” is no dir of a trace. Choose back, both, fwd."),
        ({"view": "globe"}, "“globe” is no view of a trace."),
        ({"tab": "x"}, "“x” is no tab of a trace."),
        ({"page": "0"}, "“0” is not a page of the table."),
        ({"page": "-1"}, "“-1” is not a page of the table."),
        ({"via": "x"}, "“x” is not a holding."),
        ({"sort": "price"}, "This table cannot be sorted by “price”."),
        ({"export": "pdf"}, "A trace is exported as csv, xlsx, json or sheet."),
        ({"colour": "red"}, "The trace page has no parameter “colour”."),
        ({"dir": ["fwd", "back"]}, "The parameter “dir” is given more than once."),
        ({"stop": "l:1"}, "Each point at which a trace is stopped needs its reason."),
        ({"stop": "l:1", "reason": " "}, "Say why the trace is stopped there, then stop it."),
        ({"stop": "k:1", "reason": "x"}, "“k:1” is nothing that a trace can be stopped at."),
        ({"stop": "p:987", "reason": "x"}, "Nothing is recorded as “p:987” to stop a trace at."),
    ],
)
def test_what_the_page_does_not_know_is_refused_with_a_sentence(page, story, params, sentence):
    assert sentence in text(page(status=400, seed=batch("RAW").pk, **params))


# -- what it shows


def test_forward_shows_where_it_went_from_the_supplier_to_the_shops(page, story):
    response = page(seed=batch("RAW").pk)
    assert cards(response) == ["RAW", "SH-0", "RUN-1", "MIX", "The Centre", *SHOPS]
    headings = [h.label for h in response.context["found"].drawing.headings]
    assert headings == [
        "Supplier batch",
        "Receipts",
        "Production",
        "Finished batches",
        "Sites and carriers",
        "Receivers",
    ]


SHOPS = ["First Shop", "Second Shop"]


def test_backward_shows_what_it_was_made_from(page, story):
    response = page(seed=batch("MIX").pk, dir="back")
    assert cards(response)[:4] == ["RAW", "SH-0", "RUN-1", "MIX"]
    assert [f.text for f in response.context["summary"]][:2] == ["1", "1"]


def test_both_ways_from_the_middle_shows_either_side_once(page, story):
    response = page(seed=batch("MIX").pk, dir="both")
    assert cards(response) == ["RAW", "SH-0", "RUN-1", "MIX", "The Centre", *SHOPS]


def test_the_strip_of_figures_adds_up(page, story):
    figures = {f.label: f.text for f in page(seed=batch("RAW").pk).context["summary"]}
    assert figures["Finished batches"] == "1"
    assert figures["Made from it"] == "40\u00a0cases"
    assert figures["Shipped"] == "25\u00a0cases"
    assert figures["Places of others reached"] == "3"
    assert figures["Links recorded"] == "5 of 5"


def test_own_sites_are_rows_of_the_table_and_not_places_of_others(page, story):
    Location.objects.update(is_own=True)
    response = page(seed=batch("RAW").pk)
    figures = {f.label: f.text for f in response.context["summary"]}
    assert figures["Places of others reached"] == "0" and "Places reached" not in figures
    assert response.context["page"].paginator.count > 0


def test_links_without_a_time_are_counted_drawn_and_noted(page, story):
    Link.objects.filter(target=story["MIX@SHOP1"]).update(arrived_from=None, left_by=None)
    response = page(seed=batch("RAW").pk)
    figures = {f.label: f.text for f in response.context["summary"]}
    assert figures["Links recorded"] == "4 of 5, 1 without a sure time"
    assert len([line for line in response.context["graph"].lines if line.dot]) == 1
    assert [head.undated for head in response.context["found"].drawing.headings][-1:] == [1]
    back = page(seed=batch("MIX").pk, dir="back").context["found"]
    assert [head.undated for head in back.drawing.headings][:2] == [0, 0]
    assert ">1 undated</text>" in text(response)
    assert response.context["notes"]
    for note in response.context["notes"]:
        assert note in text(response)


def test_a_selected_place_is_explained_step_by_step(page, story):
    shop = Location.objects.get(code="SHOP1")
    response = page(seed=batch("RAW").pk, sel=f"l:{shop.pk}")
    shown = text(response)
    assert "Why is First Shop affected?" in shown
    points = response.context["why"].points
    assert [p.title for p in points] == ["RAW", "SH-0", "RUN-1", "MIX", "The Centre", "First Shop"]
    assert points[-1].text.startswith("12\u00a0cases in SH-3")
    assert response.context["page"].object_list[0].selected
    path = [c.box.id for c in response.context["graph"].cards if c.box.on_path]
    assert len(path) == 6


def test_a_selected_supplier_batch_of_a_backward_trace_is_explained(page, story):
    raw = story["RAW@FARM"]
    response = page(seed=batch("MIX").pk, dir="back", sel=f"h:{raw.pk}")
    assert "How is RAW connected?" in text(response)
    assert [p.title for p in response.context["why"].points] == ["RAW", "SH-0", "RUN-1", "MIX"]


def test_a_place_with_two_batches_offers_a_way_for_each(page, story):
    more = trace_graph("RAW@PLANT -6x30-> BAR@PLANT -8x7-> BAR@SHOP1")
    shop = Location.objects.get(code="SHOP1")
    first = page(seed=batch("RAW").pk, sel=f"l:{shop.pk}").context["why"]
    assert [tab.label for tab in first.tabs] == ["MIX, 12\u00a0cases", "BAR, 7\u00a0cases"]
    via = more["BAR@SHOP1"].pk
    second = page(seed=batch("RAW").pk, sel=f"l:{shop.pk}", via=via).context["why"]
    assert "BAR" in [point.title for point in second.points]


def test_where_the_trace_begins_says_so_and_has_received_nothing(page, story):
    farm = story["RAW@FARM"]
    response = page(seed=batch("RAW").pk, sel=f"h:{farm.pk}")
    assert "The trace begins here." in text(response)
    row = response.context["page"].object_list[0]
    assert [cell.text for cell in row.cells][0::4] == ["", "made there"]


def test_both_ways_count_only_places_that_the_goods_went_to(page, story):
    made = batch("MIX")
    RunOutput.objects.create(run=Run.objects.get(), batch=made, quantity=40)
    figures = {f.label: f.text for f in page(seed=batch("MIX").pk, dir="both").context["summary"]}
    assert (figures["Made"], figures["Places of others reached"]) == ("40\u00a0cases", "3")
    forward = page(seed=made.pk).context["summary"]
    assert {f.label: f.text for f in forward}["Made"] == "40\u00a0cases"


def test_a_selection_that_is_not_in_the_trace_is_said_and_does_no_harm(page, story):
    shown = text(page(seed=batch("RAW").pk, sel="l:99999999"))
    assert "What was selected is not in this trace." in shown


def test_only_the_table_is_shown_when_asked(page, story):
    response = page(seed=batch("RAW").pk, view="table")
    assert not cards(response)
    assert "First Shop" in text(response)


@pytest.mark.parametrize(
    ("tab", "first"),
    [
        ("batches", "MIX"),
        ("shipments", "SH-"),
        ("runs", "RUN-1"),
        ("places", "First Shop"),
        ("documents", "SH-"),
    ],
)
def test_each_table_lists_its_own(page, story, tab, first):
    rows = page(seed=batch("RAW").pk, tab=tab).context["page"].object_list
    assert str(rows[0].cells[0].value).startswith(first)


def test_documents_are_shipments_and_runs_with_what_is_on_their_paper(page, story):
    Shipment.objects.filter(lines__batch__number="RAW").update(document="Note 40071")
    rows = page(seed=batch("RAW").pk, tab="documents").context["page"].object_list
    told = sorted((row.cells[1].value, row.cells[2].value) for row in rows)
    assert told == [("Production", ""), *[("Shipment", "")] * 3, ("Shipment", "Note 40071")]
    kinds = {row.cells[0].value[:3]: row.cells[4].value for row in rows}
    assert kinds["RUN"] == "The Plant"


def test_where_nothing_leads_on_it_says_so_with_the_last_event(page, story):
    shop = f"l:{Location.objects.get(code='SHOP2').pk}"
    shown = page(seed=batch("RAW").pk, sel=shop)
    assert shown.context["why"].end.startswith("Nothing is recorded after Second Shop. Last event")
    assert (
        page(seed=batch("RAW").pk, sel=f"l:{story['MIX@DC'].location_id}").context["why"].end == ""
    )
    alone = factory.batch("ALONE", of="OATS", at="PLANT")
    assert "Nothing is recorded after ALONE. No event has a time." in text(page(seed=alone.pk))
    assert page(seed=batch("RAW").pk).context["dead_end"] == ""


def test_the_mass_balance_of_the_seed_stands_beside_it(page, story):
    Batch.objects.filter(number="RAW").update(quantity=100)
    mass = page(seed=batch("RAW").pk).context["mass"]
    assert (mass.number, mass.made) == ("RAW", "100\u00a0cases")


def test_a_number_with_markup_is_shown_as_text(page):
    odd = factory.batch('<b>"&', at="FARM")
    shown = text(page(seed=odd.pk))
    assert "&lt;b&gt;" in shown
    assert '<b>"' not in shown
