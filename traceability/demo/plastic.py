"""A recall that is closed: begun at night by one person, narrowed, and passed on by a customer.

60 cases --> Westbank DC --> two stores         destroyed, with a certificate that one handed in
                        '--> a third store      taken out: it was packed before the blade broke
20 cases --> a customer --> the school that it names
"""

import io
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from batches.models import Batch, Hold, Holding
from batches.operations.holds import release_hold
from recalls.models import Recall, Recipient
from recalls.operations.alone import break_glass, countersign
from recalls.operations.checks import draw_sample, record_check
from recalls.operations.handed_in import keep_file
from recalls.operations.narrowing import approve_narrowing, propose_narrowing
from recalls.operations.passing_on import pass_on
from recalls.operations.public_notices import publish_notice
from recalls.operations.recalls import close_recall, complete_recall, open_recall
from recalls.operations.responses import answer
from recalls.operations.scope import add_rule
from recalls.operations.targets import hand_over_records
from recalls.operations.tasks import complete_task
from recalls.scope import lines_of
from traceability.demo.almonds import send_all
from traceability.demo.cast import password
from traceability.demo.pen import Pen
from traceability.demo.world import UNDELIVERABLE

TITLE = "Plastic in oat clusters"
BATCH = "L26288B"
KEPT, EACH, BOUGHT, PASSED = 24, 12, 20, 8


def make(pen: Pen, products: dict) -> Batch:
    """All of it left: nothing waits on our own sites."""
    plant, west = pen.places["PLANT1"], pen.places["DC-WEST"]
    oats = pen.batch(products["OAT"], pen.places["BROOK"], "BM-7588", quantity=160)
    at = pen.ago(days=55)
    pen.ship("RCV-BROOK-7", oats.origin, plant, {oats: 160}, at, arrives=at + timedelta(hours=8))
    at = pen.ago(days=50)
    made = pen.batch(
        products["CLU-500"], plant, BATCH, produced_at=at, line="Line 1",
        expires_on=(at + timedelta(days=150)).date(),
    )  # fmt: skip
    pen.run("PO-7588", plant, {oats: 160}, {made: 80}, at, line="Line 1")
    stores, customer = _places(pen)
    at = pen.ago(days=48)
    sent = KEPT + EACH * len(stores)
    pen.ship("SH-102210", plant, west, {made: sent}, at, arrives=at + timedelta(hours=6))
    pen.ship("SH-102211", plant, customer, {made: BOUGHT}, at, arrives=at + timedelta(hours=9))
    at = pen.ago(days=46)
    for number, store in enumerate(stores, 102230):
        pen.ship(f"SH-{number}", west, store, {made: EACH}, at, arrives=at + timedelta(hours=5))
    return made


def _places(pen: Pen):
    west = pen.places["DC-WEST"]
    usable = [p for p in pen.places.values() if p.code not in UNDELIVERABLE]
    stores = [p for p in usable if p.parent == west][:3]
    return stores, next(p for p in usable if p.code.startswith("C-"))


def recall(pen: Pen, people: dict, made: Batch) -> None:
    if Recall.objects.filter(title=TITLE).exists():
        return
    start, quinn, paula = pen.ago(days=41), people["quinn"], people["paula"]
    case = open_recall(
        title=TITLE, classification="II", reason_code="foreign_body",
        hazard="Pieces of blue plastic can be in the clusters. They can hurt mouth and throat.",
        discovered_at=start - timedelta(hours=1), discovery="A blade guard of line 1 was broken.",
        injuries="None known.", remedy="Full credit for every case.",
        instructions="Set it aside and destroy it.", deadline=start + timedelta(hours=24),
        lead=quinn, by=quinn, at=start,
    )  # fmt: skip
    add_rule(recall=case, kind="batches", parameters={"batches": [made.pk]}, by=quinn, at=start)
    break_glass(
        recall=case, by=quinn, at=start + timedelta(minutes=20), password=password("quinn"),
        meaning="I have checked the scope and start this recall alone.",
        reason="It is Saturday night and nobody who approves can be reached.",
    )  # fmt: skip
    send_all(start + timedelta(minutes=25))
    countersign(
        recall=case, by=paula, at=start + timedelta(hours=9), password=password("paula"),
        meaning="I have looked at the scope and stand by it.",
    )  # fmt: skip
    _answers(pen, case, start + timedelta(hours=10))
    _work(case, people, start)
    _narrow(pen, case, people, start + timedelta(hours=18))
    _check(case, people, start + timedelta(days=2))
    _end(case, people, start + timedelta(days=12))


