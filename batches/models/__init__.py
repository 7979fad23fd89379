"""The tables that say what was made from what, and where it is now."""

from batches.models.audits import AuditRun
from batches.models.batches import Batch
from batches.models.custom import CustomField, CustomValue
from batches.models.documents import (
    Adjustment,
    Run,
    RunInput,
    RunOutput,
    Shipment,
    ShipmentLine,
)
from batches.models.events import Event, Finding
from batches.models.jobs import ColumnName, ImportRun, Job, Worker
from batches.models.locations import Contact, Location
from batches.models.numbering import (
    IssuedNumber,
    NumberBlock,
    NumberSequence,
    VoidedNumber,
)
from batches.models.preferences import Preferences, SavedView, ViewCount
from batches.models.products import Product
from batches.models.quality import Complaint, Hold, Inspection
from batches.models.snapshots import SnapshotLine, TraceSnapshot
from batches.models.tokens import ApiToken
from batches.models.trace import Holding, Link
from batches.models.units import RateWindow, UnitCheck, UnitCode, UnitSeries

__all__ = [
    "Adjustment",
    "ApiToken",
    "AuditRun",
    "Batch",
    "ColumnName",
    "Complaint",
    "Contact",
    "CustomField",
    "CustomValue",
    "Event",
    "Finding",
    "Hold",
    "Holding",
    "ImportRun",
    "Inspection",
    "IssuedNumber",
    "Job",
    "Link",
    "Location",
    "NumberBlock",
    "NumberSequence",
    "Preferences",
    "Product",
    "RateWindow",
    "Run",
    "RunInput",
    "RunOutput",
    "SavedView",
    "Shipment",
    "ShipmentLine",
    "SnapshotLine",
    "TraceSnapshot",
    "UnitCheck",
    "UnitCode",
    "UnitSeries",
    "ViewCount",
    "VoidedNumber",
    "Worker",
]
