"""Unit codes to look at: the printer's list, a batch's series, what is known of one code."""

import csv
import io
from collections.abc import Iterable

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum

from batches.codes.gs1 import CodeError, digital_link
from batches.codes.gs1.elements import Element
from batches.codes.units import read_code
from batches.models import Batch, UnitCode
from batches.operations.units import unit_digest

# AI 21 holds 20 characters, fewer than 128 random bits need; AI 91 is the maker's own.
CARRIER = "91"


def printers_list(batch: Batch, codes: Iterable[str]) -> str:
    """CSV of the codes as printed and, for a product with a GTIN, of the address in the QR."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["code", "digital_link"])
    writer.writerows([code, _address(batch, code)] for code in codes)
    return file.getvalue()


def _address(batch: Batch, code: str) -> str:
    if not batch.product.gtin:
        return ""
    named = [Element("01", batch.product.gtin), Element("10", batch.number)]
    try:
        plain = read_code(code)
        return digital_link.build([*named, Element(CARRIER, plain)], settings.SITE_URL)
    except CodeError:  # A number that GS1 does not know, such as one with a space.
        return ""


def series_of(batch: Batch) -> QuerySet:
    """The batch's series, newest first, with what visitors asked of them."""
    figures = {
        "checked": Count("codes", filter=Q(codes__checks__gt=0)),
        "checks": Sum("codes__checks"),
        "flagged": Count("codes", filter=Q(codes__flagged_at__isnull=False)),
    }
    rows = batch.unit_series.select_related("issued_by").annotate(**figures)
    # Said again: a figure over a group takes the model's own order away.
    return rows.order_by("-issued_at", "-pk")


def unit_known(text: str) -> UnitCode | None:
    """The unit whose code `text` is, without noting that somebody asked."""
    try:
        digest = unit_digest(read_code(text))
    except CodeError:
        return None
    rows = UnitCode.objects.select_related("series__batch__product", "series__batch__origin")
    return rows.filter(digest=digest).first()
