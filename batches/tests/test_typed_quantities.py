"""Quantities that our own people type: decimal comma or point, and nothing read in two ways."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from batches.forms.quantities import QuantityField
from batches.models import Adjustment, Batch, ShipmentLine
from batches.tests import factory
from batches.tests.admin_pages import lines, shipment_form, split, url


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.520,5", "1520.5"),
        ("1,520.5", "1520.5"),
        ("1 520,5", "1520.5"),
        ("1520", "1520"),
        ("0,520", "0.520"),
        ("1.5200", "1.52"),
        ("1.520.000", "1520000"),
        ("-1.520,5", "-1520.5"),
        ("\N{MINUS SIGN}3,5", "-3.5"),
        ("+3.5", "3.5"),
        ("١٢", "12"),
    ],
)
def test_both_ways_of_writing_are_read(text, number):
    assert QuantityField().clean(text) == Decimal(number)


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ("1.520", "Type 1520, or 1.5200 with"),
        ("1,520", "Type 1520, or 1.5200 with"),
        ("-1.520", "Type -1520, or -1.5200 with"),
    ],
)
def test_what_can_be_read_in_two_ways_is_asked(text, ways):
    with pytest.raises(ValidationError, match=ways):
        QuantityField().clean(text)


@pytest.mark.parametrize("text", ["many", "-", "--3", "1.5.2", "1,52,0", "NaN", "1e3", "9" * 13])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValidationError, match=r"is not a number|is too long"):
        QuantityField().clean(text)


def test_what_is_counted_comes_in_thousands():
    field = QuantityField()
    field.whole = True
    assert field.clean("1.520") == field.clean("1,520") == 1520


@pytest.mark.parametrize("number", ["1.125", "-1.125", "20", "1520.5", "0.125", "1125", "1E+3"])
def test_what_a_form_shows_is_read_again_as_the_same(number):
    field = QuantityField()
    assert field.clean(field.prepare_value(Decimal(number))) == Decimal(number)


@pytest.fixture
def flour(db):
    factory.product("FLOUR", unit="kg")
    return factory.batch(of="FLOUR", quantity=Decimal("2000.125"))


def test_data_entry_reads_a_comma_and_asks_what_it_means(as_otto, flour):
    form = shipment_form(flour) | lines("lines", {"batch": flour.pk, "quantity": "1.520"})
    answer = as_otto.post(url("add", "shipment"), form)
    assert "Type 1520, or 1.5200 with the zero." in answer.content.decode()
    assert 'value="1.520"' in answer.content.decode() and not ShipmentLine.objects.exists()
    form |= {"lines-0-quantity": "1.520,5"}
    assert as_otto.post(url("add", "shipment"), form).status_code == 302
    line = ShipmentLine.objects.get()
    assert line.quantity == Decimal("1520.5")
    page = as_otto.get(url("change", "shipment", line.shipment_id)).content.decode()
    assert 'value="1520.5"' in page


def test_an_adjustment_and_a_batch_are_typed_with_a_comma(as_otto, flour):
    page = as_otto.get(url("change", "batch", flour.pk))
    form = page.context["adminform"].form
    sent = {name: form[name].value() or "" for name in form.fields}
    sent |= split("produced_at", "", "") | {"quantity": "2.000,5"}
    assert as_otto.post(url("change", "batch", flour.pk), sent).status_code == 302
    assert Batch.objects.get().quantity == Decimal("2000.5")
    sent = {"holding": flour.holdings.get().pk, "quantity": "-1,5", "reason": "scrap"}
    sent |= split("at", "2026-11-20", "09:00:00")
    assert as_otto.post(url("add", "adjustment"), sent).status_code == 302
    assert Adjustment.objects.get().quantity == Decimal("-1.5")
