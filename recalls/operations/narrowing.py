"""Taking goods out of an active recall: proposed by one person, approved by another.

Of what is taken out nothing is forgotten: the new version names it with the reason, who was
told is told again, answers stay, and what moves out of it later raises an alarm.
"""

import logging
from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Max

from batches.models import Hold, Link
from batches.operations import doorbell
from batches.operations.events import record
from batches.operations.holds import release_hold
from recalls.models import (
    NarrowedHolding,
    Narrowing,
    Recall,
    ScopeExclusion,
    ScopeLine,
    ScopeVersion,
)
from recalls.operations.leaving import tell_of_removal
from recalls.operations.scope import check_drift, close_alarms, freeze, hold_own, release
from recalls.operations.signing import check_password, sign
from recalls.operations.snapshots import in_one_snapshot
from recalls.operations.states import locked
from recalls.scope import ScopePreview, newest, preview

Status, State = Recall.Status, Narrowing.State
_log = logging.getLogger(__name__)


@transaction.atomic
def propose_narrowing(
    *, recall, reason, by, at, holdings: Collection[int] = (), rules=(), releases_holds=False
) -> Narrowing:
    """Proposes that holdings (ids), or all that only `rules` reach, are not affected.

    Nothing changes before another person approves. Refuses an empty reason, a proposal of
    nothing, what is not in the newest version, and a second proposal beside an open one.
    """
    recall = locked(recall, Status.ACTIVE, to="narrowed")
    if not reason.strip():
        raise ValidationError({"reason": "Say why these goods are not affected."})
    if recall.narrowings.filter(state=State.OPEN).exists():
        raise ValidationError("Another proposal waits for approval. Decide that one first.")
    holdings, rules = sorted(set(holdings)), list(rules)
    _refuse_strange(recall, holdings, rules)
    last = recall.narrowings.aggregate(last=Max("number"))["last"] or 0
    narrowing = Narrowing.objects.create(
        recall=recall,
        number=last + 1,
        reason=reason.strip(),
        releases_holds=releases_holds,
        proposed_by=by,
        proposed_at=at,
    )
    narrowing.rules.set(rules)
    NarrowedHolding.objects.bulk_create(
        NarrowedHolding(narrowing=narrowing, holding_id=pk) for pk in holdings
    )
    after = {"narrowing": narrowing.number, "holdings": len(holdings)}
    after |= {"rules": [rule.pk for rule in rules], "releases_holds": releases_holds}
    record(verb="narrowing proposed", obj=recall, by=by, at=at, after=after, reason=reason.strip())
    return narrowing


def _refuse_strange(recall: Recall, holdings: list[int], rules: list) -> None:
    if not holdings and not rules:
        raise ValidationError("Choose what is not affected: a rule, batches or places.")
    there = newest(recall).lines.filter(holding__in=holdings).count()
    if there != len(holdings):
        raise ValidationError("The scope was renewed meanwhile. Load the page again and choose.")
    if any(rule.recall_id != recall.pk or rule.withdrawn_at for rule in rules):
        raise ValidationError("This rule does not count any more. Load the page again.")


def approve_narrowing(*, narrowing, by, at, password, meaning) -> ScopeVersion:
    """Freezes the next version without what is taken out, and tells who had been told of it.

    What the look finds besides is told too. Refuses the person who proposed it, a wrong
    password, and a narrowing that would take out everything or that changes nothing.
    """
    version = _approve(narrowing=narrowing, by=by, at=at, password=password, meaning=meaning)
    doorbell.ring()
    try:
        check_drift(recall=version.recall, at=at)
    except Exception:  # Narrowed is narrowed: the clock looks again.
        _log.exception("%s is narrowed; the clock will look again", version.recall)
    return version


@in_one_snapshot
def _approve(*, narrowing, by, at, password, meaning) -> ScopeVersion:
    recall, narrowing = _open(narrowing)
    if by.pk == narrowing.proposed_by_id:
        raise ValidationError("You proposed this. A second person must check and approve it.")
    check_password(by, password)
    before, seen = newest(recall), preview(recall)
    after = _without(narrowing, seen, by, at)
    gone = set(narrowing.holdings.values_list("holding_id", flat=True))
    gone |= _holdings(seen) - _holdings(after)
    rows = before.lines.filter(holding__in=gone).select_related("location")
    removed = list(rows.order_by("holding_id"))
    if not removed:
        raise ValidationError("What it names is reached by another rule too; nothing would change.")
    if not after.lines:
        raise ValidationError("Nothing would be left of the recall. Complete and close it instead.")
    narrowing.state, narrowing.decided_by, narrowing.decided_at = State.APPROVED, by, at
    narrowing.save(update_fields=["state", "decided_by", "decided_at"])
    version = freeze(
        recall=recall, seen=after, cause=ScopeVersion.Cause.NARROWING, by=by, at=at,
        narrowing=narrowing, removed={line.holding_id for line in removed},
    )  # fmt: skip
    _keep(narrowing, removed)
    hold_own(version=version, by=by, at=at)
    told = release(version=version, places=after.places, by=by, at=at)
    told_again = tell_of_removal(version=version, removed=removed, at=at)
    close_alarms(recall, by, at)
    freed = _release_holds(narrowing, removed, by, at) if narrowing.releases_holds else 0
    sign(recall, version, by, at, meaning)
    done = {"narrowing": narrowing.number, "version": version.number, "lines": len(removed)}
    done |= {"notices": told, "told_again": told_again, "holds_released": freed}
    record(verb="scope narrowed", obj=recall, by=by, at=at, after=done, reason=narrowing.reason)
    return version


