"""One place in one recall: what it was told, how sending went, what it answered."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from batches.lists.access import needs
from batches.models import Contact, Location
from recalls.forms.answers import PhoneForm
from recalls.forms.calls import ContactedForm
from recalls.forms.recalls import AddressForm, ReasonForm
from recalls.message.languages import of_place
from recalls.message.script import script
from recalls.message.texts import Texts
from recalls.models import (
    Acknowledgement,
    HandedIn,
    Notice,
    PassedOn,
    Recall,
    Recipient,
    Response,
    ScopeLine,
)
from recalls.reports.silence import Silence, silences
from recalls.reports.status import RecallStatus, status
from recalls.scope import newest_released
from recalls.scope.contacts import contacts_at
from recalls.scope.narrowed import out_now
from recalls.scope.passed import passed_in
from recalls.views.asked import asked_at
from recalls.views.cases import Refusal, find
from recalls.views.own_link import TAKES_ANSWERS
from recalls.views.recovered import recovered_at


@needs("recalls.view_recipient")
def recipient_detail(request, reference, code):
    recall = find(reference)
    return recipient_page(request, recall, place_of(recall, code))


def place_of(recall: Recall, code: str) -> Location:
    return get_object_or_404(_places(recall).select_related("parent"), code=code)


def places_named(recall: Recall, codes: Collection[str]) -> list[Location]:
    """Those that were ticked on a page of the recall; refuses one that it does not know."""
    found = list(_places(recall).filter(code__in=codes))
    if gone := set(codes) - {place.code for place in found}:
        raise ValidationError(f"{min(gone)} is no place of this recall. Load the page again.")
    return found


def _places(recall: Recall) -> QuerySet[Location]:
    lines = ScopeLine.objects.filter(version__recall=recall)
    return Location.objects.filter(pk__in=lines.values("location"))


def recipient_page(request, recall, place, refusal: Refusal | None = None):
    """The page as it stands; with a refusal it is 422 and shows the summary on top."""
    version, lines = newest_released(recall), asked_at(recall, place)
    now = status(recall)
    state = next((p for p in now.places if p.location_id == place.pk), None)
    recipients = _recipients(recall, place)
    context = {
        "recall": recall,
        "place": place,
        "state": state,
        "steps": recall.escalations.filter(location=place).select_related("told"),
        "silence": _silence(recall, now, place),
        "now": timezone.now(),
        "lines": version.lines.filter(location=place) if version else [],
        "out": out_now(recall)
        .filter(line__location=place)
        .select_related("line", "narrowing__version"),
        "contacts": place.contacts.all(),
        "above": place.parent.contacts.all() if place.parent else [],
        "notices": _notices(recall, place),
        "recipients": recipients,
        "acknowledgements": Acknowledgement.objects.filter(recipient__in=recipients).select_related(
            "recipient", "version"
        ),
        "answers": Response.objects.filter(recall=recall, line__location=place)
        .select_related("line", "recipient", "recorded_by")
        .order_by("-at", "-pk"),
        "handed_in": HandedIn.objects.filter(recipient__in=recipients)
        .select_related("recipient")
        .defer("content"),
        "passed": [one for one in passed_in(recall) if one.line.location_id == place.pk],
        "forms": _forms(lines, refusal),
        "slot": refusal.slot if refusal else "",
        "faults": refusal.faults if refusal else [],
        "is_active": recall.status == Recall.Status.ACTIVE,
        **recovered_at(recall, now, place, lines, refusal),
        "takes_answers": bool(lines) and recall.status in TAKES_ANSWERS,
        **_call(request, recall, place, state),
    }
    code = 422 if refusal else 200
    return render(request, "recalls/recipient_detail.html", context, status=code)


def _call(request, recall: Recall, place: Location, state) -> dict:
    """What is said to the place on the telephone, and who was spoken to there."""
    lines = state.lines if state else []
    language = of_place(place, place.contacts.all())
    return {
        "is_calling": "call" in request.GET,
        "has_number": any(who.phone for who in _callable(place)),
        "language": language,
        "sentences": script(recall, lines, language, Texts(recall)) if lines else [],
        "log": recall.contacted.filter(location=place).select_related("by").order_by("-at", "-pk"),
    }


def _callable(place: Location) -> list[Contact]:
    return [*place.contacts.all(), *(place.parent.contacts.all() if place.parent else [])]


def _silence(recall: Recall, now: RecallStatus, place: Location) -> Silence | None:
    """What the clock does next about the place; nothing once the recall is not active."""
    if recall.status != Recall.Status.ACTIVE:
        return None
    return next((s for s in silences(recall, now) if s.place.location_id == place.pk), None)


def _forms(lines, refusal: Refusal | None) -> dict:
    forms = {
        "waive": ReasonForm(auto_id="waive_%s"),
        "answer": PhoneForm(asked=lines, auto_id="answer_%s"),
        "address": AddressForm(auto_id="address_%s"),
        "call": ContactedForm(auto_id="call_%s"),
    }
    if refusal and refusal.slot:
        forms[refusal.slot] = refusal.form
    return forms


def _recipients(recall: Recall, place: Location) -> list[Recipient]:
    """Who has a link for this place; `is_contact` says whether the address is one still."""
    rows = Recipient.objects.filter(recall=recall, notices__lines__location=place).distinct()
    named = PassedOn.objects.filter(to=OuterRef("pk"), line__location=place)
    rows = rows.annotate(is_customer=Exists(named))
    known = contacts_at([place.pk]).get(place.pk, {})
    recipients = list(rows.order_by("pk"))
    for recipient in recipients:
        recipient.is_contact = recipient.address_key in known
    return recipients


def _notices(recall: Recall, place: Location):
    notices = Notice.objects.filter(recall=recall, lines__location=place).distinct()
    return (
        notices.select_related("version", "recipient")
        .defer("text", "html", "attachment")
        .prefetch_related("attempts__outcome", "bounces")
        .order_by("-pk")
    )
