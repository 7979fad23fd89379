"""Almond batch ALM-2291-C: what was made of it, where it went, and the live recall half done."""

from datetime import timedelta
from itertools import count, cycle

from batches.codes.gs1.keys import check_digit
from batches.models import Batch
from batches.operations.quality import record_inspection
from recalls.models import Recall, Recipient
from recalls.operations.checks import draw_more, draw_sample, record_check
from recalls.operations.delivery import drain
from recalls.operations.notices import remind
from recalls.operations.recalls import activate_recall, open_recall, submit_recall
from recalls.operations.responses import acknowledge, answer
from recalls.operations.scope import add_rule, check_drift, release_version
from recalls.operations.tasks import assign_task, complete_task, follow_tasks
from recalls.scope import newest_released
from traceability.demo import figures
from traceability.demo.cast import password
from traceability.demo.pen import Pen

KINDS = ("quarantined", "returned", "destroyed", "sold")
TITLE = "Undeclared peanut in granola and bars"
RUNS = {
    # reference: (kg of almonds, finished batch, product, days ago, hour)
    "PO-7741": (610, "L26311A", "GRN-400", 15, 6),
    "PO-7742": (585, "L26311B", "GRN-400", 15, 13),
    "PO-7745": (602, "L26312A", "GRN-400", 14, 6),
    "PO-7751": (240, "B26313A", "BAR-12", 13, 7),
}


