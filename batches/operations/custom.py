"""Custom fields of batches: which there are, and what a change of a batch says in them."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.intake.columns import ERROR_COLUMNS, KINDS, SYNONYMS, column_key
from batches.intake.values import folded
from batches.models import Batch, ColumnName, CustomField, CustomValue
from batches.operations.changes import changes, locked, refuse_if_changed
from batches.operations.events import record

KIND = "batches"
_FIELDS = ["name", "position", "is_promoted"]
_LONGEST = CustomValue._meta.get_field("text").max_length
# Names that mean something else in a file, or in the log of a batch.
_TAKEN = {
    *map(folded, SYNONYMS),
    *map(folded, ERROR_COLUMNS),
    *(folded(column.name) for column in KINDS[KIND]),
    *(folded(field.name) for field in Batch._meta.fields),
    folded("scanned_gtin"),
}


@transaction.atomic
def save_custom_field(*, field, by, at, seen="") -> CustomField:
    """Saves a new or changed custom field. Headers of files that mean it follow its name.

    Refuses a change since `seen`, and a name that is no name, that a batch or another field has
    already, or that a header of files has which means something else.
    """
    stored = locked(field) if field.pk else None
    if stored:
        refuse_if_changed(seen, stored)
    field.name = " ".join(field.name.split())
    field.key = column_key(field.name)
    _refuse_name(field, stored)
    field.full_clean()
    before, after = changes(stored, field, _FIELDS)
    if stored and not after:
        return field
    if stored:
        field.save(update_fields=[*_FIELDS, "key"])
        ColumnName.objects.filter(kind=KIND, column=stored.name).update(column=field.name)
    else:
        field.save(force_insert=True)
    verb = "custom field changed" if stored else "custom field added"
    record(verb=verb, obj=field, by=by, at=at, before=before or None, after=after)
    return field


def _refuse_name(field: CustomField, stored: CustomField | None) -> None:
    if not field.key:
        raise ValidationError({"name": "Enter a name with letters or digits."})
    if field.key in _TAKEN:
        raise ValidationError(
            {"name": f"“{field.name}” means something else of batches already. Choose another."}
        )
    if same := CustomField.objects.filter(key=field.key).exclude(pk=field.pk).first():
        raise ValidationError({"name": f"There is “{same.name}” already, which reads the same."})
    meant = ColumnName.objects.filter(kind=KIND, key=field.key).exclude(column="").first()
    if meant and meant.column != (stored and stored.name):
        raise ValidationError(
            {
                "name": f"In files, “{meant.header}” means {meant.column}. Forget that on the page "
                "Imports first, or choose another name."
            }
        )


def write_custom_values(batch: Batch, said: Mapping[CustomField, str]) -> tuple[dict, dict]:
    """Writes what differs, and returns it by the name of the field, before and after: a part of
    the change of a batch, whose event tells it. Empty takes back what was said.

    Refuses a text that is too long.
    """
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    there = {value.field_id: value for value in batch.custom_values.all()} if said else {}
    for field, typed in said.items():
        value, text = there.get(field.pk), typed.strip()
        was = value.text if value else ""
        if text == was:
            continue
        if len(text) > _LONGEST:
            raise ValidationError(
                f"{field.name}: {len(text)} characters are too many. Enter at most {_LONGEST}."
            )
        _put(value or CustomValue(batch=batch, field=field), text)
        before[field.name], after[field.name] = was, text
    return before, after


def _put(value: CustomValue, text: str) -> None:
    if not text:
        value.delete()
        return
    value.text = text
    if value.pk:
        value.save(update_fields=["text"])
    else:
        value.save(force_insert=True)
