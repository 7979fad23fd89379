"""Mail that comes back: signed, read, shown, and nobody switched off by it."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from batches.models import Contact, Event, Finding
from batches.tests.factory import NOON
from recalls import mail as mails
from recalls import tasks
from recalls.bounces.address import attempts_named, return_path
from recalls.bounces.report import read_report
from recalls.models import Attempt, Bounce, Escalation, Notice, Recall
from recalls.operations import delivery, desk, notices, returns
from recalls.operations.returns import Outcome
from recalls.reports.status import status
from recalls.tests import factory
from recalls.tests.imap import ImapServer
from recalls.tests.returned import (
    EXIM,
    POSTFIX,
    QMAIL,
    VACATION,
    broken,
    delayed,
    mail,
    nested,
)
from recalls.tests.sink import MailServer
from recalls.tests.test_status import stores

pytestmark = pytest.mark.django_db
ONE = "one@store.example"


@pytest.fixture(autouse=True)
def _return_path(settings):
    settings.BOUNCE_ADDRESS = "bounce@maker.test"
    settings.BOUNCE_MAILBOX = ""
    tasks._mailbox_pace.next = 0.0


@pytest.fixture
def active(quinn, paula):
    nodes = factory.granola()
    recall = factory.active(quinn, paula, nodes["BAR@PLANT1"])
    tasks.deliver(now=NOON)
    return recall


def notice(address=ONE):
    return Notice.objects.get(address=address, kind="notice")


def path_of(row, attempt=1):
    return return_path(row.pk, attempt)


def take(content, minutes=60):
    return returns.take_report(content=content, at=NOON + timedelta(minutes=minutes))


def place(recall, code="STORE1"):
    return next(place for place in status(recall).places if place.code == code)


def test_each_attempt_leaves_with_a_return_path_of_its_own(quinn, paula, settings):
    with MailServer() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        nodes = factory.granola()
        factory.active(quinn, paula, nodes["BAR@PLANT1"])
        sink.replies[ONE] = ["451 Later"]
        tasks.deliver(now=NOON)
        tasks.deliver(now=NOON + timedelta(minutes=5))
    row = notice()
    assert sink.senders[ONE] == [path_of(row, 1), path_of(row, 2)]
    assert re.fullmatch(rf"bounce\+{row.pk}-2-[a-z2-7]{{16}}@maker\.test", path_of(row, 2))
    assert sink.headers[ONE]["From"] == settings.DEFAULT_FROM_EMAIL
    assert sink.copies(ONE) == [row.message_id], "the Message-ID stays as it is"


def test_without_a_bounce_address_the_sender_is_the_return_path(active, settings):
    settings.BOUNCE_ADDRESS = ""
    message = mails.message_for(notice(), attempt=1)
    assert message.from_email == settings.DEFAULT_FROM_EMAIL
    assert attempts_named("anything+1-1-aaaa@") == ([], False)


def test_a_return_path_fits_into_an_address_and_survives_a_change_of_case(settings):
    settings.BOUNCE_ADDRESS = "bounce-of-recalls-20@maker.test"
    path = return_path(10**12, 99)
    assert len(path.partition("@")[0]) <= 64
    assert attempts_named(path.upper()) == ([(10**12, 99)], False)
    assert attempts_named(path.replace("-99-", "-98-")) == ([], True)
    settings.BOUNCE_ADDRESS = "other@maker.test"
    assert attempts_named(path) == ([], False)


@pytest.mark.parametrize(
    ("form", "fields", "kind", "code"),
    [
        (POSTFIX, {}, "returned", "5.1.1"),
        (POSTFIX, {"action": "failed", "code": "4.4.7", "reply": "421 4.4.7 Expired"},
         "returned", "4.4.7"),
        (POSTFIX, {"action": "delayed", "code": "4.2.2", "reply": "452 Full"}, "delayed", "4.2.2"),
        (POSTFIX, {"action": "delivered", "code": "2.0.0", "reply": "250 ok"}, "", ""),
        (POSTFIX, {"action": "relayed", "code": "2.0.0", "reply": "250 ok"}, "", ""),
        (POSTFIX, {"action": "failed", "code": "2.0.0", "reply": "250 ok"}, "", ""),
        (EXIM, {}, "returned", "5.1.1"),
        (EXIM, {"reply": "551 no such host"}, "returned", ""),
        (QMAIL, {}, "returned", "5.1.1"),
        (QMAIL, {"reply": "450 4.2.2 Mailbox full"}, "returned", "4.2.2"),
        (VACATION, {}, "", ""),
    ],
)  # fmt: skip
def test_what_a_returned_mail_says_is_read_whoever_wrote_it(form, fields, kind, code):
    report = read_report(mail(form, return_path(7, 2), **fields))
    assert (report.kind, report.code) == (kind, code)
    assert (report.attempt, report.is_forged, report.is_unreadable) == ((7, 2), False, False)
    assert "@" not in report.text


def test_lines_that_end_as_on_other_machines_are_read_as_well():
    whole = mail(POSTFIX, return_path(7, 2))
    for ending in (b"\r\n", b"\r"):
        assert read_report(whole.replace(b"\n", ending)).kind == "returned"


def test_an_address_of_ours_in_the_body_alone_names_no_attempt():
    content = mail(EXIM, "somebody@else.example").replace(
        b"one@store.example\n", return_path(7, 2).encode() + b"\n"
    )
    assert read_report(content).attempt is None
    assert take(content) == Outcome.IGNORED


def test_a_returned_notice_is_not_delivered_and_the_sum_still_adds_up(active):
    assert take(mail(POSTFIX, path_of(notice()))) == Outcome.RETURNED
    row = notice()
    assert (row.state, row.get_state_display()) == ("bounced", "Returned: not delivered")
    assert row.last_reply == "550 5.1.1 <the address>: No such user"
    kept = Bounce.objects.get()
    assert (kept.notice, kept.attempt, kept.code) == (row, row.attempts.get(), "5.1.1")
    now = status(active)
    assert now.conservation.holds
    assert (now.conservation.failed, now.conservation.accepted) == (1, 2)
    assert (place(active).key, place(active).word) == ("not_delivered", "Not delivered")
    assert Event.objects.filter(verb="mail returned", object_type="recalls.recall").count() == 1


def test_a_place_whose_mail_came_back_is_looked_after_at_once_and_not_reminded(active):
    take(mail(POSTFIX, path_of(notice())))
    tasks.tick(now=NOON + timedelta(hours=1))
    [step] = Escalation.objects.filter(location__code="STORE1")
    assert (step.because, step.step) == ("undelivered", "call")
    tasks.tick(now=NOON + timedelta(hours=5))
    assert not Notice.objects.filter(kind="reminder", address=ONE).exists()


def test_when_a_reminder_comes_back_no_other_follows_although_the_notice_had_arrived(active, quinn):
    tasks.tick(now=NOON + timedelta(hours=4, seconds=30))
    reminder = Notice.objects.get(kind="reminder", address=ONE)
    take(mail(POSTFIX, path_of(reminder)), minutes=300)
    assert place(active).state == "accepted", "nobody knows that the first one was not read"
    assert notices.remind(recall=active, by=quinn, at=NOON + timedelta(hours=6)) == 1
    tasks.tick(now=NOON + timedelta(hours=9))
    assert Notice.objects.filter(kind="reminder", address=ONE).count() == 1
    assert Escalation.objects.filter(location__code="STORE1", because="undelivered").exists()


def test_no_contact_is_switched_off_it_is_shown_and_a_person_decides(active, quinn):
    from batches.operations.contacts import keep_contact

    take(mail(POSTFIX, path_of(notice())))
    contact = Contact.objects.get(email=ONE)
    assert contact.receives_notices and contact.mail_look[:2] == ("crit", "Mail came back")
    assert contact.returned_text.startswith("550 5.1.1")
    finding = Finding.objects.get(kind="contact_returned")
    assert finding.label == "STORE1" and "@" not in finding.text
    keep_contact(contact=contact, reason="It was full; she rang.", by=quinn, at=NOON)
    contact.refresh_from_db()
    finding.refresh_from_db()
    assert contact.returned_at is None and finding.closed_by == quinn


def test_late_mail_is_shown_and_changes_nothing_else(active):
    assert take(delayed(path_of(notice()))) == Outcome.DELAYED
    assert notice().state == "accepted"
    assert Bounce.objects.get().get_kind_display() == "Late, still being tried"
    assert not Finding.objects.filter(kind="contact_returned").exists()


def test_the_same_mail_read_twice_counts_once(active):
    content = mail(POSTFIX, path_of(notice()))
    assert [take(content), take(content)] == [Outcome.RETURNED, Outcome.KNOWN]
    assert Bounce.objects.count() == 1


def test_what_comes_back_of_an_old_try_does_not_undo_the_new_one(active, quinn):
    take(mail(POSTFIX, path_of(notice())))
    desk.send_again(notice=notice(), by=quinn, at=NOON + timedelta(hours=2))
    tasks.deliver(now=NOON + timedelta(hours=2))
    assert notice().state == "accepted"
    take(mail(POSTFIX, path_of(notice(), 1), number=2), minutes=180)
    assert notice().state == "accepted"
    take(mail(POSTFIX, path_of(notice(), 2), number=3), minutes=190)
    assert notice().state == "bounced"
    assert Bounce.objects.count() == 3


def test_a_closed_recall_keeps_the_report_and_stays_as_it_was(active):
    Recall.objects.filter(pk=active.pk).update(status="closed")
    assert take(mail(POSTFIX, path_of(notice())), minutes=60 * 24 * 40) == Outcome.RETURNED
    assert notice().state == "accepted" and Bounce.objects.count() == 1


def test_a_mail_that_comes_back_while_its_worker_still_sends_is_not_delivered(active, quinn):
    take(mail(POSTFIX, path_of(notice())))
    desk.send_again(notice=notice(), by=quinn, at=NOON + timedelta(hours=2))

    def meanwhile(row):
        if row.address == ONE:
            take(mail(POSTFIX, path_of(row, 2), number=9))

    delivery.drain(worker="w", now=NOON + timedelta(hours=2), limit=9, on_attempt=meanwhile)
    assert notice().state == "bounced"


def test_an_attempt_that_never_was_is_ignored(active):
    assert take(mail(POSTFIX, path_of(notice(), 2))) == Outcome.IGNORED
    assert take(mail(POSTFIX, return_path(999_999, 1), number=2)) == Outcome.IGNORED
    assert Bounce.objects.count() == 0


def test_a_refusal_by_the_mail_server_is_shown_at_the_contact_too(quinn, paula, settings):
    with MailServer() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        sink.replies[ONE] = ["550 5.1.1 No such user@rcpt"]
        factory.active(quinn, paula, factory.granola()["BAR@PLANT1"])
        tasks.deliver(now=NOON)
    assert notice().state == "failed"
    assert Contact.objects.get(email=ONE).returned_text == "550 5.1.1 No such user"


# N14 of the fault plan, in small: valid, forged, late, malformed.
VALID, FORGED, LATE, MALFORMED = 100, 100, 20, 70


@pytest.fixture
def many(quinn, paula):
    addresses = [f"s{n}@x.example" for n in range(VALID + LATE)]
    recall = factory.active(quinn, paula, stores(*addresses))
    tasks.deliver(now=NOON)
    return recall, list(Notice.objects.filter(kind="notice").order_by("pk"))


def outcomes(rows) -> Counter:
    """Takes valid, forged, malformed and late mail in turn; an exception would end the test."""
    forms, seen = (POSTFIX, EXIM, QMAIL), Counter()
    for n, row in enumerate(rows[:VALID]):
        seen["valid", take(mail(forms[n % 3], path_of(row), n))] += 1
    for n in range(FORGED):
        path = path_of(rows[n % VALID]).replace("-1-", f"-{n % 3 + 2}-" if n % 2 else "-1-x")
        seen["forged", take(mail(POSTFIX, path, 1000 + n))] += 1
    for n in range(MALFORMED):
        seen["malformed", take(broken(n, "bounce+1-1-aaaaaaaaaaaaaaaa@maker.test"))] += 1
    for n, row in enumerate(rows[VALID:]):
        seen["late", take(mail(POSTFIX, path_of(row), 2000 + n), minutes=60 * 24 * 13)] += 1
    return seen


@pytest.mark.slow
def test_of_many_reports_each_true_one_is_taken_and_no_other(many):
    recall, rows = many
    seen = outcomes(rows)
    assert seen["valid", Outcome.RETURNED] == VALID
    assert seen["late", Outcome.RETURNED] == LATE
    assert not [kind for kind, what in seen if kind in ("forged", "malformed")
                and what in (Outcome.RETURNED, Outcome.DELAYED)]  # fmt: skip
    assert set(Bounce.objects.values_list("notice", flat=True)) == {row.pk for row in rows}
    assert Notice.objects.filter(kind="notice", state="bounced").count() == VALID + LATE
    assert Contact.objects.filter(receives_notices=True).count() == VALID + LATE
    now = status(recall).conservation
    assert now.holds and now.failed == VALID + LATE
    assert take(nested(300)) in (Outcome.IGNORED, Outcome.UNREADABLE)


@pytest.mark.slow
def test_control_without_the_signature_forged_reports_are_taken(active, monkeypatch):
    """The mutant believes every return path."""
    monkeypatch.setattr("recalls.bounces.address.constant_time_compare", lambda *_: True)
    sent = active.notices.filter(kind="notice").first()
    forged = path_of(sent)[:-30].partition("-1-")[0] + "-1-aaaaaaaaaaaaaaaa@maker.test"
    assert take(mail(POSTFIX, forged)) == Outcome.RETURNED


def test_a_mailbox_is_read_by_imap_and_what_was_read_is_marked(active, settings, caplog):
    rows = [
        mail(POSTFIX, path_of(notice())),
        mail(POSTFIX, path_of(notice()).replace("-1-", "-7-"), 2),
        mail(VACATION, path_of(notice()), 3),
    ]
    with ImapServer(rows) as box:
        settings.BOUNCE_MAILBOX = box.url
        seen = tasks.fetch_returns(NOON)
        assert seen == {Outcome.RETURNED: 1, Outcome.FORGED: 1, Outcome.IGNORED: 1}
        assert box.seen == {1, 2, 3} and set(box.mails) == {1, 2, 3}
        assert "1 mails with a forged return path were ignored." in caplog.text
        # However often the bell rings, a mailbox is looked into once a minute.
        assert tasks.fetch_returns(NOON) == {} and box.logins == 1
        assert tasks.read_returns(at=NOON) == {}
    assert notice().state == "bounced"


def test_a_mail_that_could_not_be_kept_stays_unread(active, settings, monkeypatch):
    def fails(**_):
        raise RuntimeError("The database is away.")

    with ImapServer([mail(POSTFIX, path_of(notice()))]) as box:
        settings.BOUNCE_MAILBOX = box.url
        with monkeypatch.context() as patch, pytest.raises(RuntimeError):
            patch.setattr(tasks, "take_report", fails)
            tasks.read_returns(at=NOON)
        assert box.seen == set()
        assert tasks.read_returns(at=NOON) == {Outcome.RETURNED: 1}
        assert box.seen == {1}


@pytest.mark.parametrize("change", ["password", "folder"])
def test_a_mailbox_that_refuses_says_so(settings, change):
    import imaplib

    with ImapServer([]) as box:
        settings.BOUNCE_MAILBOX = box.url
        setattr(box, change, "other")
        with pytest.raises(imaplib.IMAP4.error):
            tasks.read_returns(at=NOON)


def test_a_maildir_is_read_and_what_was_read_is_marked(active, settings, tmp_path):
    folder = tmp_path / "returned"
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    (folder / "new" / "1.host").write_bytes(mail(POSTFIX, path_of(notice())))
    (folder / "cur" / "2.host:2,").write_bytes(mail(VACATION, path_of(notice()), 2))
    (folder / "cur" / "3.host:2,RS").write_bytes(mail(POSTFIX, path_of(notice()), 3))
    settings.BOUNCE_MAILBOX = f"maildir:{folder}"
    assert tasks.read_returns(at=NOON) == {Outcome.RETURNED: 1, Outcome.IGNORED: 1}
    names = sorted(path.name for path in (folder / "cur").iterdir())
    assert names == ["1.host:2,S", "2.host:2,S", "3.host:2,RS"]
    assert tasks.read_returns(at=NOON) == {}


def test_files_are_taken_on_the_command_line(active, tmp_path, capsys):
    names = []
    for number, content in enumerate((mail(POSTFIX, path_of(notice())), broken(3, "x@y.test"))):
        names.append(str(tmp_path / f"{number}.eml"))
        (tmp_path / f"{number}.eml").write_bytes(content)
    call_command("bounces", *names)
    said = capsys.readouterr().out
    assert "returned: 1" in said and "2 mails read." in said
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("bounces", str(tmp_path / "missing.eml"))
    with pytest.raises(CommandError, match="set BOUNCE_MAILBOX"):
        call_command("bounces")


def test_a_report_is_never_changed_or_deleted(active):
    from django.db import DatabaseError, transaction

    take(mail(POSTFIX, path_of(notice())))
    for act in (lambda: Bounce.objects.update(code="2.0.0"), lambda: Bounce.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            act()
    assert Attempt.objects.filter(bounces__isnull=False).count() == 1


def test_the_page_of_the_place_shows_what_came_back_and_what_is_late(active, client, quinn):
    take(delayed(path_of(notice())))
    take(mail(POSTFIX, path_of(notice()), 2), minutes=70)
    client.force_login(quinn, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/recalls/{active.reference}/recipients/STORE1/").content.decode()
    assert "Late, still being tried" in page and "Connection timed out" in page
    assert "Returned: not delivered" in page and "5.1.1" in page
    assert "Send again" in page
