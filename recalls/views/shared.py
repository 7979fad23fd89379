"""From complaints to a recall: what they share, and one of it as the seed."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from batches.lists.access import needs
from batches.lists.ticked import keys
from batches.models import Complaint
from batches.reports.complaints import (
    BATCH,
    LINE,
    RUN_KIND,
    SUPPLIED,
    CommonSource,
    Source,
    common_source,
    paths_of,
)
from recalls.models import Recall, ScopeRule
from recalls.operations.scope import add_rule
from recalls.scope.rules.complaint import provenance
from recalls.views.wizard.steps import address

KINDS = {
    "": "All",
    SUPPLIED: "From suppliers",
    BATCH: "Our batches",
    RUN_KIND: "Runs",
    LINE: "Lines",
}
ORDERS = {"weight": "Most telling", "coverage": "Explains most"}
MOST, SHOWN, ALL, DRAFTS = 200, 12, 80, 50


@needs("batches.view_complaint")
def shared(request):
    return _page(request, request.GET)


@needs("recalls.change_recall")
def add_shared(request):
    """Makes a candidate a rule of a draft; the complaints stay written beside it."""
    if request.method != "POST":
        return redirect("complaint-list")
    recall = Recall.objects.filter(reference=request.POST.get("recall", "")).first()
    ids = keys(request.POST.getlist("batch"))
    try:
        if recall is None:
            raise ValidationError("Choose the draft that it is to be added to.")
        add_rule(
            recall=recall,
            kind=ScopeRule.Kind.BATCHES,
            parameters={"batches": ids},
            by=request.user,
            at=timezone.now(),
            source_text=provenance(keys(request.POST.getlist("complaint"))),
        )
    except ValidationError as error:
        return _page(request, request.POST, error.messages)
    messages.success(request, "Rule added.")
    return redirect(address(recall, "scope"))


def _page(request, asked, faults=()):
    asked_for = keys(asked.getlist("complaint"))
    complaints = _complaints(asked_for[:MOST])
    kind, by = asked.get("kind", ""), asked.get("by", "")
    by = by if by in ORDERS else "weight"
    answer = common_source(complaints, by)
    sources = [source for source in answer.sources if kind in ("", source.kind)]
    shown = sources[: ALL if "all" in asked else SHOWN]
    state = [("complaint", one.pk) for one in complaints]
    context = {
        "answer": answer,
        "cut": len(asked_for) if len(asked_for) > MOST else 0,
        "most": MOST,
        "faults": [("", text) for text in faults],
        "rows": _rows(answer, shown),
        "found": len(sources),
        "state": state,
        "kinds": _choices(KINDS, kind, state, by=by, names="kind"),
        "orders": _choices(ORDERS, by, state, kind=kind, names="by"),
        "drafts": _drafts(request.user),
        "finding": _finding(answer, by),
    }
    return render(request, "recalls/shared.html", context, status=422 if faults else 200)


def _complaints(ids: list[int]) -> list[Complaint]:
    rows = Complaint.objects.select_related("product", "batch__product", "location")
    return list(rows.filter(pk__in=ids).order_by("-at", "-pk"))


def _choices(words: dict, current: str, state: list, *, names: str, **more) -> list[tuple]:
    """(word, address, whether it is the current one) of one switch of the page."""
    page = reverse("complaint-shared")
    return [
        (word, f"{page}?{urlencode([*state, *more.items(), (names, key)])}", key == current)
        for key, word in words.items()
    ]


def _rows(answer: CommonSource, shown: list[Source]) -> list[dict]:
    """What the table shows of each candidate, with the way to every complaint it explains."""
    paths = paths_of(answer, shown)
    by_pk = {start.complaint.pk: start.complaint for start in answer.starts}
    page, state = reverse("recall-open"), [("complaint", pk) for pk in by_pk]
    return [
        {
            "source": source,
            "shared": source.shared,
            "lift": f"{float(source.shared.lift):.1f}",
            "percent": round(100 * source.shared.reach),
            "paths": [(by_pk[pk], path) for pk, path in paths[source.shared.key].items()],
            "open_url": f"{page}?{urlencode([*_named(source), *state])}",
        }
        for source in shown
    ]


def _named(source: Source) -> list[tuple[str, int]]:
    return [("batch", batch.pk) for batch in source.batches]


def _drafts(user) -> list[Recall]:
    if not user.has_perm("recalls.change_recall"):
        return []
    return list(Recall.objects.filter(status=Recall.Status.DRAFT).order_by("-opened_at")[:DRAFTS])


def _finding(answer: CommonSource, by: str) -> Source | None:
    """The candidate that the page names in its first sentence: only one that says something."""
    best = next(iter(answer.sources), None)
    return best if best and by == "weight" and best.shared.weight > 0 else None
