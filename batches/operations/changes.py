"""What one edit changed, for the log, and whether somebody else edited in the meantime."""

import hashlib
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db.models import Model

from batches.operations.events import canonical, plain


def values(obj: Model, names: Iterable[str]) -> dict:
    return {name: plain(obj.serializable_value(name)) for name in names}


def changes(old: Model | None, new: Model, names: Iterable[str]) -> tuple[dict, dict]:
    """The fields that differ, before and after. Nothing stands before a new object."""
    after = values(new, names)
    if old is None:
        return {}, {name: value for name, value in after.items() if value not in (None, "")}
    before = values(old, names)
    differing = [name for name in after if before[name] != after[name]]
    return {name: before[name] for name in differing}, {name: after[name] for name in differing}


def fingerprint(obj: Model, *lines: Iterable[Model]) -> str:
    """A digest of a saved object and its lines. A form carries it as `seen`, so that an
    operation can tell whether what the person saw is what it is about to overwrite."""
    rows = [obj, *(line for kind in lines for line in kind)]
    state = [[plain(row.serializable_value(f.attname)) for f in row._meta.fields] for row in rows]
    return hashlib.sha256(canonical(state)).hexdigest()


def refuse_if_changed(seen: str, obj: Model, *lines: Iterable[Model]) -> None:
    """Refuses when `seen` is given and is not the fingerprint of what is stored now."""
    if seen and seen != fingerprint(obj, *lines):
        raise ValidationError(
            f"Somebody else changed {obj} while you were editing it. Open it again in a second "
            "tab, compare, and enter your change there."
        )


def locked(obj: Model) -> Model:
    """The stored row of `obj`, locked until the transaction ends."""
    return type(obj)._base_manager.select_for_update(no_key=True).get(pk=obj.pk)


def need_reason(reason: str, what: str) -> str:
    if not (reason or "").strip():
        raise ValidationError({"reason": f"Say why {what}."})
    return reason.strip()


def amount(quantity, unit: str = "") -> str:
    """`quantity` as a person writes it: no trailing zeros, the unit behind it."""
    return f"{quantity.normalize():f} {unit}".rstrip()
