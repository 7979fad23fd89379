"""A drill takes the way of a recall, and touches nothing outside."""

import inspect
import io
import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from batches.models import Batch, Event, Finding, Hold
from batches.operations.documents import create_shipment, post_shipment
from batches.operations.events import verify_chain
from batches.tests import factory as batches
from recalls import mail, outbox
from recalls.message.texts import Texts
from recalls.models import Bounce, Drill, Notice, Recall
from recalls.operations import delivery, notices, recalls
from recalls.operations.activation import activate_unsigned
from recalls.operations.drills import (
    finish_drill,
    plan_drill,
    remind_of_drills,
    start_drill,
    start_due_drills,
)
from recalls.operations.responses import waive_location
from recalls.operations.returns import show_at_contacts
from recalls.operations.subscriptions import subscribe
from recalls.operations.tasks import add_action, complete_task
from recalls.reports.status import status
from recalls.reports.todo import actions
from recalls.reports.updates import UpdateDue
from recalls.scope import newest_released
from recalls.tests import factory
from recalls.tests.factory import NOON
from recalls.tests.sink import MailServer

pytestmark = pytest.mark.django_db
TEAM = "drills@lotline.example"


@pytest.fixture
def nodes():
    return factory.granola()


@pytest.fixture
def drill(quinn, nodes, settings):
    settings.DRILL_MAIL = [TEAM]
    case = factory.submitted(quinn, nodes["ALM@SIERRA"], is_drill=True)
    return factory.activate(case, quinn, password="quinn").recall


def refused(sentence):
    return pytest.raises(ValidationError, match=sentence)


def test_one_person_runs_a_drill_and_its_number_is_of_its_own_series(drill, quinn):
    assert (drill.reference, drill.status) == ("DR-2026-0001", "active")
    assert drill.activated_by == drill.submitted_by == quinn
    assert drill.signatures.count() == 1
    assert factory.draft(quinn).reference == "RC-2026-0001"


def test_a_setting_asks_for_two_people_and_the_database_asks_for_two_in_a_recall(
    quinn, paula, nodes, settings
):
    settings.DRILL_NEEDS_TWO = True
    case = factory.submitted(quinn, nodes["ALM@SIERRA"], is_drill=True)
    with refused("A second person must check"):
        factory.activate(case, quinn, password="quinn")
    case = factory.activate(case, paula).recall
    with pytest.raises(IntegrityError), transaction.atomic():
        Recall.objects.filter(pk=case.pk).update(is_drill=False, activated_by=quinn)


def test_a_drill_holds_nothing_and_its_goods_are_dispatched(drill, nodes, otto):
    assert Hold.objects.filter(recall=drill.reference, is_drill=True).count() == 2
    assert not Hold.objects.active().exists()
    assert make_shipment(otto).status == "posted"


def make_shipment(otto):
    line = {"batch": Batch.objects.get(number="BAR"), "quantity": 1}
    places = {name: batches.location(name) for name in ("PLANT1", "STORE1")}
    shipment = create_shipment(
        reference="SH-DRILL", origin=places["PLANT1"], destination=places["STORE1"],
        lines=[line], by=otto, at=NOON,
    )  # fmt: skip
    return post_shipment(shipment=shipment, by=otto, at=NOON)


def everything_that_writes(drill, quinn, at):
    """Each kind of mail that a recall can owe, about this drill."""
    subscribe(recall=drill, email="buyer@customer.example", by=quinn, at=at)
    notices.write_reports(version=newest_released(drill), round="daily", at=at)
    notices.drain(worker="w", now=at, limit=99)
    drill.notices.update(accepted_at=at.replace(year=2020))
    notices.remind(recall=drill, by=quinn, at=at)
    notices.follow_up(recall=drill, at=at)
    notices.drain(worker="w", now=at, limit=99)


@pytest.mark.django_db(transaction=True)
def test_no_mail_of_a_drill_is_ever_given_an_outside_address(drill, quinn, settings):
    with MailServer() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        everything_that_writes(drill, quinn, NOON.replace(year=2027))
    assert {address for address, _ in sink.accepted} == {TEAM}
    kinds = set(drill.notices.filter(state="accepted").values_list("kind", flat=True))
    assert {"notice", "report", "reminder"} <= kinds
    assert set(drill.notices.values_list("state", flat=True)) == {"accepted"}
    assert len(sink.accepted) == drill.notices.count()


@pytest.mark.django_db(transaction=True)
def test_the_same_mails_of_a_recall_do_go_outside(quinn, paula, nodes, settings):
    settings.DRILL_MAIL = [TEAM]
    recall = factory.active(quinn, paula, nodes["ALM@SIERRA"])
    with MailServer() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        everything_that_writes(recall, quinn, NOON.replace(year=2027))
    told = {address for address, _ in sink.accepted}
    assert "one@store.example" in told and TEAM not in told


