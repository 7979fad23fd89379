"""Every page and act of this app × every role: who gets in, who is told whom to ask."""

from decimal import Decimal

import pytest
from django.urls import get_resolver, reverse

from batches.models import Contact
from batches.tests.factory import NOON
from recalls import urls
from recalls.models import HandedIn, MessageFile, Notice, Subscription
from recalls.operations.checks import draw_sample
from recalls.operations.dispositions import propose_disposition
from recalls.operations.narrowing import propose_narrowing
from recalls.operations.scope import add_rule
from recalls.tests.factory import active, draft, granola

ROLES = ["vera", "otto", "quinn", "paula", "ada"]
ALL = set(ROLES)
PEOPLE = ALL - {"vera"}
QUALITY = {"quinn", "paula"}
APPROVE = {"paula"}
ENTER = {"otto", "quinn", "paula"}

# Name of the page -> (who may GET it, status they get). An act leads a GET back to the page.
GETS = {
    "recall-list": (ALL, 200),
    "drill-list": (ALL, 200),
    "drill-plan": (QUALITY, 405),
    "drill-detail": (ALL, 404),
    "drill-finish": (QUALITY, 404),
    "drill-report": (ALL, 404),
    "drill-calendar": (ALL, 200),
    "drill-duty": (QUALITY, 404),
    "drill-duty-end": (QUALITY, 404),
    "drill-add-action": (QUALITY, 404),
    "drill-action-done": (ENTER, 302),
    "drill-action-reopen": (ENTER, 302),
    "request-list": (ALL, 200),
    "request-open": (QUALITY, 200),
    "request-detail": (ALL, 404),
    "request-sheet": (QUALITY, 404),
    "request-handover": (QUALITY, 404),
    "request-file": (PEOPLE, 404),
    "recall-open": (QUALITY, 200),
    "reminder-plans": (ALL, 200),
    "reminder-plan": (APPROVE, 200),
    "recall-detail": (ALL, 200),
    "recall-edit": (QUALITY, 200),
    "recall-newest-scope": (ALL, 302),
    "recall-recipients": (ALL, 302),
    "recall-timeline": (ALL, 302),
    "recall-start": (ALL, 302),
    "recall-message": (ALL, 200),
    "recall-check": (ALL, 302),
    "recall-scope": (ALL, 200),
    "recall-narrow": (QUALITY, 200),
    "recall-narrowing": (ALL, 200),
    "recall-break-glass": (QUALITY, 302),
    "recall-countersign": (APPROVE, 302),
    "recall-object": (APPROVE, 302),
    "recall-approve-narrowing": (APPROVE, 302),
    "recall-reject-narrowing": (QUALITY, 302),
    "recall-readmit": (QUALITY, 302),
    "recall-scope-text": (QUALITY, 302),
    "recall-version-diff": (ALL, 200),
    "recall-version-print": (ALL, 200),
    "recall-version-text": (ALL, 200),
    "recall-version-json": (ALL, 200),
    "recall-report": (ALL, 200),
    "recall-documents": (ALL, 200),
    "recall-output": (ALL, 200),
    "recall-consumer": (ALL, 200),
    "recall-facts": (QUALITY, 200),
    "recall-send-output": (QUALITY, 302),
    "recall-add-file": (QUALITY, 302),
    "recall-added-file": (ALL, 404),
    "recall-package": (PEOPLE, 200),
    "recall-package-file": (PEOPLE, 404),
    "recall-recipient": (PEOPLE, 200),
    "recall-reconciliation": (ALL, 200),
    "recall-goods": (ALL, 200),
    "recall-decide-goods": (QUALITY, 200),
    "recall-carry-out": (QUALITY, 302),
    "recall-certificate": (PEOPLE, 404),
    "recall-reject-goods": (QUALITY, 302),
    "recall-came-back": (ENTER, 302),
    "recall-destroyed": (QUALITY, 302),
    "recall-exclude": (QUALITY, 200),
    "recall-add-batches": (QUALITY, 302),
    "recall-add-production": (QUALITY, 302),
    "recall-add-supplier": (QUALITY, 302),
    "recall-add-window": (QUALITY, 302),
    "recall-add-shipment": (QUALITY, 302),
    "recall-add-complaint": (QUALITY, 302),
    "recall-add-suggested": (QUALITY, 302),
    "recall-include": (QUALITY, 302),
    "recall-try-batches": (QUALITY, 302),
    "recall-try-production": (QUALITY, 302),
    "recall-try-supplier": (QUALITY, 302),
    "recall-try-window": (QUALITY, 302),
    "recall-try-shipment": (QUALITY, 302),
    "recall-try-complaint": (QUALITY, 302),
    "recall-withdraw-rule": (QUALITY, 302),
    "recall-message-preview": (ALL, 200),
    "recall-picture": (ALL, 200),
    "recall-message-save": (QUALITY, 302),
    "recall-message-test": (QUALITY, 302),
    "recall-picture-add": (QUALITY, 302),
    "recall-picture-remove": (QUALITY, 302),
    "recall-file": (PEOPLE, 200),
    "recall-calls": (PEOPLE, 200),
    "recall-letters": (PEOPLE, 404),
    "recall-log-call": (QUALITY, 302),
    "recall-note-calls": (QUALITY, 200),
    "recall-customers": (PEOPLE, 200),
    "recall-approve-customer": (QUALITY, 302),
    "recall-stop-customer": (QUALITY, 302),
    "recall-customer": (PEOPLE, 404),
    "recall-log-customer": (QUALITY, 302),
    "recall-answer-customer": (QUALITY, 302),
    "recall-submit": (QUALITY, 302),
    "recall-approve": (APPROVE, 302),
    "recall-reject": (APPROVE, 302),
    "target-plans": (ALL, 200),
    "target-plan": (APPROVE, 200),
    "recall-targets": (ALL, 200),
    "recall-change-target": (QUALITY, 302),
    "recall-hand-over": (QUALITY, 302),
    "recall-update": (QUALITY, 200),
    "recall-tasks": (ALL, 200),
    "recall-add-task": (QUALITY, 302),
    "recall-task-done": (ENTER, 302),
    "recall-task-reopen": (ENTER, 302),
    "recall-assign-task": (QUALITY, 302),
    "recall-checks": (ALL, 200),
    "recall-check-sheet": (PEOPLE, 200),
    "recall-check-form": (ENTER, 200),
    "recall-draw-sample": (QUALITY, 302),
    "recall-no-checks": (QUALITY, 302),
    "recall-waive-check": (QUALITY, 302),
    "recall-cancel": (QUALITY, 302),
    "recall-publish": (APPROVE, 302),
    "recall-end-public": (APPROVE, 302),
    "recall-remind": (QUALITY, 302),
    "recall-remind-selected": (QUALITY, 302),
    "recall-release": (QUALITY, 302),
    "recall-stop-sending": (QUALITY, 302),
    "recall-send-now": (QUALITY, 302),
    "recall-complete": (QUALITY, 302),
    "recall-close": (APPROVE, 302),
    "recall-subscribe": (QUALITY, 302),
    "recall-unsubscribe": (QUALITY, 302),
    "recall-remind-place": (QUALITY, 302),
    "recall-waive-place": (QUALITY, 302),
    "recall-note-call": (QUALITY, 302),
    "recall-answer-place": (QUALITY, 302),
    "recall-tell-place": (QUALITY, 302),
    "recall-send-again": (QUALITY, 302),
    "recall-withdraw-link": (QUALITY, 302),
    "contact-tests": (ENTER, 200),
    "contact-test": (ENTER, 302),
    "location-recalls": (ALL, 200),
    "contact-keep": (ENTER, 302),
    "service": (ENTER, 200),
    "complaint-shared": (ALL, 200),
    "complaint-shared-add": (QUALITY, 302),
    "outbox": (PEOPLE, 404),
    "outbox-letter": (PEOPLE, 404),
    "outbox-body": (PEOPLE, 404),
}


