"""What a recall covers, as people say it: rules, and holdings left out with a reason."""

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.operations.events import record
from recalls.models import Recall, ScopeExclusion, ScopeRule
from recalls.operations.states import locked
from recalls.scope import ScopePreview
from recalls.scope.rules import checked

Status = Recall.Status


@transaction.atomic
def add_rule(*, recall, kind, parameters, by, at, source_text="") -> ScopeRule:
    """Adds a rule. On an active recall this widens the scope with the next look at it.

    `source_text` is the wording that it was read out of; it is kept as it is.
    Refuses parameters that name nothing, or a window that ends before it begins.
    """
    recall = locked(recall, Status.DRAFT, Status.ACTIVE, to="widened")
    rule = ScopeRule.objects.create(
        recall=recall,
        kind=kind,
        parameters=checked(kind, parameters),
        source_text=source_text,
        created_by=by,
        created_at=at,
    )
    if recall.status == Status.ACTIVE:
        recall.drift_due = True
        recall.save(update_fields=["drift_due"])
    after = {"kind": kind, **rule.parameters}
    after |= {"source_text": source_text} if source_text else {}
    record(verb="rule added", obj=recall, by=by, at=at, after=after)
    return rule


@transaction.atomic
def add_rules(*, recall, rules, source_text, by, at) -> list[ScopeRule]:
    """Adds what a person confirmed of a pasted text, all of it or nothing; each keeps the text.

    `rules` are (kind, parameters). Refuses none at all, and what `add_rule` refuses.
    """
    if not rules:
        raise ValidationError("Tick what is to be recalled. Nothing was added.")
    return [
        add_rule(
            recall=recall,
            kind=kind,
            parameters=parameters,
            source_text=source_text,
            by=by,
            at=at,
        )
        for kind, parameters in rules
    ]


@transaction.atomic
def withdraw_rule(*, rule, by, at) -> ScopeRule:
    """Takes a rule out of a draft. Once active, a scope only grows."""
    recall = locked(rule.recall, Status.DRAFT, to="narrowed")
    rule = ScopeRule.objects.select_for_update().get(pk=rule.pk)
    if rule.withdrawn_at:
        raise ValidationError("This rule was withdrawn already.")
    rule.withdrawn_at = at
    rule.save(update_fields=["withdrawn_at"])
    record(
        verb="rule withdrawn",
        obj=recall,
        by=by,
        at=at,
        before={"kind": rule.kind, **rule.parameters},
    )
    return rule


@transaction.atomic
def exclude_holding(*, recall, holding, reason, by, at) -> ScopeExclusion:
    """Leaves one holding out of a draft's scope; what went on from it stays in.

    Refuses an empty reason and a second exclusion.
    """
    recall = locked(recall, Status.DRAFT, to="narrowed")
    if not reason.strip():
        raise ValidationError({"reason": "Say why this place is not affected."})
    if recall.exclusions.standing().filter(holding=holding).exists():
        raise ValidationError(f"{holding} is excluded already.")
    made = ScopeExclusion.objects.create(
        recall=recall, holding=holding, reason=reason.strip(), by=by, at=at
    )
    record(
        verb="holding excluded",
        obj=recall,
        by=by,
        at=at,
        after={"holding": holding.pk},
        reason=reason.strip(),
    )
    return made


@transaction.atomic
def readmit_holding(*, exclusion, by, at, reason="") -> ScopeExclusion:
    """Takes an exclusion back: the holding is in the scope with the next look at it.

    One person may: it only widens. Refuses one that was taken back, and of an active recall
    an empty reason.
    """
    recall = locked(exclusion.recall, Status.DRAFT, Status.ACTIVE, to="widened")
    if recall.status == Status.ACTIVE and not reason.strip():
        raise ValidationError({"reason": "Say why this place is affected after all."})
    exclusion = ScopeExclusion.objects.select_for_update().get(pk=exclusion.pk)
    if exclusion.withdrawn_at:
        raise ValidationError(f"{exclusion.holding} is in the scope again already.")
    exclusion.withdrawn_at = at
    exclusion.save(update_fields=["withdrawn_at"])
    if recall.status == Status.ACTIVE:
        recall.drift_due = True
        recall.save(update_fields=["drift_due"])
    record(
        verb="exclusion taken back",
        obj=recall,
        by=by,
        at=at,
        before={"holding": exclusion.holding_id, "reason": exclusion.reason},
        reason=reason.strip(),
    )
    return exclusion


def note_what_had_arrived(*, recall: Recall, seen: ScopePreview) -> None:
    """Keeps with each exclusion what had come there by now; with more it does not count any more.

    Part of freezing a version, which writes the event.
    """
    rows = recall.exclusions.standing().filter(links_in__isnull=True)
    for row in rows.filter(holding__in=seen.left_out):
        row.links_in, row.received = seen.left_out[row.holding_id]
        row.save(update_fields=["links_in", "received"])
