"""The days around the recalls: holds, complaints, gaps, stock that expires, the planned drill."""

from datetime import datetime, time, timedelta
from decimal import Decimal

from batches.intake import tables
from batches.intake.rows import check
from batches.models import Batch, Complaint, Hold, Shipment
from batches.operations.decisions import assign_hold, extend_hold
from batches.operations.documents import create_shipment, post_shipment
from batches.operations.findings import raise_finding
from batches.operations.holds import place_hold
from batches.operations.imports import import_sheet
from batches.operations.quality import log_complaint, record_inspection
from recalls.models import Recall
from recalls.operations.recalls import open_recall
from recalls.operations.scope import add_rule
from traceability.demo.pen import Pen

DRILL = "Q4 mock recall from one flour batch"


def tell(pen: Pen, products: dict, people: dict) -> None:
    _holds(pen, products, people)
    _expiring(pen, products)
    _complaints(pen, people)
    _gaps(pen, products)
    _drill(pen, products, people)


def _pack(pen: Pen, products: dict, reference: str, wanted: dict, days_old: int) -> dict:
    """One run that packs several batches out of flour; returns them with what each made.

    `wanted`: number -> (product, cases, days until it expires).
    """
    plant, brook = pen.places["PLANT1"], pen.places["BROOK"]
    flour = pen.batch(products["FLR"], brook, "BM-FL-0877", quantity=30000)
    at = pen.ago(days=130)
    pen.ship("RCV-BROOK-2", brook, plant, {flour: 30000}, at, arrives=at + timedelta(hours=8))
    at = pen.ago(days=days_old)
    made = {}
    for number, (product, cases, days_left) in wanted.items():
        expires = (pen.now + timedelta(days=days_left)).date()
        batch = pen.batch(
            products[product], plant, number, produced_at=at, line="Line 1", expires_on=expires
        )
        made[batch] = cases
    pen.run(reference, plant, {flour: 2 * sum(made.values())}, made, at, line="Line 1")
    return made


def _holds(pen: Pen, products: dict, people: dict) -> None:
    held = {
        "L26318D": ("CRK-150", "Metal detector reject, third in a week", 76),
        "L26320A": ("CLU-500", "Moisture 6.8 %, limit 6.0 %", 43),
        "L26321C": ("CLU-500", "Seal test failed on two of twenty packs", 9),
    }
    wanted = {number: (product, 480, 100) for number, (product, _, _) in held.items()}
    made = _pack(pen, products, "PO-7802", wanted, 5)
    at = pen.ago(days=4)
    some = dict.fromkeys(made, 40)
    plant, centre = pen.places["PLANT1"], pen.places["DC-SOUTH"]
    pen.ship("SH-105511", plant, centre, some, at, arrives=at + timedelta(hours=6))
    for batch in made:
        _, reason, hours = held[batch.number]
        if not Hold.objects.filter(batch=batch).exists():
            at = pen.ago(hours=hours)
            hold = place_hold(batch=batch, reason=reason, by=people["quinn"], at=at)
            if batch.number == "L26318D":
                _put_off(hold, pen, people)
    moist = Batch.objects.get(number="L26320A")
    if not moist.inspections.exists():
        record_inspection(
            batch=moist, kind="Moisture", value=Decimal("6.8"), upper_limit=Decimal("6.0"),
            unit="%", result="failed", by=people["quinn"], at=pen.ago(hours=43),
        )  # fmt: skip


def _put_off(hold: Hold, pen: Pen, people: dict) -> None:
    """Until today: it waits again."""
    at = pen.ago(hours=50)
    assign_hold(hold=hold, owner=people["paula"], by=people["quinn"], at=at)
    extend_hold(
        hold=hold, until=pen.now.date(), reason="The maker of the metal detector checks it first.",
        by=people["paula"], at=at,
    )  # fmt: skip


