"""Effectiveness checks: the list and its export, the draw, the form of one, the sheet to print."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from batches.lists import export
from batches.lists.access import needs
from batches.templatetags import wording
from recalls.forms.checking import CheckForm, SampleForm
from recalls.forms.recalls import ReasonForm
from recalls.models import CheckPlace, Recall
from recalls.operations import checks as acts
from recalls.reports.checking import Check, checking
from recalls.scope import newest_released
from recalls.views.cases import Refusal, find
from recalls.views.own_pages import act_on, attempt_on

PAGE = "recall-checks"
UNDER_WAY = (Recall.Status.ACTIVE, Recall.Status.COMPLETED)
HEADS = [
    "Check", "Code", "Place", "Address", "Version", "Result", "Told", "Under control",
    "As instructed", "How", "Whom", "Note", "By", "At",
]  # fmt: skip


@needs("recalls.view_checkplace")
def recall_checks(request, reference):
    recall = find(reference)
    if kind := request.GET.get("export"):
        return _exported(request, recall, kind)
    return checks_page(request, recall)


def checks_page(request, recall: Recall, refusal: Refusal | None = None):
    level = recall.effectiveness_level
    start = {"level": level if level in {"A", "B", "C", "D"} else ""}
    forms = {
        "draw": SampleForm(auto_id="draw_%s", initial=start),
        "none": ReasonForm(auto_id="none_%s"),
    }
    if refusal and refusal.slot in forms:
        forms[refusal.slot] = refusal.form
    context = {
        "recall": recall,
        "checking": checking(recall, newest_released(recall)),
        "forms": forms,
        "faults": refusal.faults if refusal else [],
        "is_under_way": recall.status in UNDER_WAY,
    }
    code = 422 if refusal else 200
    return render(request, "recalls/checks/list.html", context, status=code)


@act_on("recalls.add_checksample", PAGE)
def draw(request, recall):
    form = SampleForm(request.POST, auto_id="draw_%s")

    def do(**values):
        return acts.draw_sample(recall=recall, **values)

    def said(sample):
        return f"{sample.places.count()} of {sample.population} places were drawn."

    to = reverse(PAGE, args=[recall.reference])
    return attempt_on(request, recall, checks_page, said, do, form=form, slot="draw", to=to)


@act_on("recalls.add_checksample", PAGE)
def none(request, recall):
    form = ReasonForm(request.POST, auto_id="none_%s")

    def do(**values):
        return acts.choose_no_checks(recall=recall, **values)

    said, to = "Nobody is checked, for your reason.", reverse(PAGE, args=[recall.reference])
    return attempt_on(request, recall, checks_page, said, do, form=form, slot="none", to=to)


def _place(recall: Recall, number: int) -> CheckPlace:
    rows = recall.check_places.select_related("recall", "location", "sample__version")
    return get_object_or_404(rows, number=number)


@needs("recalls.add_checkresult")
def check_form(request, reference, number):
    """The form of one check; a POST keeps what it found."""
    recall = find(reference)
    place = _place(recall, number)
    if request.method != "POST":
        return _form_page(request, recall, place)
    form = CheckForm(request.POST)

    def page(request, recall, refusal):
        return _form_page(request, recall, place, refusal)

    def do(**values):
        return acts.record_check(place=place, **values)

    said, to = f"Check {number} is kept.", reverse(PAGE, args=[recall.reference])
    return attempt_on(request, recall, page, said, do, form=form, slot="check", to=to)


def _form_page(request, recall, place: CheckPlace, refusal: Refusal | None = None):
    forms = {"check": CheckForm(), "waive": ReasonForm(auto_id="waive_%s")}
    if refusal and refusal.slot in forms:
        forms[refusal.slot] = refusal.form
    check = Check(place, list(place.results.select_related("by").order_by("pk")))
    context = {
        "recall": recall,
        "place": place,
        "check": check,
        "contacts": place.location.contacts.all(),
        "forms": forms,
        "faults": refusal.faults if refusal else [],
        "is_under_way": recall.status in UNDER_WAY,
    }
    code = 422 if refusal else 200
    return render(request, "recalls/checks/form.html", context, status=code)


@needs("recalls.waive_location")
def waive(request, reference, number):
    recall = find(reference)
    place = _place(recall, number)
    if request.method != "POST":
        return redirect(PAGE, recall.reference)

    def page(request, recall, refusal):
        return _form_page(request, recall, place, refusal)

    def do(**values):
        return acts.waive_check(place=place, **values)

    form = ReasonForm(request.POST, auto_id="waive_%s")
    said, to = f"Check {number} is waived.", reverse(PAGE, args=[recall.reference])
    return attempt_on(request, recall, page, said, do, form=form, slot="waive", to=to)


@needs("recalls.view_recipient")
@wording.on_paper
def sheet(request, reference):
    """One block for each check that is to be made, to take along and fill in."""
    recall = find(reference)
    found = checking(recall, newest_released(recall))
    rows = [one for one in found.checks if not one.is_settled]
    context = {"recall": recall, "checks": rows, "checking": found, "now": timezone.now()}
    return render(request, "recalls/checks/sheet.html", context)


def _exported(request, recall: Recall, kind: str):
    makers = {"csv": export.as_csv, "xlsx": export.as_xlsx}
    if kind not in makers:
        raise Http404("The checks are exported as csv or as xlsx.")
    found = checking(recall, newest_released(recall))
    sees_people = request.user.has_perm("recalls.view_recipient")
    rows = [_row(check, sees_people) for check in found.checks]
    by = request.user.get_full_name() or request.user.get_username()
    title = f"Effectiveness checks of {recall.reference}"
    head = export.Head(title, found.level_words, timezone.now(), by, len(rows))
    return makers[kind](head, [HEADS, *rows])


def _row(check: Check, sees_people: bool) -> list[str]:
    row, newest = check.row, check.newest
    place = row.location
    where = [str(row.number), place.code, place.name, place.city, str(row.sample.version.number)]
    if newest is None:
        return [*where, check.word, *[""] * 8]
    answers = [{True: "yes", False: "no", None: ""}[value] for value in _answers(newest)]
    said = [newest.get_means_display(), newest.person if sees_people else "", newest.note]
    return [*where, check.word, *answers, *said, str(newest.by), newest.at.isoformat()]


def _answers(result) -> tuple:
    return result.told, result.controlled, result.instructed
