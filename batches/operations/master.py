"""Master data: products, locations and contacts, saved whole and logged by what changed."""

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.codes.gs1.errors import CodeError
from batches.codes.gs1.keys import check_key
from batches.models import Contact, Location, Product
from batches.operations.changes import changes, locked, refuse_if_changed
from batches.operations.contacts import label_of, settle_return
from batches.operations.events import record
from batches.operations.numbering import check_pattern
from batches.operations.zones import refuse_moved_days

_PERSONAL = {"name", "email", "phone", "returned_text"}


@transaction.atomic
def save_product(*, product, by, at, seen="") -> Product:
    """Saves a new or changed product. A GTIN of 8, 12 or 13 digits is filled up to 14.

    Refuses a change since `seen`, another unit once batches are counted in it, a GTIN with
    a typing error, and a number pattern that cannot be used (`numbering.check_pattern`).
    """
    product.gtin = _padded(product.gtin)
    stored = _stored(product, seen)
    _refuse_typing_error("gtin", product, stored)
    if stored and stored.unit != product.unit and stored.batches.exists():
        raise ValidationError(
            {
                "unit": f"Batches of {stored.code} are counted in {stored.unit}. For another unit "
                "make a product of its own."
            }
        )
    asked = (product.number_pattern, product.shelf_life_days)
    if not stored or asked != (stored.number_pattern, stored.shelf_life_days):
        check_pattern(product)
    return _save(product, stored, by, at)


def _padded(gtin: str | None) -> str | None:
    digits = (gtin or "").strip()
    return digits.zfill(14) if len(digits) in {8, 12, 13} else digits or None


@transaction.atomic
def save_location(*, location, by, at, seen="") -> Location:
    """Saves a new or changed location.

    Refuses a change of it or its contacts since `seen` (`changes.fingerprint` of the
    location and its contacts), a GLN with a typing error, a circle of parents, and another
    time zone once dates without time of day are on record there (`zones.refuse_moved_days`).
    """
    location.gln = (location.gln or "").strip() or None
    location.country = location.country.strip().upper()
    location.day_begins_hour = location.day_begins_hour or 0
    stored = _stored(location, seen, "contacts")
    _refuse_typing_error("gln", location, stored)
    _refuse_circle(location)
    if stored:
        refuse_moved_days(stored, location)
    return _save(location, stored, by, at)


def _refuse_typing_error(name, obj, stored) -> None:
    """A key whose check digit is wrong. What an import brought stays until it is retyped."""
    key = getattr(obj, name)
    if not key or (stored and getattr(stored, name) == key):
        return
    try:
        check_key(key)
    except CodeError as error:
        raise ValidationError({name: f"{error} Compare each digit."}) from None


def _refuse_circle(location) -> None:
    above, passed = location.parent, set()
    while above is not None and above.pk not in passed:
        if location.pk and above.pk == location.pk:
            raise ValidationError({"parent": f"{location.code} would stand above itself."})
        passed.add(above.pk)
        above = above.parent


@transaction.atomic
def save_contact(*, contact, by, at, seen="") -> Contact:
    """Saves a new or changed contact.

    Refuses a change since `seen`, a contact without address and phone, and one that is
    to receive notices without an address. The log says which fields changed, and never
    a name, an address or a number: people can ask to be forgotten, the log cannot forget.
    """
    stored = _stored(contact, seen)
    if not contact.email and not contact.phone:
        raise ValidationError({"email": "Enter an e-mail address, or at least a phone number."})
    if contact.receives_notices and not contact.email:
        raise ValidationError({"email": "Whoever receives notices needs an e-mail address."})
    was_returned = bool(stored and stored.returned_at)
    if stored and stored.email != contact.email:
        # What was known of the old address says nothing of the new one.
        contact.tested_at = contact.test_sent_at = contact.returned_at = None
        contact.returned_text = ""
    saved = _save(contact, stored, by, at, label=label_of(contact), hidden=_PERSONAL)
    if was_returned and not saved.returned_at:
        settle_return(saved.location, "The address was changed.", by=by, at=at)
    return saved


def _stored(obj, seen, *lines):
    stored = locked(obj) if obj.pk else None
    if stored:
        refuse_if_changed(seen, stored, *(getattr(stored, name).all() for name in lines))
    return stored


def _save(obj, stored, by, at, label="", hidden=frozenset()):
    obj.full_clean()
    names = [field.name for field in obj._meta.fields if not field.primary_key]
    before, after = changes(stored, obj, names)
    if stored and not after:
        return obj
    if stored:
        obj.save(update_fields=list(after))
    else:
        obj.save(force_insert=True)
    noun = obj._meta.model_name
    record(
        verb=f"{noun} changed" if stored else f"{noun} added",
        obj=obj,
        by=by,
        at=at,
        before=_shown(before, hidden) or None,
        after=_shown(after, hidden),
        label=label,
    )
    return obj


def _shown(logged: dict, hidden) -> dict:
    return {name: "(not logged)" if name in hidden else logged[name] for name in logged}
