"""What an address of this site names: labels that GS1 cannot name carry one as a plain QR."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

from django.urls import Resolver404, resolve

from batches.models import Batch, Shipment


def batches(text: str):
    """The batch whose page it is, whatever host the site had when the label was printed."""
    named, query = _named(text, "batch-detail")
    rows = Batch.objects.filter(product__code=named["product"]) if named else Batch.objects.none()
    if origin := query.get("origin"):
        rows = rows.filter(origin__code=origin[0])
    return rows.filter(number=named.get("number", ""))


def shipments(text: str):
    named, _ = _named(text, "shipment-detail")
    return Shipment.objects.filter(reference=named.get("reference", ""))


def is_address(text: str) -> bool:
    return bool(re.match(r"https?://[^/]+/\S", text, re.IGNORECASE)) and "\0" not in text


def _named(text: str, page: str) -> tuple[dict, dict]:
    """The codes in the address of `page`, and its query; empty for any other text."""
    if not is_address(text):
        return {}, {}
    parts = urlsplit(text)
    try:
        match = resolve(unquote(parts.path))
    except Resolver404:
        return {}, {}
    return (match.kwargs, parse_qs(parts.query)) if match.url_name == page else ({}, {})