def _answers(pen: Pen, case: Recall, at) -> None:
    """Two stores and the centre destroyed theirs; the customer names the school it sold to."""
    stores, customer = _places(pen)
    for place in (*stores[:2], pen.places["DC-WEST"]):
        recipient = _recipient(case, place)
        _count(recipient, at, "Manager", destroyed=True)
    keep_file(recipient=recipient, upload=_certificate(), kind="certificate", at=at)
    buyer = _recipient(case, customer)
    [line] = lines_of(buyer)
    [passed] = pass_on(
        recipient=buyer, name="Lakeside School", address="kitchen@lakeside-school.example",
        phone="", language="en", quantities={line.pk: PASSED}, at=at,
    )  # fmt: skip
    send_all(at + timedelta(minutes=1))
    parts = {"quarantined": 0, "returned": 0, "destroyed": BOUGHT - PASSED, "sold": PASSED}
    answer(
        recipient=buyer, answers={line.pk: parts}, name="Manager", phone="", remark="", at=at
    )  # fmt: skip
    parts = {"quarantined": 0, "returned": 0, "destroyed": PASSED - 1, "sold": 1}
    answer(
        recipient=passed.to, answers={f"p{passed.pk}": parts}, name="Kitchen", phone="",
        remark="One case was eaten before. Nobody was hurt.", at=at + timedelta(hours=3),
    )  # fmt: skip


def _recipient(case: Recall, place) -> Recipient:
    return Recipient.objects.get(recall=case, address=f"{place.code.lower()}@stores.example")


def _count(recipient: Recipient, at, name: str, *, destroyed: bool) -> None:
    kinds = ("quarantined", "returned", "destroyed", "sold")
    found = {
        line.pk: dict.fromkeys(kinds, 0) | {"destroyed" if destroyed else "quarantined": line.due}
        for line in lines_of(recipient)
    }
    answer(recipient=recipient, answers=found, name=name, phone="", remark="", at=at)


def _certificate() -> SimpleUploadedFile:
    """What a contractor would hand out, photographed."""
    picture = Image.new("RGB", (640, 420), "white")
    text = "CERTIFICATE OF DESTRUCTION\n\nOat clusters 500 g, L26288B\n24 cases, incinerated"
    ImageDraw.Draw(picture).multiline_text((60, 80), text, fill="black", font_size=28, spacing=14)
    stream = io.BytesIO()
    picture.save(stream, "JPEG")
    return SimpleUploadedFile("certificate.jpg", stream.getvalue(), "image/jpeg")


def _narrow(pen: Pen, case: Recall, people: dict, at) -> None:
    store = _places(pen)[0][2]
    narrowing = propose_narrowing(
        recall=case, by=people["quinn"], at=at,
        holdings=[Holding.objects.get(batch__number=BATCH, location=store).pk],
        reason="Its cases are from pallet 1, which was packed before the blade guard broke.",
    )  # fmt: skip
    approve_narrowing(
        narrowing=narrowing, by=people["paula"], at=at + timedelta(hours=1),
        password=password("paula"), meaning="I have seen the pallet sheets.",
    )  # fmt: skip
    send_all(at + timedelta(hours=2))


def _work(case: Recall, people: dict, start) -> None:
    for task in case.tasks.open():
        complete_task(task=task, by=people["quinn"], at=start + timedelta(hours=12))
    hand_over_records(
        recall=case, authority="Food office", reference="LA-2026-0548", note="Package by upload.",
        handed_at=start + timedelta(hours=16), by=people["quinn"], at=start + timedelta(hours=16),
    )  # fmt: skip


def _check(case: Recall, people: dict, at) -> None:
    """The public is told, and every place is asked whether it did what it was told."""
    publish_notice(recall=case, by=people["paula"], at=at)
    draw_sample(recall=case, level="A", by=people["quinn"], at=at)
    for place in case.check_places.select_related("recall", "location"):
        record_check(
            place=place, means="phone", result="passed", told=True, controlled=True,
            instructed=True, by=people["otto"], at=at + timedelta(days=1),
        )  # fmt: skip


def _end(case: Recall, people: dict, at) -> None:
    """Closed by a second person, and what it held on our sites is let go."""
    complete_recall(recall=case, by=people["quinn"], at=at)
    close_recall(
        recall=case, by=people["paula"], at=at + timedelta(days=1), password=password("paula"),
        meaning="The record is complete.",
        statement="One case was eaten at the school before it was told. Nobody was hurt.",
    )  # fmt: skip
    send_all(at + timedelta(days=1))
    for hold in Hold.objects.active().filter(recall=case.reference):
        release_hold(
            hold=hold, reason="Nothing of it is left here.", by=people["quinn"],
            at=at + timedelta(days=2),
        )  # fmt: skip
