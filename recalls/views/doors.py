"""Where each thing is done that a recall still needs."""

from django.urls import reverse

from recalls.models import Narrowing, Recall
from recalls.reports.missing import Missing


def linked(recall: Recall, found: list[Missing]) -> list[tuple[Missing, str]]:
    """Each thing with its address."""
    return [(one, _address(recall, one.key)) for one in found]


def _address(recall: Recall, key: str) -> str:
    if key == "version":
        return reverse("recall-newest-scope", args=[recall.reference])
    if key == "narrowing":
        waiting = recall.narrowings.filter(state=Narrowing.State.OPEN).first()
        return reverse("recall-narrowing", args=[recall.reference, waiting.number])
    if key in {"level", "sample", "checks"}:
        return reverse("recall-checks", args=[recall.reference])
    places = {"answers": "?all=1#live", "balance": "#h-de", "sign": "#h-de"}
    return f"{recall.get_absolute_url()}{places.get(key, '')}"
