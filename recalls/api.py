"""The API of recalls: which there are, and one as `manage.py recall report` gives it."""

from datetime import datetime
from typing import Any, Literal

from django.conf import settings
from django.http import Http404, JsonResponse
from django.urls import reverse
from ninja import Field, Query, Router, Schema

from batches.api.door import answers
from batches.api.problems import USUAL, Problem, invalid
from recalls.models import Recall
from recalls.reports.record import record_of

router = Router(tags=["Recalls"])


Status = Literal["draft", "submitted", "active", "completed", "closed", "cancelled"]


class Page(Schema):
    after: str = Field("", max_length=20, description="Reference of the last one you have.")
    limit: int = Field(50, ge=1, le=200)
    status: Literal["draft", "submitted", "active", "completed", "closed", "cancelled"] | None = (
        None
    )
    is_drill: bool | None = Field(None, description="Only drills, or only live ones.")


class Head(Schema):
    reference: str
    title: str
    is_drill: bool
    kind: str
    classification: str
    status: str
    opened_at: datetime
    activated_at: datetime | None
    closed_at: datetime | None
    url: str


class Heads(Schema):
    """Newest first. `next` is the address of the following ones, null at the end."""

    recalls: list[Head]
    next: str | None


class Amounts(Schema):
    """Decimal texts, in `unit`: due + over = quarantined + returned + destroyed + sold +
    no_answer. `unknown` counts lines whose due nobody knows."""

    unit: str
    due: str
    quarantined: str
    returned: str
    destroyed: str
    sold: str
    no_answer: str
    over: str
    unknown: int


class Places(Schema):
    """Places to be told, each in exactly one state."""

    acknowledged: int
    accepted: int
    pending: int
    failed: int
    unreachable: int
    total: int


class Placed(Schema):
    code: str
    name: str
    state: str
    since: datetime | None
    amounts: list[Amounts]


class Version(Schema):
    """One frozen scope version, as it was hashed."""

    number: int
    sha256: str
    is_released: bool
    scope: dict[str, Any]


class Record(Schema):
    """A recall, its figures and its frozen versions. No names and no addresses of people."""

    reference: str
    title: str
    is_drill: bool
    status: str
    classification: str
    activated_alone: bool
    countersigned: bool
    version: int | None
    draft_version: int | None
    places: Places
    answered: int
    waived: int
    amounts: list[Amounts]
    locations: list[Placed]
    versions: list[Version]


@router.get(
    "/recalls",
    response={200: Heads, **USUAL},
    url_name="api-recalls",
    summary="Which recalls there are",
)
@answers("recalls.view_recall")
def list_recalls(request, asked: Query[Page]):
    """Recalls and drills, newest first."""
    rows = Recall.objects.order_by("-pk")
    if asked.status:
        rows = rows.filter(status=asked.status)
    if asked.is_drill is not None:
        rows = rows.filter(is_drill=asked.is_drill)
    if asked.after:
        rows = rows.filter(pk__lt=_last(asked.after).pk)
    found = list(rows[: asked.limit + 1])
    page = found[: asked.limit]
    following = _following(request, page[-1]) if len(found) > len(page) else None
    return {"recalls": [_head(recall) for recall in page], "next": following}


@router.get(
    "/recalls/{segment:reference}",
    response={200: Record, 404: Problem, **USUAL},
    url_name="api-recall",
    summary="One recall",
)
@answers("recalls.view_recall", "recalls.view_scopeline")
def show_recall(request, reference: str):
    """One recall: where it stands, each place, and its frozen versions."""
    recall = Recall.objects.filter(reference__iexact=reference).first()
    if recall is None:
        raise Http404(f"There is no recall {reference}.")
    # Frozen versions may be megabytes, and are given byte for byte.
    return JsonResponse(record_of(recall))


def _last(reference: str) -> Recall:
    recall = Recall.objects.filter(reference__iexact=reference).first()
    if recall is None:
        raise invalid(after=f"There is no recall {reference} to go on after.")
    return recall


def _following(request, last: Recall) -> str:
    asked = request.GET.copy()
    asked["after"] = last.reference
    return f"{settings.SITE_URL}{request.path}?{asked.urlencode()}"


def _head(recall: Recall) -> dict:
    page = reverse("recall-detail", args=[recall.reference])
    return {
        "reference": recall.reference,
        "title": recall.title,
        "is_drill": recall.is_drill,
        "kind": str(recall.kind),
        "classification": str(recall.classification),
        "status": str(recall.status),
        "opened_at": recall.opened_at,
        "activated_at": recall.activated_at,
        "closed_at": recall.closed_at,
        "url": f"{settings.SITE_URL}{page}",
    }
