"""What browsers send to the admin, and what tests ask of it."""

from django.urls import reverse

from batches.models import (
    Event,
)
from batches.operations.documents import create_shipment
from batches.tests import factory
from batches.tests.factory import NOON


def url(page, model, *args):
    return reverse(f"admin:batches_{model}_{page}", args=args)


def verbs():
    return list(Event.objects.order_by("seq").values_list("verb", flat=True))


def lines(prefix, *rows, initial=0):
    """What a browser sends for the rows of one inline."""
    sent = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
    for number, row in enumerate(rows):
        sent |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return sent


def split(name, day, hour):
    return {f"{name}_0": day, f"{name}_1": hour}


def shipment_form(batch, **changed):
    form = {
        "reference": "SH-1",
        "origin": batch.origin.pk,
        "destination": factory.location("STORE").pk,
        "purpose": "delivery",
        "remark": "Dock 4",
    }
    return form | lines("lines", {"batch": batch.pk, "quantity": "30", "sscc": ""}) | changed


def drafted(otto, batch, reference="SH-1", quantity=30):
    return create_shipment(
        reference=reference,
        origin=batch.origin,
        destination=factory.location("STORE"),
        lines=[{"batch": batch, "quantity": quantity}],
        by=otto,
        at=NOON,
    )


def messages_of(response):
    return [str(message) for message in response.context["messages"]]
