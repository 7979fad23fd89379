"""What the page of a place shows of its goods: what came back, what was destroyed, the forms."""

from django.conf import settings

from batches.models import Location
from recalls.forms.recovery import CameBackForm, DestroyedForm, today
from recalls.models import Disposition, Recall, ScopeLine
from recalls.operations.recovery import UNDER_WAY, next_return
from recalls.reports.reconciliation import reconciliation_of_places
from recalls.reports.status import RecallStatus
from recalls.scope import newest
from recalls.views.cases import Refusal


def recovered_at(
    recall: Recall, now: RecallStatus, place: Location, asked, refusal: Refusal | None
) -> dict:
    """What each line at the place comes to, its returns and destructions, and the two forms."""
    found = reconciliation_of_places(recall, now)
    is_open = bool(asked) and recall.status in UNDER_WAY and not recall.is_drill
    return {
        "sides": [row for row in found.places if row.code == place.code],
        "gaps": [gap for gap in found.gaps if gap.code == place.code],
        "returns": sorted(
            {row.shipment: row for row in now.returns if row.origin_id == place.pk}.values(),
            key=lambda row: row.posted_at,
        ),
        "destroyed": dispositions_of(recall).filter(
            holding__location=place, kind=Disposition.Kind.DESTROYED
        ),
        "takes_goods": is_open,
        "goods_forms": _forms(recall, asked, refusal) if is_open else {},
    }


def _forms(recall: Recall, asked, refusal: Refusal | None) -> dict:
    first = {"arrived_on": today(), "reference": next_return(recall)}
    forms = {
        "came_back": CameBackForm(
            asked=asked, sites=sites_for(recall), initial=first, auto_id="back_%s"
        ),
        "destroyed": DestroyedForm(
            asked=asked,
            currency=settings.CURRENCY,
            initial={"happened_on": today()},
            auto_id="burnt_%s",
        ),
    }
    if refusal and refusal.slot in forms:
        forms[refusal.slot] = refusal.form
    return forms


def sites_for(recall: Recall):
    """The sites of ours that are not asked themselves, warehouses first."""
    told = newest(recall).lines.filter(role=ScopeLine.Role.RECIPIENT).values("location")
    return Location.objects.own().filter(active=True).exclude(pk__in=told).order_by("-kind", "code")


def dispositions_of(recall: Recall):
    """Newest first, with all that a row shows."""
    return (
        recall.dispositions.select_related(
            "holding__batch",
            "holding__location",
            "destination",
            "by",
            "decision__by",
            "decision__shipment",
            "decision__run",
            "decision__adjustment",
            "paper",
        )
        .defer("paper__content")
        .order_by("-number", "-pk")
    )
