"""The call list: who is on it and why, the script, the log, and letters for who has no mail."""

import csv
import io
import re
import zlib
from base64 import a85decode
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.db.utils import DatabaseError
from django.urls import reverse
from pypdf import PdfReader

from batches.models import Contact, Event, Location
from batches.tests import factory as graphs
from batches.tests.factory import NOON
from recalls.message.script import script
from recalls.message.texts import Texts
from recalls.models import Contacted, Notice
from recalls.operations import scope
from recalls.operations.calls import log_contacts
from recalls.operations.narrowing import approve_narrowing, propose_narrowing
from recalls.operations.notices import drain
from recalls.reports.calls import call_list, letters_of
from recalls.reports.letters import IN_ENGLISH, Letter, letter_pdf
from recalls.tests import factory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def nodes():
    """Store 1 has a telephone and no mail, and speaks German; the others have mail."""
    nodes = factory.granola()
    Contact.objects.filter(email="one@store.example").delete()
    store = Location.objects.get(code="STORE1")
    Location.objects.filter(pk=store.pk).update(street="Weg 1", city="Bonn", country="DE")
    Contact.objects.create(location=store, phone="+49 228 1", name="Uwe", language="de")
    return nodes


@pytest.fixture
def case(nodes, quinn, paula):
    return factory.active(quinn, paula, nodes["ALM@SIERRA"])


@pytest.fixture
def desk(client, quinn):
    client.force_login(quinn, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(response) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode()).replace("\xa0", " ")
    return re.sub(r"\s+", " ", plain)


def log(case, by, place="STORE1", **changes):
    values = {"channel": "phone", "person": "Uwe", "reached": True, "note": "", "at": NOON}
    location = Location.objects.get(code=place)
    return log_contacts(recall=case, locations=[location], by=by, **(values | changes))


def narrow(case, quinn, paula, holdings, at):
    given = {"reason": "Made before.", "by": quinn, "at": at, "holdings": holdings}
    proposal = propose_narrowing(recall=case, **given)
    signed = {"by": paula, "at": at, "password": "paula", "meaning": "Checked."}
    return approve_narrowing(narrowing=proposal, **signed)


def test_who_has_no_mail_and_whom_no_mail_reached_are_called(case):
    assert [call.place.code for call in call_list(case)] == ["STORE1"]
    Notice.objects.filter(address_key="two@store.example").update(state="failed")
    codes = {call.place.code: call.why for call in call_list(case)}
    assert set(codes) == {"DC", "STORE1", "STORE2"}
    assert codes["STORE1"] == "No mail reaches it"


def test_the_page_has_number_script_in_their_language_and_form(case, desk):
    page = desk.get(reverse("recall-calls", args=[case.reference]))
    text = text_of(page)
    assert "+49 228 1" in text and "Not called yet" in text
    assert "Guten Tag. Ich rufe für Lotline wegen eines Rückrufs an, Nummer RC-2026-0001." in text
    assert "P-Bar, Charge BAR: Sie haben oder hatten 40 Kartons." in text
    assert "May contain peanut." in text


def test_a_call_is_noted_by_who_made_it_and_kept_for_ever(case, desk, quinn):
    url = reverse("recall-log-call", args=[case.reference, "STORE1"])
    data = {"channel": "phone", "person": "Uwe", "reached": "yes", "note": "Counts now."}
    page = desk.post(url, data, follow=True)
    assert "Noted for Store 1." in text_of(page) and "Spoken to" in text_of(page)
    entry = Contacted.objects.get()
    assert (entry.by, entry.person, entry.reached) == (quinn, "Uwe", True)
    event = Event.objects.get(verb="place contacted")
    assert "Uwe" not in str(event.after), "the log names no person"
    for change in (lambda rows: rows.update(note="x"), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError, match="append-only"):
            from django.db import transaction

            with transaction.atomic():
                change(Contacted.objects.filter(pk=entry.pk))


def test_a_call_that_reached_nobody_in_particular_is_refused_and_kept_as_typed(case, desk):
    url = reverse("recall-log-call", args=[case.reference, "STORE1"])
    page = desk.post(url, {"channel": "phone", "reached": "yes", "note": "Somebody."})
    assert page.status_code == 422
    assert "Enter whom you spoke to." in text_of(page) and "Somebody.</textarea>" in (
        page.content.decode()
    )
    assert not Contacted.objects.exists()


