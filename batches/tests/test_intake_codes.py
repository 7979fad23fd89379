"""What was scanned into a file is understood as everywhere else: GTIN, GLN, SSCC, GS1 codes."""

import pytest

from batches.models import Batch, Location, Product, Shipment, ShipmentLine
from batches.tests import factory
from batches.tests.catering import take

pytestmark = pytest.mark.django_db

GTIN, OTHER_GTIN, GLN = "09520123456788", "09520123400019", "9520123400026"
SSCC = "123456789012345675"
HEAD = "reference,origin,destination,product,batch,quantity,sscc\n"


@pytest.fixture
def goods():
    factory.location("STORE1", kind="store", gln=GLN)
    factory.product("BAR", gtin=GTIN)
    return factory.batch("AB-1", of="BAR", quantity=10)


def shipped(*cells: str):
    return take("shipments", HEAD + ",".join(f'"{cell}"' for cell in cells))


def refusals(outcome) -> list[str]:
    return [error["reason"] for error in outcome.sheet.errors()]


def warnings(outcome) -> list[str]:
    return [warning["reason"] for warning in outcome.sheet.all_warnings()]


@pytest.mark.parametrize("product", ["BAR", GTIN, GTIN[1:], f"(01){GTIN}", f"]d201{GTIN}", ""])
@pytest.mark.parametrize(
    "batch",
    [
        f"(01){GTIN}(10)AB-1",
        f"]d201{GTIN}1727123110AB-1",
        f"01{GTIN}10AB-1^]17271231",
        f"https://any.example/x/01/{GTIN}/10/AB-1?17=271231",
        "urn:epc:class:lgtin:9520123.045678.AB-1",
    ],
)
def test_a_batch_is_named_by_any_code_of_it(goods, product, batch):
    assert refusals(shipped("SH-1", "PLANT1", "STORE1", product, batch, "1", "")) == []
    assert ShipmentLine.objects.get().batch == goods


def test_the_sign_of_a_plain_symbol_is_no_part_of_what_it_says(goods):
    row = ("SH-1", "PLANT1", f"]E0{GLN}", f"]I1{GTIN}", "]C0AB-1", "1", "")
    assert refusals(shipped(*row)) == []
    assert ShipmentLine.objects.get().batch == goods


@pytest.mark.parametrize(
    "place", [GLN, f"(414){GLN}", f"https://a.example/414/{GLN}", "urn:epc:id:sgln:9520123.40002.0"]
)
def test_a_place_is_named_by_its_gln(goods, place):
    assert refusals(shipped("SH-1", "PLANT1", place, "BAR", "AB-1", "1", "")) == []
    assert Shipment.objects.get().destination.code == "STORE1"


@pytest.mark.parametrize("sscc", [SSCC, f"(00){SSCC}", f"]C100{SSCC}", f"00{SSCC}"])
def test_a_pallet_is_named_as_it_was_scanned(goods, sscc):
    assert refusals(shipped("SH-1", "PLANT1", "STORE1", "BAR", "AB-1", "1", sscc)) == []
    assert ShipmentLine.objects.get().sscc == SSCC


def test_the_same_rows_in_another_form_are_already_there(goods):
    shipped("SH-1", "PLANT1", "STORE1", "BAR", "AB-1", "1", SSCC)
    again = shipped("SH-1", "PLANT1", GLN, GTIN, f"(01){GTIN}(10)AB-1", "1", f"(00){SSCC}")
    assert refusals(again) == [] and ShipmentLine.objects.count() == 1


def test_master_data_takes_scanned_keys(db):
    assert refusals(take("products", f"code,name,gtin\nBAR,Bar,(01){GTIN}")) == []
    assert refusals(take("locations", f"code,name,gln\nS,Shop,(414){GLN}")) == []
    made = f"product,batch,origin\n{GTIN[1:]},(01){GTIN}(10)AB-1,{GLN}"
    assert refusals(take("batches", made)) == []
    assert (Product.objects.get().gtin, Location.objects.get().gln) == (GTIN, GLN)
    assert Batch.objects.get().number == "AB-1"


def test_a_code_of_its_own_wins_over_a_key_that_looks_the_same(goods):
    odd = factory.product(GTIN[1:])
    factory.batch("AB-1", of=odd.code, quantity=1)
    shipped("SH-1", "PLANT1", "STORE1", GTIN[1:], "AB-1", "1", "")
    assert ShipmentLine.objects.get().batch.product == odd


def test_a_number_that_only_looks_like_a_code_stays_as_it_was_printed(goods):
    text = "product,batch,origin\nBAR,(A) 12,PLANT1\nBAR,Batch 7,PLANT1\nBAR,264 - 4,PLANT1"
    assert refusals(take("batches", text)) == []
    assert {"(A) 12", "Batch 7", "264 - 4"} < set(Batch.objects.values_list("number", flat=True))


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("PLANT1", "STORE1", OTHER_GTIN, "AB-1"), f"There is no product {OTHER_GTIN}. Import"),
        (("PLANT1", "STORE1", GTIN[:-1] + "9", "AB-1"), "Check digit 9 is wrong, expected 8."),
        (("PLANT1", "9520123400027", "BAR", "AB-1"), "Check digit 7 is wrong, expected 6."),
        (("PLANT1", "STORE1", "BAR", "AB-l"), "Did you mean AB-1? Import the batches first."),
        (("PLANT1", "STORE1", "BAR", f"(01){GTIN}(10)A8-1"), "no batch A8-1 of BAR. Did you"),
        (
            ("PLANT1", "STORE1", "BAR", f"(01){OTHER_GTIN}(10)AB-1"),
            f"The code names GTIN {OTHER_GTIN}, but BAR has {GTIN}.",
        ),
    ],
)
def test_what_is_not_understood_is_refused_with_what_was(goods, cells, said):
    outcome = shipped("SH-1", *cells, "1", "")
    assert said in refusals(outcome)[0] and not Shipment.objects.exists()


def test_a_separator_that_is_missing_is_warned_of(goods):
    factory.batch("0329", of="BAR", quantity=1)
    outcome = shipped("SH-1", "PLANT1", "STORE1", "BAR", f"]C101{GTIN}10032915210526", "1", "")
    assert "If the separator behind the batch is missing, it is 0329" in warnings(outcome)[0]


def test_hints_end_where_nobody_mends_by_hand(goods, monkeypatch):
    monkeypatch.setattr("batches.operations.imports.work.HINTS", 2)
    rows = [f"SH-{n},PLANT1,STORE1,BAR,AB-l,1," for n in range(4)]
    said = refusals(take("shipments", HEAD + "\n".join(rows)))
    assert ["Did you mean" in reason for reason in said] == [True, True, False, False]
