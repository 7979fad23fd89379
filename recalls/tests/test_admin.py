"""The admin shows what was frozen and sent, changes none of it, and keeps people's data back."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from batches.models import Event
from recalls.admin import ReadOnly
from recalls.models import (
    Notice,
    Recall,
    ScopeLine,
    ScopeVersion,
    Signature,
    Subscription,
)
from recalls.tests import factory

pytestmark = pytest.mark.django_db
MODELS = [model for model, site in admin.site._registry.items() if isinstance(site, ReadOnly)]


@pytest.fixture
def active(quinn, paula):
    nodes = factory.granola()
    return factory.active(quinn, paula, nodes["ALM@SIERRA"])


def page(model, name, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_lists_and_records_are_shown_and_cannot_be_changed_or_deleted(
    admin_client, active, model, quinn
):
    with CaptureQueriesContext(connection) as queries:
        assert admin_client.get(page(model, "changelist")).status_code == 200
    assert not [q["sql"] for q in queries if "SELECT COUNT(" in q["sql"][:20]]
    row = model.objects.first()
    if model is Subscription or row is None:
        return
    shown = admin_client.get(page(model, "change", row.pk))
    assert shown.status_code == 200
    assert b'name="_save"' not in shown.content
    assert admin_client.post(page(model, "change", row.pk), {}).status_code == 403
    assert admin_client.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert admin_client.get(page(model, "add")).status_code == 403


@pytest.mark.parametrize("is_drill", [True, False])
def test_the_records_of_a_drill_and_no_others_carry_its_band(admin_client, quinn, paula, is_drill):
    holding = factory.granola()["ALM@SIERRA"]
    factory.active(quinn, paula, holding, is_drill=is_drill)
    for model in (Recall, ScopeVersion, ScopeLine, Notice, Signature):
        shown = admin_client.get(page(model, "change", model.objects.first().pk))
        assert (b">DRILL<" in shown.content) == is_drill, model


def test_addresses_and_texts_of_notices_are_for_those_who_may_see_people(client, active, vera):
    vera.is_staff = True
    vera.save()
    vera.user_permissions.add(Permission.objects.get(codename="view_notice"))
    client.force_login(vera)
    for address in (page(Notice, "changelist"), page(Notice, "change", Notice.objects.first().pk)):
        shown = client.get(address)
        assert shown.status_code == 200
        assert b"store.example" not in shown.content
    client.force_login(active.lead)
    assert b"one@store.example" in client.get(page(Notice, "changelist")).content


def test_a_standing_subscriber_is_added_by_an_operation_that_logs_no_address(client, quinn):
    client.force_login(quinn)
    values = {"user": "", "email": "board@maker.example", "active": "on"}
    assert client.post(page(Subscription, "add"), values).status_code == 302
    event = Event.objects.get()
    assert event.verb == "default subscriber added"
    assert "board@" not in f"{event.label}{event.after}"
    again = client.post(page(Subscription, "add"), values)
    assert "gets the reports of every recall already" in again.content.decode()
    nobody = client.post(page(Subscription, "add"), {"user": "", "email": ""})
    assert "Choose a person who has an e-mail address" in nobody.content.decode()
