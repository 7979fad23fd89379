"""A file is imported once, row by row; nothing is overwritten, and what is odd is said."""

import csv
import io
from decimal import Decimal

import openpyxl
import pytest
from django.utils import timezone

from batches.models import (
    Adjustment,
    Batch,
    Contact,
    Event,
    Finding,
    Hold,
    Holding,
    ImportRun,
    Link,
    Location,
    Product,
    Run,
    RunInput,
    RunOutput,
    Shipment,
    ShipmentLine,
)
from batches.operations import listeners
from batches.operations.numbering import reserve_block, void_rest
from batches.tests.catering import FILES, take, take_all, take_folder, write_all

pytestmark = pytest.mark.django_db

TABLES = (
    Adjustment,
    Batch,
    Contact,
    Finding,
    Holding,
    ImportRun,
    Link,
    Location,
    Product,
    Run,
    RunInput,
    RunOutput,
    Shipment,
    ShipmentLine,
)


def everything() -> dict:
    """Every row of every table that an import writes."""
    return {model.__name__: sorted(model.objects.values_list(), key=repr) for model in TABLES}


def on_hand(number, origin, place):
    return Holding.objects.get(
        batch__number=number, batch__origin__code=origin, location__code=place
    ).quantity


def reasons(outcome) -> list[str]:
    return [error["reason"] for error in outcome.sheet.errors()]


def warnings(outcome) -> list[str]:
    return [warning["reason"] for warning in outcome.sheet.all_warnings()]


def test_a_folder_is_imported_whole_with_links_and_quantities(tmp_path):
    folder = take_folder(write_all(tmp_path))
    assert [(o.sheet.kind, o.refused) for o in folder.outcomes] == [(k, 0) for k in FILES]
    assert Location.objects.get(code="SCHULE-1").parent.code == "AMT"
    assert Location.objects.get(code="KÜCHE").is_own
    assert Link.objects.filter(run__isnull=False).count() == 2
    assert Link.objects.filter(shipment_line__isnull=False).count() == 5
    assert on_hand("7", "HOF-A", "HOF-A") == 0
    assert on_hand("7", "HOF-A", "KÜCHE") == Decimal("37.5")
    assert on_hand("G-1", "KÜCHE", "KÜCHE") == 50
    assert on_hand("G-1", "KÜCHE", "SCHULE-1") == 2
    assert on_hand("7", "HOF-B", "KÜCHE") is None


def test_a_bare_date_is_that_day_in_the_zone_of_its_place():
    take_all()
    shipment = Shipment.objects.get(reference="L-1")
    assert shipment.shipped_date_only and shipment.received_date_only
    assert shipment.shipped_at.isoformat() == "2026-05-01T22:00:00+00:00"
    exact = Shipment.objects.get(reference="L-3")
    assert not exact.shipped_date_only
    assert exact.shipped_at.isoformat() == "2026-05-05T07:00:00+00:00"


def test_the_same_folder_again_changes_nothing(tmp_path):
    take_folder(write_all(tmp_path))
    before, events = everything(), Event.objects.count()
    again = take_folder(tmp_path)
    assert everything() == before
    assert Event.objects.count() == events
    assert all(o.already_there == o.rows and o.is_known for o in again.outcomes)


@pytest.mark.parametrize("kind", list(FILES))
def test_the_same_rows_in_another_order_and_encoding_change_nothing(kind):
    take_all()
    head, *lines = FILES[kind].splitlines()
    before, events = everything(), Event.objects.count()
    text = "\r\n".join([head, *reversed(lines)])
    outcome = take(kind, b"\xef\xbb\xbf" + text.encode())
    assert (outcome.added, outcome.refused) == (0, 0)
    after = everything()
    after["ImportRun"] = before["ImportRun"]
    assert after == before
    assert Event.objects.count() == events + 1


def test_one_event_sums_an_import_up():
    take("products", FILES["products"])
    event = Event.objects.get()
    assert (event.verb, event.label) == ("imported", "products.csv (products)")
    assert event.after["added"] == 3


