"""What a recall gives out: the page that lists it, each file, the package, the facts, the mail."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from batches.lists.access import check, needs
from batches.models import Job
from batches.operations import jobs
from batches.reports.working import pace_of
from recalls.forms.files import FileForm
from recalls.forms.outputs import FactsForm, SendForm
from recalls.forms.recalls import ReasonForm
from recalls.models import Notice, PublicNotice, Recall
from recalls.operations.outputs import MOST_BYTES, addresses_for, send_output, send_package
from recalls.operations.recalls import change_recall
from recalls.packaging import JOB, file_of, name_of
from recalls.reports.dossier import Dossier, dossier
from recalls.reports.outputs import OUTPUTS, TYPES, Made, make
from recalls.reports.outputs.consumer import notice_of, picture_file
from recalls.reports.outputs.consumer_words import WORDS
from recalls.views.acts import refusal_of, refused
from recalls.views.cases import Refusal, find
from recalls.views.languages import LANGUAGES

SEE, PEOPLE = "recalls.view_scopeline", "batches.view_contact"
SEND, CHANGE = "recalls.add_subscription", "recalls.change_recall"
_SHOWN = 10


def case_of(request, recall: Recall) -> Dossier:
    user = request.user
    return dossier(recall, at=timezone.now(), by=user.get_full_name() or user.get_username())


@needs(SEE)
@require_safe
def documents(request, reference):
    return documents_page(request, find(reference))


def documents_page(request, recall: Recall, refusal: Refusal | None = None):
    user = request.user
    sees_people = user.has_perm(PEOPLE)
    offered = [one for one in OUTPUTS.values() if sees_people or not one.shows_people]
    version = recall.versions.filter(release__isnull=False).order_by("-number").first()
    form = refusal.form if refusal and refusal.form and refusal.slot != "file" else None
    context = {
        "recall": recall,
        "version": version,
        "rows": [(one, [(format, TYPES[format]) for format in one.formats]) for one in offered],
        "languages": LANGUAGES,
        "places": _places(version),
        "sees_people": sees_people,
        "packages": packages(recall)[:_SHOWN] if sees_people else [],
        "sent": _sent(recall) if user.has_perm("recalls.view_notice") else [],
        "form": form or _send_form(recall, user),
        "files": recall.files.defer("content").select_related("by"),
        "file_form": refusal.form if refusal and refusal.slot == "file" else FileForm(),
        "faults": refusal.faults if refusal else [],
    }
    return render(request, "recalls/documents.html", context, status=422 if refusal else 200)


def _places(version) -> list[tuple[str, str]]:
    if version is None:
        return []
    rows = version.lines.order_by("location_code").values_list("location_code", "location_name")
    return list(rows.distinct())


def _send_form(recall: Recall, user, data=None) -> SendForm:
    made = packages(recall).filter(state=Job.State.DONE)[:1]
    return SendForm(
        data,
        outputs=OUTPUTS.values(),
        packages=[
            (f"package.{job.pk}", f"24 h package, version {job.result['version']}, ZIP")
            for job in made
            if file_of(job).exists()
        ],
        languages=[(code, LANGUAGES[code]) for code in WORDS],
        addresses=addresses_for(recall, user),
    )


def packages(recall: Recall):
    """The jobs that make or made a package of this recall, newest first."""
    return Job.objects.filter(kind=JOB, parameters__reference=recall.reference)


def _sent(recall: Recall):
    """Reports and outputs that went out by mail, newest first."""
    rows = recall.notices.filter(kind=Notice.Kind.REPORT).exclude(attachment_name="")
    return rows.defer("text", "html", "attachment").order_by("-pk")[:_SHOWN]


@needs(SEE)
@require_safe
def output_file(request, reference, kind, format):
    recall = find(reference)
    output = OUTPUTS.get(kind)
    if output is None or format not in output.makers:
        raise Http404(f"There is no output {kind}.{format}.")
    if output.shows_people:
        check(request.user, PEOPLE)
    asked = {name: request.GET.get(name, "") for name in ("place", "language")}
    try:
        made = make(case_of(request, recall), kind, format, **asked)
    except ValidationError as error:
        return documents_page(request, recall, refused(error))
    return _sent_as(made)


@needs(SEE)
@require_safe
def recall_report(request, reference):
    """The status report: the workbook of the frozen scope, or with `format` another form of it."""
    recall = find(reference)
    format = request.GET.get("format", "xlsx")
    if format not in OUTPUTS["status"].makers:
        raise Http404(f"There is no report as {format}.")
    if not recall.versions.filter(release__isnull=False).exists():
        raise Http404(f"{recall} has no frozen scope yet.")
    return _sent_as(make(case_of(request, recall), "status", format))


def _sent_as(made: Made) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return HttpResponse(made.content, content_type=made.content_type, headers=headers)


@needs(SEE)
@require_safe
def consumer_page(request, reference):
    """The consumer notice as a page to look at, copy and print."""
    recall = find(reference)
    language = request.GET.get("language", "en")
    try:
        notice = notice_of(case_of(request, recall), language)
    except ValidationError as error:
        return documents_page(request, recall, refused(error))
    pictures = {one.picture: picture_file(one.picture) is not None for one in notice.items}
    context = {
        "recall": recall,
        "public": PublicNotice.objects.filter(recall=recall).first(),
        "reason": ReasonForm(auto_id="public_%s"),
        "notice": notice,
        "items": [(one, pictures[one.picture]) for one in notice.items],
        "drill": notice.words.drill.format(reference=recall.reference),
        "languages": [(code, LANGUAGES[code]) for code in WORDS],
    }
    return render(request, "recalls/consumer.html", context)


@needs(PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def package(request, reference):
    """How far the newest package is; POST asks a worker for another."""
    recall = find(reference)
    if request.method == "POST":
        try:
            case_of(request, recall)
        except ValidationError as error:
            return documents_page(request, recall, refused(error))
        jobs.enqueue(kind=JOB, parameters={"reference": recall.reference}, by=request.user)
        return redirect("recall-package", recall.reference)
    job = packages(recall).first()
    is_over = job is not None and job.is_over
    context = {"recall": recall, "job": job, "is_over": is_over}
    context["is_there"] = is_over and file_of(job).exists()
    context["pace"] = pace_of(job, timezone.now()) if job else None
    if not request.htmx:
        return render(request, "recalls/package.html", context)
    if not is_over:
        return render(request, "recalls/package_progress.html", context)
    response = HttpResponse()
    response["HX-Refresh"] = "true"
    return response


@needs(PEOPLE)
@require_safe
def package_file(request, reference, pk):
    recall = find(reference)
    job = get_object_or_404(packages(recall), pk=pk, state=Job.State.DONE)
    file = _package_of(job)
    name = name_of(recall.reference, job.result["version"])
    return FileResponse(file, as_attachment=True, filename=name, content_type=TYPES["zip"])


def _package_of(job: Job):
    try:
        return file_of(job).open("rb")
    except FileNotFoundError:
        raise Http404("This package was cleared away. Make it again.") from None


@needs(SEND)
@require_http_methods(["GET", "HEAD", "POST"])
def send(request, reference):
    recall = find(reference)
    if request.method != "POST":
        return redirect("recall-documents", recall.reference)
    form = _send_form(recall, request.user, request.POST)
    if not form.is_valid():
        return documents_page(request, recall, refusal_of(form, "send"))
    try:
        row = _owed(request, recall, form)
    except ValidationError as error:
        return documents_page(request, recall, refused(error, form, "send"))
    messages.success(request, f"{row.attachment_name} is on the way to {row.address}.")
    return redirect("recall-documents", recall.reference)


def _owed(request, recall: Recall, form: SendForm) -> Notice:
    who = {"by": request.user, "at": timezone.now()}
    if not form.package:
        return send_output(recall=recall, **who, **form.wanted())
    job = packages(recall).get(pk=form.package, state=Job.State.DONE)
    version = recall.versions.select_related("recall").get(number=job.result["version"])
    with _package_of(job) as file:
        made = Made(name_of(recall.reference, version.number), file.read(MOST_BYTES + 1))
    return send_package(version=version, made=made, address=form.cleaned_data["address"], **who)


@needs(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def facts(request, reference):
    recall = find(reference)
    names = FactsForm.base_fields
    if request.method != "POST":
        form = FactsForm(initial={name: getattr(recall, name) for name in names})
        return _facts_page(request, recall, form)
    form = FactsForm(request.POST)
    if not form.is_valid():
        return _facts_page(request, recall, form)
    try:
        change_recall(recall=recall, by=request.user, at=timezone.now(), **form.cleaned_data)
    except ValidationError as error:
        refused(error, form)
        return _facts_page(request, recall, form)
    messages.success(request, "Saved.")
    return redirect("recall-documents", recall.reference)


def _facts_page(request, recall: Recall, form: FactsForm):
    context = {
        "recall": recall,
        "form": form,
        "faults": refusal_of(form, "").faults if form.is_bound else [],
    }
    status = 422 if form.is_bound else 200
    return render(request, "recalls/facts_form.html", context, status=status)
