"""Where each thing is done that a recall still needs."""

from django.urls import reverse

from recalls.models import Narrowing, Recall
from recalls.reports.missing import Missing


def linked(
    recall: Recall, found: list[Missing], narrowing: Narrowing | None
) -> list[tuple[Missing, str]]:
    """Each thing with its address; `narrowing` is the one that waits."""
    return [(one, _address(recall, one.key, narrowing)) for one in found]


def _address(recall: Recall, key: str, narrowing: Narrowing | None) -> str:
    if key == "balance":
        return reverse("recall-reconciliation", args=[recall.reference])
    if key == "version":
        return reverse("recall-newest-scope", args=[recall.reference])
    if key == "narrowing" and narrowing:
        return reverse("recall-narrowing", args=[recall.reference, narrowing.number])
    if key in {"level", "sample", "checks"}:
        return reverse("recall-checks", args=[recall.reference])
    places = {"answers": "?all=1#live", "sign": "#h-de"}
    return f"{recall.get_absolute_url()}{places.get(key, '')}"