@pytest.mark.slow
def test_ten_broken_rows_of_ten_thousand_lose_no_other():
    take("locations", FILES["locations"])
    take("products", FILES["products"])
    lines = [f"BEEREN,N{i},HOF-A,{i}" for i in range(10_000)]
    for i in range(10):
        lines[i * 997] = f"BEEREN,N{i * 997},HOF-A,many"
    text = "product,batch,origin,quantity\n" + "\n".join(lines)
    outcome = take("batches", text)
    assert (outcome.added, outcome.refused, Batch.objects.count()) == (9_990, 10, 9_990)
    assert [e["line"] for e in outcome.sheet.errors()] == [2 + i * 997 for i in range(10)]
    mended = outcome.report.refused_rows.replace("many", "5")
    assert take("batches", mended).added == 10
    assert take("batches", text).added == 0


def test_a_mended_line_joins_the_document_that_its_good_lines_made():
    take_all(but=("shipments", "runs", "adjustments"))
    broken = FILES["runs"].replace("G-1,,400", "G-X,,400")
    outcome = take("runs", broken)
    assert (outcome.added, outcome.refused) == (2, 1)
    assert reasons(outcome) == ["There is no batch G-X of GRÜTZE. Import the batches first."]
    assert Link.objects.count() == 0
    assert take("runs", outcome.report.refused_rows.replace("G-X", "G-1")).added == 1
    assert Run.objects.count() == 1
    assert Link.objects.filter(voided=False).count() == 2
    more = FILES["runs"].splitlines()[0] + "\nKOCH-1,KÜCHE,input,QUARK,Q,,5,2026-05-04T06:00\n"
    take("batches", "product,batch,origin\nQUARK,Q,KÜCHE\n")
    assert take("runs", more).added == 1
    assert Link.objects.filter(voided=False).count() == 3


def test_a_conflict_names_both_and_overwrites_nothing():
    take_all()
    before = everything()
    cases = {
        "products": ("QUARK,Kräuterquark", "QUARK,Quark", "name “Kräuterquark”, and this row says"),
        "locations": ("Bad Tölz", "Lenggries", "with city “Bad Tölz”, and this row says “Leng"),
        "contacts": ("Frau Öztürk", "Herr Öz", "with name “Frau Öztürk”"),
        "batches": ("2026-05-04,400", "2026-05-04,401", "with quantity 400, and this row says 401"),
        "runs": ("HOF-A,60", "HOF-A,61", "with quantity 60, and this row says 61"),
        "shipments": ("G-1,KÜCHE,200", "G-1,KÜCHE,201", "with quantity 200"),
    }
    for kind, (old, new, said) in cases.items():
        assert old in FILES[kind]
        outcome = take(kind, FILES[kind].replace(old, new))
        assert (outcome.added, outcome.refused) == (0, 1), kind
        assert said in reasons(outcome)[0]
        assert "An import overwrites nothing" in reasons(outcome)[0]
    after = everything()
    assert after | {"ImportRun": before["ImportRun"]} == before


def test_a_conflict_within_a_file_names_the_line():
    outcome = take("products", "code,name\nA,One\nA,One\nA,Two\n")
    assert (outcome.added, outcome.already_there, outcome.refused) == (1, 1, 1)
    assert reasons(outcome)[0].startswith("A is in line 2 with name “One”, and this row says")


def test_a_document_that_goes_elsewhere_is_a_conflict():
    take_all()
    text = FILES["shipments"].replace("L-4,KÜCHE,SCHULE-2", "L-4,KÜCHE,AMT")
    said = reasons(take("shipments", text))
    assert said[0].startswith(
        "Shipment L-4 is already there with destination SCHULE-2, and this row says AMT."
    )


