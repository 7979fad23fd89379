"""Beside and below the graph: gaps, what does not add up, columns as one likes them."""

# ruff: noqa: F811 (fixtures of another module)

from urllib.parse import parse_qsl

import pytest

from batches.models import Batch, Holding, Link, Shipment, ShipmentLine
from batches.operations.preferences import preferences_of
from batches.tests.test_trace_bounds import shops
from batches.tests.test_trace_page import batch, page, story, text  # noqa: F401

pytestmark = pytest.mark.django_db


def test_columns_of_a_table_are_chosen_and_kept_by_each_person(client, page, story, vera):
    shown = text(page(seed=batch("RAW").pk))
    assert 'action="/me/columns/batch-trace.places/"' in shown
    order = ["on_hand", "status", "batches"]
    asked = {"order": order, "columns": order, "up": "status", "query": f"seed={batch('RAW').pk}"}
    response = client.post("/me/columns/batch-trace.places/", asked)
    assert response.url == f"/trace/?seed={batch('RAW').pk}#columns"
    assert list(preferences_of(vera).columns) == ["batch-trace.places"]
    wanted = ["location", "status", "on_hand", "batches"]
    again = page(seed=batch("RAW").pk)
    assert [head["column"].name for head in again.context["heads"]] == wanted
    assert [len(row.cells) for row in again.context["shown"]] == [4] * 5
    file = b"".join(page(seed=batch("RAW").pk, export="csv").streaming_content).decode()
    assert "Location,Status,On hand,Batches\r\n" in file
    others = page(seed=batch("RAW").pk, tab="batches").context["heads"]
    assert len(others) == 8


def test_with_nothing_selected_each_gap_is_named_and_leads_to_its_record(page, story):
    gaps = page(seed=batch("RAW").pk).context["gaps"]
    assert gaps.count == 0
    late, unknown = Link.objects.filter(shipment_line__isnull=False).order_by("pk")[:2]
    Link.objects.filter(pk=late.pk).update(left_by=None, arrived_from=None, quantity=None)
    sent = unknown.shipment_line.shipment
    Shipment.objects.filter(pk=sent.pk).update(status="posted")
    odd = Holding.objects.get(batch__number="MIX", location__code="SHOP2")
    Link.objects.filter(target=odd).update(voided=True)
    response = page(seed=[batch("RAW").pk, batch("MIX").pk])
    said = {gap.name: gap.text for gap in response.context["gaps"].first}
    assert said == {
        "MIX at Second Shop": "no recorded way from its origin",
        late.shipment_line.shipment.reference: "no time, no quantity",
        sent.reference: "not received yet",
    }
    assert f'href="/shipments/{sent.reference}/"' in text(response)


def test_what_does_not_add_up_says_where_and_which_draft_may_explain_it(page, story, settings):
    Batch.objects.filter(number="RAW").update(quantity=100)
    raw, plant = batch("RAW"), Holding.objects.get(batch__number="RAW", location__code="PLANT")
    Holding.objects.filter(batch=raw).update(quantity=0)
    Holding.objects.filter(pk=plant.pk).update(quantity=58)
    draft = Shipment.objects.create(
        reference="SH-DRAFT", origin=plant.location, destination=raw.origin, status="draft"
    )
    ShipmentLine.objects.create(shipment=draft, batch=raw, quantity=2)
    mass = page(seed=raw.pk).context["mass"]
    assert mass.state == "crit"
    said = [f"{reason.name} {reason.text}".strip() for reason in mass.reasons]
    assert any("at The Plant" in line for line in said)
    assert any(line.startswith("SH-DRAFT is a draft, 2") for line in said)
    settings.BALANCE_TOLERANCE_PER_MILLE = 2000
    mass = page(seed=raw.pk).context["mass"]
    assert mass.state == "ok" and mass.word.endswith("within tolerance") and not mass.reasons


def test_the_selection_has_its_own_balance_and_a_sheet_of_its_evidence(page, story):
    shop = f"l:{story['MIX@SHOP1'].location_id}"
    shown = page(seed=batch("RAW").pk, sel=shop)
    mass = shown.context["mass"]
    assert (mass.number, mass.at) == ("MIX", "First Shop")
    address = shown.context["why"].sheet_url
    assert address.endswith("&export=sheet")
    sheet = text(page(seed=batch("RAW").pk, sel=shop, export="sheet"))
    for said in ("Why is First Shop affected?", "Batch MIX at First Shop", "4. ", "Vera"):
        assert said in sheet
    page(status=400, seed=batch("RAW").pk, export="sheet")


def test_all_of_a_group_is_a_table_and_its_file_says_so(page):
    made = shops(30)
    shown = page(seed=made.pk)
    (group,) = [card for card in shown.context["graph"].cards if card.rows_url]
    query = dict(parse_qsl(group.rows_url.partition("?")[2]))
    rows = page(**query)
    assert rows.context["group"] == "30 stores" and len(rows.context["shown"]) == 30
    assert "The Plant" not in {row.cells[0].value for row in rows.context["shown"]}
    file = b"".join(page(**query, export="csv").streaming_content).decode()
    assert "Only the group of 30 stores" in file and file.count("Shop ") >= 30


def test_the_past_says_of_when_it_is(page, story):
    shown = page(seed=batch("RAW").pk, asof="2026-11-21T18:00")
    assert "View of 21 Nov 18:00" in text(shown).replace(",", "")
