"""What came back from a place, and what was destroyed there: each a POST on its page."""

from django.conf import settings

from batches.models import Holding
from recalls.forms.recovery import CameBackForm, DestroyedForm
from recalls.models import Disposition
from recalls.operations.dispositions import needs_second, propose_disposition
from recalls.operations.recovery import record_return
from recalls.views.asked import asked_at
from recalls.views.desk import act_at
from recalls.views.recovered import sites_for

Kind = Disposition.Kind


@act_at("batches.change_shipment")
def came_back(request, recall, place):
    form = CameBackForm(
        request.POST, asked=asked_at(recall, place), sites=sites_for(recall), auto_id="back_%s"
    )

    def do(**who):
        return record_return(recall=recall, location=place, **form.values(), **who)

    def said(shipment) -> str:
        return f"{shipment} is posted. What came is held at {shipment.destination.name}."

    return said, do, form, "came_back"


@act_at("recalls.add_disposition")
def destroyed(request, recall, place):
    form = DestroyedForm(
        request.POST,
        request.FILES,
        asked=asked_at(recall, place),
        currency=settings.CURRENCY,
        auto_id="burnt_%s",
    )

    def do(**who):
        values = form.cleaned_data | {
            "holding": Holding.objects.get(pk=form.cleaned_data["holding"])
        }
        return propose_disposition(recall=recall, kind=Kind.DESTROYED, **values, **who)

    return proposed, do, form, "destroyed"


def proposed(row: Disposition) -> str:
    if needs_second(row.kind):
        return "Proposed. It counts once a second person agrees."
    return "Carried out."
