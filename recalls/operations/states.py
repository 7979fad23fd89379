"""The recall with its row locked, in a state that allows what is asked."""

from django.core.exceptions import ValidationError

from recalls.models import Recall


def locked(recall: Recall, *allowed: str, to: str) -> Recall:
    """The recall with its row locked. Refuses one that is in another state than `allowed`."""
    recall = Recall.objects.select_for_update().get(pk=recall.pk)
    if recall.status not in allowed:
        state = recall.get_status_display().lower()
        raise ValidationError(f"{recall} is {state}; it cannot be {to}. Load the page again.")
    return recall
