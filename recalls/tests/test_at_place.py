"""The recalls of one place: whether it was told, and how soon it answered."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from batches.tests.factory import NOON
from recalls.models import Notice
from recalls.operations.responses import answer
from recalls.reports.at_place import recalls_at
from recalls.scope import lines_of
from recalls.tests.factory import active, granola


def test_a_place_says_when_it_was_told_and_how_soon_it_answered(client, vera, quinn, paula):
    nodes = granola()
    case = active(quinn, paula, nodes["BAR@PLANT1"])
    Notice.objects.update(state="accepted", accepted_at=NOON)
    recipient = case.recipients.get(address="one@store.example")
    found = {line.pk: {"quarantined": 1} for line in lines_of(recipient)}
    at = NOON + timedelta(hours=3)
    answer(recipient=recipient, answers=found, name="Uno", phone="", remark="", at=at)
    client.force_login(vera, backend="django.contrib.auth.backends.ModelBackend")

    def said(code: str) -> str:
        return client.get(f"/contacts/{code}/recalls/").content.decode()

    assert "answered after 3 h<" in said("STORE1")
    assert "not answered yet<" in said("STORE2") and "ours to hold" in said("PLANT1")
    block = client.get("/contacts/STORE1/recalls/", HTTP_HX_REQUEST="true").content.decode()
    assert block.startswith('<section class="card" id="recalls-here"')
    assert 'hx-get="/contacts/STORE1/recalls/"' in client.get("/locations/STORE1/").content.decode()


def test_the_questions_do_not_grow_with_the_recalls_and_drills_are_none(quinn, paula):
    nodes = granola()
    place = nodes["BAR@STORE1"].location

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            recalls_at(place)
        return len(queries)

    active(quinn, paula, nodes["BAR@PLANT1"])
    one = asked()
    active(quinn, paula, nodes["BAR@PLANT1"])
    active(quinn, paula, nodes["BAR@PLANT1"], is_drill=True)
    assert asked() == one == 4 and len(recalls_at(place)) == 2
