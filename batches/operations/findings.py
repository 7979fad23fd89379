"""Raising findings and settling them: what the system noticed and a person should look at."""

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.codes.numbering import number_key
from batches.models import Finding
from batches.operations.changes import need_reason
from batches.operations.events import record

NOT_RECORDED = "not_recorded"


@transaction.atomic
def raise_finding(*, kind, severity, obj, text, at, label="") -> Finding:
    """Opens a finding about `obj`; an open one of the same kind is left as it is."""
    finding, is_new = Finding.objects.get_or_create(
        kind=kind,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        closed_at=None,
        defaults={
            "severity": severity,
            "label": (label or str(obj))[:200],
            "text": text,
            "found_at": at,
        },
    )
    if is_new:
        record(verb="finding raised", obj=finding, by=None, at=at, after={"text": text})
    return finding


@transaction.atomic
def report_missing(*, code, by, at) -> Finding:
    """Notes that goods with `code` are there and no record of them is: a data gap that waits for
    a person. The same code again is the same one, as long as it is open. Refuses no code."""
    code = code.strip()
    if not code:
        raise ValidationError("Type or scan the code that stands on the goods.")
    who = by.get_full_name() or by.get_username()
    finding, is_new = Finding.objects.get_or_create(
        kind=NOT_RECORDED,
        object_type="code",
        object_id=(number_key(code) or code)[:60],
        closed_at=None,
        defaults={
            "severity": Finding.Severity.GAP,
            "label": code[:200],
            "text": f"{who} has goods with this code. No record of them is there.",
            "found_at": at,
        },
    )
    if is_new:
        record(verb="finding raised", obj=finding, by=by, at=at, after={"text": finding.text})
    return finding


def _open(finding) -> Finding:
    """The stored row, locked. Refuses one that is closed."""
    finding = Finding.objects.select_for_update(of=("self",)).get(pk=finding.pk)
    if finding.closed_at:
        raise ValidationError("This finding is closed already.")
    return finding


@transaction.atomic
def assign_finding(*, finding, owner, by, at) -> Finding:
    """Gives a finding to `owner`, or to nobody. What was accepted waits for a person again.

    Refuses a closed finding and an account that cannot log in any more.
    """
    finding = _open(finding)
    if owner and not owner.is_active:
        raise ValidationError({"owner": f"{owner} has no active account. Choose another person."})
    before = {"owner": finding.owner_id}
    finding.owner = owner
    finding.accepted_at, finding.accepted_by, finding.accept_reason = None, None, ""
    finding.save(update_fields=["owner", "accepted_at", "accepted_by", "accept_reason"])
    after = {"owner": owner and owner.pk}
    record(verb="finding assigned", obj=finding, by=by, at=at, before=before, after=after)
    return finding


@transaction.atomic
def accept_finding(*, finding, reason, by, at) -> Finding:
    """Lets the fault stay, with the reason. It closes by itself once it is gone.

    Refuses an empty reason, a closed finding and one that was accepted already.
    """
    finding = _open(finding)
    if finding.accepted_at:
        raise ValidationError("This finding is accepted already. Assign it to take that back.")
    reason = need_reason(reason, "the finding may stay")
    finding.accepted_at, finding.accepted_by, finding.accept_reason = at, by, reason
    finding.save(update_fields=["accepted_at", "accepted_by", "accept_reason"])
    record(verb="finding accepted", obj=finding, by=by, at=at, reason=reason)
    return finding


@transaction.atomic
def close_finding(*, finding, reason, by, at) -> Finding:
    """Closes a finding with the reason. Refuses an empty reason and a closed finding."""
    finding = _open(finding)
    if not reason.strip():
        raise ValidationError({"reason": "Say why the finding can be closed."})
    finding.closed_at, finding.closed_by, finding.close_reason = at, by, reason
    finding.save(update_fields=["closed_at", "closed_by", "close_reason"])
    record(verb="finding closed", obj=finding, by=by, at=at, reason=reason)
    return finding
