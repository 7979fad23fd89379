"""Stopping long work, whatever it makes. Where it is watched, the page of its result knows."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from batches.lists.access import needs
from batches.models import Job
from batches.operations import jobs


@needs("batches.view_batch")
@require_POST
def job_stop(request, pk):
    """Ends it, and goes back to `next`, a path of this site."""
    try:
        jobs.stop(job=get_object_or_404(Job, pk=pk), by=request.user, at=timezone.now())
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    back = request.POST.get("next", "")
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return redirect(back if is_ours else "notifications")


job_urls = [path("work/<int:pk>/stop/", job_stop, name="job-stop")]
