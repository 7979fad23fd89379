"""The tabs over a list: its own views and those that people saved, with what the clock counted."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone

from batches.lists.paging import LIMIT
from batches.models import SavedView, ViewCount
from batches.templatetags import wording


@dataclass(frozen=True)
class Tab:
    """`note` says who shares it, of those that people saved; `count` is at most LIMIT + 1.

    `none` is what an empty page of it says.
    """

    word: str
    query: str
    note: str = ""
    is_saved: bool = False
    is_current: bool = False
    count: int | None = None
    counted_at: datetime | None = None
    none: str = ""

    @property
    def figure(self) -> str:
        """Empty while nobody counted."""
        if self.count is None:
            return ""
        return f"{LIMIT:,}+" if self.count > LIMIT else f"{self.count:,}"

    @property
    def title(self) -> str:
        said = [f"Shared by {self.note}."] if self.note else []
        if self.counted_at:
            at = wording.clock(self.counted_at, timezone.now(), wording.shown_zone())
            said.append(f"Counted {at}.")
        return " ".join(said)


def saved_tabs(page: str, user) -> list[Tab]:
    """The person's own and those that others share; none for a list without a name."""
    if not page:
        return []
    rows = SavedView.objects.seen_by(user).filter(page=page).select_related("owner")
    return [
        Tab(view.name, view.query, "" if view.owner_id == user.pk else str(view.owner), True)
        for view in rows
    ]


def with_counts(tabs: list[Tab], page: str, counted: int) -> list[Tab]:
    """The current one has the figure of the page, the others what the clock counted last.

    One query, however many there are.
    """
    rows = {row.query: row for row in ViewCount.objects.filter(page=page)} if tabs else {}
    return [_counted(tab, rows.get(tab.query), counted) for tab in tabs]


def _counted(tab: Tab, row: ViewCount | None, counted: int) -> Tab:
    if tab.is_current:
        return replace(tab, count=counted)
    return replace(tab, count=row.count, counted_at=row.counted_at) if row else tab
