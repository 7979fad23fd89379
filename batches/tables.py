"""The columns of the lists of this app."""

import django_tables2 as tables
from django.utils.html import format_html, format_html_join

from batches.lists.tables import (
    ActionColumn,
    CodeColumn,
    CountColumn,
    DayColumn,
    LinkedColumn,
    PickColumn,
    QuantityColumn,
    StatusColumn,
    Table,
    TimeColumn,
)
from batches.models import (
    Batch,
    Complaint,
    Hold,
    ImportRun,
    Inspection,
    Location,
    Product,
    Run,
    Shipment,
    SnapshotLine,
    TraceSnapshot,
)
from batches.templatetags.lotline import status, tag, try_url


class BatchTable(Table):
    pick = PickColumn("batch")
    # A number is never broken, but what stands for one that is not recorded is a sentence.
    number = CodeColumn(
        verbose_name="Batch",
        attrs={
            "a": {"class": lambda record: "code wrap" if record.is_unidentified else "code"},
            "td": {"class": "nowrap"},
        },
    )
    product = LinkedColumn("Product", accessor="product__name", attrs={"td": {"class": "name"}})
    product_code = CodeColumn(verbose_name="Product code", accessor="product__code")
    origin = LinkedColumn("Made at", accessor="origin__name", attrs={"td": {"class": "nowrap"}})
    produced_at = TimeColumn("Made")
    expires_on = DayColumn("Best before")
    status = StatusColumn(order_by=("-is_recalled", "-is_held", "status"))
    recall = CodeColumn(
        verbose_name="Recall",
        orderable=False,
        default="",
        linkify=lambda value: try_url("recall-detail", value),
    )
    made = QuantityColumn("Made or received", unit="product__unit")
    on_site = QuantityColumn("On site", unit="product__unit")
    shipped = QuantityColumn("Shipped from origin", unit="product__unit")

    class Meta(Table.Meta):
        model = Batch
        fields = ()


class ShipmentTable(Table):
    pick = PickColumn("shipment")
    reference = CodeColumn(verbose_name="Shipment")
    status = StatusColumn(order_by="status")
    origin = LinkedColumn("From", accessor="origin__name")
    destination = LinkedColumn("To", accessor="destination__name")
    shipped_at = TimeColumn("Left", date_only="shipped_date_only")
    received_at = TimeColumn("Arrived", date_only="received_date_only")
    lines = CountColumn("Batches", accessor="line_count")
    document = tables.Column("Document")

    class Meta(Table.Meta):
        model = Shipment
        fields = ()


class RunTable(Table):
    pick = PickColumn("run")
    reference = CodeColumn(verbose_name="Run")
    kind = tables.Column("Kind")
    status = StatusColumn(order_by="status")
    location = LinkedColumn("At", accessor="location__name")
    line = tables.Column("Line")
    ran_at = TimeColumn("Ran", date_only="ran_date_only")
    inputs = CountColumn("Batches in", accessor="input_count")
    outputs = CountColumn("Batches out", accessor="output_count")

    class Meta(Table.Meta):
        model = Run
        fields = ()