@pytest.fixture
def addresses(quinn, paula):
    nodes = granola()
    case = active(quinn, paula, nodes["BAR@PLANT1"])
    picture = MessageFile.objects.create(
        recall=case, name="a.jpg", content=b"x", size=1, added_by=quinn, added_at=NOON
    )
    given = {"recipient": case.recipients.first(), "content": b"x", "size": 1, "at": NOON}
    file = HandedIn.objects.create(recall=case, name="b.pdf", kind="other", **given)
    row = Subscription.objects.create(recall=case, email="desk@lotline.example")
    values = {
        "reference": case.reference,
        "number": 1,
        "code": "STORE1",
        "classification": "II",
        "kind": "status",
        "format": "pdf",
        "name": "20261122184054619201-7a2e864046e746178fe5672a87afda45.eml",
    }
    propose_narrowing(
        recall=case, holdings=[nodes["BAR@STORE2"].pk], reason="Made before.", by=quinn, at=NOON
    )
    draw_sample(recall=case, level="A", by=quinn, at=NOON)
    task = case.tasks.first().pk
    propose_disposition(
        recall=case, holding=nodes["BAR@PLANT1"], kind="rework", quantity=Decimal(1),
        output_number="BAR-2", reason="Relabel.", by=quinn, at=NOON,
    )  # fmt: skip
    keys = {
        "recall-task-done": task,
        "recall-task-reopen": task,
        "recall-assign-task": task,
        "drill-duty": 1,
        "drill-duty-end": 1,
        "drill-action-done": 1,
        "drill-action-reopen": 1,
        "recall-decide-goods": nodes["BAR@PLANT1"].pk,
        "recall-readmit": 1,
        "recall-exclude": nodes["BAR@STORE1"].pk,
        "recall-include": 1,
        "recall-withdraw-rule": case.rules.get().pk,
        "recall-unsubscribe": row.pk,
        "contact-keep": Contact.objects.get(email="one@store.example").pk,
        "recall-send-again": 1,
        "recall-package-file": 1,
        "recall-added-file": 1,
        "recall-withdraw-link": 1,
        "recall-approve-customer": 1,
        "recall-stop-customer": 1,
        "recall-customer": 1,
        "recall-log-customer": 1,
        "recall-answer-customer": 1,
        "recall-file": file.pk,
        "recall-picture": picture.pk,
        "recall-picture-remove": picture.pk,
    }

    def address(name):
        known = get_resolver().reverse_dict.getlist(name)[0][0][0][1]
        given = {key: values[key] for key in known if key in values}
        return reverse(name, kwargs=given | ({"pk": keys[name]} if "pk" in known else {}))

    return {name: address(name) for name in GETS}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.slow
