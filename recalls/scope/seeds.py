"""From the rules of a recall to the seeds of a trace. What is not known never excludes."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from batches.tracing import FromHolding, WholeBatch
from batches.tracing.result import moment
from recalls.models import Recall, ScopeRule
from recalls.scope.rules import Found, described, found


@dataclass(frozen=True)
class RuleFound:
    """A rule, numbered as people count them, its sentence, and where its trace starts now."""

    number: int
    rule: ScopeRule
    text: str
    found: Found

    def as_json(self) -> dict:
        """As it is frozen: parameters are keys, so what they named is said beside them."""
        said = {
            "kind": self.rule.kind,
            "parameters": self.rule.parameters,
            "text": self.text,
            "batches": self.found.named_batches,
        }
        said |= {"holdings": self.found.named_holdings} if self.found.holdings else {}
        return said | ({"source_text": self.rule.source_text} if self.rule.source_text else {})


@dataclass(frozen=True)
class Seeds:
    """All rules together: where one names more of a holding than another, more counts."""

    rules: list[RuleFound]

    @cached_property
    def batches(self) -> set[int]:
        return set().union(*(one.found.batches for one in self.rules))

    @property
    def notes(self) -> list[dict]:
        return [note for one in self.rules for note in one.found.notes]

    def of_trace(self) -> list[WholeBatch | FromHolding]:
        held = (pair for one in self.rules for pair in sorted(one.found.holdings.items()))
        return [
            *(WholeBatch(pk) for pk in sorted(self.batches)),
            *(FromHolding(pk, moment(second)) for pk, second in held),
        ]


def seeds_of(
    recall: Recall, without: Collection[int] = (), tried: ScopeRule | None = None
) -> Seeds:
    """The seeds of all rules that count, but for those (ids) `without`; and of one that is tried,
    which is kept nowhere."""
    kept = recall.rules.filter(withdrawn_at__isnull=True).exclude(pk__in=without)
    rules = described([*kept, *([tried] if tried else [])])
    return Seeds(
        [RuleFound(number, rule, text, found(rule)) for number, (rule, text) in enumerate(rules, 1)]
    )