def test_a_vehicle_is_taken_over_and_another_one_is_a_conflict():
    take_all()
    head = "reference,origin,destination,product,batch,batch_origin,quantity,vehicle\n"
    row = "L-9,KÜCHE,AMT,BEEREN,7,HOF-A,1,"
    assert take("shipments", head + row + "KA-PL 7\n").added == 1
    assert Shipment.objects.get(reference="L-9").vehicle == "KA-PL 7"
    assert take("shipments", head + row + "\n").already_there == 1
    [said] = reasons(take("shipments", head + row + "KA-PL 8\n"))
    assert said.startswith("Shipment L-9 is already there with vehicle “KA-PL 7”")


def test_a_number_of_two_origins_must_say_which():
    take_all()
    head = FILES["shipments"].splitlines()[0]
    outcome = take("shipments", f"{head}\nL-9,KÜCHE,AMT,BEEREN,7,,1,,\n")
    assert reasons(outcome) == [
        "Batch 7 of BEEREN exists from HOF-A and from HOF-B. "
        "Say in batch_origin which one is meant."
    ]


@pytest.mark.parametrize(
    ("kind", "row", "said"),
    [
        ("shipments", "X,KÜCHE,KÜCHE,GRÜTZE,G-1,,1,,", "Origin and destination are the same"),
        ("shipments", "X,KÜCHE,MOND,GRÜTZE,G-1,,1,,", "There is no location MOND."),
        ("shipments", "X,KÜCHE,AMT,TORTE,G-1,,1,,", "There is no product TORTE."),
        ("runs", "KOCH-1,KÜCHE,output,BEEREN,7,HOF-A,1,", "cannot make a batch of itself"),
        ("products", "NEU,Neu,,04012345678901", "belongs to GRÜTZE already"),
        ("locations", "NEU,Neu,customer,,,,NIX", "There is no location NIX."),
        ("locations", "NEU,Neu,customer,,,,NEU", "NEU would stand below itself."),
    ],
)
def test_a_row_that_cannot_be_is_refused(kind, row, said):
    take_all()
    outcome = take(kind, FILES[kind].splitlines()[0] + "\n" + row)
    assert outcome.refused == 1
    assert said in reasons(outcome)[0]


def test_gaps_are_imported_and_noted():
    take_all()
    gaps = Finding.objects.filter(severity="gap").values_list("kind", "label")
    assert set(gaps) == {
        ("quantity_unknown", "KOCH-1"),
        ("quantity_unknown", "L-2"),
        ("time_unknown", "L-2"),
    }


def test_shipped_before_made_is_imported_with_a_warning_and_a_finding():
    take_all(but=("shipments", "adjustments"))
    outcome = take("shipments", FILES["shipments"].replace("05-05T09:00", "05-03T09:00"))
    assert outcome.refused == 0
    assert "Batch G-1 was shipped before it was made." in warnings(outcome)
    assert Finding.objects.get(kind="shipped_before_made").label == "L-3"


def test_more_out_than_in_is_imported_warned_of_and_closed_when_explained():
    take_all(but=("shipments", "runs", "adjustments"))
    outcome = take("runs", FILES["runs"])
    short = "60 kg more of batch 7 went out of KÜCHE than came in."
    assert outcome.refused == 0
    assert short in warnings(outcome)
    assert Finding.objects.open().get(kind="more_out_than_in").text == short
    take("shipments", FILES["shipments"])
    assert Finding.objects.get(kind="more_out_than_in").close_reason


def test_a_folder_does_not_warn_of_what_its_next_file_explains(tmp_path):
    folder = take_folder(write_all(tmp_path))
    assert not Finding.objects.filter(kind="more_out_than_in").exists()
    assert [w for outcome in folder.outcomes for w in warnings(outcome)] == []


