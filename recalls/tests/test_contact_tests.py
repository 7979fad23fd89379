"""Asking contacts whether our mail arrives: one mail per mailbox, one button, and what it shows."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from batches.models import Contact, Event, Finding, Location
from batches.operations.master import save_contact
from batches.reports.audit import examine
from batches.tests.factory import NOON
from recalls import tasks
from recalls.bounces.address import return_path
from recalls.links import confirm_link
from recalls.models import ContactConfirmation, Notice
from recalls.operations.contact_tests import ask_contacts, confirm_test
from recalls.operations.letters import letter
from recalls.operations.returns import take_report
from recalls.tests import factory
from recalls.tests.returned import POSTFIX, mail

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def contacts():
    """Store 1 alone; store 2 and the centre share a mailbox, spelt in two ways."""
    factory.granola()
    Contact.objects.filter(email="one@store.example").update(language="de")
    return Contact.objects.order_by("pk")


def ask(contacts, by, at=NOON):
    return ask_contacts(contacts=contacts, by=by, at=at)


def asked(address="one@store.example"):
    return Notice.objects.filter(kind="contact", address_key=address).latest("pk")


def path(notice) -> str:
    return confirm_link(notice).partition("8000")[2]


def text_of(response) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode()).replace("\xa0", " ")
    return re.sub(r"\s+", " ", plain)


def test_one_mail_goes_to_each_mailbox_and_names_all_its_places(contacts, otto):
    assert ask(contacts, otto).mails == 2
    shared = asked("two@store.example")
    assert "Northgate DC" in shared.text and "Store 2" in shared.text
    assert "Store 1" not in shared.text
    assert shared.recall is None and shared.version is None
    assert "no recall" in shared.text and "does our mail reach you?" in shared.subject
    assert asked().subject == "Lotline: Erreichen Sie unsere E-Mails?"
    tasks.deliver(now=NOON)
    assert set(Notice.objects.values_list("state", flat=True)) == {"accepted"}
    events = Event.objects.filter(verb="contact asked")
    assert events.count() == 3 and events.first().actor == otto
    assert all("@" not in f"{event.label}{event.after}" for event in events)


def test_only_a_post_confirms_and_once(contacts, otto, client):
    ask(contacts, otto)
    url = path(asked("two@store.example"))
    for method in ("get", "head", "options"):
        for _ in range(3):
            getattr(client, method)(url)
    assert not ContactConfirmation.objects.exists()
    assert "Yes, our mail reaches me" in text_of(client.get(url))
    for _ in range(2):
        assert "Thank you" in text_of(client.post(url, follow=True))
    assert ContactConfirmation.objects.count() == 1
    tested = Contact.objects.tested(timezone.now())
    assert sorted(tested.values_list("location__code", flat=True)) == ["DC", "STORE2"]
    assert Event.objects.filter(verb="contact confirmed").count() == 2


def test_the_page_speaks_the_language_of_the_contact_and_is_kept_nowhere(contacts, otto, client):
    ask(contacts, otto)
    response = client.get(path(asked()))
    assert "Ja, Ihre E-Mails erreichen mich" in text_of(response)
    assert '<html lang="de">' in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer" and not response.cookies


def gone(client, url):
    return [client.get(url).status_code, client.post(url).status_code] == [404, 404]


def test_a_forged_link_and_one_whose_address_changed_confirm_nothing(contacts, otto, client):
    ask(contacts, otto)
    url = path(asked())
    assert gone(client, url.replace(".", ".x")) and gone(client, "/c/1.aaaa/")
    contact = Contact.objects.get(email="one@store.example")
    contact.email = "uno@store.example"
    save_contact(contact=contact, by=otto, at=NOON)
    assert gone(client, url)
    with pytest.raises(ValidationError, match="does not work any more"):
        confirm_test(notice=asked(), at=NOON)
    assert not ContactConfirmation.objects.exists()


def test_an_old_link_confirms_nothing(contacts, otto, client):
    ask(contacts, otto, timezone.now() - timedelta(days=91))
    assert gone(client, path(asked()))


@pytest.mark.slow
def test_a_link_of_a_recall_does_not_confirm_a_contact_nor_the_other_way(contacts, otto, client):
    ask(contacts, otto)
    token = path(asked()).split("/")[2]
    assert client.get(f"/r/{token}/").status_code == 404


def test_who_was_asked_within_the_hour_is_left_out_unless_it_came_back(contacts, otto, settings):
    settings.BOUNCE_ADDRESS = "bounce@maker.test"
    ask(contacts, otto)
    again = ask(contacts, otto, NOON + timedelta(minutes=30))
    assert (again.mails, again.just_asked) == (0, 3)
    tasks.deliver(now=NOON)
    take_report(content=mail(POSTFIX, return_path(asked().pk, 1)), at=NOON + timedelta(minutes=31))
    contact = Contact.objects.get(email="one@store.example")
    assert contact.mail_look[1] == "Mail came back"
    assert asked().state == "bounced"
    assert Event.objects.filter(verb="mail returned").get().label == "Contact test"
    assert ask(contacts, otto, NOON + timedelta(minutes=40)).mails == 1
    confirm_test(notice=asked(), at=NOON + timedelta(minutes=50))
    contact.refresh_from_db()
    assert (contact.returned_at, contact.tested_at) == (None, NOON + timedelta(minutes=50))
    assert Finding.objects.get(kind="contact_returned").closed_at


def test_nobody_to_ask_and_too_many_are_refused(contacts, otto, monkeypatch):
    with pytest.raises(ValidationError, match="Nobody there has an e-mail address"):
        ask(Contact.objects.none(), otto)
    factory.contact("STORE1", "ümlaut@store.example")
    assert ask(Contact.objects.all(), otto).unusable == 1
    monkeypatch.setattr("recalls.operations.contact_tests.MOST", 2)
    with pytest.raises(ValidationError, match="at most 2 contacts at once; there are 4"):
        ask(Contact.objects.all(), otto)


def test_the_database_keeps_contact_tests_and_recalls_apart(contacts, otto, quinn, paula):
    ask(contacts, otto)
    recall = factory.active(quinn, paula, Location.objects.get(code="DC").holdings.first())
    version = recall.versions.get()
    for wrong in (
        lambda: Notice.objects.filter(kind="contact").update(recall=recall, version=version),
        lambda: recall.notices.filter(kind="notice").update(recall=None, version=None),
        lambda: Notice.objects.filter(kind="contact").update(kind="notice"),
        lambda: recall.notices.update(kind="contact"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()


def test_two_mails_of_one_round_to_one_mailbox_are_one(contacts, otto):
    from recalls import mail as mails

    ask(contacts, otto)
    content = mails.contact_test([], "en")
    fields = {"kind": "contact", "round": "0", "address": "a@b.example"}
    with pytest.raises(IntegrityError), transaction.atomic():
        letter(None, content, at=NOON, address_key="one@store.example", **fields).save()


def test_a_new_address_knows_nothing_of_the_old_one(contacts, otto):
    ask(contacts, otto)
    confirm_test(notice=asked(), at=NOON)
    contact = Contact.objects.get(email="one@store.example")
    assert contact.tested_at == NOON
    contact.email = "uno@store.example"
    save_contact(contact=contact, by=otto, at=NOON)
    contact.refresh_from_db()
    assert (contact.tested_at, contact.test_sent_at) == (None, None)


def test_a_test_grows_old_and_waits_for_a_person_again(contacts, otto, settings):
    def untested(days):
        found = examine(NOON + timedelta(days=days), {"contacts"}).found
        return {fault.label for (kind, _, _), fault in found.items() if kind == "contact_untested"}

    ask(contacts, otto)
    for address in ("one@store.example", "two@store.example"):
        confirm_test(notice=asked(address), at=NOON)
    assert untested(364) == set()
    assert untested(366) == {"STORE1", "STORE2", "DC"}
    settings.CONTACT_TEST_DAYS = 30
    assert untested(31) == {"STORE1", "STORE2", "DC"}


@pytest.fixture
def ottos(client, otto):
    client.force_login(otto, backend=BACKEND)
    return client


def test_contacts_are_asked_from_their_location_and_what_came_of_it_is_shown(contacts, ottos):
    page = reverse("location-detail", args=["STORE1"])
    assert "Not tested" in text_of(ottos.get(page))
    said = text_of(ottos.post(reverse("contact-test", args=["STORE1"]), follow=True))
    assert "1 test mail is on the way." in said and "Not confirmed" in said
    ottos.post(path(asked()))
    assert "Tested" in text_of(ottos.get(page)) and "confirmed" in text_of(ottos.get(page))
    again = text_of(ottos.post(reverse("contact-test", args=["STORE1"]), follow=True))
    assert "0 test mails are on the way. Left out: 1 asked within the hour." in again
    assert "Nobody there has an e-mail address" in text_of(
        ottos.post(reverse("contact-test", args=["PLANT1"]), follow=True)
    )


def test_contacts_of_ticked_locations_are_asked_from_the_list_or_else_all_untested(contacts, ottos):
    url = reverse("location-list")
    page = ottos.get(url).content.decode()
    assert 'name="location"' in page and "Test the contacts" in page
    store = Location.objects.get(code="STORE2")
    said = text_of(ottos.post(reverse("contact-tests"), {"location": [store.pk, "x"]}, follow=True))
    assert "1 test mail is on the way." in said
    asks = text_of(ottos.get(reverse("contact-tests")))
    assert "3 contacts get notices and did not confirm within 365 days" in asks
    assert "Ask 3 contacts" in asks
    said = text_of(ottos.post(reverse("contact-tests"), follow=True))
    assert "2 test mails are on the way. Left out: 1 asked within the hour." in said


def test_the_list_filters_by_what_is_known_of_contacts(contacts, ottos, otto):
    ask(contacts, otto, timezone.now())
    confirm_test(notice=asked(), at=timezone.now())
    Contact.objects.filter(location__code="DC").update(returned_at=NOON, returned_text="550")

    def listed(query):
        page = ottos.get(reverse("location-list") + query).content.decode()
        return set(re.findall(r'href="/locations/([^/"]+)/"', page))

    assert listed("?missing=test") == {"DC", "STORE2"}
    assert listed("?missing=mail") == {"DC"}


def test_a_person_keeps_an_address_that_returned_mail_with_a_reason(contacts, ottos):
    contact = Contact.objects.get(email="one@store.example")
    from batches.operations.contacts import mail_came_back

    mail_came_back(contact=contact, text="552 5.2.2 Full", at=NOON)
    page = text_of(ottos.get(reverse("location-detail", args=["STORE1"])))
    assert "Mail came back" in page and "552 5.2.2 Full" in page
    url = reverse("contact-keep", args=["STORE1", contact.pk])
    assert "Say why the address is right." in text_of(ottos.post(url, {"reason": " "}, follow=True))
    said = text_of(ottos.post(url, {"reason": "Emptied."}, follow=True))
    assert "Uno goes on getting notices at this address." in said
    assert "No mail to this contact came back." in text_of(
        ottos.post(url, {"reason": "Again."}, follow=True)
    )


def test_a_viewer_can_ask_nobody(contacts, client, vera):
    client.force_login(vera, backend=BACKEND)
    assert client.post(reverse("contact-test", args=["STORE1"])).status_code == 403
    assert client.post(reverse("contact-tests")).status_code == 403
    assert 'name="location"' not in client.get(reverse("location-list")).content.decode()
    assert "Test by mail" not in text_of(client.get(reverse("location-detail", args=["STORE1"])))
    assert not Notice.objects.exists()


def test_contacts_are_asked_from_the_admin_too(contacts, ottos):
    rows = Location.objects.filter(code__in=["STORE1", "PLANT1"])
    url = reverse("admin:batches_location_changelist")
    act = {"action": "ask_the_contacts", "_selected_action": [row.pk for row in rows]}
    assert "1 test mail is on the way." in text_of(ottos.post(url, act, follow=True))
    assert Notice.objects.get().kind == "contact"
