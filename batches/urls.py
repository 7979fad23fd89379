"""Addresses of the batches app."""

from django.urls import path, register_converter

from batches.codes.addresses import CodeConverter
from batches.views import (
    acts,
    complaints,
    details,
    holds,
    labels,
    lists,
    moving,
    numbers,
    picked,
    preferences,
    tokens,
    units,
)
from batches.views.audit import audit_urls
from batches.views.batch import batch
from batches.views.imports import import_urls
from batches.views.jobs import job_urls
from batches.views.scan import scan
from batches.views.snapshots import snapshot_urls
from batches.views.trace import trace

register_converter(CodeConverter, "code")

list_urls = [
    path("batches/", lists.BatchList.as_view(), name="batch-list"),
    path("shipments/", lists.ShipmentList.as_view(), name="shipment-list"),
    path("runs/", lists.RunList.as_view(), name="run-list"),
    path("locations/", lists.LocationList.as_view(), name="location-list"),
    path("products/", lists.ProductList.as_view(), name="product-list"),
    path("holds/", lists.HoldList.as_view(), name="hold-list"),
    path("complaints/", lists.ComplaintList.as_view(), name="complaint-list"),
    path("inspections/", lists.InspectionList.as_view(), name="inspection-list"),
]

detail_urls = [
    path("batches/<code:product>/<code:number>/", batch, name="batch-detail"),
    path("shipments/<code:reference>/", details.shipment, name="shipment-detail"),
    path("runs/<code:reference>/", details.run, name="run-detail"),
    path("locations/<code:code>/", details.location, name="location-detail"),
    path("products/<code:code>/", details.product, name="product-detail"),
    path("complaints/<int:pk>/", complaints.complaint, name="complaint-detail"),
]

act_urls = [
    path("batches/hold/", picked.HoldBatches.as_view(), name="batches-hold"),
    path("batches/trace/", picked.trace_batches, name="batches-trace"),
    path("holds/release/", holds.ReleaseHolds.as_view(), name="holds-release"),
    path("holds/assign/", holds.AssignHolds.as_view(), name="holds-assign"),
    path("holds/extend/", holds.ExtendHolds.as_view(), name="holds-extend"),
    path("holds/place/<int:pk>/", acts.HoldBatch.as_view(), name="batch-hold"),
    path("holds/<int:pk>/decide/", holds.DecideHold.as_view(), name="hold-decide"),
    path("holds/<int:pk>/assign/", holds.AssignHold.as_view(), name="hold-assign"),
    path("holds/<int:pk>/extend/", holds.ExtendHold.as_view(), name="hold-extend"),
    path("shipments/<code:reference>/post/", acts.PostShipment.as_view(), name="shipment-post"),
    path(
        "shipments/<code:reference>/receive/",
        acts.ReceiveShipment.as_view(),
        name="shipment-receive",
    ),
    path("shipments/<code:reference>/short/", acts.ReportShort.as_view(), name="shipment-short"),
    path(
        "shipments/<code:reference>/refuse/", acts.RefuseShipment.as_view(), name="shipment-refuse"
    ),
    path("shipments/<code:reference>/void/", acts.VoidShipment.as_view(), name="shipment-void"),
    path("runs/<code:reference>/post/", acts.PostRun.as_view(), name="run-post"),
    path("runs/<code:reference>/void/", acts.VoidRun.as_view(), name="run-void"),
    path("complaints/<int:pk>/close/", acts.CloseComplaint.as_view(), name="complaint-close"),
    path("findings/<int:pk>/close/", acts.CloseFinding.as_view(), name="finding-close"),
]

trace_urls = [path("trace/", trace, name="batch-trace"), *snapshot_urls]

scan_urls = [
    path("scan/", scan, name="scan"),
    path("scan/move/", moving.move, name="scan-move"),
]

label_urls = [
    path("batches/labels/", labels.batch_labels, name="batch-labels"),
    path("batches/<code:product>/<code:number>/label/", labels.batch_label, name="batch-label"),
    path("shipments/<code:reference>/label/", labels.shipment_label, name="shipment-label"),
    path("labels/<int:pk>/", labels.label_job, name="label-job"),
    path("labels/<int:pk>/labels.pdf", labels.label_file, name="label-file"),
]

number_urls = [
    path("products/<code:code>/numbers/", numbers.product_numbers, name="product-numbers"),
    path("products/<code:code>/numbers/preview/", numbers.preview, name="number-preview"),
    path(
        "products/<code:code>/numbers/reserve/",
        numbers.ReserveNumbers.as_view(),
        name="number-reserve",
    ),
    path("numbers/blocks/<int:pk>/", numbers.block, name="number-block"),
    path("numbers/blocks/<int:pk>/void/", numbers.VoidRest.as_view(), name="number-void-rest"),
    path("numbers/<int:pk>/void/", numbers.VoidNumber.as_view(), name="number-void"),
]

unit_urls = [
    path("units/<int:pk>/", units.IssueUnitCodes.as_view(), name="unit-codes"),
    path("units/<int:pk>/void/", units.VoidUnitCodes.as_view(), name="unit-codes-void"),
]

token_urls = [
    path("me/tokens/", tokens.ApiTokens.as_view(), name="api-tokens"),
    path("me/tokens/<str:prefix>/revoke/", tokens.RevokeToken.as_view(), name="api-token-revoke"),
]

preference_urls = [
    path("me/", preferences.PreferencesPage.as_view(), name="preferences"),
    path("me/theme/", preferences.theme, name="theme"),
    path("me/columns/<str:page>/", preferences.columns, name="columns"),
    path("me/views/<str:page>/save/", preferences.save_list_view, name="view-save"),
    path("me/views/<int:pk>/delete/", preferences.DeleteView.as_view(), name="view-delete"),
]

# Each family of pages has its own list below; add yours here.
urlpatterns = [
    *list_urls,
    *number_urls,
    *detail_urls,
    *act_urls,
    *import_urls,
    *job_urls,
    *trace_urls,
    *label_urls,
    *scan_urls,
    *unit_urls,
    *token_urls,
    *preference_urls,
    *audit_urls,
]
