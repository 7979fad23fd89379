"""Importing what files of batches say in the columns of custom fields."""

from batches.models import Batch, CustomField, CustomValue
from batches.operations.documents.checks import lock_batches
from batches.operations.imports.conflicts import refuse_conflict
from batches.operations.imports.work import Work, in_parts
from batches.operations.stock import chunks

# Product, origin and number.
Key = tuple[int, int, str]


class CustomValues:
    """The custom values of one file's batches: what is there, and what the file adds. `known` are
    the batches that are there; they are locked if the file has such columns."""

    def __init__(self, work: Work, known: dict[Key, Batch]):
        named = CustomField.objects.filter(name__in=list(work.sheet.places))
        self.fields = {field.name: field for field in named}
        self.there: dict[tuple[Key, str], str] = {}
        self.lines: dict[tuple[Key, str], int] = {}
        self.new: list[CustomValue] = []
        if self.fields:
            self._load({batch.pk: key for key, batch in known.items()})

    def _load(self, keys: dict[int, Key]) -> None:
        names = {field.pk: name for name, field in self.fields.items()}
        for part in chunks(sorted(keys)):
            lock_batches(part)
        for value in in_parts(CustomValue.objects.order_by(), "batch_id", keys):
            if value.field_id in names:
                self.there[keys[value.batch_id], names[value.field_id]] = value.text

    def take(self, row, key: Key, batch: Batch, what: str) -> None:
        """Adds what nothing was said of yet. Refuses the row when it contradicts what is there,
        and when the batch was voided."""
        said = {(key, name): row.get(name) for name in self.fields if row.get(name)}
        for at, text in said.items():
            if at in self.there:
                there = {at[1]: self.there[at]}
                refuse_conflict(row, what, {at[1]: text}, there, self.lines.get(at))
        fresh = {at: text for at, text in said.items() if at not in self.there}
        if fresh and batch.status == Batch.Status.VOIDED:
            row.refuse("", f"{what} was voided and is not edited any more.")
        if row.problems:
            return
        for at, text in fresh.items():
            self.there[at], self.lines[at], row.is_added = text, row.line, True
            self.new.append(CustomValue(batch=batch, field=self.fields[at[1]], text=text))

    def write(self) -> None:
        """Writes them, once the batches are there."""
        CustomValue.objects.bulk_create(self.new)