@pytest.mark.alike
def test_each_role_gets_into_exactly_its_pages(addresses, role, client, request):
    client.force_login(
        request.getfixturevalue(role), backend="django.contrib.auth.backends.ModelBackend"
    )
    notices = Notice.objects.count()
    for name, (allowed, status) in GETS.items():
        response = client.get(addresses[name])
        wanted = status if role in allowed else 403
        assert response.status_code == wanted, f"{role} at {name}"
        if wanted == 403:
            assert "This needs the role" in response.content.decode()
            assert client.post(addresses[name]).status_code == 403, f"{role} posts to {name}"
    assert Notice.objects.count() == notices, "a GET has written a notice"


def test_visitors_are_sent_to_the_login_page(addresses, client):
    for name, url in addresses.items():
        response = client.get(url)
        assert response.status_code == 302 and "/login/" in response["Location"], name


def test_no_address_is_missing_from_the_table():
    named = {pattern.name for pattern in urls.urlpatterns}
    public = {pattern.name for pattern in urls.public_urls}
    assert named - public == set(GETS)


def test_people_are_not_shown_to_a_viewer(addresses, client, vera):
    client.force_login(vera, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(addresses["recall-detail"]).content.decode()
    assert "Store 1" in page
    assert "one@store.example" not in page and "desk@lotline.example" not in page
    assert "Timeline" not in page


def test_a_viewer_sees_no_address_in_the_preview_either(client, vera, quinn):
    nodes = granola()
    case = draft(quinn, nodes["BAR@PLANT1"])
    add_rule(
        recall=case,
        kind="production",
        parameters={"product": nodes["ALM@PLANT1"].batch.product_id},
        by=quinn,
        at=NOON,
    )
    client.force_login(vera, backend="django.contrib.auth.backends.ModelBackend")
    pages = {
        step: client.get(reverse(f"recall-{step}", args=[case.reference])).content.decode()
        for step in ("start", "newest-scope", "message", "check")
    }
    assert "1 contact" in pages["message"]
    assert not any("one@store.example" in page for page in pages.values())
    assert "Add batches" not in pages["newest-scope"]
    assert "Submit for approval" not in pages["check"]
    assert "Save" not in pages["start"]
    kept = client.post(reverse("recall-start", args=[case.reference]), {"title": "Mine"})
    assert kept.status_code == 403
    case.refresh_from_db()
    assert case.title == "Undeclared peanut"