@pytest.mark.parametrize(("recall", "state"), [("", "on hold"), ("RC-2026-0001", "in recall RC")])
def test_a_shipment_of_a_held_batch_is_imported_with_an_alarm(recall, state):
    take_all(but=("shipments", "adjustments"))
    Hold.objects.create(
        batch=Batch.objects.get(number="G-1"), reason="x", recall=recall, placed_at=timezone.now()
    )
    outcome = take("shipments", FILES["shipments"])
    assert (outcome.added, outcome.refused) == (5, 0)
    alarms = Finding.objects.filter(severity="alarm", kind="held_batch_moved")
    assert set(alarms.values_list("label", flat=True)) == {"L-3", "L-4"}
    assert state in alarms.first().text


def test_listeners_hear_of_the_holdings_that_links_left(monkeypatch):
    heard = []
    monkeypatch.setattr(listeners, "_listeners", [heard.append])
    take_all()
    sources = set().union(*heard)
    assert sources == set(Link.objects.values_list("source", flat=True))


def test_a_number_that_was_taken_out_of_use_is_imported_warned_of_and_found(otto):
    take_all(but=("batches", "runs", "shipments", "adjustments"))
    at = {"by": otto, "at": timezone.now()}
    made = {"product": Product.objects.get(code="QUARK"), "day": at["at"].date(), "size": 1}
    kitchen = Location.objects.get(code="KÜCHE")
    block = reserve_block(**made, origin=kitchen, purpose="Line 2 is offline.", **at)
    void_rest(block=block, reason="The label tore.", **at)
    number = block.numbers.get().number
    outcome = take("batches", f"product,batch,origin\nQUARK,{number.lower()},KÜCHE\n")
    said = f"Number {number.lower()} of QUARK was taken out of use: The label tore."
    assert outcome.added == 1 and warnings(outcome) == [said]
    assert Finding.objects.get(kind="void_number_used").text == said


def test_a_voided_document_is_not_imported_again():
    take_all()
    Shipment.objects.filter(reference="L-4").update(status="voided")
    before = everything()
    outcome = take("shipments", FILES["shipments"] + "\n")
    assert (outcome.added, outcome.refused) == (0, 0)
    assert warnings(outcome) == ["Shipment L-4 was voided. It was not imported again."]
    assert everything() | {"ImportRun": before["ImportRun"]} == before


def test_the_same_adjustment_twice_in_a_file_is_taken_once_and_said():
    take_all(but=("adjustments",))
    head, row = FILES["adjustments"].splitlines()
    outcome = take("adjustments", f"{head}\n{row}\n{row}\n")
    assert (outcome.added, outcome.already_there) == (1, 1)
    assert "The same as line 2, taken once." in warnings(outcome)[0]


@pytest.mark.parametrize(("kind", "line"), [("shipments", 4), ("runs", 2)])
def test_the_same_line_of_a_document_twice_in_a_file_is_taken_once_and_said(kind, line):
    take_all(but=("runs", "shipments", "adjustments"))
    doubled = FILES[kind] + FILES[kind].splitlines()[line - 1]
    outcome = take(kind, doubled)
    assert outcome.already_there == 1
    [said] = [said for said in warnings(outcome) if "taken once" in said]
    assert said.startswith(f"The same as line {line}, taken once. If there were two")
    assert not any("taken once" in said for said in warnings(take(kind, doubled)))


def test_a_dry_run_reports_everything_and_writes_nothing(tmp_path):
    write_all(tmp_path)
    before = everything()
    folder = take_folder(tmp_path, dry_run=True)
    assert [o.added for o in folder.outcomes] == [3, 6, 1, 3, 3, 5, 1]
    assert everything() == before
    assert not Event.objects.exists()


def test_csv_and_xlsx_import_equally(tmp_path):
    take_all()
    wanted = everything()
    for model in (ImportRun,):
        wanted.pop(model.__name__)
    for kind, text in FILES.items():
        book = openpyxl.Workbook()
        for row in csv.reader(io.StringIO(text)):
            book.active.append(row)
        book.save(tmp_path / f"{kind}.xlsx")
    folder = take_folder(tmp_path)
    assert [(o.added, o.refused) for o in folder.outcomes] == [(0, 0)] * 7
    after = everything()
    after.pop("ImportRun")
    assert after == wanted