def _open(narrowing) -> tuple[Recall, Narrowing]:
    """The recall and the narrowing, both locked. Refuses one that was decided."""
    recall = locked(narrowing.recall, Status.ACTIVE, to="narrowed")
    narrowing = Narrowing.objects.select_for_update().get(pk=narrowing.pk)
    if narrowing.state != State.OPEN:
        word = narrowing.get_state_display().lower()
        raise ValidationError(f"This proposal was {word} already. Load the page again.")
    return recall, narrowing


def _holdings(seen: ScopePreview) -> set[int]:
    return {line.holding_id for line in seen.lines}


def _without(narrowing: Narrowing, seen: ScopePreview, by, at) -> ScopePreview:
    """The look that is left when the rules are withdrawn and the holdings left out."""
    recall = narrowing.recall
    narrowing.rules.filter(withdrawn_at__isnull=True).update(withdrawn_at=at)
    reached = {line.holding_id: (line.links_in, line.received) for line in seen.lines}
    named = list(narrowing.holdings.values_list("holding_id", flat=True))
    # One that got more since it was left out is in the scope; it is decided about anew.
    recall.exclusions.standing().filter(holding__in=named).update(withdrawn_at=at)
    made = []
    for pk in named:
        links_in, received = reached.get(pk, (0, 0))
        made.append(
            ScopeExclusion(
                recall=recall, holding_id=pk, reason=narrowing.reason, by=by, at=at,
                narrowing=narrowing, links_in=links_in, received=received,
            )
        )  # fmt: skip
    ScopeExclusion.objects.bulk_create(made)
    return preview(recall)


def _keep(narrowing: Narrowing, removed: list[ScopeLine]) -> None:
    """What is really gone, each with its last line and the movements out of it that are known."""
    gone = [line.holding_id for line in removed]
    links = Link.objects.filter(source__in=gone, voided=False).order_by().values_list("source")
    known = dict(links.annotate(Count("pk")))
    NarrowedHolding.objects.bulk_create(
        (
            NarrowedHolding(
                narrowing=narrowing,
                holding_id=line.holding_id,
                line=line,
                links_out=known.get(line.holding_id, 0),
            )
            for line in removed
        ),
        batch_size=500,
        update_conflicts=True,
        unique_fields=["narrowing", "holding"],
        update_fields=["line", "links_out"],
    )


def _release_holds(narrowing: Narrowing, removed: list[ScopeLine], by, at) -> int:
    """Lets go of what this recall held of it. Other holds on the goods stay."""
    gone = {(line.batch_id, line.location_id) for line in removed}
    reference = narrowing.recall.reference
    holds = Hold.objects.filter(recall=reference, released_at__isnull=True).order_by("pk")
    freed = [hold for hold in holds if (hold.batch_id, hold.location_id) in gone]
    for hold in freed:
        release_hold(hold=hold, reason=narrowing.reason, by=by, at=at, recall=reference)
    return len(freed)


@transaction.atomic
def reject_narrowing(*, narrowing, reason, by, at) -> Narrowing:
    """Ends a proposal without effect: rejected, or withdrawn by the person who made it.

    Refuses an empty reason, and a proposal that was decided.
    """
    recall, narrowing = _open(narrowing)
    if not reason.strip():
        raise ValidationError({"reason": "Say why these goods stay in the recall."})
    is_own = by.pk == narrowing.proposed_by_id
    narrowing.state = State.WITHDRAWN if is_own else State.REJECTED
    narrowing.decided_by, narrowing.decided_at = by, at
    narrowing.decision_reason = reason.strip()
    narrowing.save(update_fields=["state", "decided_by", "decided_at", "decision_reason"])
    record(
        verb=f"narrowing {narrowing.state}",
        obj=recall,
        by=by,
        at=at,
        after={"narrowing": narrowing.number},
        reason=reason.strip(),
    )
    return narrowing
