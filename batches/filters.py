"""The filters of the lists of this app."""

from datetime import timedelta
from urllib.parse import urlencode

import django_filters
from django.contrib.auth.models import User
from django.db.models import BigIntegerField, Exists, OuterRef, Q
from django.db.models.functions import Cast
from django.utils import timezone

from batches.intake.columns import KINDS
from batches.lists.filters import DayRangeFilter, FilterSet, OwnerFilter
from batches.lists.searching import SearchFilter, among
from batches.models import (
    Adjustment,
    Batch,
    Complaint,
    Finding,
    Hold,
    Holding,
    ImportRun,
    Inspection,
    Location,
    Product,
    Run,
    Shipment,
    ShipmentLine,
    SnapshotLine,
    TraceSnapshot,
)
from batches.operations.holds import to_decide


def named(label: str, *paths: str):
    """A text filter on a code (exact) or a name (part of it) of related objects."""

    def method(rows, _name, value):
        found = Q()
        for path in paths:
            found |= among(rows.model, f"{path}__code__iexact", value)
            found |= among(rows.model, f"{path}__name__icontains", value)
        return rows.filter(found)

    return django_filters.CharFilter(label=label, method=method)


def in_stock():
    """What is (or may be) there of the batch of the outer query."""
    some = Q(quantity__gt=0) | Q(quantity__isnull=True)
    return Holding.objects.filter(some, batch=OuterRef("pk"))


class BatchFilter(FilterSet):
    example = "status:held site:plant1 expires:<7d"
    aliases = {"site": "at", "maker": "origin"}
    STATES = [
        ("recalled", "Recalled"),
        ("held", "On hold"),
        ("pending", "Awaiting release"),
        ("released", "Released"),
        ("rejected", "Rejected"),
        ("voided", "Voided"),
    ]
    q = SearchFilter(["product__name", "supplier_number"], key_fields=["number_key"])
    status = django_filters.ChoiceFilter(label="Status", choices=STATES, method="in_state")
    product = named("Product", "product")
    origin = named("Made at", "origin")
    at = django_filters.CharFilter(label="In stock at", method="in_stock_at")
    stock = django_filters.ChoiceFilter(
        label="Stock", method="with_stock", choices=[("own", "On our sites"), ("any", "Anywhere")]
    )
    expires = DayRangeFilter(field_name="expires_on", label="Best before")
    gap = django_filters.ChoiceFilter(
        label="Data gap", choices=[("open", "Something is missing")], method="with_gap"
    )
    made = DayRangeFilter(field_name="produced_at", label="Made")

    class Meta:
        model = Batch
        fields: list = []

    def in_state(self, rows, _name, value):
        if value == "held":
            return rows.on_hold()
        return rows.recalled() if value == "recalled" else rows.filter(status=value)

    def in_stock_at(self, rows, _name, value):
        place = Q(location__code__iexact=value) | Q(location__name__icontains=value)
        return rows.filter(Exists(in_stock().filter(place)))

    def with_stock(self, rows, _name, value):
        return rows.filter(
            Exists(in_stock().filter(location__is_own=True) if value == "own" else in_stock())
        )

    def with_gap(self, rows, _name, _value):
        gaps = Finding.objects.unsettled().filter(severity=Finding.Severity.GAP)
        about = gaps.filter(object_type=Batch._meta.label_lower)
        return rows.filter(pk__in=about.values(key=Cast("object_id", BigIntegerField())))


def short() -> Exists:
    """Less was counted on arrival than the paper of the outer query's shipment says."""
    counted = Adjustment.objects.filter(shipment_line__shipment=OuterRef("pk"), voided_at=None)
    return Exists(counted.filter(quantity__lt=0))


