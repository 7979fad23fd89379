"""Inspections and complaints."""

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.models import Batch, Complaint, Inspection
from batches.operations.changes import changes, locked, need_reason, refuse_if_changed, values
from batches.operations.events import record

INSPECTED = [
    "batch",
    "kind",
    "value",
    "lower_limit",
    "upper_limit",
    "unit",
    "result",
    "remark",
    "at",
]
COMPLAINED = ["product", "batch", "location", "at", "severity", "text"]


def record_inspection(*, batch, kind, by, at, inspected_at=None, **fields) -> Inspection:
    """Records an inspection; `inspected_at` is `at` unless given.

    `fields`: value, lower_limit, upper_limit, unit, result, remark. Without a result, a
    value and its limits decide.
    """
    inspection = Inspection(batch=batch, kind=kind, by=by, at=inspected_at or at, **fields)
    return save_inspection(inspection=inspection, by=by, at=at)


@transaction.atomic
def save_inspection(*, inspection, by, at, seen="") -> Inspection:
    """Saves a new inspection, or one that still awaits its result.

    Refuses limits the wrong way round, a pass against the limits, a voided batch, and a
    change once the result is known.
    """
    stored = locked(inspection) if inspection.pk else None
    if stored:
        refuse_if_changed(seen, stored)
        if stored.result != Inspection.Result.OPEN:
            raise ValidationError("The result is known and stays. Record a new inspection.")
    else:
        inspection.by = by
    _judge(inspection)
    inspection.full_clean(exclude=["by"])
    before, after = changes(stored, inspection, INSPECTED)
    if stored and not after:
        return inspection
    if stored:
        inspection.save(update_fields=INSPECTED)
    else:
        inspection.save(force_insert=True)
    verb = "inspection changed" if stored else "inspection recorded"
    record(verb=verb, obj=inspection, by=by, at=at, before=before or None, after=after)
    return inspection


def _judge(inspection) -> None:
    """Sets the result that value and limits give, and refuses one that contradicts them."""
    Result = Inspection.Result
    value, low, high = inspection.value, inspection.lower_limit, inspection.upper_limit
    if inspection.batch_id and inspection.batch.status == Batch.Status.VOIDED:
        raise ValidationError({"batch": f"{inspection.batch} was voided. Choose another batch."})
    if low is not None and high is not None and low > high:
        raise ValidationError({"lower_limit": "The lower limit is above the upper one."})
    if value is None or (low is None and high is None):
        return
    within = (low is None or value >= low) and (high is None or value <= high)
    if inspection.result == Result.PASSED and not within:
        raise ValidationError({"result": "The value is outside its limits: it has not passed."})
    if inspection.result == Result.OPEN:
        inspection.result = Result.PASSED if within else Result.FAILED


def log_complaint(*, text, by, at, complained_at=None, **fields) -> Complaint:
    """Logs a complaint; `fields`: product, batch, location, severity."""
    complaint = Complaint(text=text, at=complained_at or at, **fields)
    return save_complaint(complaint=complaint, by=by, at=at)


@transaction.atomic
def save_complaint(*, complaint, by, at, seen="") -> Complaint:
    """Saves a new or open complaint. The product is the batch's, if the batch is known.

    Refuses a closed complaint, and one about neither product nor batch, or about a batch
    of another product. Its text may name people and stays out of the log.
    """
    stored = locked(complaint) if complaint.pk else None
    if stored:
        refuse_if_changed(seen, stored)
        if stored.status == Complaint.Status.CLOSED:
            raise ValidationError("This complaint is closed and stays as it is. Log a new one.")
    else:
        complaint.status = Complaint.Status.OPEN
    _place_complaint(complaint)
    complaint.full_clean()
    before, after = changes(stored, complaint, COMPLAINED)
    if stored and not after:
        return complaint
    if stored:
        complaint.save(update_fields=COMPLAINED)
    else:
        complaint.save(force_insert=True)
    before, after = _without_text(before), _without_text(after)
    verb = "complaint changed" if stored else "complaint logged"
    record(verb=verb, obj=complaint, by=by, at=at, before=before or None, after=after)
    return complaint


def _place_complaint(complaint) -> None:
    if complaint.batch is None and complaint.product is None:
        raise ValidationError({"product": "Choose the product, or the batch if it is known."})
    if complaint.batch is not None:
        if complaint.product is None:
            complaint.product = complaint.batch.product
        if complaint.product_id != complaint.batch.product_id:
            raise ValidationError(
                {"batch": f"{complaint.batch} is no batch of {complaint.product.code}."}
            )


def _without_text(logged: dict) -> dict:
    return {name: "(changed)" if name == "text" else logged[name] for name in logged}


@transaction.atomic
def close_complaint(*, complaint, outcome, by, at) -> Complaint:
    """Closes a complaint with what came of it. Refuses an empty outcome and a closed one."""
    complaint = locked(complaint)
    if complaint.status == Complaint.Status.CLOSED:
        raise ValidationError("This complaint is closed already.")
    complaint.outcome = need_reason(outcome, "the complaint can be closed")
    complaint.status, complaint.closed_at = Complaint.Status.CLOSED, at
    complaint.save(update_fields=["status", "closed_at", "outcome"])
    before, after = {"status": "open"}, values(complaint, ["status", "closed_at"])
    record(verb="complaint closed", obj=complaint, by=by, at=at, before=before, after=after)
    return complaint
