"""Recalls as one kind of thing that a code or a name may lead to."""

from collections.abc import Iterator

from django.db.models import Q

from batches.codes.reading import Reading
from batches.reports.resolver import SHOWN, Hit, Kind
from recalls.models import Recall


def _recalls(reading: Reading) -> Iterator[Hit]:
    if reading.is_coded:
        return
    wanted = Q(reference__istartswith=reading.text) | Q(title__icontains=reading.text)
    for row in Recall.objects.filter(wanted)[:SHOWN]:
        exact = row.reference.lower() == reading.text.lower()
        yield Hit(row, row.reference, row.title, "Number" if exact else "Title", exact)


RECALLS = Kind("Recalls", "recall", "recalls.view_recall", _recalls)
