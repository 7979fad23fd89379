"""Acts on pages of a recall other than its own: done, or said there why not."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils import timezone

from batches.lists.access import needs
from recalls.views.acts import refusal_of, refused
from recalls.views.cases import find


def act_on(permission: str, name: str):
    """A POST on a recall; the page `name` has its form. Anything else leads back to that page."""

    def decorate(view):
        @needs(permission)
        @wraps(view)
        def guarded(request, reference, **kwargs):
            recall = find(reference)
            if request.method != "POST":
                return redirect(name, recall.reference)
            return view(request, recall, **kwargs)

        return guarded

    return decorate


def attempt_on(request, recall, page: Callable, said, do: Callable, *, form=None, slot="", to=None):
    """Calls `do` with the form's values and says so; or shows `page` with why not.

    `to` is where it leads, the recall itself when it is not given.
    """
    if form is not None and not form.is_valid():
        return page(request, recall, refusal_of(form, slot))
    values = form.cleaned_data if form is not None else {}
    try:
        result = do(by=request.user, at=timezone.now(), **values)
    except ValidationError as error:
        return page(request, find(recall.reference), refused(error, form, slot))
    messages.success(request, said(result) if callable(said) else said)
    return redirect(to or recall)
