"""The columns of the lists of this app."""

import django_tables2 as tables
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from batches.lists.tables import (
    CodeColumn,
    DayColumn,
    QuantityColumn,
    StatusColumn,
    Table,
    TimeColumn,
)
from batches.templatetags.lotline import tag
from batches.templatetags.wording import number
from recalls.models import Recall, RecordsRequest, ScopeLine
from recalls.reports.requested import state_of


def _is_live(record: Recall) -> str | None:
    """A live recall under way has a red edge, as on the overview."""
    return "live" if record.status == Recall.Status.ACTIVE and not record.is_drill else None


class RecallTable(Table):
    reference = CodeColumn(verbose_name="Number")
    title = tables.Column("Title", attrs={"td": {"class": "b5"}})
    status = StatusColumn(order_by="status")
    classification = tables.Column("Class")
    opened_at = TimeColumn("Opened")
    activated_at = TimeColumn("Active since")
    closed_at = TimeColumn("Closed")
    places = tables.Column("Places", attrs={"td": {"class": "num"}, "th": {"class": "num"}})
    lead = tables.Column("Lead", accessor="lead__get_full_name", order_by="lead__last_name")

    class Meta(Table.Meta):
        model = Recall
        fields = ()
        row_attrs = Table.Meta.row_attrs | {"class": _is_live}


class RequestState(tables.Column):
    """Handed over, late or how long there is still."""

    def render(self, record):
        key, word = state_of(record, timezone.now())
        return tag(key, word, "clock")

    def value(self, record):
        return state_of(record, timezone.now())[1]


class RequestTable(Table):
    reference = CodeColumn(verbose_name="Number")
    authority = tables.Column("Authority", attrs={"td": {"class": "b5"}})
    asked_at = TimeColumn("Asked")
    state = RequestState("State", accessor="asked_at", orderable=False)
    handed_at = TimeColumn("Handed over")
    recall = tables.Column("Recall", accessor="recall__reference", attrs={"td": {"class": "code"}})

    class Meta(Table.Meta):
        model = RecordsRequest
        fields = ()


class ScopeTable(Table):
    batch_number = tables.Column("Batch", attrs={"td": {"class": "code"}})
    product_name = tables.Column("Product")
    product_code = tables.Column("Product code", attrs={"td": {"class": "code"}})
    gtin = tables.Column("GTIN", attrs={"td": {"class": "code"}})
    origin_code = tables.Column("Made at", attrs={"td": {"class": "code"}})
    expires_on = DayColumn("Best before")
    location_code = tables.Column("Location code", attrs={"td": {"class": "code"}})
    location_name = tables.Column("Location")
    location_address = tables.Column("Address")
    role = tables.Column("Role")
    change = tables.Column("Change")
    received = QuantityColumn("Received", unit="unit")
    on_hand = QuantityColumn("On hand", unit="unit")
    due = QuantityColumn("To account for", unit="unit")
    unit = tables.Column("Unit")
    since = TimeColumn("Affected since")
    depth = tables.Column("Steps", attrs={"td": {"class": "num"}, "th": {"class": "num"}})

    class Meta(Table.Meta):
        model = ScopeLine
        fields = ()
        row_attrs = {}


def _amount(name: str, part: str) -> QuantityColumn:
    return QuantityColumn(name, accessor=f"amounts__{part}")


class ClosesColumn(tables.Column):
    """Whether the row adds up, as word and glyph."""

    def __init__(self, **kwargs):
        kwargs.setdefault("verbose_name", "Adds up")
        kwargs.setdefault("accessor", "closes")
        super().__init__(**kwargs)

    def render(self, value):
        return tag("ok", "closes") if value else tag("hold", "open", "warn")

    def value(self, value):
        return "closes" if value else "open"


class BatchSides(Table):
    """Made and came back on the left, where it is on the right."""

    number = tables.Column("Batch", attrs={"td": {"class": "code"}})
    closes = ClosesColumn()
    product_name = tables.Column("Product")
    unit = tables.Column("Unit")
    made = QuantityColumn("Made")
    came_back = QuantityColumn("Came back")
    distributed = QuantityColumn("Distributed")
    on_site = QuantityColumn("On our sites")
    elsewhere = QuantityColumn("Elsewhere")
    used = QuantityColumn("Used")
    left = tables.Column("Left by", orderable=False, empty_values=())
    unexplained = QuantityColumn("Unexplained")
    missing = _amount("Missing at places", "no_answer")

    def __init__(self, *args, reference: str, **kwargs):
        super().__init__(*args, **kwargs)

    def render_left(self, value):
        return self.value_left(value) or "nothing"

    def value_left(self, value):
        return ", ".join(f"{reason} {number(amount)}" for reason, amount in value.items())

    class Meta(Table.Meta):
        row_attrs = {}


class PlaceSides(Table):
    name = tables.Column("Place", attrs={"td": {"class": "name"}})
    code = tables.Column("Code", attrs={"td": {"class": "code"}})
    batch = tables.Column("Batch", attrs={"td": {"class": "code"}})
    closes = ClosesColumn()
    unit = tables.Column("Unit")
    due = _amount("To account for", "due")
    quarantined = _amount("Set aside", "quarantined")
    returned = _amount("Sent back", "returned")
    came = QuantityColumn("Came here")
    destroyed = _amount("Destroyed", "destroyed")
    certified = QuantityColumn("With certificate")
    sold = _amount("Sold or used", "sold")
    missing = _amount("Missing", "no_answer")
    over = _amount("Too much", "over")

    def __init__(self, *args, reference: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.reference = reference

    def render_name(self, value, record):
        url = reverse("recall-recipient", args=[self.reference, record.code])
        return format_html('<a href="{}">{}</a>', url, value)

    def value_name(self, value):
        return value

    class Meta(Table.Meta):
        row_attrs = {}
