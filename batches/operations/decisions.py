"""What becomes of a hold while it waits for people, and what they decide but releasing it."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from batches.models import Adjustment, Hold, Holding
from batches.operations.changes import fingerprint, need_reason
from batches.operations.documents import adjust_stock
from batches.operations.documents.checks import lock_batches
from batches.operations.events import record
from batches.operations.holds import each_or_none, for_people
from batches.templatetags.wording import site_zone

MAY_DECIDE = "batches.release_hold"
LONGEST = timedelta(days=366)


@transaction.atomic
def assign_hold(*, hold, owner: User | None, by, at) -> Hold:
    """Gives a hold to `owner`, who is to decide about it, or to nobody.

    Refuses a person who may not decide, and the holds that `scrap_hold` refuses.
    """
    hold = _undecided(hold)
    if owner and not (owner.is_active and owner.has_perm(MAY_DECIDE)):
        raise ValidationError(
            {"owner": f"{owner} may not decide about holds. Choose somebody of the role Quality."}
        )
    before, after = {"owner": hold.owner_id}, {"owner": owner and owner.pk}
    hold.owner = owner
    hold.save(update_fields=["owner"])
    record(verb="hold assigned", obj=hold, by=by, at=at, before=before, after=after)
    return hold


@transaction.atomic
def extend_hold(*, hold, until: date, reason, by, at) -> Hold:
    """Puts the decision off: until that day has come, the hold is asked of nobody.

    Refuses an empty reason, a day that is not to come or more than a year away, and the holds
    that `scrap_hold` refuses.
    """
    reason = need_reason(reason, "the decision can wait")
    today = at.astimezone(site_zone()).date()
    if not today < until <= today + LONGEST:
        raise ValidationError({"until": "Give a day after today, and within a year."})
    hold = _undecided(hold)
    before = {"due_on": hold.due_on}
    hold.due_on = until
    hold.save(update_fields=["due_on"])
    after = {"due_on": until}
    record(verb="hold extended", obj=hold, by=by, at=at, before=before, after=after, reason=reason)
    return hold


def assign_holds(*, holds: Iterable[int], owner: User | None, by, at) -> list[Hold]:
    """Assigns each of the holds (ids), or none of them: each refusal is said."""
    return _each(holds, lambda hold: assign_hold(hold=hold, owner=owner, by=by, at=at), "assigned")


def extend_holds(*, holds: Iterable[int], until: date, reason, by, at) -> list[Hold]:
    """Extends each of the holds (ids), or none of them: each refusal is said."""
    need_reason(reason, "the decisions can wait")
    return _each(
        holds,
        lambda hold: extend_hold(hold=hold, until=until, reason=reason, by=by, at=at),
        "extended",
    )


@transaction.atomic
def _each(ids: Iterable[int], act, done: str) -> list[Hold]:
    rows = Hold.objects.select_related("batch__product", "batch__origin")
    return each_or_none(rows.filter(pk__in=list(ids)).order_by("pk"), act, done)


@transaction.atomic
def scrap_hold(*, hold, reason, by, at, seen="") -> Hold:
    """Takes what the hold stops off the books as scrap: at its location, or at all our own sites.

    The hold stays, so that what comes back is stopped; it then waits for people again.
    Refuses an empty reason, a hold that was released or is of a drill or a running recall,
    goods that changed since `seen` (`changes.fingerprint` of the hold and its stock), a quantity
    that is not known, and when nothing is there.
    """
    reason = need_reason(reason, "the goods are scrapped")
    lock_batches([hold.batch_id])
    hold = _for_people_of_goods(hold)
    stock = list(hold.stock().select_related("batch__product", "location").order_by("pk"))
    if seen and seen != fingerprint(hold, stock):
        raise ValidationError(
            f"The hold or what is there of {hold.batch} has changed since you looked. Nothing was "
            "scrapped. Look at it again, and confirm."
        )
    for holding in _countable(hold, stock):
        adjust_stock(
            holding=holding,
            quantity=-holding.quantity,
            reason=Adjustment.Reason.SCRAP,
            remark=f"{hold}: {reason}",
            by=by,
            at=at,
        )
    return _decided(hold, Hold.Decision.SCRAP, reason=reason, by=by, at=at)


@transaction.atomic
def rework_hold(*, hold, reason, by, at) -> Hold:
    """Lets the goods into runs of the kind rework and nowhere else; `post_run` then holds what
    such a run makes. Refuses what `scrap_hold` does of holds, and one that is for rework already.
    """
    reason = need_reason(reason, "the goods are reworked")
    hold = _for_people_of_goods(hold)
    if hold.decision == Hold.Decision.REWORK:
        raise ValidationError(f"{hold.batch} is held for rework already.")
    return _decided(hold, Hold.Decision.REWORK, reason=reason, by=by, at=at)


def _for_people_of_goods(hold) -> Hold:
    hold = for_people(hold)
    if hold.is_drill:
        raise ValidationError(
            f"The hold on {hold.batch} was a drill's and stops nothing. There is nothing to decide."
        )
    return hold


def _undecided(hold) -> Hold:
    hold = _for_people_of_goods(hold)
    if hold.decision == Hold.Decision.REWORK:
        raise ValidationError(f"It was decided to rework {hold.batch}. Nobody waits for that hold.")
    return hold


def _countable(hold: Hold, stock: list[Holding]) -> list[Holding]:
    wrong = [row for row in stock if row.quantity is None or row.quantity < 0]
    if wrong:
        raise ValidationError(
            [
                f"How much of {row.batch} is at {row.location.code} is not known. Correct the "
                "count there first."
                for row in wrong
            ]
        )
    some = [row for row in stock if row.quantity]
    if not some:
        raise ValidationError(
            f"Nothing of {hold.batch} is there to scrap. Release the hold, or extend it."
        )
    return some


def _decided(hold: Hold, decision: Hold.Decision, *, reason, by, at) -> Hold:
    before = {"decision": hold.decision}
    hold.decision, hold.decision_reason = decision, reason
    hold.decided_by, hold.decided_at, hold.due_on = by, at, None
    hold.save(update_fields=["decision", "decision_reason", "decided_by", "decided_at", "due_on"])
    after = {"decision": str(decision)}
    record(verb="hold decided", obj=hold, by=by, at=at, before=before, after=after, reason=reason)
    return hold