class ShipmentFilter(FilterSet):
    example = "status:posted to:store1 left:>-7d"
    aliases = {"from": "origin", "to": "destination"}
    q = SearchFilter(["reference", "document", "origin__name", "destination__name"])
    STATES = [*Shipment.Status.choices, ("short", "Short"), ("refused", "Refused")]
    status = django_filters.ChoiceFilter(label="Status", choices=STATES, method="in_state")
    origin = named("From", "origin")
    destination = named("To", "destination")
    batch = django_filters.CharFilter(label="Batch", method="with_batch")
    left = DayRangeFilter(field_name="shipped_at", label="Left")

    class Meta:
        model = Shipment
        fields: list = []

    @property
    def wider(self) -> str:
        """The same address with a period that is a month longer at each end; empty without one."""
        asked = self.form.cleaned_data.get("left") if self.is_valid() else None
        if not asked:
            return ""
        state, month = dict(self.state()), timedelta(days=30)
        if asked.start:
            state["left_after"] = f"{asked.start.date() - month}"
        if asked.stop:
            state["left_before"] = f"{asked.stop.date() + month}"
        return f"?{urlencode(state)}"

    def in_state(self, rows, _name, value):
        if value in Shipment.Status.values:
            return rows.filter(status=value)
        arrived = rows.filter(status=Shipment.Status.RECEIVED)
        return arrived.exclude(refusal_reason="") if value == "refused" else arrived.filter(short())

    def with_batch(self, rows, _name, value):
        from batches.codes.numbering import number_key

        lines = ShipmentLine.objects.filter(
            shipment=OuterRef("pk"), batch__number_key=number_key(value)
        )
        return rows.filter(Exists(lines))


class RunFilter(FilterSet):
    example = "status:posted site:plant1 ran:>-7d"
    aliases = {"site": "location"}
    q = SearchFilter(["reference", "line", "location__name"])
    status = django_filters.ChoiceFilter(label="Status", choices=Run.Status.choices)
    kind = django_filters.ChoiceFilter(label="Kind", choices=Run.Kind.choices)
    location = named("At", "location")
    ran = DayRangeFilter(field_name="ran_at", label="Ran")

    class Meta:
        model = Run
        fields: list = []


class LocationFilter(FilterSet):
    example = "kind:store missing:contact"
    q = SearchFilter(["code", "name", "city", "gln", "country"])
    kind = django_filters.ChoiceFilter(label="Kind", choices=Location.Kind.choices)
    own = django_filters.ChoiceFilter(
        label="Own site", choices=[("true", "Yes"), ("false", "No")], method="is_ours"
    )
    missing = django_filters.ChoiceFilter(
        label="Missing",
        method="lacks",
        choices=[
            ("contact", "Contact who gets notices"),
            ("test", "Tested contact"),
            ("mail", "Contact whose mail arrives"),
            ("gln", "GLN"),
            ("position", "Position"),
        ],
    )

    class Meta:
        model = Location
        fields: list = []

    def is_ours(self, rows, _name, value):
        return rows.filter(is_own=value == "true")

    def lacks(self, rows, _name, value):
        if value == "gln":
            return rows.filter(gln__isnull=True)
        if value == "position":
            return rows.filter(latitude__isnull=True)
        if value == "mail":
            return rows.filter(returned_count__gt=0)
        # Where nobody is named, there is nobody to test.
        return (
            rows.filter(contact_count__gt=0, tested_count=0)
            if value == "test"
            else rows.filter(contact_count=0)
        )


class ProductFilter(FilterSet):
    example = "active:true granola"
    q = SearchFilter(["code", "name", "brand", "gtin", "category"])
    active = django_filters.BooleanFilter(label="Active")

    class Meta:
        model = Product
        fields: list = []


def hold_owners():
    return User.objects.filter(pk__in=Hold.objects.order_by().values("owner"))


