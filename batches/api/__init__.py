"""The API of batches: what a code is, one batch, and its trace. A door for programs."""

from django.urls import register_converter
from ninja import Router

from batches.api import batches, codes, traces
from batches.codes.addresses import CodeConverter

# A code may hold a slash.
register_converter(CodeConverter, "segment")

router = Router(tags=["Batches"])
router.add_router("", codes.router)
router.add_router("", batches.router)
router.add_router("", traces.router)
