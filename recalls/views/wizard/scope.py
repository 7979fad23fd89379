"""The step that says what is recalled: rules, what is left out, and what they reach."""

from dataclasses import dataclass
from itertools import groupby

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.http import urlencode

from batches.models import Location, Product
from recalls.forms.scope import FORMS, RuleForm
from recalls.models import Recall, ScopeRule
from recalls.scope import rules
from recalls.scope.hints import hints_of
from recalls.views.cases import Refusal

ROWS, MOST, BATCHES, OFFERED, HINTS = 12, 500, 100, 300, 3
# So many batches can be held at once.
MOST_HELD = 200


@dataclass(frozen=True)
class RuleEntry:
    """A kind of rule as the page offers it; the one that was refused is open, as it was typed.

    Beside a look at the scope `try_url` says what it would add before it is added.
    """

    kind: str
    label: str
    form: RuleForm
    url: str
    is_open: bool
    try_url: str


def context(request, recall: Recall, refusal: Refusal | None, common: dict) -> dict:
    is_all, seen = "all" in request.GET, common["seen"]
    lines = Paginator(seen.lines if seen else [], MOST if is_all else ROWS)
    return {
        "rules": _with_found(described(recall), seen),
        "lines": lines.get_page(request.GET.get("page") if is_all else 1),
        "is_all": is_all,
        "batches": seen.batches[: None if is_all else BATCHES] if seen else [],
        "exclusions": exclusions(recall),
        "hints": suggestions(seen) if common["may_change"] and seen else [],
        "rule_entries": rule_entries(request, recall, refusal),
        "hold_url": hold_url(recall, seen),
        **choices(),
    }


def hold_url(recall: Recall, seen) -> str:
    """Where the batches of the look are held at once: approving holds what is ours, but a
    suspicion may not wait for it. A drill stops nothing."""
    if recall.is_drill or seen is None or not 0 < len(seen.batches) <= MOST_HELD:
        return ""
    picked = urlencode([("batch", batch.batch_id) for batch in seen.batches])
    return f"{reverse('batches-hold')}?{picked}"


def _with_found(rules: list[tuple], seen) -> list[tuple]:
    """Each rule with its sentence and, where the look could be had, what it found."""
    found = {one.rule.pk: one.found for one in seen.sources} if seen else {}
    return [(rule, text, found.get(rule.pk)) for rule, text in rules]


def suggestions(seen) -> list[tuple[str, list, list]]:
    """By kind: its word, the first few, and the rest."""
    groups = groupby(hints_of(seen), key=lambda hint: hint.word)
    rows = [(word, list(hints)) for word, hints in groups]
    return [(word, hints[:HINTS], hints[HINTS:]) for word, hints in rows]


def rule_entries(request, recall: Recall, refusal: Refusal | None) -> list[RuleEntry]:
    refused = refusal.slot if refusal and refusal.slot in FORMS else ""
    is_draft = recall.status == Recall.Status.DRAFT
    return [
        RuleEntry(
            kind,
            ScopeRule.Kind(kind).label,
            refusal.form if kind == refused else form(auto_id=f"{kind}_%s", user=request.user),
            reverse(f"recall-add-{kind}", args=[recall.reference]),
            kind == (refused or ScopeRule.Kind.BATCHES),
            reverse(f"recall-try-{kind}", args=[recall.reference]) if is_draft else "",
        )
        for kind, form in FORMS.items()
    ]


def described(recall: Recall) -> list[tuple[ScopeRule, str]]:
    return rules.described(recall.rules.filter(withdrawn_at__isnull=True))


def exclusions(recall: Recall):
    rows = recall.exclusions.standing()
    return rows.select_related("holding__batch", "holding__location", "by")


def choices() -> dict:
    """What the fields for product and place offer; codes beyond it can still be typed."""
    made_at = [Location.Kind.PLANT, Location.Kind.SUPPLIER, Location.Kind.WAREHOUSE]
    return {
        "products": Product.objects.filter(active=True).only("code", "name")[:OFFERED],
        "origins": Location.objects.filter(kind__in=made_at).only("code", "name")[:OFFERED],
        "places": Location.objects.filter(active=True).only("code", "name")[:OFFERED],
    }
