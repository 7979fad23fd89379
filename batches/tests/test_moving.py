"""Moving a scanned pile together: one shipment, what is on a pallet stays on it, all or none."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from batches.models import Event, Holding, Shipment, ShipmentLine
from batches.operations.documents import create_shipment, post_shipment
from batches.operations.holds import place_hold
from batches.tests import factory
from batches.tests.admin_pages import drafted
from batches.tests.factory import NOON

BACKEND = "django.contrib.auth.backends.ModelBackend"
SSCC, OTHER_SSCC = "123456789012345675", "095201234000000019"
GLN = "9520123400026"


@pytest.fixture
def goods(client, otto):
    """20 of each of two batches at the plant; of the first, two pallets of 6 at the warehouse."""
    client.force_login(otto, backend=BACKEND)
    one, two = factory.batch("AB-1", quantity=32), factory.batch("AB-2", quantity=20)
    store = factory.location("WH2", kind="warehouse", gln=GLN, name="North store")
    lines = [{"batch": one, "quantity": 6, "sscc": sscc} for sscc in (SSCC, OTHER_SSCC)]
    sent = create_shipment(
        reference="SH-1", origin=one.origin, destination=store, lines=lines, by=otto, at=NOON
    )
    post_shipment(shipment=sent, by=otto, at=NOON)
    return one, two


def address(*batches, **more) -> str:
    pairs = [f"batch={batch.pk}" for batch in batches]
    return "/scan/move/?" + "&".join([*pairs, *(f"{key}={value}" for key, value in more.items())])


def sent(*lines, **head) -> dict:
    """The form as the page sends it; `lines` are batch, quantity, SSCC and whether ticked."""
    fields = {"origin": "PLANT1", "destination": "WH2", "reference": "MV-1"}
    fields |= {"purpose": "delivery", **head}
    fields |= {"line-TOTAL_FORMS": len(lines), "line-INITIAL_FORMS": len(lines)}
    for n, (batch, quantity, sscc, is_moved) in enumerate(lines):
        fields |= {f"line-{n}-batch": batch.pk, f"line-{n}-quantity": quantity}
        fields |= {f"line-{n}-sscc": sscc} | ({f"line-{n}-is_moved": "on"} if is_moved else {})
    return fields


def page(response) -> str:
    return " ".join(response.content.decode().split())


def on_hand(batch, code) -> int | None:
    row = Holding.objects.filter(batch=batch, location__code=code).first()
    return row and int(row.quantity)


def test_the_pile_leads_to_the_move_of_what_is_ticked(goods, client):
    codes = [f"(00){SSCC}", "AB-2"]
    fields = {"do": "move", "code": codes, "batch": [batch.pk for batch in goods]}
    answer = client.post("/scan/", fields)
    assert answer["Location"] == address(*goods, sscc=SSCC)
    assert "Tick at least one batch." in page(client.post("/scan/", {"do": "move"}))


@pytest.mark.parametrize("name", ["batch", "sscc"])
def test_too_many_are_refused_and_none_is_left_out_in_silence(goods, client, name):
    many = "&".join(f"{name}={n}" for n in range(1, 202))
    answer = client.get(f"{address(*goods)}&{many}")
    assert answer.status_code == 400 and "at most 200 of a pile" in page(answer)


def test_what_is_at_the_place_is_proposed_with_all_that_is_on_hand(goods, client):
    text = page(client.get(address(*goods)))
    assert "From Plant1" in text
    shown = client.get(address(*goods)).context["lines"]
    assert [form["quantity"].value() for form in shown] == ["20", "20"]


def test_of_scanned_pallets_each_keeps_its_line_its_sscc_and_its_quantity(goods, client):
    shown = client.get(address(goods[0], origin="WH2", sscc=SSCC)).context["lines"]
    assert [(form.initial["sscc"], form["quantity"].value()) for form in shown] == [(SSCC, "6")]
    both = address(goods[0], origin="WH2", sscc=f"{SSCC}&sscc={OTHER_SSCC}")
    assert len(client.get(both).context["lines"]) == 2


def test_a_place_where_none_of_them_is_cannot_be_chosen(goods, client):
    assert client.get(address(goods[1], origin="WH2")).context["origin"].code == "PLANT1"
    text = page(client.get(address(*goods, origin="WH2")))
    assert "1 of the batches ticked is not at North store" in text


def test_all_that_is_ticked_moves_by_one_posted_shipment(goods, client, otto):
    one, two = goods
    fields = sent((one, "5", SSCC, True), (two, "20", "", True), destination=GLN)
    answer = client.post(address(*goods), fields)
    moved = Shipment.objects.get(reference="MV-1")
    assert answer["Location"] == moved.get_absolute_url()
    assert (moved.status, moved.posted_by, moved.destination.code) == ("posted", otto, "WH2")
    assert set(moved.lines.values_list("batch", "quantity", "sscc")) == {
        (one.pk, 5, SSCC),
        (two.pk, 20, ""),
    }
    assert (on_hand(one, "PLANT1"), on_hand(two, "PLANT1"), on_hand(two, "WH2")) == (15, 0, 20)
    verbs = Event.objects.filter(object_id=str(moved.pk)).values_list("verb", flat=True)
    assert {"shipment drafted", "shipment posted"} <= set(verbs)


def test_a_quantity_is_typed_with_a_comma_and_what_it_means_is_asked(goods, client):
    factory.product("FLOUR", unit="kg")
    flour = factory.batch("F-1", of="FLOUR", quantity=Decimal("1520.125"))
    asked = client.post(address(flour), sent((flour, "1.520", "", True)))
    assert asked.status_code == 422 and "Type 1520, or 1.5200 with the zero." in page(asked)
    client.post(address(flour), sent((flour, "1.520,5", "", True)))
    assert not Shipment.objects.filter(reference="MV-1").exists()
    client.post(address(flour), sent((flour, "1.519,125", "", True)))
    assert ShipmentLine.objects.get(batch=flour).quantity == Decimal("1519.125")
    # Three decimals would be asked about, and so are proposed with a fourth.
    Holding.objects.filter(batch=flour, location__code="PLANT1").update(quantity="1.125")
    shown = client.get(address(flour)).context["lines"]
    assert [form["quantity"].value() for form in shown] == ["1.1250"]


def test_ten_times_the_usual_is_asked_about_once_for_each_number(goods, client, otto):
    one, two = goods[0], factory.batch("AB-3", quantity=100)
    for number in range(3):
        drafted(otto, two, f"SH-D{number}", 1)
    assert client.post(address(two), sent((two, "10", "", True))).status_code == 302
    fields = sent((one, "1", "", True), (two, "40", "", True), reference="MV-2")
    asked = client.post(address(one, two), fields)
    assert asked.status_code == 422 and "<title>Error: Move" in page(asked)
    assert "AB-3: 40\u00a0cases is more than ten times the usual" in asked.content.decode()
    assert "press Move them again" in page(asked) and 'value="40"' in page(asked)
    assert 'name="line-1-sure" value="40"' in page(asked) and "line-0-sure" not in page(asked)
    assert not Shipment.objects.filter(reference="MV-2").exists()
    other = client.post(address(one, two), fields | {"line-1-sure": "40", "line-1-quantity": "50"})
    assert other.status_code == 422 and 'name="line-1-sure" value="50"' in page(other)
    # What is refused for another reason is not asked about anew.
    nowhere = client.post(address(one, two), fields | {"line-1-sure": "40", "destination": "X"})
    assert 'name="line-1-sure" value="40"' in page(nowhere) and "the usual" not in page(nowhere)
    assert client.post(address(one, two), fields | {"line-1-sure": "40"}).status_code == 302
    assert on_hand(two, "PLANT1") == 50


def test_a_move_that_has_arrived_is_received_at_once(goods, client):
    client.post(address(goods[1]), sent((goods[1], "20", "", True), has_arrived="on"))
    assert Shipment.objects.get(reference="MV-1").status == "received"


def test_what_is_unticked_stays_whatever_stands_in_its_line(goods, client):
    one, two = goods
    client.post(address(*goods), sent((one, "many", "x", False), (two, "3", "", True)))
    assert [line.batch for line in ShipmentLine.objects.filter(shipment__reference="MV-1")] == [two]


@pytest.mark.parametrize(
    ("head", "line", "said"),
    [
        ({}, ("21", "", True), "Only 20 "),
        ({}, ("0", "", True), "The quantity must be more than zero."),
        ({}, ("many", "", True), "“many” is not a number."),
        # Cases are counted, and so come in thousands.
        ({}, ("1,520", "", True), "Only 20 "),
        ({}, ("1", "12", True), "An SSCC has 18 digits."),
        ({}, ("1", "", False), "Nothing is to be moved."),
        ({"destination": "NOWHERE"}, ("1", "", True), "No place has the code, name or GLN"),
        ({"destination": "9520123400027"}, ("1", "", True), "expected 6"),
        ({"destination": ""}, ("1", "", True), "Say where the batches go."),
        ({"destination": "PLANT1"}, ("1", "", True), "Origin and destination are the same place."),
        ({"reference": "SH-1"}, ("1", "", True), "already exists"),
        ({"reference": ""}, ("1", "", True), "Give the move a reference"),
    ],
)
def test_a_refused_move_says_why_moves_nothing_and_keeps_what_was_typed(
    goods, client, head, line, said
):
    one, two = goods
    fields = sent((one, "7", "", line[2]), (two, *line), **{"reference": "MV-77"} | head)
    answer = client.post(address(*goods), fields)
    assert answer.status_code == 422 and said in page(answer)
    assert 'value="7"' in page(answer) and not Shipment.objects.filter(reference="MV-77").exists()
    assert (on_hand(one, "PLANT1"), on_hand(two, "PLANT1")) == (20, 20)


def test_if_one_is_held_none_moves_and_to_quarantine_all_do(goods, client, quinn):
    one, two = goods
    place_hold(batch=two, reason="Glass.", by=quinn, at=NOON)
    fields = sent((one, "1", "", True), (two, "1", "", True))
    answer = client.post(address(*goods), fields)
    assert answer.status_code == 422
    assert "AB-2 is on hold at PLANT1: Glass. Release the hold first" in page(answer)
    assert on_hand(one, "PLANT1") == 20
    assert client.post(address(*goods), fields | {"purpose": "return"}).status_code == 302


def test_a_name_of_several_places_is_asked_about_and_a_closed_one_refused(goods, client):
    fields = sent((goods[1], "1", "", True), destination="North")
    assert "may be WH2. Enter the code" in page(client.post(address(goods[1]), fields))
    factory.location("WH3", kind="warehouse", name="North annex")
    assert "may be WH2, WH3" in page(client.post(address(goods[1]), fields))
    factory.location("OLD", kind="warehouse", active=False)
    answer = client.post(address(goods[1]), fields | {"destination": "OLD"})
    assert "OLD is not in use any more." in page(answer)


def test_a_batch_that_has_left_in_the_meantime_is_refused(goods, client):
    one, two = goods
    fields = sent((one, "20", "", True), (two, "20", "", True))
    client.post(address(two), sent((two, "20", "", True), reference="MV-0"))
    answer = client.post(address(*goods), fields)
    assert answer.status_code == 422
    assert "Nothing of AB-2 is left at PLANT1." in page(answer)
    assert "Not at Plant1 any more." in page(answer)
    assert client.post(address(*goods), fields | {"origin": "x"}).status_code == 404


def test_who_may_not_ship_is_offered_no_move(goods, client, vera):
    client.force_login(vera, backend=BACKEND)
    assert 'value="move"' not in page(client.get("/scan/"))
    assert client.get(address(*goods)).status_code == 403
    assert client.post(address(*goods), sent((goods[0], "1", "", True))).status_code == 403


@pytest.mark.parametrize("query", ["", "?batch=x", "?batch=99999999999999999999", "?batch=0"])
def test_nothing_to_move_says_so(client, otto, query):
    client.force_login(otto, backend=BACKEND)
    assert "Scan what is to be moved." in page(client.get(f"/scan/move/{query}")) or (
        "None of these batches" in page(client.get(f"/scan/move/{query}"))
    )


def test_the_page_costs_the_same_with_1_batch_and_with_25(goods, client):
    def count(batches):
        with CaptureQueriesContext(connection) as queries:
            client.get(address(*batches))
        return len(queries)

    count(goods[:1])
    one = count(goods[:1])
    assert count([factory.batch(f"N{n}", quantity=1) for n in range(25)]) == one