def test_every_mail_of_a_drill_says_so_in_its_subject_and_its_text(drill, quinn):
    everything_that_writes(drill, quinn, NOON.replace(year=2027))
    for row in Notice.objects.all():
        assert row.subject.startswith("DRILL: "), row.kind
        assert row.subject.count("DRILL") == row.text.count("DRILL.") == 1, row.kind
        assert row.text.startswith("DRILL. Answer as if this were real"), row.kind
        assert "DRILL. Answer as if" in row.html, row.kind
    assert {mail.to for mail in outbox.letters()} == {TEAM}


def every_mail(drill) -> dict:
    """What each function of the mail module makes of this drill, by its name."""
    version, texts = newest_released(drill), Texts(drill)
    lines = list(version.lines.select_related("location").filter(location__code="STORE1"))
    told = (drill, version, lines)
    [place] = mail.places_of(lines)
    silent = [SimpleNamespace(place=place, because="unread", next="lead", since=NOON)]
    now = status(drill)
    return {
        "notice": mail.notice(*told, "de", texts),
        "reminder": mail.reminder(*told, 1, NOON, "de", texts),
        "escalation": mail.escalation(*told, silent, "de", texts),
        "removal": mail.removal(*told, True, "de", texts),
        "widened": mail.widened(*told, "de", texts),
        "public_notice": mail.public_notice(drill, [], "press", "de", texts),
        "silence": mail.silence(drill, silent),
        "silent_customers": mail.silent_customers(
            drill, [SimpleNamespace(recipient=SimpleNamespace(name="Café"), because="unread")]
        ),
        "alarm": mail.alarm(drill, "A drill has begun", ["Find every place."]),
        "report": mail.report(drill, now, "daily"),
        "output": mail.output(drill, "Status report", "status.pdf"),
        "update": mail.update(drill, "Quinn", "All is told."),
        "update_due": mail.update_due(drill, UpdateDue(NOON, NOON, NOON)),
    }


def test_each_kind_of_mail_about_a_drill_says_so_in_its_language(drill):
    written = every_mail(drill)
    of_recalls = {
        name
        for name, make in inspect.getmembers(mail, inspect.isfunction)
        if make.__annotations__.get("return") is mail.Content and "recall" in make.__annotations__
    }
    assert written.keys() == of_recalls
    for name, content in written.items():
        word = "ÜBUNG" if "ÜBUNG" in content.subject else "DRILL"
        assert content.subject.startswith(f"{word}: "), name
        assert content.text.startswith(f"{word}. "), name
        assert f"{word}. " in content.html, name
    german = {name for name, content in written.items() if "ÜBUNG" in content.subject}
    assert {"notice", "reminder", "escalation", "removal", "widened", "public_notice"} == german


def test_without_a_setting_the_lead_reads_all_and_without_a_mailbox_nothing_starts(quinn, nodes):
    case = factory.submitted(quinn, nodes["ALM@SIERRA"], is_drill=True)
    quinn.email = ""
    quinn.save()
    with refused("has nowhere to go"):
        factory.activate(case, quinn, password="quinn")
    assert Recall.objects.get().status == "submitted"
    quinn.email = "quinn@lotline.example"
    quinn.save()
    factory.activate(case, quinn, password="quinn")
    notices.drain(worker="w", now=NOON, limit=50)
    assert {mail.to for mail in outbox.letters()} == {"quinn@lotline.example"}


def test_a_mailbox_that_is_lost_fails_the_mail_and_sends_nothing_outside(drill, quinn, settings):
    settings.DRILL_MAIL = ["not an address"]
    delivery.drain(worker="w", now=NOON.replace(year=2027), limit=50)
    assert not outbox.letters()
    assert set(drill.notices.values_list("state", flat=True)) == {"failed"}


def test_what_comes_back_of_a_drill_says_nothing_about_the_contact(drill):
    notice = drill.notices.filter(kind="notice", address="one@store.example").get()
    assert show_at_contacts(notice=notice, text="550 No", at=NOON) == 0
    assert not Bounce.objects.exists()


def test_one_person_ends_a_drill(drill, quinn):
    for place in drill.versions.get().lines.filter(role="recipient").distinct():
        waive_location(recall=drill, location=place.location, reason="Drill.", by=quinn, at=NOON)
    recalls.complete_recall(recall=drill, by=quinn, at=NOON)
    case = recalls.close_recall(
        recall=drill, by=quinn, at=NOON, password="quinn", meaning="Done.", statement="A drill."
    )
    assert case.status == "closed"
    row = Drill.objects.get(recall=case)
    assert (row.finished_by, row.remark, row.score["places"]) == (quinn, "A drill.", 3)


