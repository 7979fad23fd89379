"""How many rows the tabs of lists had when the clock last counted them.

A figure that is counted anew every few minutes is no fact about goods: it makes no event.
"""

from django.db import transaction

from batches.models import ViewCount


@transaction.atomic
def keep_counts(*, counts: dict[tuple[str, str], int], at) -> None:
    """Keeps each count by page and query, with when it was counted."""
    for (page, query), count in counts.items():
        ViewCount.objects.update_or_create(
            page=page, query=query, defaults={"count": count, "counted_at": at}
        )


@transaction.atomic
def forget_counts(*, rows) -> None:
    """Takes counts away whose tab there is no more, or whose filter is not understood."""
    ViewCount.objects.filter(pk__in=[row.pk for row in rows]).delete()
