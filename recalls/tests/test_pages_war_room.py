"""Targets, tasks, checks and updates as people work with them on the pages of a recall."""

import hashlib
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from batches.models import Event
from recalls import tasks as clock
from recalls.models import CheckResult, Notice, RecallFile, TargetPlan, Task
from recalls.operations.checks import draw_sample
from recalls.operations.subscriptions import subscribe
from recalls.operations.updates import post_update
from recalls.reports.curve import Point
from recalls.reports.updates import update_due
from recalls.tests import factory
from recalls.tests.factory import NOON
from recalls.views.curve import curve_of

BACKEND = "django.contrib.auth.backends.ModelBackend"


def text_of(response) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode()).replace("\xa0", " ")
    return re.sub(r"\s+", " ", plain)


@pytest.fixture
def case(quinn, paula):
    nodes = factory.granola()
    recall = factory.active(quinn, paula, nodes["BAR@PLANT1"])
    clock.deliver(now=timezone.now())
    return recall


@pytest.fixture
def door(client, quinn):
    client.force_login(quinn, backend=BACKEND)
    return client


def url(name, case, **parts):
    return reverse(name, kwargs={"reference": case.reference, **parts})


def test_the_room_shows_phases_targets_tasks_and_what_is_missing(case, door):
    page = door.get(case.get_absolute_url())
    said = text_of(page)
    for words in (
        "Scope", "Notify", "Recover", "Check effectiveness", "Close",
        "Scope frozen : met", "Records to authority", "0 of 4 done",
        "Stop sale at our sites", "none, level E", "3 places have not answered",
        "The report is to be signed by a second person",
    ):  # fmt: skip
        assert words in said, words
    assert 'role="img" aria-label="Open"' not in page.content.decode(), "Quinn may tick"


def test_an_approver_sets_the_targets_of_a_class(client, paula):
    client.force_login(paula, backend=BACKEND)
    address = reverse("target-plan", args=["II"])
    seen = re.search(r'name="seen" value="(\w+)"', client.get(address).content.decode())[1]
    hours = {"scope_hours": 6, "notified_hours": 8, "records_hours": 48, "answers_hours": 72}
    assert "It counts from now on" in text_of(
        client.post(address, hours | {"seen": seen}, follow=True)
    )
    assert TargetPlan.objects.get(classification="II").records_hours == 48
    stale = client.post(address, hours | {"records_hours": 5, "seen": seen})
    assert stale.status_code == 422 and "Somebody else changed" in text_of(stale)
    assert client.post(address, hours | {"scope_hours": 0}).status_code == 422


def test_records_are_handed_over_on_the_page_of_the_targets(case, door):
    address = url("recall-hand-over", case)
    refused = door.post(address, {"authority": "Food office", "handed_at": "2026-11-20T10:00"})
    assert refused.status_code == 422
    assert "Enter the reference" in text_of(refused) and "Food office" in refused.content.decode()
    at = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    given = {"authority": "Food office", "reference": "FSA-88-20417", "handed_at": at}
    said = text_of(door.post(address, given, follow=True))
    assert "The handover is on record." in said and "FSA-88-20417" in said
    assert "reference FSA-88-20417" in text_of(door.get(case.get_absolute_url()))


def test_a_target_is_changed_with_a_reason(case, door):
    address = url("recall-change-target", case)
    given = {"target": "answers", "hours": 48, "reason": ""}
    assert door.post(address, given).status_code == 422
    said = text_of(door.post(address, given | {"reason": "Long weekend."}, follow=True))
    assert "All responses in within 48 h: Long weekend." in said


def test_a_task_is_ticked_in_the_room_and_opened_again(case, door, otto):
    task = case.tasks.get(kind="report")
    said = text_of(door.post(url("recall-task-done", case, pk=task.pk), follow=True))
    assert "Done: File initial report." in said and "1 of 4 done" in said
    again = door.post(url("recall-task-done", case, pk=task.pk))
    assert again.status_code == 422 and "done already" in text_of(again)
    door.post(url("recall-task-reopen", case, pk=task.pk))
    task.refresh_from_db()
    assert task.done_at is None
    due = timezone.localtime() + timedelta(hours=5)
    given = {"assignee": otto.pk, "due_at": due.strftime("%Y-%m-%dT%H:%M")}
    said = text_of(door.post(url("recall-assign-task", case, pk=task.pk), given, follow=True))
    assert "Changed: File initial report." in said
    task.refresh_from_db()
    assert task.assignee == otto and task.due_at > timezone.now()


