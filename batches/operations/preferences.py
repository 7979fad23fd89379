"""What a person sets for their own screen, and the views of lists that they keep and share."""

from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.models import Preferences, SavedView
from batches.operations import doorbell
from batches.operations.changes import changes, locked, values
from batches.operations.events import record

CHOSEN = ["theme", "density", "zone", "keys", "page_size", "columns"]
KEPT = ["query", "is_shared"]
MOST_VIEWS = 50


def preferences_of(user) -> Preferences:
    """What the person chose, or what everybody begins with. Reads only."""
    return Preferences.objects.filter(user=user).first() or Preferences(user=user)


@transaction.atomic
def set_preferences(*, by, at, **wanted) -> Preferences:
    """Keeps what `by` chose: any of CHOSEN. What is not named stays as it is.

    Refuses a time zone that there is not, and values that are not on offer. What changes
    nothing writes no event.
    """
    stored = preferences_of(by)
    if all(getattr(stored, name) == value for name, value in wanted.items()):
        return stored
    if wanted.get("zone") and wanted["zone"] not in available_timezones():
        raise ValidationError({"zone": f"There is no time zone {wanted['zone']}. Choose another."})
    row = locked(Preferences.objects.get_or_create(user=by)[0])
    for name, value in wanted.items():
        setattr(row, name, value)
    row.full_clean(exclude=["user"])
    before, after = changes(stored, row, CHOSEN)
    row.save(update_fields=list(wanted))
    record(verb="preferences changed", obj=row, by=by, at=at, before=before, after=after)
    return row


@transaction.atomic
def choose_columns(*, page, columns, by, at) -> Preferences:
    """Keeps which columns `by` sees on a list, in which order; none at all is all of them."""
    # Locked before it is read: what another tab keeps about another list stays.
    chosen = dict(locked(Preferences.objects.get_or_create(user=by)[0]).columns)
    if columns:
        chosen[page] = list(columns)
    else:
        chosen.pop(page, None)
    return set_preferences(columns=chosen, by=by, at=at)


@transaction.atomic
def save_view(*, page, name, query, is_shared, by, at) -> SavedView:
    """Keeps a list as it is shown, under a name; the same name again takes the new state.

    Refuses an empty name, an address that is too long, and more than MOST_VIEWS of one person.
    """
    name = " ".join(name.split())
    if not name:
        raise ValidationError({"name": "Give the view a name, by which its tab is known."})
    own = SavedView.objects.filter(owner=by)
    stored = own.filter(page=page, name=name).select_for_update(no_key=True).first()
    if stored is None and own.count() >= MOST_VIEWS:
        raise ValidationError(
            f"You keep {MOST_VIEWS} views already. Delete one that you need less."
        )
    before = values(stored, KEPT) if stored else None
    view = stored or SavedView(owner=by, page=page, name=name)
    view.query, view.is_shared, view.saved_at = query, is_shared, at
    view.full_clean(exclude=["owner"])
    view.save()
    after = values(view, ["page", "name", *KEPT])
    record(verb="view saved", obj=view, by=by, at=at, before=before, after=after)
    doorbell.ring()  # Its rows are counted.
    return view


@transaction.atomic
def delete_view(*, view, by, at) -> None:
    """Takes a view away for good, from everybody who saw it. Refuses another person's."""
    view = locked(view)
    if view.owner_id != by.pk:
        raise ValidationError("This view is another person's. Save your own under another name.")
    before = values(view, ["page", "name", *KEPT])
    record(verb="view deleted", obj=view, by=by, at=at, before=before)
    view.delete()
