"""Grit in the fruit muesli: complaints of four batches and one unknown, which lead to raisins.

RS-118 --> M26298A, M26299A     five of the six complaints
RS-121 --> M26302A, M26303A     one, about something else
the oats are in all four and so explain everything and nothing
"""

from datetime import timedelta

from batches.models import Batch, Complaint
from batches.operations.quality import log_complaint
from traceability.demo.pen import Pen

PRODUCT = "MUE-750"
# number: (raisins, line, days ago, distribution centre)
MADE = {
    "M26298A": ("RS-118", "Line 2", 27, "DC-SOUTH"),
    "M26299A": ("RS-118", "Line 4", 26, "DC-WEST"),
    "M26302A": ("RS-121", "Line 2", 23, "DC-SOUTH"),
    "M26303A": ("RS-121", "Line 4", 22, "DC-WEST"),
}
CASES, STORES, PER_STORE = 200, 9, 20
# (hours ago, batch or none, which of its centre's stores, severity, what was said)
SAID = (
    (92, "M26298A", 0, "minor", "Something hard in it, like sand."),
    (71, "M26299A", 1, "major", "Bit on a small stone. A filling came out."),
    (50, "M26298A", 3, "minor", "Gritty. Threw the bag away."),
    (44, "M26303A", 2, "minor", "Too sweet for a muesli."),
    (27, None, 5, "minor", "Crunches like sand between the teeth. No bag kept."),
    (9, "M26299A", 6, "major", "Small stones, three in one bowl. Kept them."),
)


def tell(pen: Pen, products: dict, people: dict) -> None:
    made = _make(pen, products)
    for number, batch in made.items():
        _send_out(pen, batch, *MADE[number][2:])
    _complain(pen, products[PRODUCT], made, people["otto"])


def _make(pen: Pen, products: dict) -> dict[str, Batch]:
    plant = pen.places["PLANT1"]
    inputs = {}
    for code, supplier, number, kilograms in (
        ("RSN", "ANATOL", "RS-118", 600),
        ("RSN", "ANATOL", "RS-121", 600),
        ("OAT", "BROOK", "BM-7702", 2400),
    ):
        batch = pen.batch(products[code], pen.places[supplier], number, quantity=kilograms)
        at = pen.ago(days=33)
        pen.ship(
            f"RCV-{number}", batch.origin, plant, {batch: kilograms}, at,
            arrives=at + timedelta(hours=30),
        )  # fmt: skip
        inputs[number] = batch
    made = {}
    for number, (raisins, line, days, _) in MADE.items():
        at = pen.ago(days=days)
        made[number] = pen.batch(
            products[PRODUCT], plant, number, produced_at=at, line=line,
            expires_on=(at + timedelta(days=240)).date(),
        )  # fmt: skip
        used = {inputs[raisins]: 280, inputs["BM-7702"]: 560}
        pen.run(f"PO-{number}", plant, used, {made[number]: CASES}, at, line=line)
    return made


def _stores(pen: Pen, centre: str) -> list:
    return [p for p in pen.places.values() if p.parent == pen.places[centre]][:STORES]


def _send_out(pen: Pen, batch: Batch, days: int, code: str) -> None:
    plant, centre = pen.places["PLANT1"], pen.places[code]
    at = pen.ago(days=days - 2)
    lines = {batch: STORES * PER_STORE}
    pen.ship(f"SH-{batch.number}", plant, centre, lines, at, arrives=at + timedelta(hours=6))
    for i, store in enumerate(_stores(pen, code)):
        at = pen.ago(days=days - 4) + timedelta(hours=i)
        pen.ship(
            f"SH-{batch.number}-{i + 1}", centre, store, {batch: PER_STORE}, at,
            arrives=at + timedelta(hours=5),
        )  # fmt: skip


def _complain(pen: Pen, product, made: dict[str, Batch], otto) -> None:
    if Complaint.objects.filter(product=product).exists():
        return
    for hours, number, place, severity, text in SAID:
        store = _stores(pen, MADE[number][3] if number else "DC-SOUTH")[place]
        log_complaint(
            text=text, product=product, batch=made.get(number), location=store,
            severity=severity, by=otto, at=pen.ago(hours=hours),
        )  # fmt: skip
