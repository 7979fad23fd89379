"""Documents, which are all that moves stock: shipments, runs and adjustments."""

from batches.operations.documents.adjustments import adjust_stock, void_adjustment
from batches.operations.documents.moves import move_batches
from batches.operations.documents.runs import create_run, post_run, save_run, void_run
from batches.operations.documents.shipments import (
    create_shipment,
    post_shipment,
    receive_shipment,
    refuse_shipment,
    save_shipment,
    void_shipment,
)

__all__ = [
    "adjust_stock",
    "create_run",
    "create_shipment",
    "move_batches",
    "post_run",
    "post_shipment",
    "receive_shipment",
    "refuse_shipment",
    "save_run",
    "save_shipment",
    "void_adjustment",
    "void_run",
    "void_shipment",
]
