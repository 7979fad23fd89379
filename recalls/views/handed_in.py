"""Photos and papers of a recipient: taken in, and given out again as a download and no more."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from batches.lists.access import needs
from recalls.models import HandedIn
from recalls.operations.handed_in import keep_file
from recalls.views.asked import Asked
from recalls.views.cases import find
from recalls.views.own_link import own_page

Kind = HandedIn.Kind
KINDS = [
    (Kind.PHOTO.value, gettext_lazy("Photo of the goods")),
    (Kind.CERTIFICATE.value, gettext_lazy("Certificate of destruction")),
    (Kind.OTHER.value, gettext_lazy("Another paper")),
]


class Capped(FileUploadHandler):
    """Drops a file that is larger than any we take, before it fills the disk."""

    def receive_data_chunk(self, raw_data, start):
        if start + len(raw_data) > max(settings.PICTURE_MAX_BYTES, settings.PDF_MAX_BYTES):
            self.request.dropped_file = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size):
        return None


def take(request, asked: Asked) -> str:
    """Keeps the file that came with a form, if one came; says why not."""
    request.upload_handlers.insert(0, Capped(request))
    upload = request.FILES.get("file")
    if upload is None:
        dropped = getattr(request, "dropped_file", False)
        return _too_large() if dropped else ""
    kind = request.POST.get("file_kind", "")
    try:
        keep_file(recipient=asked.recipient, upload=upload, kind=kind, at=timezone.now())
    except ValidationError as error:
        return error.messages[0]
    return ""


def _too_large() -> str:
    most = settings.PICTURE_MAX_BYTES // 1_000_000
    return _("The file is too large. %(most)s MB is the most.") % {"most": most}


def files_from(asked: Asked):
    return asked.recipient.handed_in.defer("content")


@own_page("GET", "HEAD", "OPTIONS")
def own_file(request, token, asked, pk):
    return sent_file(get_object_or_404(asked.recipient.handed_in, pk=pk))


@needs("recalls.view_recipient")
@require_safe
def recall_file(request, reference, pk):
    return sent_file(get_object_or_404(find(reference).handed_in, pk=pk))


def sent_file(file: HandedIn) -> HttpResponse:
    """Never shown by a browser as a page of ours, whatever is in it."""
    response = HttpResponse(bytes(file.content), content_type=file.content_type)
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "no-store, private"
    return response
