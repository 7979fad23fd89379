"""The step that says what is recalled: rules, what is left out, and what they reach."""

from batches.models import Location, Product
from recalls.forms.recalls import BatchesRuleForm, ProductionRuleForm
from recalls.models import Recall
from recalls.scope.seeds import describe
from recalls.views.cases import Refusal

ROWS, MOST, OFFERED = 12, 2_000, 300


def context(request, recall: Recall, refusal: Refusal | None, common: dict) -> dict:
    shown = MOST if "all" in request.GET else ROWS
    return {
        "forms": rule_forms(refusal),
        "rules": described(recall),
        "lines": common["seen"].lines[:shown] if common["seen"] else [],
        "exclusions": recall.exclusions.select_related("holding__batch", "holding__location", "by"),
        **choices(),
    }


def rule_forms(refusal: Refusal | None) -> dict:
    """One empty form for each kind of rule; the one that was refused as it was typed."""
    forms = {
        "batches": BatchesRuleForm(auto_id="b_%s"),
        "production": ProductionRuleForm(auto_id="p_%s"),
    }
    if refusal and refusal.slot in forms:
        forms[refusal.slot] = refusal.form
    return forms


def described(recall: Recall) -> list[tuple]:
    return [(rule, describe(rule)) for rule in recall.rules.filter(withdrawn_at__isnull=True)]


def choices() -> dict:
    """What the fields for product and place offer; codes beyond it can still be typed."""
    made_at = [Location.Kind.PLANT, Location.Kind.SUPPLIER, Location.Kind.WAREHOUSE]
    return {
        "products": Product.objects.filter(active=True).only("code", "name")[:OFFERED],
        "origins": Location.objects.filter(kind__in=made_at).only("code", "name")[:OFFERED],
    }