def _expiring(pen: Pen, products: dict) -> None:
    """Stock that expires one of these days; part of it left in the last 24 hours."""
    plant = pen.places["PLANT1"]
    for day, count in enumerate((1, 2, 1, 3, 1, 4, 2, 1, 2, 3, 1, 3, 2, 4)):
        wanted = {
            f"L2622{day:02}{'ABCD'[j]}": (
                ("CRK-150", "CLU-500", "COA-400")[(day + j) % 3], 60 + 9 * day, day,
            )
            for j in range(count)
        }  # fmt: skip
        made = _pack(pen, products, f"PO-74{day:02}", wanted, 110)
        at = pen.ago(minutes=100 * day + 35)
        centre = pen.places[("DC-NORTH", "DC-SOUTH", "DC-WEST")[day % 3]]
        arrives = at + timedelta(hours=5) if day > 3 else None
        some = {batch: cases // 3 for batch, cases in made.items()}
        pen.ship(f"SH-{105600 + day}", plant, centre, some, at, arrives=arrives)


def _complaints(pen: Pen, people: dict) -> None:
    if Complaint.objects.exists():
        return
    batch = Batch.objects.get(number="L26309B")
    other = Batch.objects.get(number="L26318D")
    for hours, about, place, severity, text in (
        (30, batch, "S0266", "minor", "Tastes stale, like cardboard."),
        (22, batch, "S0131", "minor", "Stale taste, packet did not hiss when opened."),
        (6, batch, "S0290", "major", "Stale taste. The foil was open on one side."),
        (3, other, "S0412", "major", "A splinter in the crackers, about 4 mm."),
    ):
        log_complaint(
            text=text, batch=about, location=pen.places[place], severity=severity,
            by=people["otto"], at=pen.ago(hours=hours),
        )  # fmt: skip


def _gaps(pen: Pen, products: dict) -> None:
    """What was recorded with holes in it, and what the system makes of that."""
    flour = pen.batch(products["FLR"], pen.places["BROOK"], "BM-FL-0911", quantity=None)
    plant = pen.places["PLANT1"]
    for reference, quantity, text in (
        ("RCV-88213", None, "The receipt has no quantity and no date. Ask Brookfield Mills."),
        ("RCV-88214", Decimal(800), "The receipt has no date; the trace treats it as possible."),
    ):
        shipment = Shipment.objects.filter(reference=reference).first()
        if shipment is None:
            shipment = create_shipment(
                reference=reference, origin=flour.origin, destination=plant,
                lines=[{"batch": flour, "quantity": quantity}], by=pen.by, at=pen.ago(days=2),
            )  # fmt: skip
            post_shipment(shipment=shipment, by=pen.by, at=pen.ago(days=2))
        raise_finding(
            kind="missing time", severity="gap", obj=shipment, text=text, at=pen.ago(days=2)
        )
    _without_batch(pen)
    [crackers] = _pack(pen, products, "PO-7766", {"L26310C": ("CRK-150", 300, 90)}, 13)
    late = pen.ship(
        "SH-104772", plant, pen.places["DC-WEST"], {crackers: 180}, pen.ago(days=4)
    )  # fmt: skip
    raise_finding(
        kind="not received", severity="gap", obj=late, at=pen.ago(hours=20),
        text="Sent four days ago and never confirmed. Ask Westbank DC whether it arrived.",
    )  # fmt: skip


def _without_batch(pen: Pen) -> None:
    """Three receipts of flour from the night shift, as the goods-in list has them: no batch."""
    if Shipment.objects.filter(reference="RCV-88215").exists():
        return
    rows = [
        f"RCV-{number},BROOK,PLANT1,FLR,,{kilograms},{pen.ago(hours=hours):%Y-%m-%dT%H:%MZ}"
        for number, kilograms, hours in ((88215, 640, 40), (88216, 320, 33), (88217, "", 28))
    ]
    head = "reference,origin,destination,product,batch,quantity,received_at"
    table = tables.read("goods-in.csv", "\n".join([head, *rows]).encode())
    import_sheet(sheet=check("shipments", table), by=pen.by, at=pen.ago(hours=27))


def _drill(pen: Pen, products: dict, people: dict) -> None:
    if Recall.objects.filter(title=DRILL).exists():
        return
    wednesday = pen.now.date() + timedelta(days=(2 - pen.now.weekday()) % 7 or 7)
    drill = open_recall(
        title=DRILL,
        is_drill=True,
        hazard="Rehearsal: salmonella in one batch of rice flour.",
        planned_at=datetime.combine(wednesday, time(9), tzinfo=pen.now.tzinfo),
        lead=people["quinn"],
        by=people["quinn"],
        at=pen.ago(days=1),
    )
    flour = Batch.objects.get(number="BM-FL-0911")
    add_rule(
        recall=drill, kind="batches", parameters={"batches": [flour.pk]}, by=people["quinn"],
        at=pen.ago(days=1),
    )  # fmt: skip
