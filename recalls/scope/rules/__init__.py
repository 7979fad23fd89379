"""The kinds of rules: what each may say, where its trace starts, and how it reads.

A kind is a module with `checked` (parameters in, parameters as kept, or a refusal), `found`
(where the trace starts now) and `sentence`. Rules join with OR, what one rule says with AND.
"""

from django.core.exceptions import ValidationError

from recalls.models import ScopeRule
from recalls.scope.rules import batches, complaint, expiry, production, shipment, supplier, window
from recalls.scope.rules.found import Found
from recalls.scope.rules.names import Names

__all__ = ["Found", "Names", "checked", "described", "found", "found_by"]

Kind = ScopeRule.Kind
_KINDS = {
    Kind.BATCHES: batches,
    Kind.PRODUCTION: production,
    Kind.SUPPLIER: supplier,
    Kind.WINDOW: window,
    Kind.SHIPMENT: shipment,
    Kind.COMPLAINT: complaint,
    Kind.EXPIRY: expiry,
}


def checked(kind: str, given: dict) -> dict:
    """The parameters as they are kept. Refuses what names nothing or contradicts itself."""
    if kind not in _KINDS:
        raise ValidationError({"kind": f"There is no rule “{kind}”."})
    return _KINDS[kind].checked(given)


def found(rule: ScopeRule) -> Found:
    """Where the trace of this rule starts, as the records stand now."""
    return found_by(rule.kind, rule.parameters)


def found_by(kind: str, parameters: dict) -> Found:
    """Where the trace of such a rule would start, whether or not it is one yet."""
    return _KINDS[kind].found(parameters)


def described(rules) -> list[tuple[ScopeRule, str]]:
    """Each rule with its sentence, in a number of queries that does not grow with them."""
    rules = list(rules)
    names = Names.of(rule.parameters for rule in rules)
    return [(rule, _sentence(rule, names)) for rule in rules]


def _sentence(rule: ScopeRule, names: Names) -> str:
    try:
        return _KINDS[rule.kind].sentence(rule.parameters, names)
    except (KeyError, TypeError, ValueError, OverflowError):
        # The look at the scope fails too; the page must still show which rule to remove.
        return f"{rule.get_kind_display()}: cannot be read"
