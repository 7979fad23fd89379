"""The pages of places: what is missing of them, when they are open, where they lie."""

from batches.operations.documents import post_shipment
from batches.tests import factory
from batches.tests.factory import NOON
from batches.tests.test_pages import as_quinn, shipment, text_of

__all__ = ["as_quinn"]


def test_a_place_names_what_is_missing_of_it(as_quinn):
    factory.location("STORE1", kind="store", name="Store 1")
    assert as_quinn.get("/locations/STORE1/").context["gaps"] == [
        "No GLN",
        "No position",
        "Nobody to tell",
    ]


def test_a_location_says_its_hours_languages_and_test_and_that_nothing_was_sent_there(
    as_quinn, otto
):
    store = factory.location("STORE1", kind="store", opening_hours="Mon to Sat 7:00 to 20:00")
    tested = {"tested_at": NOON, "phone": "+49 30 1"}
    store.contacts.create(name="Lena", email="lena@store.example", language="de", **tested)
    page = text_of(as_quinn.get("/locations/STORE1/"))
    assert "Open Mon to Sat 7:00 to 20:00" in page and "Notices in DE" in page
    assert "Last tested" in page and 'href="tel:+49301"' in page
    assert "Nothing sent here in 2 years." in page
    post_shipment(shipment=shipment(otto), by=otto, at=NOON)
    assert "Nothing sent here" not in text_of(as_quinn.get("/locations/STORE1/"))


def test_the_list_of_locations_tags_what_is_missing_and_has_a_map(as_quinn):
    factory.location("STORE1", kind="store", name="Store 1", latitude=52, longitude=13)
    factory.location("STORE2", kind="store", name="Store 2")
    page = text_of(as_quinn.get("/locations/"))
    assert "No position</span>" in page and "Nobody to tell</span>" in page
    assert 'href="?map=1"' in page and "data-map " not in page
    response = as_quinn.get("/locations/?map=1&kind=store")
    places = response.context["places"]
    assert [spot.name for spot in places.spots] == ["Store 1"]
    assert [spot.name for spot in places.lost] == ["Store 2"]
    page = text_of(response)
    assert '<input type="hidden" name="map" value="1">' in page and "Table only" in page
    assert "data-map " in page
