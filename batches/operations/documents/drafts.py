"""What drafts of shipments and runs share: saving the head and the lines, and the log of it."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db.models import Model

from batches.operations.changes import changes, locked, refuse_if_changed
from batches.operations.events import plain, record


def make_lines(model: type[Model], rows: Iterable[dict]) -> list[Model]:
    """Unsaved lines out of dicts with `batch`, `quantity` and what else the model has.

    A row may say in which `unit` it counts; a unit that is not the product's is refused.
    """
    lines = []
    for row in rows:
        unit = row.get("unit")
        line = model(**{name: value for name, value in row.items() if name != "unit"})
        product = line.batch.product
        if unit and unit != product.unit:
            raise ValidationError(
                f"{line.batch} is counted in {product.unit}, not in {unit}. "
                f"Enter its quantity in {product.unit}."
            )
        lines.append(line)
    return lines


def save_draft(*, document, lines: dict[str, list[Model]], fields, by, at, seen="") -> None:
    """Saves a new or changed draft with exactly these lines, and logs what changed.

    `lines` gives the whole list under each related name; a stored line that is not in it
    is removed. A change of nothing writes nothing.
    """
    stored = locked(document) if document.pk else None
    kept = {name: list(getattr(stored, name).all()) if stored else [] for name in lines}
    if stored:
        refuse_unless_draft(stored)
        refuse_if_changed(seen, stored, *kept.values())
    else:
        document.created_by, document.status = by, document.Status.DRAFT
    document.full_clean(exclude=["created_by"])
    for rows in lines.values():
        _check_lines(document, rows)
    before, after = changes(stored, document, fields)
    for name, rows in lines.items():
        was, now = _as_logged(kept[name]), _as_logged(rows)
        if was != now:
            before, after = before | {name: was}, after | {name: now}
    if stored and not after:
        return
    _write(document, stored, lines, kept, fields)
    noun = document._meta.model_name
    verb = f"{noun} changed" if stored else f"{noun} drafted"
    record(verb=verb, obj=document, by=by, at=at, before=before or None, after=after)


def refuse_unless_draft(document) -> None:
    if not document.is_draft:
        raise ValidationError(
            f"{document} is {document.get_status_display().lower()} and is not edited any more. "
            "Void it with a reason and enter it again."
        )


def _write(document, stored, lines, kept, fields) -> None:
    if stored:
        document.save(update_fields=fields)
    else:
        document.save(force_insert=True)
    parent = document._meta.model_name
    for name, rows in lines.items():
        staying = {line.pk for line in rows if line.pk}
        gone = [line.pk for line in kept[name] if line.pk not in staying]
        getattr(document, name).filter(pk__in=gone).delete()
        for line in rows:
            setattr(line, parent, document)
            line.save()


def _check_lines(document, rows: list[Model]) -> None:
    for line in rows:
        line.clean_fields(exclude=[document._meta.model_name])
        if line.quantity is not None and line.quantity <= 0:
            raise ValidationError(
                f"The quantity of {line.batch} must be more than zero. "
                "Leave it empty if it is not known."
            )


def _as_logged(rows: list[Model]) -> list[dict]:
    skipped = {"id", "shipment", "run"}
    return [
        {
            field.name: plain(field.value_from_object(line))
            for field in line._meta.fields
            if field.name not in skipped
        }
        for line in rows
    ]
