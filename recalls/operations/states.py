"""The recall with its row locked, in a state that allows what is asked, and complete."""

from django.core.exceptions import ValidationError

from recalls.models import Recall


def locked(recall: Recall, *allowed: str, to: str) -> Recall:
    """The recall with its row locked. Refuses one that is in another state than `allowed`."""
    recall = Recall.objects.select_for_update().get(pk=recall.pk)
    if recall.status not in allowed:
        state = recall.get_status_display().lower()
        raise ValidationError(f"{recall} is {state}; it cannot be {to}. Load the page again.")
    return recall


def refuse_incomplete(recall: Recall) -> None:
    """Refuses a recall without a rule or a hazard: nobody could be told anything."""
    if not recall.rules.filter(withdrawn_at__isnull=True).exists():
        raise ValidationError("Say which batches are recalled: add a rule to the scope.")
    if not recall.hazard.strip():
        raise ValidationError({"hazard": "Say what is wrong and what it can do to people."})
