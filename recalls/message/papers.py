"""Reading a photo or a paper that a stranger uploads: by its content, never by its name.

A picture is drawn anew. A PDF is kept as it is, so it must be nothing but a PDF without
anything in it that acts (ASVS 5.0, 5.2).
"""

import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recalls.message.pictures import UNREADABLE, picture_of, refuse_large

# What a PDF may begin and end with, and names of what acts when it is opened.
_HEAD, _TAIL = b"%PDF-", 1024
_ACTS = re.compile(rb"/(JavaScript|Launch|EmbeddedFile|RichMedia|XFA|SubmitForm)\b")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_OTHERWISE = re.compile(rb"<(!doctype|html|script|svg|\?xml)\b|PK\x03\x04", re.IGNORECASE)


def paper_of(upload) -> tuple[bytes, str, str]:
    """(content, content type, ending) of a JPEG, PNG, WebP or PDF file. Refuses all else."""
    if not upload.size:
        raise ValidationError(_("The file is empty. Choose another one."))
    head = upload.read(len(_HEAD))
    upload.seek(0)
    if head == _HEAD:
        return _pdf_of(upload), "application/pdf", "pdf"
    try:
        return picture_of(upload)
    except ValidationError as error:
        reason = error.error_dict["picture"][0]
        if reason.code != UNREADABLE:
            raise reason from None
        raise ValidationError(
            _("This is no file that can be read. Choose a JPEG, PNG, WebP or PDF file.")
        ) from None


def _pdf_of(upload) -> bytes:
    refuse_large(upload.size, settings.PDF_MAX_BYTES)
    content = upload.read()
    is_whole = b"startxref" in content[-2 * _TAIL :] and b"%%EOF" in content[-_TAIL:]
    if not is_whole or _OTHERWISE.search(content[:_TAIL]) or _OTHERWISE.search(content[-_TAIL:]):
        raise ValidationError(_("This PDF is damaged or is not only a PDF. Print it to a new one."))
    named = _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), content)
    if _ACTS.search(content) or _ACTS.search(named):
        raise ValidationError(
            _("This PDF has scripts, forms or other files in it. Print it to a new one.")
        )
    return content
