"""The columns of the lists of this app."""

import django_tables2 as tables

from batches.lists.tables import (
    CodeColumn,
    DayColumn,
    QuantityColumn,
    StatusColumn,
    Table,
    TimeColumn,
)
from recalls.models import Recall, ScopeLine


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
