"""Papers added to a recall: taken in, and given out again as a download and no more."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from batches.lists.access import needs
from recalls.forms.files import FileForm
from recalls.operations.files import add_file
from recalls.views.cases import find
from recalls.views.documents import documents_page
from recalls.views.handed_in import Capped, sent_file
from recalls.views.own_pages import act_on, attempt_on


@act_on("recalls.add_recallfile", "recall-documents")
def add(request, recall):
    request.upload_handlers.insert(0, Capped(request))
    form = FileForm(request.POST, request.FILES)

    def do(**values):
        return add_file(recall=recall, **values)

    def said(file):
        return f"{file.title} is kept, {file.size:,} bytes."

    to = reverse("recall-documents", args=[recall.reference])
    return attempt_on(request, recall, documents_page, said, do, form=form, slot="file", to=to)


@needs("recalls.view_recallfile")
@require_safe
def added_file(request, reference, pk):
    return sent_file(get_object_or_404(find(reference).files, pk=pk))
