"""Columns and the table they stand in: each column knows its cell and its export value."""

from decimal import Decimal
from typing import NamedTuple

import django_tables2 as tables
from django.contrib.auth.context_processors import PermWrapper
from django.middleware.csrf import get_token
from django.template import loader
from django.utils import timezone
from django.utils.html import format_html
from django_tables2.rows import BoundRows

from batches.lists.paging import ordered, page_of
from batches.templatetags import statuses, wording
from batches.templatetags.lotline import moment, status


class Shown(NamedTuple):
    """What the base class takes the rows of a page from."""

    object_list: BoundRows


class Table(tables.Table):
    """Rows open their own page; the URL parameter of the order is `sort`."""

    # Columns that are shown only to who chooses them.
    rest: tuple[str, ...] = ()

    class Meta:
        order_by_field = "sort"
        attrs = {"class": "table table--list as-cards"}
        row_attrs = {"data-href": lambda record: row_url(record)}

    def total_order(self) -> None:
        """Ends the order in the key, so that a page never repeats or drops a row."""
        self.data.data = ordered(self.data.data)

    def show_page(self, of, size: int, after: int | None, before: int | None) -> None:
        """Shows one page; `list_page` says where it lies."""
        self.list_page = page_of(self.data.data, of=of, size=size, after=after, before=before)
        self.page = Shown(BoundRows(self.list_page.records, table=self))


def row_url(record) -> str | None:
    return record.get_absolute_url() if hasattr(record, "get_absolute_url") else None


class LinkedColumn(tables.Column):
    """Linked to the page of what its accessor belongs to: `origin__name` to the origin."""

    def __init__(self, *args, accessor=None, **kwargs):
        owner, _, _ = (accessor or "").rpartition("__")
        kwargs.setdefault("linkify", lambda record: row_url(tables.A(owner).resolve(record)))
        super().__init__(*args, accessor=accessor, **kwargs)


class CodeColumn(LinkedColumn):
    """A code in the mono face, linked to the page of what it names."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("attrs", {"a": {"class": "code"}, "td": {"class": "nowrap"}})
        super().__init__(*args, **kwargs)


class CountColumn(tables.Column):
    """A number of things, aligned to its end."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("attrs", {"td": {"class": "num"}, "th": {"class": "num"}})
        super().__init__(*args, **kwargs)


class QuantityColumn(tables.Column):
    """A decimal with the unit found at `unit` on the record; exported as the bare number."""

    def __init__(self, *args, unit="", **kwargs):
        kwargs.setdefault("attrs", {"td": {"class": "num"}, "th": {"class": "num"}})
        kwargs.setdefault("empty_values", ())
        super().__init__(*args, **kwargs)
        self.unit = tables.A(unit) if unit else None

    def _unit(self, record) -> str:
        return self.unit.resolve(record, quiet=True) or "" if self.unit else ""

    def render(self, value, record):
        return wording.quantity(value, self._unit(record))

    def value(self, value, record):
        return Decimal(value).normalize() if value is not None else ""


class TimeColumn(tables.Column):
    """A moment in the site's zone; the day alone where the field `date_only` says so."""

    def __init__(self, *args, date_only="", **kwargs):
        kwargs.setdefault("attrs", {"td": {"class": "nowrap tnum"}})
        super().__init__(*args, **kwargs)
        self.date_only = date_only

    def render(self, value, record):
        return moment(value, bool(self.date_only and getattr(record, self.date_only)))

    def value(self, value, record):
        local = value.astimezone(wording.site_zone())
        is_day = self.date_only and getattr(record, self.date_only)
        return f"{local:%Y-%m-%d}" if is_day else f"{local:%Y-%m-%d %H:%M}"


class DayColumn(tables.Column):
    def __init__(self, *args, **kwargs):
        kwargs.setdefault("attrs", {"td": {"class": "nowrap tnum"}})
        super().__init__(*args, **kwargs)

    def render(self, value):
        return wording.day(value, timezone.now())

    def value(self, value):
        return value.isoformat() if value else ""


class StatusColumn(tables.Column):
    """The status tag of the record, or of what `accessor` finds on it."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("verbose_name", "Status")
        kwargs.setdefault("empty_values", ())
        kwargs.setdefault("orderable", bool(kwargs.get("order_by")))
        super().__init__(*args, **kwargs)

    def render(self, record):
        return status(record)

    def value(self, record):
        return statuses.look(record).word


class ActionColumn(tables.Column):
    """Buttons of a row, out of a template; they are no part of an export."""

    def __init__(self, template_name, **kwargs):
        kwargs.setdefault("verbose_name", "")
        kwargs.setdefault("orderable", False)
        kwargs.setdefault("empty_values", ())
        kwargs.setdefault("attrs", {"td": {"class": "num"}})
        super().__init__(exclude_from_export=True, **kwargs)
        self.template_name = template_name

    def render(self, record, table):
        # Rendered without the request: its context processors would ask the database per row.
        user = table.request.user
        context = {
            "record": record,
            "user": user,
            "perms": PermWrapper(user),
            "csrf_token": get_token(table.request),
        }
        return loader.render_to_string(self.template_name, context)


class PickColumn(tables.Column):
    """A box to tick, for what the buttons under the list do with several rows."""

    def __init__(self, name, **kwargs):
        kwargs.setdefault("verbose_name", "")
        kwargs.setdefault("attrs", {"td": {"class": "pick"}, "th": {"class": "pick"}})
        super().__init__(accessor="pk", orderable=False, exclude_from_export=True, **kwargs)
        self.name = name

    def render(self, value, record):
        return format_html(
            '<input class="check" type="checkbox" name="{}" value="{}" form="bulk" '
            'aria-label="Tick {}">',
            self.name,
            value,
            record,
        )