class HoldFilter(FilterSet):
    example = "state:waiting owner:me cause:own"
    STATES = [
        ("active", "On hold"),
        ("waiting", "Waiting for a decision"),
        ("extended", "Extended to a later day"),
        ("scrap", "Scrapped"),
        ("rework", "For rework"),
        ("released", "Released"),
        ("drill", "Drill only"),
    ]
    q = SearchFilter(
        ["batch__product__name", "reason", "recall", "location__name"],
        key_fields=["batch__number_key"],
    )
    state = django_filters.ChoiceFilter(label="State", choices=STATES, method="in_state")
    cause = django_filters.ChoiceFilter(
        label="Cause", method="caused_by", choices=[("recall", "A recall"), ("own", "Own decision")]
    )
    owner = OwnerFilter(hold_owners)
    due = DayRangeFilter(field_name="due_on", label="Decide by")

    class Meta:
        model = Hold
        fields: list = []

    def in_state(self, rows, _name, value):
        if value == "waiting":
            return to_decide(rows, timezone.now())
        if value == "extended":
            undecided = rows.active().filter(decision="", due_on__isnull=False)
            return undecided.exclude(pk__in=to_decide(undecided, timezone.now()).values("pk"))
        if value in Hold.Decision.values:
            return rows.active().filter(decision=value)
        if value == "active":
            return rows.active()
        return rows.filter(is_drill=True) if value == "drill" else rows.exclude(released_at=None)

    def caused_by(self, rows, _name, value):
        return rows.exclude(recall="") if value == "recall" else rows.filter(recall="")


class ComplaintFilter(FilterSet):
    example = "status:open severity:critical"
    q = SearchFilter(["text", "product__name", "location__name"], key_fields=["batch__number_key"])
    status = django_filters.ChoiceFilter(label="Status", choices=Complaint.Status.choices)
    severity = django_filters.ChoiceFilter(label="Severity", choices=Complaint.Severity.choices)
    product = named("Product", "product")
    came = DayRangeFilter(field_name="at", label="Came in")

    class Meta:
        model = Complaint
        fields: list = []


class InspectionFilter(FilterSet):
    example = "result:failed made:>-30d"
    aliases = {"status": "result", "when": "made"}
    q = SearchFilter(["kind", "batch__product__name", "remark"], key_fields=["batch__number_key"])
    result = django_filters.ChoiceFilter(label="Result", choices=Inspection.Result.choices)
    product = named("Product", "batch__product")
    made = DayRangeFilter(field_name="at", label="When")

    class Meta:
        model = Inspection
        fields: list = []


class ImportFilter(FilterSet):
    example = "kind:batches refused:yes"
    q = SearchFilter(["file_name"])
    kind = django_filters.ChoiceFilter(
        label="Rows of", choices=[(kind, kind.capitalize()) for kind in KINDS]
    )
    refused = django_filters.ChoiceFilter(
        label="Refused rows", choices=[("yes", "Some"), ("no", "None")], method="with_refused"
    )
    at = DayRangeFilter(field_name="at", label="Imported")

    class Meta:
        model = ImportRun
        fields = ()

    def with_refused(self, rows, _name, value):
        return rows.filter(refused__gt=0) if value == "yes" else rows.filter(refused=0)


class SnapshotFilter(FilterSet):
    example = "almond frozen:>-7d"
    q = SearchFilter(["title"])
    frozen = DayRangeFilter(field_name="frozen_at", label="Frozen")

    class Meta:
        model = TraceSnapshot
        fields: list = []


class SnapshotLineFilter(FilterSet):
    """Over the rows of one snapshot, which its key finds: no column needs an index of its own."""

    example = "status:hold country:DE"
    aliases = {"place": "location"}
    q = SearchFilter(["batch_number", "product_name", "location_name", "location_code", "document"])
    status = django_filters.ChoiceFilter(
        label="Status",
        choices=[
            ("crit", "To act on"),
            ("hold", "On hold"),
            ("info", "Stock there"),
            ("ok", "Settled"),
            ("none", "Nothing left or unknown"),
        ],
    )
    location = django_filters.CharFilter(
        label="Location code", lookup_expr="iexact", field_name="location_code"
    )
    country = django_filters.CharFilter(label="Country", lookup_expr="iexact")
    way = django_filters.ChoiceFilter(label="Direction", choices=SnapshotLine.Way)

    class Meta:
        model = SnapshotLine
        fields: list = []


__all__ = [
    "BatchFilter",
    "ComplaintFilter",
    "HoldFilter",
    "ImportFilter",
    "InspectionFilter",
    "LocationFilter",
    "ProductFilter",
    "RunFilter",
    "ShipmentFilter",
    "SnapshotFilter",
    "SnapshotLineFilter",
]