def make(pen: Pen, products: dict) -> dict[str, Batch]:
    """Receipts, runs, samples and waste; returns the finished batches by number."""
    plant = pen.places["PLANT1"]
    almonds = pen.batch(
        products["ALM"], pen.places["SIERRA"], "ALM-2291-C", quantity=2400,
        produced_at=pen.ago(days=40), expires_on=(pen.now + timedelta(days=300)).date(),
        custom={
            pen.custom_field("Harvest", is_promoted=True): f"{pen.ago(days=60):%Y}",
            pen.custom_field("Variety"): "Nonpareil",
        },
    )  # fmt: skip
    for reference, kilograms, days, note in (
        ("RCV-88102", 1400, 19, "Dispatch note 40071"),
        ("RCV-88117", 1000, 18, "Dispatch note 40102"),
    ):  # fmt: skip
        at = pen.ago(days=days)
        pen.ship(
            reference, almonds.origin, plant, {almonds: kilograms}, at - timedelta(days=2),
            arrives=at, document=note, vehicle="TRL-204",
        )  # fmt: skip
    oats, honey = _other_ingredients(pen, products)
    finished = {}
    for reference, (kilograms, number, product, days, hour) in RUNS.items():
        at = pen.ago(days=days).replace(hour=hour, minute=10, second=0, microsecond=0)
        made = pen.batch(
            products[product], plant, number, produced_at=at, line="Line 3",
            expires_on=(at + timedelta(days=180)).date(),
        )  # fmt: skip
        pen.run(
            reference,
            plant,
            {almonds: kilograms, oats: kilograms * 2, honey: kilograms // 4},
            {made: figures.BATCHES[number]},
            at,
            line="Line 3",
        )
        pen.adjust(
            made, plant, -figures.SAMPLES[number], "sample", at + timedelta(hours=6), "QA samples"
        )
        finished[number] = made
    pen.adjust(almonds, plant, -8, "scrap", pen.ago(days=13), "Swept from bin R-114")
    return finished


def _other_ingredients(pen: Pen, products: dict) -> list[Batch]:
    made = []
    for code, supplier, number, quantity in (
        ("OAT", "BROOK", "BM-7730", 6000), ("HON", "HARLAN", "H-0412", 900),
    ):  # fmt: skip
        origin = pen.places[supplier]
        batch = pen.batch(products[code], origin, number, quantity=quantity)
        at = pen.ago(days=21)
        pen.ship(
            f"RCV-{supplier}-1", origin, pen.places["PLANT1"], {batch: quantity}, at,
            arrives=at + timedelta(hours=9), vehicle="TRL-204" if code == "HON" else "",
        )  # fmt: skip
        made.append(batch)
    return made


def send_out(pen: Pen, finished: dict[str, Batch]) -> None:
    """Plant to centres and customers, then centres to their stores."""
    number, pallets = iter(range(104611, 106000, 7)), map(_sscc, count(41))
    plant = pen.places["PLANT1"]
    for group, places in figures.almond_story():
        origin, days = plant, 10
        if group.keeps:
            origin, days = pen.places[group.code], 9
            lines = dict(zip(finished.values(), group.receives, strict=True))
            at = pen.ago(days=12)
            pen.ship(
                f"SH-{next(number)}", plant, origin, lines, at, arrives=at + timedelta(hours=7),
                sscc=next(pallets),
            )  # fmt: skip
        hours = cycle(range(0, 40, 3))
        for place in places:
            if place.code == group.code:
                continue
            at = pen.ago(days=days) + timedelta(hours=next(hours))
            lines = {finished[batch]: cases for batch, cases in place.batches.items()}
            pen.ship(
                f"SH-{next(number)}", origin, pen.places[place.code], lines, at,
                arrives=at + timedelta(hours=5),
            )  # fmt: skip


def _sscc(serial: int) -> str:
    """A pallet of the maker, whose company prefix is that of its GTINs."""
    body = f"095201234{serial:08}"
    return f"{body}{check_digit(body)}"


def recall(pen: Pen, people: dict) -> None:
    """The recall as it stands three hours and 26 minutes after it was opened."""
    if Recall.objects.filter(title=TITLE).exists():
        return
    almonds = Batch.objects.get(number="ALM-2291-C")
    start = pen.ago(hours=3, minutes=26)
    record_inspection(
        batch=almonds, kind="Peanut protein", value=14, upper_limit=1, unit="mg/kg",
        result="failed", remark="Report 26-11873 of the outside laboratory.",
        inspected_at=start - timedelta(minutes=50), by=people["quinn"], at=start,
    )  # fmt: skip
    case = open_recall(
        title=TITLE,
        classification="I",
        hazard="The granola and bars contain peanut that the label does not declare. "
        "People with a peanut allergy can have a severe, even fatal, reaction.",
        reason_code="allergen",
        discovered_at=start - timedelta(minutes=50),
        discovery="The outside laboratory found 14 mg/kg of peanut protein in a sample of almonds "
        "that was drawn on arrival.",
        injuries="None known at the time of opening.",
        vulnerable_groups="People with a peanut allergy, children among them.",
        seriousness="Anaphylaxis, which can be fatal.",
        likelihood="Likely for the allergic: the label names no peanut.",
        consequences="An immediate reaction after eating. No lasting harm to others.",
        assessed_by="Quality management",
        depth="consumer",
        public_warning="Notice in the stores and on the website.",
        effectiveness_level="B",
        remedy="Full credit for every case.",
        instructions="Lock it away from customers and staff.\nMark it: Do not sell. Keep it.",
        deadline=start + timedelta(hours=24),
        lead=people["quinn"],
        by=people["quinn"],
        at=start,
    )
    granola = Batch.objects.filter(number__in=set(figures.BATCHES) - {figures.BARS})
    _add_batches(case, granola.order_by("number"), people, start + timedelta(minutes=6))
    submit_recall(recall=case, by=people["quinn"], at=start + timedelta(minutes=15))
    activate_recall(
        recall=case,
        by=people["paula"],
        at=start + timedelta(minutes=27),
        password=password("paula"),
        meaning="I have checked the scope and approve this recall.",
    )
    send_all(start + timedelta(minutes=52))
    follow_tasks(recall=case, at=start + timedelta(minutes=53))
    _work(case, people, start)
    _widen(case, [almonds], people, start + timedelta(minutes=100))
    _answers(case, start)
    _check(case, people, start)
    remind(recall=case, by=people["quinn"], at=start + timedelta(minutes=188))
    send_all(start + timedelta(minutes=188))


def _add_batches(case: Recall, batches, people: dict, at) -> None:
    parameters = {"batches": [batch.pk for batch in batches]}
    add_rule(recall=case, kind="batches", parameters=parameters, by=people["quinn"], at=at)


def _widen(case: Recall, batches, people: dict, at) -> None:
    """The almonds went into bars too: version 2 tells 7 places more, and 24 of the first again."""
    _add_batches(case, batches, people, at)
    version = check_drift(recall=case, at=at + timedelta(minutes=1))
    release_version(version=version, by=people["paula"], at=at + timedelta(minutes=4))
    send_all(at + timedelta(minutes=10))
    draw_more(recall=version.recall, at=at + timedelta(minutes=10))


def _work(case: Recall, people: dict, start) -> None:
    """Tasks done and given to people, and the sample drawn."""
    tasks = {task.kind: task for task in case.tasks.all()}
    for kind, who, minutes, note in (
        ("stop_sale", "otto", 31, ""), ("report", "paula", 86, "FSA-88-20417"),
    ):  # fmt: skip
        at = start + timedelta(minutes=minutes)
        complete_task(task=tasks[kind], note=note, by=people[who], at=at)
    for kind, who, minutes in (
        ("call", "otto", 226),
        ("public", "paula", 286),
        ("pickup", "vera", 466),
    ):
        assign_task(
            task=tasks[kind], assignee=people[who], due_at=start + timedelta(minutes=minutes),
            by=people["quinn"], at=start + timedelta(minutes=54),
        )  # fmt: skip
    draw_sample(
        recall=case, level="B", percent=15, by=people["quinn"], at=start + timedelta(minutes=90)
    )


def _check(case: Recall, people: dict, start) -> None:
    """Eight of the twenty checks, one of them failed."""
    answered = {p.code for _, places in figures.almond_story() for p in places if p.answers}
    drawn = case.check_places.select_related("recall", "location")
    drawn = sorted(drawn, key=lambda row: (row.location.code not in answered, row.number))
    for i, place in enumerate(drawn[:8]):
        found = {"result": "passed", "controlled": True, "note": ""}
        if i == 5:
            found = {
                "result": "failed",
                "controlled": False,
                "note": "Two cases were on the shelf.",
            }
        record_check(
            place=place, means="phone", told=True, instructed=found["controlled"], **found,
            by=people["otto"], at=start + timedelta(minutes=110 + 5 * i),
        )  # fmt: skip


def send_all(now) -> None:
    while drain(worker="demo", now=now, limit=200):
        pass


def _answers(case: Recall, start) -> None:
    """Who has read it, and who has counted, spread over two and a half hours."""
    recipients = {r.address: r for r in Recipient.objects.filter(recall=case)}
    newest = newest_released(case)
    lines: dict[str, dict[str, int]] = {}
    for place, batch, line in newest.lines.values_list("location_code", "batch_number", "pk"):
        lines.setdefault(place, {})[batch] = line
    told = [p for _, places in figures.almond_story() for p in places]
    told = [p for p in told if p.state in (figures.ACKNOWLEDGED, figures.RESPONDED)]
    # A fixed shuffle, so that centres and towns take turns; the steps slow down as they do.
    told.sort(key=lambda p: hash_of(p.code))
    for i, place in enumerate(told):
        recipient = recipients[f"{place.code.lower()}@stores.example"]
        minutes = 55 + 150 * (i / len(told)) ** 1.8
        if figures.BARS in lines[place.code]:
            minutes = max(minutes, 111 + i % 13)
        acknowledge(recipient=recipient, at=start + timedelta(minutes=minutes))
        if place.answers:
            answer(
                recipient=recipient,
                answers={
                    line: dict(zip(KINDS, place.answers.get(batch, (0, 0, 0, 0)), strict=True))
                    for batch, line in lines[place.code].items()
                },
                name="T. Lind" if place.code == "S0412" else "Manager",
                phone="",
                remark="",
                at=start + timedelta(minutes=min(minutes + 9, 204)),
            )


def hash_of(code: str) -> int:
    return sum((i + 7) * ord(letter) * 31 for i, letter in enumerate(code)) % 97
