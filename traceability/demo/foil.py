"""The recall that is closing: a foil seal defect, every place answered, 16 cases sold."""

from datetime import timedelta
from decimal import Decimal

from batches.models import Batch, Holding
from recalls.models import Notice, Recall, Recipient
from recalls.operations.checks import choose_no_checks
from recalls.operations.dispositions import carry_out, propose_disposition
from recalls.operations.recalls import activate_recall, complete_recall, open_recall, submit_recall
from recalls.operations.recovery import record_return
from recalls.operations.responses import acknowledge, answer
from recalls.operations.scope import add_rule
from recalls.operations.targets import hand_over_records
from recalls.operations.tasks import complete_task
from recalls.reports.status import status
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
    _fetch(pen, case, people, start + timedelta(days=4))
    for task in case.tasks.all():
        complete_task(task=task, by=people["quinn"], at=start + timedelta(hours=6))
    hand_over_records(
        recall=case, authority="Food office", reference="LA-2026-0611", note="Package by upload.",
        handed_at=start + timedelta(hours=20), by=people["quinn"], at=start + timedelta(hours=20),
    )  # fmt: skip
    choose_no_checks(
        recall=case, reason="No danger to health, and our own drivers collected every case.",
        by=people["quinn"], at=start + timedelta(days=2),
    )  # fmt: skip
    _destroy(case, people, start + timedelta(days=7))
    complete_recall(recall=case, by=people["quinn"], at=pen.now)
    send_all(pen.now)


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


def _fetch(pen: Pen, case: Recall, people: dict, at) -> None:
    """The driver brings back what each place said it sent, but for one case of one store, and
    nothing of Northgate DC yet, whose pallet is on its way."""
    plant, short = pen.places["PLANT1"], 1
    for place in status(case).places:
        came = {
            line.holding_id: amounts.returned
            for line, amounts in zip(place.lines, place.line_amounts, strict=True)
            if amounts.returned
        }
        if place.code == "DC-NORTH" or not came:
            continue
        first = min(came)
        came[first], short = came[first] - short, 0
        record_return(
            recall=case, location=pen.places[place.code], destination=plant, came=came,
            reference=f"RET-{place.code}-1", arrived_on=at.date(), document="Driver's list",
            by=people["otto"], at=at,
        )  # fmt: skip


def _destroy(case: Recall, people: dict, at) -> None:
    """One batch is destroyed before a witness; of the other, what becomes of it is proposed."""
    plant = Holding.objects.filter(location__code="PLANT1", batch__number__in=MADE)
    burnt, rest = plant.order_by("batch__number")
    row = propose_disposition(
        recall=case, holding=burnt, kind="destroyed", quantity=Decimal(400),
        cost=Decimal("1860.00"), reason="Stale; not fit for sale.", method="Composted",
        happened_on=at.date(), certificate="KW-26-4471", witness_name="Ralf Thoms",
        witness_function="Waste contractor", by=people["quinn"], at=at,
    )  # fmt: skip
    carry_out(disposition=row, by=people["paula"], at=at + timedelta(hours=3))
    propose_disposition(
        recall=case, holding=rest, kind="rework", quantity=Decimal(200), cost=Decimal("940.00"),
        reason="Repack under a new foil.", output_number=f"{rest.batch.number}-R",
        by=people["quinn"], at=at + timedelta(hours=4),
    )  # fmt: skip
