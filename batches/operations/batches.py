"""Making, changing and voiding batches."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.codes.numbering import number_key
from batches.models import Batch, Location
from batches.operations.changes import changes, locked, need_reason, refuse_if_changed
from batches.operations.custom import write_custom_values
from batches.operations.documents.checks import documents_of, lock_batches
from batches.operations.events import record
from batches.operations.numbering import next_number, refuse_void
from batches.operations.stock import get_or_make_holdings, recompute

# Product, origin and number name a batch. They stand on labels and in frozen scopes.
NAMED_BY = ["product", "origin", "number"]
FIELDS = [
    "supplier_number",
    "produced_at",
    "expires_on",
    "quantity",
    "line",
    "status",
]


def make_batch(*, product, origin, by, at, number="", shift="", custom=None, **fields) -> Batch:
    """Makes a batch, and the holding at its origin. `fields` as in `FIELDS`; see `add_batch`."""
    batch = Batch(product=product, origin=origin, number=number, **fields)
    return add_batch(batch=batch, shift=shift, custom=custom, by=by, at=at)


def add_batch(*, batch, by, at, shift="", custom=None) -> Batch:
    """Saves a new batch. Without a number it gets the next of its product, and without an
    expiry the one that follows from the shelf life. `custom` as for `save_batch`.

    Where the product's numbers may have gaps, the number is issued in a transaction of its
    own, so that others need not wait until the batch is saved. Refuses a void number.
    """
    batch.number = batch.number.strip()
    batch.clean_fields(exclude=["number"])
    batch.expires_on = batch.expires_on or shelf_life_end(batch)
    if not batch.number and not batch.product.numbers_gap_free:
        batch.number = next_number(batch=batch, shift=shift, at=at)
        return save_batch(batch=batch, by=by, at=at, custom=custom)
    with transaction.atomic():
        if batch.number:
            refuse_void(batch)
        else:
            batch.number = next_number(batch=batch, shift=shift, at=at)
        return save_batch(batch=batch, by=by, at=at, custom=custom)


def shelf_life_end(batch: Batch) -> date | None:
    """The last day of the product's shelf life, counted from the production day."""
    if batch.produced_at is None or batch.product.shelf_life_days is None:
        return None
    made = batch.origin.production_day(batch.produced_at)
    return made + timedelta(days=batch.product.shelf_life_days)


def change_batch(*, batch, by, at, seen="", **fields) -> Batch:
    """Changes some of `FIELDS` of a batch."""
    batch = Batch.objects.get(pk=batch.pk)
    for name, value in fields.items():
        setattr(batch, name, value)
    return save_batch(batch=batch, by=by, at=at, seen=seen)


@transaction.atomic
def save_batch(*, batch, by, at, seen="", custom=None) -> Batch:
    """Saves a new or changed batch; its stock at the origin follows its quantity. `custom` is what
    is said in custom fields, by field; of the others everything stays.

    Refuses another product, origin or number for a batch that exists, a change of one
    that is voided or changed since `seen` (`changes.fingerprint` of the batch and its custom
    values), a number of ours that is there in another spelling, an expiry before production,
    too long a text, and voiding, which has an operation of its own.
    """
    stored = None
    if batch.pk:
        stored = locked(batch)
        refuse_if_changed(seen, stored, stored.custom_values.all())
        _refuse_renaming(stored, batch)
    if batch.status == Batch.Status.VOIDED:
        raise ValidationError({"status": "Use the action “void”, which asks for the reason."})
    if not stored:
        batch.number_key = number_key(batch.number)
    batch.full_clean()
    if not stored:
        _refuse_other_spelling(batch)
    _refuse_odd_dates(batch)
    before, after = changes(stored, batch, FIELDS if stored else NAMED_BY + FIELDS)
    if not stored:
        batch.save(force_insert=True)
    elif after:
        batch.save(update_fields=FIELDS)
    was, told = write_custom_values(batch, custom or {})
    # Nothing stands before a new batch.
    before, after = before | was if stored else {}, after | told
    if stored and not after:
        return batch
    recompute(get_or_make_holdings([(batch.pk, batch.origin_id)]).values())
    verb = "batch changed" if stored else "batch made"
    record(verb=verb, obj=batch, by=by, at=at, before=before or None, after=after)
    return batch


def _refuse_renaming(stored, batch) -> None:
    if stored.status == Batch.Status.VOIDED:
        raise ValidationError(f"{stored} was voided and is not edited any more.")
    renamed, _ = changes(stored, batch, NAMED_BY)
    if renamed:
        raise ValidationError(
            dict.fromkeys(
                renamed, "This names the batch and stays as it is. Void the batch and make another."
            )
        )


def _refuse_other_spelling(batch) -> None:
    """A number of ours is given once, however it is typed. What a supplier prints, it prints."""
    if batch.origin.kind == Location.Kind.SUPPLIER:
        return
    named = {"product": batch.product, "origin": batch.origin, "number_key": batch.number_key}
    if same := Batch.objects.filter(**named).first():
        raise ValidationError(
            {
                "number": f"{batch.origin.code} has {same} of {batch.product.code} already, which "
                "is the same number. Enter the number of this batch, or use that one."
            }
        )


def _refuse_odd_dates(batch) -> None:
    if not (batch.produced_at and batch.expires_on):
        return
    if batch.expires_on < batch.origin.production_day(batch.produced_at):
        raise ValidationError(
            {"expires_on": "The batch would expire before it was made. Check both dates."}
        )


@transaction.atomic
def void_batch(*, batch, reason, by, at) -> Batch:
    """Marks a batch that was entered by mistake. Its number stays taken.

    Refuses an empty reason, a batch voided before, and one that stands on documents that
    are not voided, naming them.
    """
    reason = need_reason(reason, f"{batch} is voided")
    lock_batches([batch.pk])
    batch = Batch.objects.get(pk=batch.pk)
    if batch.status == Batch.Status.VOIDED:
        raise ValidationError(f"{batch} was voided already.")
    if named := documents_of(batch):
        raise ValidationError(f"{batch} stands on documents. Void {named} first.")
    before = {"status": batch.status}
    batch.status, batch.void_reason = Batch.Status.VOIDED, reason
    batch.save(update_fields=["status", "void_reason"])
    recompute(batch.holdings.values_list("pk", flat=True))
    after = {"status": "voided"}
    record(verb="batch voided", obj=batch, by=by, at=at, before=before, after=after, reason=reason)
    return batch
