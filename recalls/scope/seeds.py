"""From the rules of a recall to the seeds of a trace. What is not known never excludes."""

from dataclasses import dataclass, field
from datetime import date

from batches.models import Batch, Product
from recalls.models import Recall, ScopeRule


@dataclass
class Seeds:
    """The batches that the rules name, the rules in words, and what was uncertain."""

    batches: set[int] = field(default_factory=set)
    rules: list[dict] = field(default_factory=list)
    notes: list[dict] = field(default_factory=list)


def seeds_of(recall: Recall) -> Seeds:
    seeds = Seeds()
    for rule in recall.rules.filter(withdrawn_at__isnull=True):
        found = _READERS[rule.kind](rule.parameters, seeds.notes)
        seeds.batches |= {batch.pk for batch in found}
        seeds.rules.append(
            {"kind": rule.kind, "parameters": rule.parameters, "batches": _names(found)}
        )
    return seeds


def describe(rule: ScopeRule) -> str:
    """The rule as a sentence."""
    if rule.kind == ScopeRule.Kind.BATCHES:
        found = _named(rule.parameters, [])
        return "Batches " + ", ".join(f"{b.number} of {b.product.code}" for b in found)
    given = rule.parameters
    product = Product.objects.get(pk=given["product"])
    words = [f"Every batch of {product.name}"]
    words += [f"made from {given['from']}"] if given.get("from") else []
    words += [f"to {given['to']}"] if given.get("to") else []
    words += [f"on line {given['line']}"] if given.get("line") else []
    return " ".join(words)


def _names(found: list[Batch]) -> list[dict]:
    return [{"product": b.product.code, "batch": b.number, "origin": b.origin.code} for b in found]


def _named(parameters: dict, notes: list[dict]) -> list[Batch]:
    rows = Batch.objects.filter(pk__in=parameters["batches"])
    return list(rows.select_related("product", "origin").order_by("product__code", "number", "pk"))


def _produced(parameters: dict, notes: list[dict]) -> list[Batch]:
    rows = Batch.objects.filter(product=parameters["product"]).exclude(status=Batch.Status.VOIDED)
    if parameters.get("origin"):
        rows = rows.filter(origin=parameters["origin"])
    found = [
        batch
        for batch in rows.select_related("product", "origin").order_by("number", "pk")
        if _in_window(batch, parameters) and _on_line(batch, parameters.get("line", ""))
    ]
    undated = [b for b in found if b.produced_at is None]
    if undated and (parameters.get("from") or parameters.get("to")):
        text = f"{len(undated)} batches have no production date and were treated as possible"
        notes.append({"kind": "unknown_production", "count": len(undated), "text": text})
    return found


def _in_window(batch: Batch, parameters: dict) -> bool:
    if batch.produced_at is None:
        return True
    day = batch.produced_at.astimezone(batch.origin.zone).date()
    first, last = parameters.get("from"), parameters.get("to")
    return not (
        (first and day < date.fromisoformat(first)) or (last and day > date.fromisoformat(last))
    )


def _on_line(batch: Batch, line: str) -> bool:
    return not line or not batch.line or batch.line.casefold() == line.strip().casefold()


_READERS = {ScopeRule.Kind.BATCHES: _named, ScopeRule.Kind.PRODUCTION: _produced}
