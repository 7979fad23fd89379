"""The recall that is closing: a foil seal defect, every place answered, 16 cases sold."""

from datetime import timedelta

from batches.models import Batch
from recalls.models import Notice, Recall, Recipient
from recalls.operations.recalls import activate_recall, complete_recall, open_recall, submit_recall
from recalls.operations.responses import acknowledge, answer
from recalls.operations.scope import add_rule
from traceability.demo import figures
from traceability.demo.almonds import send_all
from traceability.demo.cast import password
from traceability.demo.pen import Pen
from traceability.demo.world import UNDELIVERABLE

TITLE = "Foil seal defect, cocoa oats"
MADE = {"L26308A": 640, "L26309B": 560}
SHIPPED = {"L26308A": 590, "L26309B": 528}
STORES = 37


def make(pen: Pen, products: dict) -> dict[str, Batch]:
    plant = pen.places["PLANT1"]
    cocoa = pen.batch(products["COC"], pen.places["KAPAO"], "KC-55-19", quantity=300)
    at = pen.ago(days=24)
    pen.ship("RCV-KAPAO-1", cocoa.origin, plant, {cocoa: 300}, at, arrives=at + timedelta(hours=6))
    oats = Batch.objects.get(number="BM-7730")
    made = {}
    for day, (number, cases) in zip((19, 18), MADE.items(), strict=True):
        at = pen.ago(days=day).replace(hour=9, minute=0, second=0, microsecond=0)
        made[number] = pen.batch(
            products["COA-400"], plant, number, produced_at=at, line="Line 2",
            expires_on=(at + timedelta(days=150)).date(),
        )  # fmt: skip
        pen.run(
            f"PO-76{day}", plant, {cocoa: 90, oats: 700}, {made[number]: cases}, at, line="Line 2"
        )
    _send_out(pen, made)
    return made


def _send_out(pen: Pen, made: dict[str, Batch]) -> None:
    """All through Northgate DC, which keeps nothing but what it sends on later."""
    plant, centre = pen.places["PLANT1"], pen.places["DC-NORTH"]
    at = pen.ago(days=16)
    lines = {made[number]: cases for number, cases in SHIPPED.items()}
    pen.ship("SH-103901", plant, centre, lines, at, arrives=at + timedelta(hours=7))
    for i, (place, lines) in enumerate(_portions(pen)):
        at = pen.ago(days=14) + timedelta(hours=i % 9)
        sent = {made[number]: cases for number, cases in lines.items()}
        pen.ship(f"SH-{103950 + i}", centre, place, sent, at, arrives=at + timedelta(hours=4))


def _portions(pen: Pen):
    centre = pen.places["DC-NORTH"]
    stores = [p for p in pen.places.values() if p.parent == centre and p.code not in UNDELIVERABLE]
    kept = {"L26308A": 40, "L26309B": 30}
    first = figures.spread(SHIPPED["L26308A"] - kept["L26308A"], STORES)
    second = figures.spread(SHIPPED["L26309B"] - kept["L26309B"], STORES)
    for place, a, b in zip(stores[:STORES], first, second, strict=True):
        yield place, {"L26308A": a, "L26309B": b}


def recall(pen: Pen, people: dict, made: dict[str, Batch]) -> None:
    if Recall.objects.filter(title=TITLE).exists():
        return
    start = pen.ago(days=9, hours=4)
    case = open_recall(
        title=TITLE,
        classification="III",
        hazard="The foil seal can open, so that the oats go stale. No danger to health is known.",
        reason_code="packaging",
        discovered_at=start - timedelta(hours=2),
        remedy="Credit.",
        instructions="Set it aside for our driver, who takes it along.",
        deadline=start + timedelta(days=3),
        lead=people["quinn"],
        by=people["quinn"],
        at=start,
    )
    batches = sorted(batch.pk for batch in made.values())
    add_rule(
        recall=case, kind="batches", parameters={"batches": batches}, by=people["quinn"], at=start
    )
    submit_recall(recall=case, by=people["quinn"], at=start + timedelta(minutes=20))
    activate_recall(
        recall=case,
        by=people["paula"],
        at=start + timedelta(minutes=50),
        password=password("paula"),
        meaning="I have checked the scope and approve this recall.",
    )
    send_all(start + timedelta(minutes=51))
    _answers(case, start)
    complete_recall(recall=case, by=people["quinn"], at=start + timedelta(days=6))
    send_all(start + timedelta(days=6, minutes=1))


def _answers(case: Recall, start) -> None:
    """Everything came back but 16 cases, two each at the first eight lines, which were sold."""
    sold = 16
    for i, recipient in enumerate(Recipient.objects.filter(recall=case)):
        at = start + timedelta(hours=2 + i)
        acknowledge(recipient=recipient, at=at)
        answers = {}
        lines = Notice.objects.filter(recipient=recipient, kind=Notice.Kind.NOTICE)
        for line, due in lines.values_list("lines", "lines__due"):
            part = min(2, sold)
            sold -= part
            answers[line] = {"quarantined": 0, "returned": due - part, "destroyed": 0, "sold": part}
        answer(recipient=recipient, answers=answers, name="", phone="", remark="", at=at)
