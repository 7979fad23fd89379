"""Pasting the wording of a notice: what it says is shown, and what is ticked becomes rules."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone

from batches.codes.scope_text import read_scope
from batches.lists.access import needs
from batches.lists.ticked import keys
from recalls.forms.pasted import PastedForm
from recalls.models import Recall, ScopeRule
from recalls.operations.scope import add_rules
from recalls.scope.pasted import Offer, offers
from recalls.views.acts import refusal_of
from recalls.views.cases import find
from recalls.views.scoping import back
from recalls.views.wizard.looking import remember_look
from recalls.views.wizard.scope import choices


@needs("recalls.change_recall")
def pasted(request, reference):
    """A GET shows the field; a POST reads the text, and adds what is ticked when it says so."""
    recall = find(reference)
    if recall.status != Recall.Status.DRAFT:
        messages.error(request, "Only the scope of a draft is read out of a text.")
        return redirect(recall)
    if request.method != "POST":
        return _page(request, recall, PastedForm())
    form = PastedForm(request.POST)
    if not form.is_valid():
        return _page(request, recall, form, faults=refusal_of(form, "").faults)
    given = form.cleaned_data
    reading = read_scope(given["text"], given["order"])
    found = offers(reading, given["product"])
    if request.POST.get("do") != "add":
        return _page(request, recall, form, reading, _dressed(found))
    try:
        made = _added(request, recall, found, given["text"])
    except ValidationError as error:
        faults = [("", text) for text in error.messages]
        return _page(request, recall, form, reading, _dressed(found, request.POST), faults)
    remember_look(request, recall)
    messages.success(request, f"{len(made)} rule{'s' if len(made) != 1 else ''} added.")
    return back(recall)


def _added(request, recall: Recall, found: list[Offer], text: str) -> list[ScopeRule]:
    return add_rules(
        recall=recall,
        rules=[rule for offer in found for rule in _ticked(request.POST, offer)],
        source_text=text,
        by=request.user,
        at=timezone.now(),
    )


def _ticked(post, offer: Offer) -> list[tuple[str, dict]]:
    """The rules of an offer that were ticked; of batches only those that it named."""
    if not offer.by_batch:
        return offer.rules if offer.key in post.getlist("pick") else []
    named = {batch.pk for batch in offer.matches.all}
    named |= {batch.pk for _, batch, _ in offer.matches.alike}
    chosen = sorted(named & set(keys(post.getlist(f"batch-{offer.key}"))))
    return [(ScopeRule.Kind.BATCHES, {"batches": chosen})] if chosen else []


def _dressed(found: list[Offer], post=None) -> list[dict]:
    """Each offer with its boxes: ticked as it was left, or as the offer says."""
    return [_boxes(offer, post) for offer in found]


def _boxes(offer: Offer, post) -> dict:
    left = post.getlist(f"batch-{offer.key}") if post else []
    unclear = set(offer.matches.unclear)

    def is_ticked(batch, number) -> bool:
        return str(batch.pk) in left if post else offer.is_ticked and number not in unclear

    return {
        "offer": offer,
        "boxes": [
            (batch, number, is_ticked(batch, number))
            for number, batches in offer.matches.batches.items()
            for batch in batches
        ],
        "alike": [
            (batch, number, why, str(batch.pk) in left)
            for number, batch, why in offer.matches.alike
        ],
        "is_picked": offer.key in post.getlist("pick") if post else offer.is_ticked,
    }


def _page(request, recall, form, reading=None, rows=(), faults=()):
    context = {
        "recall": recall,
        "form": form,
        "reading": reading,
        "rows": rows,
        "may_add": any(row["offer"].may_be_added for row in rows),
        "faults": faults,
        **choices(),
    }
    return render(request, "recalls/pasted.html", context, status=422 if faults else 200)