def test_a_drill_that_nobody_planned_has_its_row_and_one_that_is_cancelled_no_score(quinn, nodes):
    case = factory.draft(quinn, is_drill=True)
    row = Drill.objects.get(recall=case)
    assert (row.batch, row.started_at, row.finished_at) == (None, NOON, None)
    recalls.cancel_recall(recall=case, reason="By mistake.", by=quinn, at=NOON)
    with refused("was cancelled, so it has no score"):
        finish_drill(drill=row, by=quinn, at=NOON)
    assert not Drill.objects.filter(recall=factory.draft(quinn)).exists()


def test_what_a_drill_taught_is_put_right_after_it_is_over(quinn, otto, nodes):
    drill = start_drill(drill=planned(quinn, nodes["BAR@DC"].batch), by=quinn, at=NOON)
    finish_drill(drill=drill, by=quinn, at=NOON)
    drill.refresh_from_db()
    given = {"recall": drill.recall, "title": "Correct the number", "by": quinn, "at": NOON}
    later = NOON + timedelta(days=7)
    with refused("Say who sees to it"):
        add_action(**given, assignee=None, due_at=later)
    with refused("choose a time that lies ahead"):
        add_action(**given, assignee=otto, due_at=NOON)
    with refused("belong to drills"):
        add_action(**given | {"recall": factory.draft(quinn)}, assignee=otto, due_at=later)
    action = add_action(**given, assignee=otto, due_at=later)
    assert [row.is_late for row in actions(drill.recall, later + timedelta(1))] == [True]
    complete_task(task=action, by=otto, at=later, note="Called them.")
    with refused("is done already"):
        complete_task(task=action, by=otto, at=later)
    verbs = Event.objects.filter(object_id=str(drill.recall.pk), verb__startswith="task")
    assert list(verbs.order_by("seq").values_list("verb", flat=True)) == ["task added", "task done"]


def test_only_a_drill_runs_without_a_signature(quinn, nodes):
    case = factory.submitted(quinn, nodes["ALM@SIERRA"])
    with refused("is no drill. A person must activate and sign it"):
        activate_unsigned(recall=case, by=quinn, at=NOON)


def planned(quinn, batch, **more):
    return plan_drill(lead=quinn, by=quinn, at=NOON, batch=batch, **more)


def test_a_planned_drill_starts_by_the_clock_in_its_window_and_surprises_the_team(
    quinn, nodes, settings
):
    settings.DRILL_MAIL = [TEAM]
    until = NOON + timedelta(days=5)
    drill = planned(quinn, nodes["BAR@DC"].batch, window_from=NOON, window_until=until)
    assert NOON <= drill.starts_at <= until
    log = Event.objects.get(verb="drill planned")
    assert "BAR" not in f"{log.after} {log.label}" and "starts_at" not in log.after
    assert start_due_drills(at=drill.starts_at - timedelta(seconds=1)) == 0
    assert not Recall.objects.exists()
    assert start_due_drills(at=drill.starts_at) == 1
    assert start_due_drills(at=until) == 0, "it starts once"
    drill.refresh_from_db()
    assert (drill.recall.status, drill.recall.is_drill) == ("draft", True)
    notices.drain(worker="w", now=until, limit=9)
    [mail] = outbox.letters()
    assert mail.to == TEAM and mail.subject.startswith("DRILL: ALARM DR-2026-0001: A drill has")


def test_a_batch_is_drawn_among_what_was_shipped(quinn):
    batches.batch("STAYED", quantity=10, at="PLANT1")
    with refused("Nothing was shipped yet"):
        planned(quinn, None)
    factory.granola()
    drill = planned(quinn, None)
    assert drill.is_random and drill.batch.number in {"ALM", "BAR"}


@pytest.mark.parametrize(
    ("hours", "sentence"), [((5, 4), "ends before"), ((-5, -4), "passed"), ((0, 9999), "a year")]
)
def test_a_window_that_cannot_be_is_refused(quinn, nodes, hours, sentence):
    opens, ends = (NOON + timedelta(hours=one) for one in hours)
    with refused(sentence):
        planned(quinn, nodes["BAR@DC"].batch, window_from=opens, window_until=ends)


def test_a_place_that_nobody_knows_cannot_be_planted(quinn, nodes):
    with refused("No place is called NOWHERE"):
        planned(quinn, nodes["BAR@DC"].batch, planted=[{"place": "NOWHERE"}])