def test_who_was_not_reached_stays_first(case, quinn):
    Notice.objects.filter(address_key="two@store.example").update(state="failed")
    log(case, quinn, "DC")
    log(case, quinn, "STORE1", reached=False, person="")
    assert [call.place.code for call in call_list(case)] == ["STORE1", "STORE2", "DC"]


def test_a_place_that_is_not_told_is_not_called(case, quinn):
    with pytest.raises(ValidationError, match="is not told anything"):
        log(case, quinn, "PLANT1")


def test_the_list_is_exported_and_nothing_in_it_runs(case, desk, quinn):
    log(case, quinn, note="=1+1")
    answer = desk.get(reverse("recall-calls", args=[case.reference]) + "?export=csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    [row] = [row for row in rows if row and row[0] == "STORE1"]
    assert "'+49 228 1" in row and "'=1+1" in row and "40\u00a0cases" in row
    assert (
        desk.get(reverse("recall-calls", args=[case.reference]) + "?export=pdf").status_code == 404
    )


def test_the_list_asks_as_often_for_many_places_as_for_one(
    nodes, quinn, paula, desk, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    case = factory.active(quinn, paula, nodes["ALM@SIERRA"])
    with CaptureQueriesContext(connection) as one:
        assert len(call_list(case)) == 1
    Notice.objects.filter(kind="notice").update(state="failed")
    with django_assert_num_queries(len(one)):
        assert len(call_list(case)) == 3


def pages(content: bytes) -> list[str]:
    """The text that is drawn on each page, as far as plain operators show it."""
    return re.findall(rb"/Type /Page\b", content)


def test_each_letter_of_a_bundle_counts_its_own_pages(case):
    Notice.objects.filter(address_key="two@store.example").update(state="failed")
    found = letters_of(call_list(case))
    assert sorted(one.language for one in found) == ["de", "en", "en"]
    content = letter_pdf(case, case.versions.get(), found, Texts(case))
    assert content.startswith(b"%PDF-") and len(pages(content)) == 3


def test_a_letter_in_a_language_that_cannot_be_printed_is_english_and_says_so(case):
    Notice.objects.filter(address_key="two@store.example").update(state="failed")
    lines = letters_of(call_list(case))[0].lines
    read = {}
    for language in ("ar", "de"):
        content = letter_pdf(case, case.versions.get(), [Letter(lines, language)], Texts(case))
        text = " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
        read[language] = " ".join(text.split())
    assert "What to do" in read["ar"] and IN_ENGLISH in read["ar"]
    assert "Was Sie tun sollten" in read["de"] and IN_ENGLISH not in read["de"]


def test_places_of_one_owner_at_one_address_get_one_letter_and_strangers_do_not(case):
    Notice.objects.filter(address_key="two@store.example").update(state="failed")
    from recalls.models import ScopeLine

    calls = call_list(case)
    for call in calls:
        call.place.address = "Mall 1, Bonn"
    assert len(letters_of(calls)) == 3, "strangers in one mall"
    chain = factory.factory.location("CHAIN", kind="customer")
    for call in calls:
        call.location.parent = chain
    [one] = letters_of(calls)
    assert {line.location_code for line in one.lines} == {"DC", "STORE1", "STORE2"}
    assert ScopeLine.objects.count() > 3


def test_a_letter_holds_no_link_and_no_code_that_could_answer(case, desk):
    from recalls.links import token_for

    answer = desk.get(reverse("recall-letters", args=[case.reference]) + "?place=STORE1")
    assert answer["Content-Type"] == "application/pdf"
    content = answer.content
    streams = re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL)
    drawn = b""
    for stream in streams:
        try:
            drawn += zlib.decompress(a85decode(stream.strip().removesuffix(b"~>")))
        except (ValueError, zlib.error):
            drawn += stream
    assert b"/r/" not in drawn and b"/URI" not in content
    assert all(token_for(r).encode() not in drawn for r in case.recipients.all())
    other = desk.get(reverse("recall-letters", args=[case.reference]) + "?place=DC")
    assert other.status_code == 404


def sentences(call, case) -> str:
    changes = {"news": call.news, "gone": call.gone, "keeps": call.keeps}
    return " ".join(script(case, call.lines, call.language, Texts(case), **changes))


def test_who_was_told_on_the_telephone_is_called_again_when_the_scope_grows(case, nodes, quinn):
    log(case, quinn, at=NOON + HOUR)
    assert [call.is_told for call in call_list(case)] == [True]
    graphs.trace_graph("ALM@PLANT1 -7x5-> OAT@PLANT1 -8x5-> OAT@STORE1")
    scope.mark_drift([nodes["ALM@PLANT1"].pk])
    grown = scope.check_drift(recall=case, at=NOON + HOUR)
    scope.release_version(version=grown, by=quinn, at=NOON + 2 * HOUR)
    [call] = call_list(case)
    assert not call.is_told and not call.was_tried, "that call was about something else"
    assert [line.batch_number for line in call.news] == ["OAT"]
    said = sentences(call, case)
    assert "Charge OAT" in said and "Charge BAR" not in said
    assert "Was hier steht, ist neu oder hat sich geändert." in said
    log(case, quinn, at=NOON + 3 * HOUR)
    [call] = call_list(case)
    assert call.is_told


def test_who_was_told_on_the_telephone_is_called_about_what_was_taken_out(
    case, nodes, quinn, paula, desk
):
    log(case, quinn, at=NOON + HOUR)
    drain(worker="w", now=NOON + HOUR, limit=9)
    gone = [nodes["BAR@STORE1"].pk, nodes["BAR@STORE2"].pk]
    narrow(case, quinn, paula, gone, at=NOON + 2 * HOUR)
    [call] = call_list(case)
    assert (call.code, call.lines, call.is_told) == ("STORE1", [], False)
    said = sentences(call, case)
    assert "gehören nicht mehr zu RC-2026-0001" in said and "Charge BAR" in said
    assert "Sonst ist nichts zu tun." in said and "May contain peanut." not in said
    page = desk.get(reverse("recall-calls", args=[case.reference]))
    assert "Does not know what changed" in text_of(page) and "Taken out BAR" in text_of(page)
    letters = reverse("recall-letters", args=[case.reference])
    assert letters in page.content.decode()
    sheets = PdfReader(BytesIO(desk.get(letters).content)).pages
    written = " ".join(" ".join(sheet.extract_text() for sheet in sheets).split())
    assert "Diese Chargen gehören nicht mehr zu RC-2026-0001." in written and "BAR" in written
    assert "Sonst ist nichts zu tun." in written and "Was Sie tun sollten" not in written
    assert "1 is to be called" in text_of(desk.get(case.get_absolute_url()))
    Notice.objects.filter(kind="removal").update(state="bounced")
    assert [call.code for call in call_list(case)] == ["STORE1", "STORE2"], "its mail came back"
    log(case, quinn, at=NOON + 3 * HOUR)
    assert [call.code for call in call_list(case)] == ["STORE2"]


def test_who_was_never_told_is_not_called_about_what_was_taken_out(case, nodes, quinn, paula):
    log(case, quinn, at=NOON + HOUR, reached=False, person="")
    narrow(case, quinn, paula, [nodes["BAR@STORE1"].pk], at=NOON + 2 * HOUR)
    assert call_list(case) == []


def test_one_note_is_kept_for_each_place_that_was_ticked(case, desk):
    page, url = case.get_absolute_url(), reverse("recall-note-calls", args=[case.reference])
    assert f'action="{url}"' in desk.get(page).content.decode()
    form = desk.get(url, {"place": ["STORE2", "DC"]})
    assert form.content.decode().count(" checked") == 2 and "Store 1" in text_of(form)
    data = {"channel": "phone", "person": "Ida", "reached": "yes", "note": "All three."}
    refused = desk.post(url, data)
    assert refused.status_code == 422 and "Tick the places that were called." in text_of(refused)
    assert "All three.</textarea>" in refused.content.decode()
    gone = desk.post(url, {**data, "place": ["STORE2", "NOWHERE"]})
    assert "NOWHERE is no place of this recall" in text_of(gone)
    later = desk.post(url, {**data, "place": ["STORE2"], "when": "2199-01-01T10:00"})
    assert "between the opening of the recall and now" in text_of(later)
    assert not Contacted.objects.exists()
    data |= {"place": ["STORE2", "DC"], "when": "2026-11-25T11:00"}
    done = desk.post(url, data, follow=True)
    assert "Noted for 2 places." in text_of(done)
    rows = Contacted.objects.order_by("location__code")
    assert [(row.location.code, row.note) for row in rows] == [
        ("DC", "All three."),
        ("STORE2", "All three."),
    ]
    assert {f"{row.at:%H:%M}" for row in rows} == {"11:00"}
    event = Event.objects.get(verb="places contacted")
    assert event.after["count"] == 2 and set(event.after["entries"]) == {"DC", "STORE2"}
    assert "Ida" not in str(event.after)
    assert "2 places were contacted, reached" in text_of(desk.get(page))