class GapsColumn(tables.Column):
    """What is missing of a place, a tag for each."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, empty_values=(), orderable=False, **kwargs)

    def render(self, record):
        words = self.value(record).split("; ")
        return format_html_join(" ", "{}", ((tag("hold", word, "warn"),) for word in words if word))

    def value(self, record):
        return "; ".join(record.gaps(record.contact_count, record.returned_count))


class LocationTable(Table):
    pick = PickColumn("location")
    code = CodeColumn(verbose_name="Code")
    name = tables.Column("Name")
    kind = tables.Column("Kind")
    is_own = tables.BooleanColumn(verbose_name="Own site", yesno="yes,no")
    city = tables.Column("Town")
    country = tables.Column("Country")
    gln = CodeColumn(verbose_name="GLN", linkify=False)
    batches = CountColumn("Batches there", accessor="held_count")
    contacts = CountColumn("Contacts", accessor="contact_count")
    tested = CountColumn("Tested", accessor="tested_count")
    gaps = GapsColumn("Missing")

    class Meta(Table.Meta):
        model = Location
        fields = ()


class ProductTable(Table):
    pick = PickColumn("product")
    code = CodeColumn(verbose_name="Code")
    name = tables.Column("Name")
    brand = tables.Column("Brand")
    category = tables.Column("Category")
    gtin = CodeColumn(verbose_name="GTIN", linkify=False)
    unit = tables.Column("Unit")
    shelf_life_days = CountColumn("Shelf life in days")
    batches = CountColumn("Batches", accessor="batch_count")

    class Meta(Table.Meta):
        model = Product
        fields = ()


class HoldTable(Table):
    # The reason names the recall.
    rest = ("recall", "placed_by")
    pick = PickColumn("hold")
    batch = CodeColumn(verbose_name="Batch", accessor="batch__number")
    product = tables.Column("Product", accessor="batch__product__name")
    where = tables.Column("Where", accessor="location__name", default="Everywhere")
    reason = tables.Column("Reason", attrs={"td": {"class": "wide"}})
    recall = tables.Column("Recall", default="", attrs={"td": {"class": "code"}})
    status = StatusColumn(order_by="released_at")
    placed_at = TimeColumn("Since")
    placed_by = tables.Column(
        "Placed by",
        accessor="placed_by",
        order_by=("placed_by__last_name", "placed_by__username"),
        default="The system",
    )
    owner = tables.Column(
        "Owner", order_by=("owner__last_name", "owner__username"), default="nobody"
    )
    due_on = DayColumn("Decide by", default="")
    action = ActionColumn("batches/hold_action.html")

    def render_placed_by(self, value):
        return value.get_full_name() or value.get_username()

    value_placed_by = render_owner = value_owner = render_placed_by

    class Meta(Table.Meta):
        model = Hold
        fields = ()
        row_attrs = {"data-href": lambda record: record.batch.get_absolute_url()}


class ComplaintTable(Table):
    pick = PickColumn("complaint")
    number = CodeColumn(verbose_name="Number", accessor="pk", linkify=True)
    at = TimeColumn("Came in")
    severity = tables.Column("Severity")
    status = StatusColumn(order_by="status")
    product = LinkedColumn("Product", accessor="product__name")
    batch = CodeColumn(verbose_name="Batch", accessor="batch__number")
    place = LinkedColumn("Place", accessor="location__name")
    text = tables.Column("What was said")
    outcome = tables.Column("What came of it", default="")
    action = ActionColumn("batches/complaint_action.html")

    class Meta(Table.Meta):
        model = Complaint
        fields = ()


class InspectionTable(Table):
    pick = PickColumn("inspection")
    kind = tables.Column("Inspection")
    batch = CodeColumn(verbose_name="Batch", accessor="batch__number")
    product = LinkedColumn("Product", accessor="batch__product__name")
    result = StatusColumn(verbose_name="Result", order_by="result")
    # A limit that is not there is none, and not unknown.
    value = QuantityColumn("Measured", unit="unit", empty_values=(None,), default="")
    lower_limit = QuantityColumn("At least", unit="unit", empty_values=(None,), default="")
    upper_limit = QuantityColumn("At most", unit="unit", empty_values=(None,), default="")
    remark = tables.Column("Remark", default="", attrs={"td": {"class": "wide"}})
    by = tables.Column("By", order_by=("by__last_name", "by__username"), default="Not recorded")
    at = TimeColumn("When")

    def render_by(self, value):
        return value.get_full_name() or value.get_username()

    value_by = render_by

    class Meta(Table.Meta):
        model = Inspection
        fields = ()
        row_attrs = {"data-href": lambda record: record.batch.get_absolute_url()}


class ImportTable(Table):
    file_name = LinkedColumn("File")
    kind = tables.Column("Rows of")
    state = tables.Column("State", empty_values=(), order_by="job__state")
    row_count = CountColumn("Rows", accessor="rows")
    added = CountColumn("Added")
    already_there = CountColumn("Already there")
    refused = CountColumn("Refused")
    is_dry_run = tables.Column("Dry run")
    by = tables.Column("By", order_by="by__username")
    at = TimeColumn("Imported")

    class Meta(Table.Meta):
        model = ImportRun
        fields = ()

    def render_state(self, record):
        # What a command imported had no job; its report is written when it is done.
        return status(record.job) if record.job else tag("ok", "Done")

    def value_state(self, record):
        return record.job.get_state_display() if record.job else "Done"

    def render_is_dry_run(self, value):
        return "Yes" if value else "No"


class SnapshotTable(Table):
    title = LinkedColumn("Trace of")
    way = tables.Column("Direction", accessor="asked__direction", orderable=False)
    holdings = CountColumn("Holdings", accessor="counts__holdings", orderable=False)
    frozen_at = TimeColumn("Frozen")
    by = tables.Column("By", accessor="frozen_by__username")
    known_at = TimeColumn("As known at")
    sha256 = tables.Column("SHA-256", attrs={"td": {"class": "code"}}, orderable=False)

    class Meta(Table.Meta):
        model = TraceSnapshot
        fields = ()

    def render_sha256(self, value):
        return f"{value[:12]}…"


class SnapshotLineTable(Table):
    location_name = tables.Column("Location", attrs={"td": {"class": "name"}})
    batch_number = tables.Column("Batch", attrs={"td": {"class": "code"}})
    product_name = tables.Column("Product", attrs={"td": {"class": "name"}})
    status = tables.Column("Status", accessor="word")
    received = QuantityColumn("Received", unit="unit")
    on_hand = QuantityColumn("On hand", unit="unit")
    document = tables.Column("Came by", attrs={"td": {"class": "code"}})
    bound = TimeColumn("Since or until")
    depth = CountColumn("Steps")
    location_code = tables.Column("Location code", attrs={"td": {"class": "code"}})
    country = tables.Column("Country")
    product_code = tables.Column("Product code", attrs={"td": {"class": "code"}})
    origin_code = tables.Column("Made at", attrs={"td": {"class": "code"}})
    unit = tables.Column("Unit")

    class Meta(Table.Meta):
        model = SnapshotLine
        fields = ()
        row_attrs: dict = {}

    def render_status(self, record):
        return tag(record.status, record.word)

    def render_location_name(self, record):
        """Leads to the way that explains why it is there."""
        return format_html(
            '<a class="lk" href="?line={}#way">{}</a>', record.place, record.location_name
        )
