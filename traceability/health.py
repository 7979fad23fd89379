"""What a load balancer and a monitor ask: is the process up, and can it do its work."""

from django.db import DatabaseError, connection
from django.http import JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from traceability import owed


@require_safe
def live(request):
    """The process answers. Touches nothing else, so that a slow database restarts nothing."""
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request):
    """503 when the database does not answer; else how long work has waited, in seconds.

    Liveness of the workers is the age of what is owed: a worker may be up and deaf.
    """
    try:
        connection.ensure_connection()
        ages = owed.ages(timezone.now())
    except DatabaseError:
        return JsonResponse({"status": "unavailable", "database": "unreachable"}, status=503)
    return JsonResponse({"status": "ok", "database": "ok", **ages})
