"""One field for every code: straight to one thing, a list for several, words for none."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from batches.models import Event, Finding, Run, Shipment, ShipmentLine
from batches.tests import factory
from recalls.tests.factory import draft

GTIN = "09520123400019"


@pytest.fixture(autouse=True)
def _logged_in(client, quinn):
    client.force_login(quinn, backend="django.contrib.auth.backends.ModelBackend")


def search(client, text):
    return client.get("/search/", {"q": text})


def found_at(client, text) -> str:
    response = search(client, text)
    assert response.status_code == 302, " ".join(response.content.decode().split())[-1500:]
    return response["Location"]


def page(client, text) -> str:
    response = search(client, text)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("typed", ["L-26.311 A", "l26311a", " L26311-A "])
def test_a_batch_number_leads_there_however_it_is_typed(client, typed):
    made = factory.batch("L-26311A")
    assert found_at(client, typed) == made.get_absolute_url()


def test_a_number_that_two_origins_share_lists_both_with_their_origin(client):
    factory.batch("112", at="PLANT1")
    factory.batch("112", at="PLANT2")
    shown = page(client, "112")
    assert "made at Plant1" in shown and "made at Plant2" in shown


def test_an_exact_number_wins_over_numbers_that_begin_with_it(client):
    made = factory.batch("L100")
    factory.batch("L1001")
    assert found_at(client, "L100") == made.get_absolute_url()


def test_each_kind_of_thing_is_found_by_its_own_code(client, quinn):
    product = factory.product(gtin=GTIN)
    place = factory.location("STORE1", gln="9520123400026", name="Corner shop")
    sent = Shipment.objects.create(
        reference="SH-1", origin=factory.location(), destination=place, document="PO 77"
    )
    ShipmentLine.objects.create(shipment=sent, batch=factory.batch("L1"), sscc="095201234000000016")
    run = Run.objects.create(reference="RUN-1", location=place)
    case = draft(quinn)
    for text, thing in {
        GTIN: product,
        GTIN[1:]: product,
        "granola": product,
        "9520123400026": place,
        "store1": place,
        "corner": place,
        "sh-1": sent,
        "PO 77": sent,
        "(00)095201234000000016": sent,
        "run-1": run,
        case.reference: case,
    }.items():
        assert found_at(client, text) == thing.get_absolute_url(), text


def test_a_scanned_label_leads_to_the_batch_of_that_product(client):
    factory.product(gtin=GTIN)
    factory.product("OTHER")
    made = factory.batch("L1")
    factory.batch("L1", of="OTHER")
    assert found_at(client, f"]d201{GTIN}10L1") == made.get_absolute_url()


def test_nothing_found_says_what_was_understood(client):
    shown = page(client, "(01)09520123400018(10)X")
    assert "Nothing is recorded under" in shown
    assert "Check digit 8 is wrong, expected 9. No product has it." in shown
    assert "Not recorded for this product." in shown
    assert "treat it as affected until the record is found" in shown


def test_goods_that_nothing_is_recorded_of_are_reported_once_and_wait_for_somebody(client, quinn):
    assert "Report a missing record" in page(client, "L999")
    for code in ("L999", "l-999"):
        said = client.post("/search/report/", {"q": code}, follow=True)
        assert "waits on the overview as a data gap" in said.content.decode()
    finding = Finding.objects.get()
    assert (finding.severity, finding.label) == ("gap", "L999")
    assert Event.objects.get(verb="finding raised").actor == quinn
    assert "Type or scan the code" in client.post("/search/report/", follow=True).content.decode()
    factory.batch()
    shown = " ".join(client.get("/?waiting=gaps").content.decode().split())
    assert "Goods without a record" in shown and ">L999<" in shown


def test_letters_that_look_like_digits_are_offered_as_a_guess(client):
    made = factory.batch("L26O1B")
    shown = page(client, "L2601B")
    assert "Did you mean" in shown and made.get_absolute_url() in shown


def test_what_is_typed_is_shown_as_text_and_never_run(client):
    shown = page(client, "<script>alert(1)</script>")
    assert "<script>alert" not in shown and "&lt;script&gt;alert" in shown


@pytest.mark.parametrize("text", ["", "  ", "\x00", "(", "[", "%", "🍓", "9" * 300, "a\\"])
@pytest.mark.slow
def test_no_text_breaks_the_search(client, text):
    assert search(client, text).status_code == 200


def test_the_number_of_questions_does_not_grow_with_the_hits(client):
    def count():
        with CaptureQueriesContext(connection) as queries:
            page(client, "LX")
        return len(queries)

    for n in range(2):
        factory.batch(f"LX{n}")
    few = count()
    for n in range(2, 12):
        factory.batch(f"LX{n}", of=f"P{n}", at=f"PLANT{n}")
    assert count() == few
