"""Names of what rules speak of, and the words that their sentences share."""

from collections.abc import Iterable
from datetime import date, datetime

from batches.models import Batch, Complaint, Location, Product, Shipment

_MODELS = {
    "product": Product,
    "origin": Location,
    "supplier": Location,
    "location": Location,
    "batches": Batch,
    "shipments": Shipment,
    "complaints": Complaint,
}
_SHOWN = 12


class Names:
    """Rows by model and key, read once for many rules."""

    def __init__(self):
        self._rows: dict[type, dict[int, object]] = {}

    @classmethod
    def of(cls, parameters: Iterable[dict]) -> "Names":
        names, wanted = cls(), {}
        for given in parameters:
            for key, model in _MODELS.items():
                value = given.get(key) or []
                wanted.setdefault(model, set()).update(
                    value if isinstance(value, list) else [value]
                )
        for model, ids in wanted.items():
            if ids:
                rows = model.objects.filter(pk__in=ids)
                rows = rows.select_related("product") if model is Batch else rows
                names._rows[model] = {row.pk: row for row in rows}
        return names

    def name(self, key: str, pk: int) -> str:
        row = self.row(key, pk)
        return row.name if row else "something that is gone"

    def row(self, key: str, pk: int):
        return self._rows.get(_MODELS[key], {}).get(pk)

    def rows(self, key: str, ids: Iterable[int]) -> list:
        return [row for pk in ids if (row := self.row(key, pk))]


def listed(words: Iterable[str]) -> str:
    """As many as a line takes, and how many more there are."""
    words = list(words)
    rest = len(words) - _SHOWN
    return ", ".join(words[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def day(text: str) -> str:
    at = date.fromisoformat(text)
    return f"{at.day} {at:%b %Y}"


def between(first: str | None, last: str | None, words=day) -> str:
    """`from … to …`, whichever of the two is known; begins with a space."""
    return (f" from {words(first)}" if first else "") + (f" to {words(last)}" if last else "")


def at_place(place):
    """Writes moments in the place's own time."""

    def words(text: str) -> str:
        at = datetime.fromisoformat(text)
        at = at.astimezone(place.zone) if place else at
        return f"{at.day} {at:%b %Y %H:%M}"

    return words