def test_a_task_is_added_and_a_wrong_one_keeps_what_was_typed(case, door):
    address = url("recall-add-task", case)
    wrong = door.post(address, {"title": "Ring the bell", "due_at": "2020-01-01T10:00"})
    assert wrong.status_code == 422
    assert "This time has passed" in text_of(wrong) and "Ring the bell" in wrong.content.decode()
    door.post(address, {"title": "Ring the bell"})
    assert Task.objects.filter(title="Ring the bell", kind="own").exists()


def test_checks_are_drawn_recorded_exported_and_printed(case, door):
    case.effectiveness_level = ""
    case.save()
    page = url("recall-checks", case)
    assert "No place was drawn yet." in text_of(door.get(page))
    refused = door.post(url("recall-draw-sample", case), {"level": "B"})
    assert refused.status_code == 422 and "10 to 100 %" in text_of(refused)
    said = text_of(door.post(url("recall-draw-sample", case), {"level": "A"}, follow=True))
    assert "3 of 3 places were drawn." in said and "seed" in said
    form = url("recall-check-form", case, number=1)
    yes = {"means": "phone", "told": "yes", "controlled": "yes", "instructed": "yes"}
    wrong = door.post(form, yes | {"result": "failed", "note": "Hm"})
    assert wrong.status_code == 422 and "Three times yes" in text_of(wrong)
    assert not CheckResult.objects.exists()
    no = yes | {"controlled": "no", "result": "failed", "note": "Still on the shelf."}
    assert "Check 1 is kept." in text_of(door.post(form, no, follow=True))
    door.post(url("recall-waive-check", case, number=2), {"reason": "Shop burnt down."})
    said = text_of(door.get(page))
    assert "1 of 3 made, 1 failed, 1 to do, 1 waived" in said
    table = b"".join(door.get(page + "?export=csv").streaming_content).decode()
    assert "Still on the shelf." in table and table.count("Failed") == 1
    assert door.get(page + "?export=xlsx").status_code == 200
    assert door.get(page + "?export=doc").status_code == 404
    sheet = text_of(door.get(url("recall-check-sheet", case)))
    assert "1 of 3" in sheet and "Did you do as instructed?" in sheet
    room = door.get(case.get_absolute_url())
    assert "1 of 3, 1 failed" in text_of(room)
    assert 'aria-label="0 passed, 1 failed, 1 waived, 1 to do"' in room.content.decode()
    assert "Follow up the failed check at" in text_of(room)


def test_a_viewer_sees_the_checks_and_not_whom_we_spoke_to(case, client, vera, quinn):
    draw_sample(recall=case, level="A", by=quinn, at=timezone.now())
    place = case.check_places.first()
    CheckResult.objects.create(
        place=place, means="phone", told=True, controlled=True, instructed=True, result="passed",
        person="T. Lind", by=quinn, at=timezone.now(),
    )  # fmt: skip
    client.force_login(vera, backend=BACKEND)
    page = url("recall-checks", case)
    assert "Passed" in text_of(client.get(page))
    table = b"".join(client.get(page + "?export=csv").streaming_content).decode()
    assert "T. Lind" not in table + text_of(client.get(page))


@pytest.mark.parametrize("count", [1, 20])
def test_the_page_of_checks_asks_as_often_for_many_places(
    count, quinn, paula, door, django_assert_max_num_queries
):
    nodes = factory.granola()
    for number in range(count):
        factory.move(nodes, "BAR@DC", f"BAR@EXTRA{number}")
    recall = factory.active(quinn, paula, nodes["BAR@PLANT1"])
    draw_sample(recall=recall, level="A", by=quinn, at=timezone.now())
    door.get(url("recall-checks", recall))
    with django_assert_max_num_queries(16):
        door.get(url("recall-checks", recall))


