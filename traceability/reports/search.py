"""The search over everything that has a number: what batches can resolve, and recalls."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Q

from batches.codes.reading import Reading
from batches.reports.resolver import KINDS, SHOWN, Found, Hit, Kind, resolve
from recalls.models import Recall


def search(text: str, *, user, today: date) -> Found:
    return resolve(text, user=user, today=today, kinds=[KINDS[0], RECALLS, *KINDS[1:]])


def _recalls(reading: Reading) -> Iterator[Hit]:
    if reading.is_coded:
        return
    wanted = Q(reference__istartswith=reading.text) | Q(title__icontains=reading.text)
    for row in Recall.objects.filter(wanted)[:SHOWN]:
        exact = row.reference.lower() == reading.text.lower()
        yield Hit(row, row.reference, row.title, "Number" if exact else "Title", exact)


RECALLS = Kind("Recalls", "recall", "recalls.view_recall", _recalls)
