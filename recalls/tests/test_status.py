"""The figures of a recall: every place in one state, every quantity in one part."""

import io
import json
from datetime import timedelta
from decimal import Decimal

import openpyxl
import pytest

from batches.tests import factory as batches
from batches.tests.factory import NOON
from recalls.models import Notice
from recalls.operations import notices, recalls, responses
from recalls.reports.record import record_of
from recalls.reports.status import status
from recalls.reports.workbook import workbook
from recalls.scope import lines_of
from recalls.tests import factory
from recalls.tests.factory import found

pytestmark = pytest.mark.django_db


def stores(*addresses):
    """One batch, and one store for each entry: its addresses, apart by spaces; "-" for none."""
    batches.location("PLANT1", is_own=True)
    made = batches.batch("L1", quantity=0)
    for number, entry in enumerate(addresses):
        place = batches.location(f"S{number:02}", kind="store", name=f"Store {number}")
        made.holdings.create(location=place, quantity=6)
        for address in entry.split():
            if address != "-":
                factory.contact(place.code, address)
    return made.holdings.get(location__code="PLANT1")


AWKWARD = [
    "-", "-", "-",  # without contact
    "shared@chain.example", "shared@chain.example", "shared@chain.example",
    "not-an-address", "two@@x", "no.domain@",  # malformed
    "laden@bücher.example", "laden@xn--bcher-kva.example",  # one mailbox, two spellings
    "A@x.example", "a@X.example",  # another
    "plain@x.example second@x.example",
]  # fmt: skip


@pytest.fixture
def awkward(quinn, paula):
    recall = factory.active(quinn, paula, stores(*AWKWARD))
    recall.notices.filter(kind="report").update(state="accepted", accepted_at=NOON)
    return recall


def test_places_to_be_told_are_the_sum_of_their_states_whatever_their_addresses(awkward):
    now = status(awkward)
    assert now.conservation.total == len(AWKWARD)
    assert (now.conservation.unreachable, now.conservation.pending) == (6, 8)
    assert now.conservation.holds
    told = {n.address_key: n.lines.count() for n in awkward.notices.filter(kind="notice")}
    assert told == {
        "shared@chain.example": 3,
        "laden@xn--bcher-kva.example": 2,
        "a@x.example": 2,
        "plain@x.example": 1,
        "second@x.example": 1,
    }


def test_the_sum_holds_at_every_moment_of_the_sending(awkward):
    seen = []
    while notices.drain(worker="w", now=NOON, limit=1, on_attempt=lambda n: look(seen, awkward)):
        look(seen, awkward)
    assert all(one.holds for one in seen)
    assert [one.accepted for one in seen][-1] == 8
    assert {one.total for one in seen} == {len(AWKWARD)}


def look(seen, recall):
    seen.append(status(recall).conservation)


def test_a_refused_address_counts_only_where_no_other_of_the_place_was_taken(awkward):
    notices.drain(worker="w", now=NOON, limit=50)
    Notice.objects.filter(address_key="plain@x.example").update(state="failed")
    Notice.objects.filter(address_key="a@x.example").update(state="failed")
    now = status(awkward).conservation
    assert (now.accepted, now.failed, now.unreachable) == (6, 2, 6)


def test_a_place_is_acknowledged_when_one_of_its_recipients_did(awkward):
    second = awkward.recipients.get(address_key="second@x.example")
    responses.acknowledge(recipient=second, at=NOON)
    responses.acknowledge(recipient=second, at=NOON)
    now = status(awkward)
    assert now.conservation.acknowledged == 1
    place = now.places[-1]
    assert (place.key, place.word, place.since) == ("acknowledged", "Acknowledged", NOON)
    assert len(place.recipients) == 2


def answer(recall, key, hours=1, **parts):
    recipient = recall.recipients.get(address_key=key)
    responses.answer(
        recipient=recipient,
        answers={line.pk: found(**parts) for line in lines_of(recipient)},
        name="",
        phone="",
        remark="",
        at=NOON + timedelta(hours=hours),
    )


def test_what_is_due_is_what_came_back_was_sold_and_nobody_answered_for(awkward):
    answer(awkward, "shared@chain.example", quarantined=3, returned=1)  # 2 of 6 missing, 3 places
    answer(awkward, "a@x.example", hours=2, destroyed=5, sold="2.5")  # more than was due, 2 places
    [cases] = status(awkward).totals
    assert (cases.unit, cases.due) == ("case", 84)
    assert (cases.quarantined, cases.returned, cases.destroyed) == (9, 3, 10)
    assert (cases.sold, cases.over) == (5, 3)
    assert cases.no_answer == 3 * 2 + 9 * 6
    assert cases.due + cases.over == cases.accounted + cases.no_answer


