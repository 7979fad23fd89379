"""The list pages of this app."""

from decimal import Decimal

from django.db.models import (
    Case,
    Count,
    DecimalField,
    Exists,
    F,
    OuterRef,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from batches import filters, tables
from batches.lists.pages import Empty, ListPage
from batches.lists.tabs import Tab
from batches.models import (
    Batch,
    Complaint,
    Contact,
    Hold,
    Holding,
    Inspection,
    Location,
    Product,
    Run,
    RunInput,
    RunOutput,
    Shipment,
    ShipmentLine,
)
from batches.operations.holds import with_freedom
from batches.views.place_map import places_of

QUANTITY = DecimalField(max_digits=18, decimal_places=6)
IMPORT = {"link": "Import a file", "url_name": "import-list", "permission": "batches.import_data"}


def total(rows, *keys):
    """Sum of `quantity` for one group as a subquery: null if a part is unknown, 0 without rows."""
    grouped = rows.order_by().values(*keys).annotate(n=Count("pk"), known=Count("quantity"))
    figure = Case(When(known=F("n"), then=Sum("quantity")), default=None)
    sums = Subquery(grouped.annotate(total=figure).values("total"))
    nothing = Value(Decimal(0), output_field=QUANTITY)
    return Case(When(~Exists(rows), then=nothing), default=sums, output_field=QUANTITY)


def number_of(rows, key):
    return Coalesce(
        Subquery(rows.order_by().values(key).annotate(n=Count("pk")).values("n")), Value(0)
    )


class BatchList(ListPage):
    permission = "batches.view_batch"
    table_class = tables.BatchTable
    filterset_class = filters.BatchFilter
    title = "Batches"
    template_name = "batches/batch_list.html"
    empty = Empty("No batch is recorded yet. Import a file, or enter one.", **IMPORT)
    add_url_name = "admin:batches_batch_add"
    add_permission, add_word = "batches.add_batch", "Add a batch"
    tabs = (
        Tab("All", ""),
        Tab("On hold", "status=held"),
        Tab("Recalled", "status=recalled"),
        Tab("Awaiting release", "status=pending"),
    )

    def rows(self):
        here = Holding.objects.filter(batch=OuterRef("pk"), location__is_own=True)
        left = ShipmentLine.objects.filter(
            batch=OuterRef("pk"),
            shipment__origin=OuterRef("origin"),
            shipment__status__in=[Shipment.Status.POSTED, Shipment.Status.RECEIVED],
        )
        yielded = RunOutput.objects.filter(batch=OuterRef("pk"), run__status=Run.Status.POSTED)
        made = Case(When(Exists(yielded), then=total(yielded, "batch")), default=F("quantity"))
        recalled = Hold.objects.active().filter(batch=OuterRef("pk")).exclude(recall="")
        oldest = recalled.order_by("placed_at", "pk").values("recall")[:1]
        return (
            Batch.objects.with_state()
            .select_related("product", "origin")
            .annotate(made=made, on_site=total(here, "batch"), shipped=total(left, "batch"))
            .annotate(recall=Subquery(oldest))
        )


class ShipmentList(ListPage):
    permission = "batches.view_shipment"
    table_class = tables.ShipmentTable
    filterset_class = filters.ShipmentFilter
    template_name = "batches/shipment_list.html"
    title = "Shipments"
    empty = Empty("No shipment is recorded yet. Import a file, or enter one.", **IMPORT)
    add_url_name = "admin:batches_shipment_add"
    add_permission, add_word = "batches.add_shipment", "Add a shipment"
    tabs = (
        Tab("All", ""),
        Tab("Drafts", "status=draft"),
        Tab("In transit", "status=posted"),
        Tab("Received", "status=received"),
        Tab("Short", "status=short", none="No shipment was counted short."),
        Tab("Refused", "status=refused", none="No shipment was refused."),
    )

    def rows(self):
        lines = ShipmentLine.objects.filter(shipment=OuterRef("pk"))
        return Shipment.objects.select_related("origin", "destination").annotate(
            line_count=number_of(lines, "shipment"), is_short=filters.short()
        )


class RunList(ListPage):
    permission = "batches.view_run"
    table_class = tables.RunTable
    filterset_class = filters.RunFilter
    template_name = "batches/run_list.html"
    title = "Runs"
    empty = Empty("No production run is recorded yet. Import a file, or enter one.", **IMPORT)
    add_url_name = "admin:batches_run_add"
    add_permission, add_word = "batches.add_run", "Add a run"
    tabs = (Tab("All", ""), Tab("Drafts", "status=draft"), Tab("Posted", "status=posted"))

    def rows(self):
        return Run.objects.select_related("location").annotate(
            input_count=number_of(RunInput.objects.filter(run=OuterRef("pk")), "run"),
            output_count=number_of(RunOutput.objects.filter(run=OuterRef("pk")), "run"),
        )


class LocationList(ListPage):
    permission = "batches.view_location"
    table_class = tables.LocationTable
    filterset_class = filters.LocationFilter
    title = "Locations"
    template_name = "batches/location_list.html"
    empty = Empty("No location is recorded yet. Import a file, or enter one.", **IMPORT)
    add_url_name = "admin:batches_location_add"
    add_permission, add_word = "batches.add_location", "Add a location"
    tabs = (
        Tab("All", ""),
        Tab("Own sites", "own=true"),
        Tab("Without a contact", "missing=contact"),
        Tab("Without a tested contact", "missing=test"),
        Tab("Mail came back", "missing=mail"),
        Tab("Without a GLN", "missing=gln"),
        Tab("Without a position", "missing=position"),
    )

    kept = frozenset({"map"})

    def context(self, filters, table):
        places = places_of(filters.qs.order_by("code", "pk")) if "map" in self.request.GET else None
        return super().context(filters, table) | {"places": places}

    def hidden_columns(self):
        """Nothing to tick for who may not do anything with it."""
        hidden = super().hidden_columns()
        may_test = self.request.user.has_perm("recalls.add_contacttest")
        return hidden if may_test else (*hidden, "pick")

    def rows(self):
        held = Holding.objects.filter(location=OuterRef("pk")).exclude(quantity=0)
        told = Contact.objects.told().filter(location=OuterRef("pk"))
        returned = Contact.objects.filter(location=OuterRef("pk"), returned_at__isnull=False)
        return Location.objects.annotate(
            held_count=number_of(held, "location"),
            contact_count=number_of(told, "location"),
            tested_count=number_of(told.tested(timezone.now()), "location"),
            returned_count=number_of(returned, "location"),
        )


class ProductList(ListPage):
    permission = "batches.view_product"
    table_class = tables.ProductTable
    filterset_class = filters.ProductFilter
    template_name = "includes/ticked_list.html"
    title = "Products"
    empty = Empty("No product is recorded yet. Import a file, or enter one.", **IMPORT)
    add_url_name = "admin:batches_product_add"
    add_permission, add_word = "batches.add_product", "Add a product"

    def rows(self):
        made = Batch.objects.filter(product=OuterRef("pk"))
        return Product.objects.annotate(batch_count=number_of(made, "product"))


class HoldList(ListPage):
    permission = "batches.view_hold"
    table_class = tables.HoldTable
    filterset_class = filters.HoldFilter
    template_name = "batches/hold_list.html"
    title = "Holds"
    empty = Empty("Nothing is on hold.", "See all batches", "batch-list")
    personal = frozenset({"owner=me"})
    tabs = (
        Tab("All", ""),
        Tab("On hold", "state=active", none="Nothing is on hold."),
        Tab("Waiting for a decision", "state=waiting", none="No hold waits for a decision."),
        Tab("Mine", "state=waiting&owner=me", none="No hold waits for your decision."),
        Tab("Released", "state=released"),
    )

    def rows(self):
        related = ("batch__product", "batch__origin", "location", "placed_by", "owner")
        still_held_first = F("released_at").desc(nulls_first=True)
        rows = with_freedom(Hold.objects.select_related(*related))
        return rows.order_by(still_held_first, "-placed_at", "-pk")


class ComplaintList(ListPage):
    permission = "batches.view_complaint"
    table_class = tables.ComplaintTable
    template_name = "batches/complaint_list.html"
    filterset_class = filters.ComplaintFilter
    title = "Complaints"
    empty = Empty("No complaint is recorded.", "See all batches", "batch-list")
    add_url_name = "admin:batches_complaint_add"
    add_permission, add_word = "batches.add_complaint", "Add a complaint"
    tabs = (
        Tab("All", ""),
        Tab("Open", "status=open", none="No open complaints."),
        Tab("Closed", "status=closed"),
    )

    def rows(self):
        return Complaint.objects.select_related(
            "product", "batch__product", "batch__origin", "location"
        )


class InspectionList(ListPage):
    permission = "batches.view_inspection"
    table_class = tables.InspectionTable
    filterset_class = filters.InspectionFilter
    template_name = "includes/ticked_list.html"
    title = "Inspections"
    empty = Empty("No inspection is recorded.", "See all batches", "batch-list")
    add_url_name = "admin:batches_inspection_add"
    add_permission, add_word = "batches.add_inspection", "Add an inspection"
    tabs = (
        Tab("All", ""),
        Tab("Awaiting result", "result=open"),
        Tab("Failed", "result=failed"),
        Tab("Passed", "result=passed"),
    )

    def rows(self):
        return Inspection.objects.select_related("batch__product", "batch__origin", "by")