def test_an_update_stays_on_the_timeline_and_goes_to_the_subscribers(case, door, quinn):
    subscribe(recall=case, email="board@firm.example", by=quinn, at=timezone.now())
    address = url("recall-update", case)
    assert door.post(address, {"text": " "}).status_code == 422
    given = {"text": "The press called twice.", "by_mail": "on"}
    said = text_of(door.post(address, given, follow=True))
    assert "on the way." in said and "The press called twice." in said
    rows = Notice.objects.filter(round__startswith="update-")
    count, row = rows.count(), rows.get(address="board@firm.example")
    assert row.kind == "report" and "The press called twice." in row.text
    assert row.subject.startswith(f"{case.reference} update")
    assert Event.objects.get(verb="update posted").reason == "The press called twice."
    door.post(address, {"text": "Only here."})
    assert Notice.objects.filter(round__startswith="update-").count() == count
    said = text_of(door.get(case.get_absolute_url() + "?milestones=1"))
    assert "Only here." in said


def test_a_mailed_update_is_due_every_week(case):
    start = case.activated_at
    [due] = update_due(case, start + timedelta(days=6))
    assert (due.is_late, due.said, due.text[:4]) == (False, "to come", "due ")
    [late] = update_due(case, start + timedelta(days=9))
    assert (late.is_late, late.text, late.share) == (True, "overdue by 2 d", 100)
    said = {"recall": case, "text": "All quiet.", "by": case.lead}
    post_update(**said, at=start + timedelta(days=8))
    assert update_due(case, start + timedelta(days=9))[0].is_late, "nobody was mailed"
    post_update(**said, at=start + timedelta(days=8), by_mail=True)
    assert update_due(case, start + timedelta(days=9))[0].due == start + timedelta(days=15)


def test_ticked_places_are_reminded_and_nobody_else(case, door):
    address = url("recall-remind-selected", case)
    nothing = door.post(address)
    assert nothing.status_code == 422 and "Tick the places" in text_of(nothing)
    said = text_of(door.post(address, {"place": ["STORE1"]}, follow=True))
    assert "1 reminder is on the way." in said
    assert [n.address for n in Notice.objects.filter(kind="reminder")] == ["one@store.example"]


def pdf(words=b"Peanut protein 14 mg/kg"):
    return b"%PDF-1.4\n1 0 obj<<>>endobj\n% " + words + b"\nstartxref\n9\n%%EOF\n"


def test_a_lab_result_is_added_and_only_downloaded(case, door, client, vera):
    address = url("recall-add-file", case)
    upload = SimpleUploadedFile("../../x.html", pdf(), "text/html")
    given = {"title": "Lab result PX-5530", "kind": "lab"}
    said = text_of(door.post(address, given | {"upload": upload}, follow=True))
    assert "Lab result PX-5530 is kept" in said
    file = RecallFile.objects.get()
    assert file.name == f"{case.reference.lower()}-document-1.pdf"
    assert file.sha256 == hashlib.sha256(pdf()).hexdigest()
    assert "Document added: Lab result PX-5530" in text_of(door.get(case.get_absolute_url()))
    again = door.post(address, given | {"upload": SimpleUploadedFile("y.pdf", pdf())})
    assert again.status_code == 422 and "there already" in text_of(again)
    client.force_login(vera, backend=BACKEND)
    sent = client.get(url("recall-added-file", case, pk=file.pk))
    assert sent.content == pdf() and sent["Content-Type"] == "application/pdf"
    assert sent["Content-Disposition"].startswith("attachment")
    assert (
        sent["X-Content-Type-Options"] == "nosniff" and "sandbox" in sent["Content-Security-Policy"]
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"<html><script>1</script>", b"PK\x03\x04zip", pdf(b"/JavaScript"), b"<svg onload=x>"],
)
def test_what_is_no_picture_and_no_plain_pdf_is_refused_and_what_was_typed_stays(
    case, door, content
):
    upload = SimpleUploadedFile("result.pdf", content, "application/pdf")
    given = {"title": "Lab result PX-5530", "kind": "lab", "upload": upload}
    refused = door.post(url("recall-add-file", case), given)
    assert refused.status_code == 422 and "Lab result PX-5530" in refused.content.decode()
    assert not RecallFile.objects.exists()


def test_the_curve_ends_at_what_is_back_now_whoever_said_so():
    """A customer of a place found some, and some came to us: no answer of a place says it."""
    points = [Point(NOON, 1, {"case": Decimal(4)})]
    more = {"places": 2, "due": Decimal(10), "unit": "case", "start": NOON}
    drawn = curve_of(points, back=Decimal(9), now=NOON + timedelta(hours=1), **more)
    assert drawn.shares == (50, 90)
    assert (drawn.rows[0], drawn.rows[-1]) == (("12:00", 50, 40), ("13:00", 50, 90))
