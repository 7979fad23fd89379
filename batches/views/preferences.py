"""The page of what a person sets for their own screen, and the acts on their views of lists."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from batches.forms.acts import ConfirmForm
from batches.forms.preferences import PreferencesForm, ViewForm
from batches.lists.access import needs
from batches.models import Preferences, SavedView
from batches.operations.preferences import (
    choose_columns,
    delete_view,
    preferences_of,
    save_view,
    set_preferences,
)
from batches.views.acts import Act

FIELDS = list(PreferencesForm.base_fields)


class PreferencesPage(Act):
    permission = "batches.view_batch"
    form_class = PreferencesForm
    template_name = "batches/preferences.html"
    title, button = "Preferences", "Save"
    says = "How Lotline looks to you. Nobody else is affected."
    done = "Your preferences are saved."

    def find(self):
        return preferences_of(self.request.user)

    def form(self, data=None):
        return PreferencesForm(data, initial={name: getattr(self.object, name) for name in FIELDS})

    def back(self):
        return reverse("overview")

    def done_at(self):
        return reverse("preferences")

    def act(self, form):
        saved = set_preferences(**form.cleaned_data, **self.by_now)
        # The session knows it too, so that no page has to ask the database before it begins.
        self.request.session["zone"] = saved.zone

    def page(self, form, status=200):
        self.views = list(SavedView.objects.filter(owner=self.request.user))
        for view in self.views:
            view.url = address_of(view.page, view.query)
        return super().page(form, status)


@needs("batches.view_batch")
@require_POST
def theme(request):
    """The theme alone, out of the menu; a script asks without leaving the page."""
    wanted = request.POST.get("theme", "")
    if wanted not in Preferences.Theme.values:
        raise Http404("There is no such theme.")
    set_preferences(theme=wanted, by=request.user, at=timezone.now())
    return HttpResponse(status=204) if request.htmx else redirect("preferences")


def address_of(page: str, query: str) -> str:
    """Of a list by the name of its address; empty when there is none any more."""
    try:
        url = reverse(page)
    except NoReverseMatch:
        return ""
    return f"{url}?{query}" if query else url


def _list_named(page: str) -> str:
    """The address of a list; a page with several of them names each behind a dot."""
    page = page.partition(".")[0]
    if url := address_of(page, ""):
        return url
    raise Http404("There is no such list.")


@needs("batches.view_batch")
@require_POST
def save_list_view(request, page):
    """Keeps the list as it is shown; the tab of the new view is where one goes on."""
    url = _list_named(page)
    form = ViewForm(request.POST)
    wanted = form.data.get("query", "")
    if form.is_valid():
        try:
            save_view(page=page, **form.cleaned_data, by=request.user, at=timezone.now())
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"The view “{form.cleaned_data['name']}” is saved.")
    for errors in form.errors.values():
        messages.error(request, " ".join(errors))
    return HttpResponseRedirect(f"{url}?{wanted}" if wanted else url)


class DeleteView(Act):
    permission = "batches.view_batch"
    form_class = ConfirmForm
    title, button = "Delete the view {}", "Delete the view"
    says = "Its tab goes away, also from those whom you share it with. No record is touched."
    done = "The view {} is deleted."

    def find(self):
        rows = SavedView.objects.seen_by(self.request.user)
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def back(self):
        return reverse("preferences")

    def act(self, form):
        delete_view(view=self.object, **self.by_now)


@needs("batches.view_batch")
@require_POST
def columns(request, page):
    """Which columns a list shows, in which order; `up` and `down` move one by one place."""
    url = _list_named(page)
    shown = _moved(request.POST.getlist("order"), request.POST)
    ticked = set(request.POST.getlist("columns"))
    chosen = [] if "reset" in request.POST else [name for name in shown if name in ticked]
    choose_columns(page=page, columns=chosen[:100], by=request.user, at=timezone.now())
    query = request.POST.get("query", "")
    # Who moves one by one goes on doing so: the menu opens again.
    place = "#columns" if {"up", "down"} & set(request.POST) else ""
    return HttpResponseRedirect((f"{url}?{query}" if query else url) + place)


def _moved(names: list[str], asked) -> list[str]:
    for key, step in (("up", -1), ("down", 1)):
        if (name := asked.get(key)) in names:
            place = names.index(name)
            names.insert(max(place + step, 0), names.pop(place))
    return names
