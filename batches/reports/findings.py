"""Where the things that findings are about have their pages."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.urls import NoReverseMatch, reverse

from batches.models import Finding

# What a thing without a page of its own belongs to.
FOLLOWED = ("batch", "holding", "recall", "series")
# What its page or its name is made of.
RELATED = {
    "batches.batch": ("product", "origin"),
    "batches.holding": ("batch__product", "batch__origin"),
    "batches.shipment": ("destination",),
    "batches.adjustment": ("holding__batch__product", "holding__batch__origin"),
    "batches.unitcode": ("series__batch__product", "series__batch__origin"),
    "batches.numberblock": ("product",),
    "recalls.scopeversion": ("recall",),
}


def subjects(findings: Iterable[Finding]) -> dict[tuple[str, str], Any]:
    """What the findings are about, by its type and key; one query for each type."""
    wanted: dict[str, set[str]] = {}
    for finding in findings:
        wanted.setdefault(finding.object_type, set()).add(finding.object_id)
    things: dict[tuple[str, str], Any] = {}
    for label, keys in wanted.items():
        numbers = [key for key in keys if key.isdigit()]
        if (model := _model(label)) and numbers:
            rows = model._base_manager.filter(pk__in=numbers)
            if related := RELATED.get(label):
                rows = rows.select_related(*related)
            things |= {(label, str(row.pk)): row for row in rows}
    return things


def addresses(findings: Iterable[Finding]) -> dict[tuple[str, str], str]:
    """The pages of what the findings are about, by its type and key."""
    return {key: page_of(thing) for key, thing in subjects(findings).items()}


def page_of(obj) -> str:
    """The address of its page, or of the page of what it belongs to; empty where there is none."""
    if hasattr(obj, "get_absolute_url"):
        return obj.get_absolute_url()
    owner = next((getattr(obj, name) for name in FOLLOWED if hasattr(obj, name)), None)
    return page_of(owner) if owner is not None else ""


def form_of(finding: Finding) -> str:
    """The address of its form in the admin, where it is mended; empty where there is none."""
    try:
        name = finding.object_type.replace(".", "_")
        return reverse(f"admin:{name}_change", args=[finding.object_id])
    except NoReverseMatch:
        return ""


def _model(label: str):
    """A finding may be about what is no row, such as a trigger."""
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None
