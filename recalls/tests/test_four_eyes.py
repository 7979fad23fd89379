"""Nobody decides alone what two people must decide: each act × each door that there is."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from batches.operations.tokens import make_token
from batches.tests.factory import location
from recalls.models import Narrowing, Recall
from recalls.operations import narrowing, recalls, responses
from recalls.reports.status import status
from recalls.tests import factory
from recalls.tests.factory import NOON
from recalls.tests.test_pages_recall import page

pytestmark = pytest.mark.django_db
SIGN = {"password": "paula", "meaning": "Myself."}


@pytest.fixture
def nodes():
    return factory.granola()


class Act:
    """Something that Paula has asked for, and must not decide herself although she may approve."""

    def __init__(self, quinn, paula, nodes):
        self.quinn, self.paula, self.nodes = quinn, paula, nodes
        self.row = self.prepare()

    @property
    def recall(self) -> Recall:
        return getattr(self.row, "recall", self.row)

    def sql(self, statement: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [self.paula.pk, self.row.pk])


class Activating(Act):
    url, table = "recall-approve", "recalls_recall"

    def prepare(self):
        recall = factory.draft(self.paula, self.nodes["ALM@SIERRA"])
        return recalls.submit_recall(recall=recall, by=self.paula, at=NOON)

    def operate(self):
        recalls.activate_recall(recall=self.row, by=self.paula, at=NOON, **SIGN)

    statement = "UPDATE recalls_recall SET status = 'active', activated_by_id = %s WHERE id = %s"


class Countersigning(Act):
    url = "recall-countersign"

    def prepare(self):
        recall = factory.draft(self.paula, self.nodes["ALM@SIERRA"])
        recalls.break_glass(recall=recall, by=self.paula, at=NOON, reason="Night.", **SIGN)
        return Recall.objects.get(pk=recall.pk)

    def operate(self):
        recalls.countersign(recall=self.row, by=self.paula, at=NOON, **SIGN)

    statement = "UPDATE recalls_recall SET countersigned_by_id = %s WHERE id = %s"


class Narrowings(Act):
    url = "recall-approve-narrowing"

    def prepare(self):
        recall = factory.active(self.quinn, self.paula, self.nodes["ALM@SIERRA"])
        ids = [self.nodes["BAR@STORE1"].pk]
        return narrowing.propose_narrowing(
            recall=recall, holdings=ids, reason="Older.", by=self.paula, at=NOON
        )

    def operate(self):
        narrowing.approve_narrowing(narrowing=self.row, by=self.paula, at=NOON, **SIGN)

    statement = "UPDATE recalls_narrowing SET state = 'approved', decided_by_id = %s WHERE id = %s"


class Closing(Act):
    url = "recall-close"

    def prepare(self):
        recall = factory.active(self.quinn, self.paula, self.nodes["ALM@SIERRA"])
        for place in status(recall).places:
            responses.waive_location(
                recall=recall, location=location(place.code), reason="-", by=self.quinn, at=NOON
            )
        return recalls.complete_recall(recall=recall, by=self.paula, at=NOON)

    def operate(self):
        recalls.close_recall(recall=self.row, by=self.paula, at=NOON, statement="x", **SIGN)

    statement = "UPDATE recalls_recall SET status = 'closed', closed_by_id = %s WHERE id = %s"


def state(act) -> tuple:
    recall = Recall.objects.get(pk=act.recall.pk)
    narrowings = list(Narrowing.objects.order_by("pk").values_list("state", flat=True))
    return (
        recall.status, recall.activated_by_id, recall.countersigned_by_id, recall.closed_by_id,
        narrowings, recall.versions.count(), recall.signatures.count(),
    )  # fmt: skip


def by_operation(act, client):
    with pytest.raises(ValidationError, match=r"[Ss]econd person|Another person"):
        act.operate()


def by_page(act, client):
    number = {"number": act.row.number} if isinstance(act.row, Narrowing) else {}
    form = {**SIGN, "statement": "x"}
    response = client.post(page(act.url, act.recall, **number), form)
    assert response.status_code == 422


def by_admin(act, client):
    """The admin has no form that changes these rows, and takes none that somebody makes up."""
    act.paula.is_staff = act.paula.is_superuser = True
    act.paula.save()
    name = act.row._meta.model_name
    form = {"status": "active", "state": "approved", "activated_by": act.paula.pk, "_save": "x"}
    for url in (
        reverse(f"admin:recalls_{name}_change", args=[act.row.pk]),
        reverse(f"admin:recalls_{name}_add"),
        reverse(f"admin:recalls_{name}_delete", args=[act.row.pk]),
    ):
        assert client.post(url, form).status_code == 403, url


def by_command(act, client):
    """`manage.py recall` reads; there is no word for deciding."""
    for word in ("approve", "activate", "countersign", "narrow", "close"):
        with pytest.raises(CommandError, match="invalid choice"):
            call_command("recall", word, act.recall.reference)


def by_api(act, client):
    """The API only reads: whatever is sent to a recall's address is not taken."""
    token = make_token(
        name="Desk", user=act.paula, scope="read", expires_at=timezone.now() + timedelta(days=1),
        by=act.paula, at=timezone.now(),
    )[1]  # fmt: skip
    sent = {"HTTP_AUTHORIZATION": f"Bearer {token}", "content_type": "application/json"}
    url = f"/api/v1/recalls/{act.recall.reference}"
    assert client.get(url, **sent).status_code == 200
    for method in (client.post, client.put, client.patch, client.delete):
        assert method(url, {"status": "active"}, **sent).status_code == 405
    assert client.post(f"{url}/approve", {}, **sent).status_code == 404


def by_sql(act, client):
    with pytest.raises(IntegrityError):
        act.sql(act.statement)


ACTS = [Activating, Countersigning, Narrowings, Closing]
DOORS = [by_operation, by_page, by_admin, by_command, by_api, by_sql]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
@pytest.mark.parametrize("kind", ACTS, ids=lambda kind: kind.__name__)
def test_nobody_decides_alone(kind, door, quinn, paula, nodes, client):
    act = kind(quinn, paula, nodes)
    before = state(act)
    client.force_login(paula, backend="django.contrib.auth.backends.ModelBackend")
    door(act, client)
    assert state(act) == before


@pytest.mark.parametrize("kind", ACTS, ids=lambda kind: kind.__name__)
def test_control_the_same_statement_by_another_person_goes_through(kind, quinn, paula, nodes):
    """It is the person that the database refuses, not the statement."""
    act = kind(quinn, paula, nodes)
    act.paula = quinn
    act.sql(act.statement)
