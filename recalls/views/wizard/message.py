"""The step that says who is told, and what."""

from recalls.models import Recall
from recalls.views.cases import Refusal

ROWS, MOST = 25, 2_000


def context(request, recall: Recall, refusal: Refusal | None, common: dict) -> dict:
    shown = MOST if "all" in request.GET else ROWS
    return {"told": told(common["seen"])[:shown]}


def told(seen) -> list:
    """The places to be told, those that no notice can reach first."""
    if seen is None:
        return []
    return [*seen.unreachable, *(place for place in seen.recipients if place.contacts)]