def test_an_unknown_amount_is_unexplained_until_it_is_answered(quinn, paula):
    start = stores("one@x.example")
    start.batch.holdings.exclude(pk=start.pk).update(quantity=None)
    recall = factory.active(quinn, paula, start)
    assert status(recall).totals[0].unknown == 1
    answer(recall, "one@x.example", sold=3)
    [cases] = status(recall).totals
    assert (cases.due, cases.unknown, cases.no_answer) == (3, 0, 0)


def test_the_curve_grows_and_ends_at_the_figures_of_today(awkward):
    responses.acknowledge(recipient=awkward.recipients.get(address_key="a@x.example"), at=NOON)
    answer(awkward, "shared@chain.example", returned=1)
    answer(awkward, "shared@chain.example", hours=2, returned=4)
    now = status(awkward)
    acknowledged = [point.acknowledged for point in now.curve]
    assert acknowledged == sorted(acknowledged)
    assert acknowledged[0] == 2 and acknowledged[-1] == now.conservation.acknowledged == 5
    assert now.curve[-1].recovered == {"case": now.totals[0].recovered} == {"case": 12}


@pytest.mark.slow
def test_the_number_of_queries_does_not_depend_on_the_number_of_places(
    quinn, paula, django_assert_num_queries
):
    start = stores(*[f"s{n}@x.example" for n in range(25)])
    recall = factory.active(quinn, paula, start)
    for recipient in recall.recipients.all():
        responses.acknowledge(recipient=recipient, at=NOON)
    # Versions, lines, when asked, recipients, notices, acknowledgements, answers, waivers,
    # what came back, what was destroyed.
    with django_assert_num_queries(11):
        for place in status(recall).places:
            assert place.word and place.amounts and place.recipients


def test_a_recall_that_is_not_active_has_a_status_too(quinn):
    now = status(factory.draft(quinn))
    assert (now.version, now.draft, now.places, now.conservation.total) == (None, None, [], 0)


def test_no_cell_of_the_workbook_is_a_formula(quinn, paula):
    start = stores("one@x.example")
    product = start.batch.product
    product.name = '=HYPERLINK("http://evil.example")'
    product.save()
    recall = factory.active(quinn, paula, start)
    book = openpyxl.load_workbook(io.BytesIO(workbook(recall.versions.get())))
    sheet = book["Scope"]
    header = [cell.value for cell in sheet[1]]
    cell = sheet.cell(2, header.index("Product name") + 1)
    assert (cell.data_type, cell.value) == ("s", product.name)
    due = [row[header.index("To account for")].value for row in sheet.iter_rows(min_row=2)]
    assert sorted(due) == [0, 6]
    assert book["About"]["B5"].value == recall.versions.get().sha256


def test_the_record_of_a_recall_is_json_without_people(awkward):
    text = json.dumps(record_of(awkward))
    assert "shared@" not in text
    record = json.loads(text)
    assert record["places"]["total"] == len(AWKWARD)
    assert record["versions"][0]["scope"]["lines"][0]["batch_number"] == "L1"


def test_each_subscriber_gets_one_report_with_the_figures(quinn, paula, vera):
    from recalls.models import Subscription

    Subscription.objects.create(user=vera)
    Subscription.objects.create(email="board@maker.example")
    Subscription.objects.create(email="Board@maker.example")
    Subscription.objects.create(email="gone@maker.example", active=False)
    recall = factory.active(quinn, paula, stores("one@x.example", "-"))
    reports = recall.notices.filter(kind="report", round="activation")
    assert sorted(report.address_key for report in reports) == [
        "board@maker.example",
        "quinn@lotline.example",
        "vera@lotline.example",
    ]
    report = reports.first()
    assert report.subject == "RC-2026-0001 recall activated: 0 of 2 places acknowledged, 0 answered"
    assert "no usable contact            1" in report.text
    assert "Store 1 (S01): No usable contact" in report.text
    assert "12\u00a0cases to account for" in report.text
    assert recall.versions.get().sha256 in report.html
    version = recall.versions.get()
    assert notices.write_reports(version=version, round="activation", at=NOON) == 0


def test_a_change_of_the_recall_is_logged_and_its_kind_stays_once_active(quinn, awkward):
    from django.core.exceptions import ValidationError

    recall = recalls.change_recall(recall=awkward, by=quinn, at=NOON, remedy="Refund")
    assert recall.remedy == "Refund"
    with pytest.raises(ValidationError, match="kind cannot be changed any more"):
        recalls.change_recall(recall=awkward, by=quinn, at=NOON, kind="withdrawal")
    assert status(awkward).totals[0].due == Decimal(84)
