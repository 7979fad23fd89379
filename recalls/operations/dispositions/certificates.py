"""The certificate of a destruction: its number and its paper, kept once and never changed."""

import hashlib

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.operations.events import record
from recalls.message.papers import paper_of
from recalls.models import Certificate, Disposition

Kind = Disposition.Kind


@transaction.atomic
def add_certificate(*, disposition, number, upload, by, at) -> Certificate:
    """Keeps the paper that proves a destruction, however late it comes.

    Refuses what was not destroyed, a second paper, an empty number, and a file that is no
    JPEG, PNG, WebP or PDF, is too large, or acts when it is opened.
    """
    row = Disposition.objects.select_related("recall").get(pk=disposition.pk)
    if row.kind != Kind.DESTROYED:
        raise ValidationError(f"{row} destroyed nothing, so it has no certificate.")
    if not number.strip():
        raise ValidationError({"certificate": "Enter the number of the certificate."})
    if Certificate.objects.filter(disposition=row).exists():
        raise ValidationError("The certificate of this destruction is kept already.")
    paper = _paper(row, number.strip(), upload, by, at)
    paper.save(force_insert=True)
    after = {"number": row.number, "name": paper.name, "sha256": paper.sha256}
    record(verb="certificate kept", obj=row.recall, by=by, at=at, after=after)
    return paper


def _paper(row: Disposition, number: str, upload, by, at) -> Certificate:
    try:
        content, content_type, ending = paper_of(upload)
    except ValidationError as error:
        raise ValidationError({"upload": error.messages}) from None
    return Certificate(
        disposition=row,
        number=number,
        name=f"{row.recall.reference}-certificate-{row.number}.{ending}".lower(),
        content_type=content_type,
        content=content,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        by=by,
        at=at,
    )