def test_what_was_planted_is_sealed(quinn, nodes):
    drill = planned(quinn, nodes["BAR@DC"].batch, planted=[{"place": "STORE1"}])
    drill = start_drill(drill=drill, by=quinn, at=NOON)
    Drill.objects.update(planted=[])
    with refused("was changed since it was sealed"):
        finish_drill(drill=drill, by=quinn, at=NOON)


def test_a_drill_that_is_finished_before_anything_was_frozen_found_nothing(quinn, nodes):
    drill = planned(quinn, nodes["BAR@DC"].batch, planted=[{"place": "STORE1"}])
    with refused("has not started yet"):
        finish_drill(drill=drill, by=quinn, at=NOON)
    drill = start_drill(drill=drill, by=quinn, at=NOON)
    drill = finish_drill(drill=drill, by=quinn, at=NOON, remark="Nobody came.")
    assert (drill.score["found"], drill.score["found_percent"]) == (0, "0")
    assert drill.score["seconds_to_scope"] is None and drill.recall.status == "cancelled"
    with refused("is finished already"):
        finish_drill(drill=drill, by=quinn, at=NOON)


def command(*words):
    out = io.StringIO()
    call_command("recall", "drill", *words, stdout=out)
    return out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_the_command_runs_the_whole_loop_and_finds_what_was_planted(quinn, nodes, tmp_path):
    path = tmp_path / "planted.csv"
    path.write_text("place,batch\nSTORE1,BAR\nSTORE2,BAR\nDC,\n")
    words = ("ALM", "--planted", str(path), "--by", "quinn", "--answer", "--json")
    figures = json.loads(command(*words))
    assert figures["reference"] == "DR-2026-0001"
    assert (figures["found"], figures["planted"], figures["found_percent"]) == (3, 3, "100")
    assert figures["missed"] == [] and figures["seconds_to_scope"] is not None
    assert (figures["reached"], figures["places"], figures["answered"]) == (3, 3, 3)
    assert figures["seconds_to_told"] is not None
    recall = Recall.objects.get()
    assert recall.status == "closed" and not Hold.objects.active().exists()
    assert {mail.to for mail in outbox.letters()} == {"quinn@lotline.example"}
    assert verify_chain() == []


@pytest.mark.django_db(transaction=True)
def test_a_place_that_the_trace_does_not_reach_is_named_as_missed(quinn, nodes, tmp_path):
    batches.location("STORE9", kind="store", name="Store 9")
    path = tmp_path / "planted.json"
    truth = [{"place": "STORE1"}, {"place": "STORE9", "batch": "BAR"}, {"place": "DC"}]
    path.write_text(json.dumps(truth))
    said = command("ALM", "--planted", str(path))
    assert "2 of 3, 66.6 %" in said
    assert "missed: BAR at STORE9" in said


def test_the_command_says_what_it_cannot_use(quinn, nodes, tmp_path):
    with pytest.raises(CommandError, match="There is no batch NONE"):
        command("NONE")
    with pytest.raises(CommandError, match="cannot be read"):
        command("ALM", "--planted", str(tmp_path / "none.csv"))
    (tmp_path / "bad.csv").write_text("where\nSTORE1\n")
    with pytest.raises(CommandError, match="has no places"):
        command("ALM", "--planted", str(tmp_path / "bad.csv"))
    with pytest.raises(CommandError, match="There is no user nobody"):
        command("ALM", "--by", "nobody")
    assert not Recall.objects.exists()


def test_seven_months_after_the_last_drill_the_team_is_reminded_once(quinn, nodes, settings):
    settings.DRILL_MAIL = [TEAM]
    assert not remind_of_drills(at=NOON), "a site that never ran one is not reminded"
    batch = nodes["BAR@DC"].batch
    drill = start_drill(drill=planned(quinn, batch), by=quinn, at=NOON)
    finish_drill(drill=drill, by=quinn, at=NOON)
    assert not remind_of_drills(at=NOON + timedelta(days=213))
    late = NOON + timedelta(days=214)
    assert remind_of_drills(at=late)
    assert not remind_of_drills(at=late + timedelta(days=1))
    finding = Finding.objects.open().get(kind="drill_due")
    assert "No drill for 7 months." in finding.text
    notices.drain(worker="w", now=late, limit=9)
    assert {mail.to for mail in outbox.letters()} == {TEAM}
    assert any("A drill is due" in mail.subject for mail in outbox.letters())
    more = plan_drill(lead=quinn, by=quinn, at=late, batch=batch)
    finish_drill(drill=start_drill(drill=more, by=quinn, at=late), by=quinn, at=late)
    assert not Finding.objects.open().filter(kind="drill_due").exists()
