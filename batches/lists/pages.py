"""The list page: filter, sort, page and export one queryset, all of it by its URL."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import View
from django_tables2 import RequestConfig

from batches.lists import export, phrases
from batches.lists.access import Needs
from batches.lists.choosing import Columns
from batches.lists.paging import Gone, counted
from batches.lists.tabs import Tab, saved_tabs, with_counts
from batches.lists.ticked import keys
from batches.models import Preferences
from batches.operations.preferences import preferences_of
from batches.templatetags.wording import site_zone

PLACE = ("after", "before")
OWN_PARAMETERS = {"sort", "columns", "export", "filter", *PLACE}


@dataclass(frozen=True)
class Empty:
    """What a list says when there is nothing at all: a sentence and where to go."""

    text: str
    link: str = ""
    url_name: str = ""
    permission: str = ""


class Refused(Exception):
    """The address holds something that this page does not know."""


class ListPage(Needs, View):
    """Subclasses give table, filters, title, empty and `rows()`; tabs and add_url are optional."""

    table_class = None
    filterset_class = None
    title = ""
    empty: Empty = Empty("Nothing is recorded yet.")
    tabs: tuple[Tab, ...] = ()
    add_url_name = add_permission = add_word = ""
    # Filters that mean whoever looks: nobody counts those beforehand.
    personal: frozenset[str] = frozenset()
    # Parameters of this list that are no filter, and stay when its filters change.
    kept: frozenset[str] = frozenset()
    # The shortcut of the button that adds one.
    add_key = ""
    template_name = "includes/list_page.html"

    def rows(self):
        raise NotImplementedError

    def get(self, request, *args, **kwargs):
        try:
            if "filter" in request.GET:
                return redirect(self.address(self.phrase_read()))
            filters, table = self.filtered(), None
            table = self.sorted_table(filters)
            if "export" not in request.GET:
                self.show_page(table)
        except Refused as refusal:
            context = {"message": str(refusal), "clean_url": request.path}
            return render(request, "400.html", context, status=400)
        except Gone:
            return redirect(self.address(self.state(filters)))
        if "export" in request.GET:
            return self.exported(filters, table)
        return render(request, self.template_name, self.context(filters, table))

    @cached_property
    def preferences(self) -> Preferences:
        return preferences_of(self.request.user)

    @property
    def name(self) -> str:
        """The name of the list's address; empty for lists that belong to one record."""
        match = self.request.resolver_match
        return "" if match.kwargs else match.url_name

    def address(self, state: list[tuple[str, str]]) -> str:
        return f"{self.request.path}?{urlencode(state)}" if state else self.request.path

    def state(self, filters) -> list[tuple[str, str]]:
        """Filters, order and columns, always in the same order; not the place in the list."""
        asked = self.request.GET
        own = ("sort", "columns", *sorted(self.kept))
        return [*filters.state(), *((key, asked[key]) for key in own if asked.get(key))]

    def phrase_read(self) -> list[tuple[str, str]]:
        """The filters that were typed as a line of text, with the order and columns as they are."""
        form = self.filterset_class(queryset=self.rows(), request=self.request).form
        today = timezone.now().astimezone(site_zone()).date()
        aliases = self.filterset_class.aliases
        try:
            found = phrases.read(self.request.GET["filter"], form, aliases, today)
        except phrases.Unclear as unclear:
            raise Refused(str(unclear)) from None
        asked = self.request.GET
        own = ("sort", "columns", *sorted(self.kept))
        return [*found.items(), *((key, asked[key]) for key in own if asked.get(key))]

    def show_page(self, table) -> None:
        after, before = (self.row_named(key) for key in PLACE)
        if after and before:
            raise Refused("A page begins after a row or ends before one, not both.")
        table.show_page(self.rows(), self.preferences.page_size, after, before)

    def row_named(self, key: str) -> int | None:
        text = self.request.GET.get(key)
        if text is None:
            return None
        if not (key := keys([text])):
            raise Refused(f"This list has no row “{text}”. Begin at its start.")
        return key[0]

    def filtered(self, *also: str):
        """The filters that the address asks for; it may hold the parameters `also`, and no other
        that the list does not know."""
        filters = self.filterset_class(self.request.GET, queryset=self.rows(), request=self.request)
        known = filters.parameters | OWN_PARAMETERS | self.kept | set(also)
        if unknown := set(self.request.GET) - known - self.picking:
            names = ", ".join(f"“{name}”" for name in sorted(unknown))
            raise Refused(f"This list has no filter {names}. Use the filters that the page shows.")
        if not filters.is_valid():
            name, errors = next(iter(filters.errors.items()))
            label = filters.form.fields[name].label
            raise Refused(f"The filter “{label}” does not understand its value. {errors[0]}")
        return filters

    def sorted_table(self, filters):
        table = self.table_class(
            self.picked(filters.qs),
            exclude=self.hidden_columns(),
            sequence=self.columns.sequence,
        )
        sort = self.request.GET.get("sort", "")
        allowed = {column.name for column in table.columns if column.orderable}
        if sort and sort.lstrip("-") not in allowed:
            raise Refused(f"This list cannot be sorted by “{sort}”. Click a column to sort by it.")
        # Given to the table itself, the request would make it page, and count all rows first.
        RequestConfig(self.request, paginate=False).configure(table)
        table.total_order()
        return table

    @cached_property
    def columns(self) -> Columns:
        asked = [name for name in self.request.GET.get("columns", "").split(",") if name]
        kept = self.preferences.columns.get(self.name, [])
        columns = Columns(self.table_class, asked, kept)
        if columns.unknown:
            raise Refused(f"This list has no column “{columns.unknown[0]}”.")
        return columns

    def hidden_columns(self) -> tuple[str, ...]:
        return tuple(self.columns.hidden)

    @property
    def picking(self) -> set[str]:
        """The parameter of ticked rows, which only an export takes."""
        pick = self.table_class.base_columns.get("pick")
        return {pick.name} if pick and "export" in self.request.GET else set()

    def picked(self, rows):
        """The ticked rows alone, if any are."""
        for name in self.picking & set(self.request.GET):
            rows = rows.filter(pk__in=keys(self.request.GET.getlist(name)))
        return rows

    def exported(self, filters, table):
        kind = self.request.GET["export"]
        if kind not in {"csv", "xlsx"}:
            return render(
                self.request,
                "400.html",
                {"message": "Lists are exported as csv or as xlsx.", "clean_url": "?"},
                status=400,
            )
        skip = [c.name for c in table.columns if c.column.exclude_from_export]
        head = export.Head(
            title=self.title,
            filters="; ".join(f"{f.label}: {f.text}" for f in filters.active()),
            at=timezone.now(),
            by=self.request.user.get_username(),
            count=table.data.data.count(),
        )
        write = export.as_csv if kind == "csv" else export.as_xlsx
        return write(head, table.as_values(exclude_columns=skip))

    def context(self, filters, table) -> dict:
        active = filters.active()
        state = self.state(filters)
        return {
            "page": self,
            "title": self.title,
            "filters": filters,
            "active_filters": active,
            "filter_text": phrases.write(self.request.GET, filters.form),
            "table": table,
            "state": urlencode(state),
            "state_without_columns": urlencode([one for one in state if one[0] != "columns"]),
            "all_columns": self.columns.choices(),
            "is_empty": not table.list_page.counted,
            "may_add": self.add_permission and self.request.user.has_perm(self.add_permission),
            "may_fill": not self.empty.permission
            or self.request.user.has_perm(self.empty.permission),
            **self.all_tabs(urlencode(state), table.list_page.counted),
        }

    def all_tabs(self, state: str, counted: int) -> dict[str, list[Tab]]:
        """The list's own, and those that people saved."""
        own = [replace(tab, is_current=self.is_current(tab)) for tab in self.tabs]
        saved = saved_tabs(self.name, self.request.user)
        saved = [replace(tab, is_current=tab.query == state) for tab in saved]
        tabs = with_counts([*own, *saved], self.name, counted)
        return {
            "tabs": [tab for tab in tabs if not tab.is_saved],
            "nothing": next((tab.none for tab in own if tab.is_current), ""),
            "views": [tab for tab in tabs if tab.is_saved],
        }

    @classmethod
    def count_of(cls, query: str) -> int | None:
        """How many rows the view has, at most LIMIT + 1; None if its filter is not understood, or
        means whoever looks."""
        if not cls.personal.isdisjoint(query.split("&")):
            return None
        page = cls()
        page.request = HttpRequest()
        page.request.GET = asked = QueryDict(query)
        filters = cls.filterset_class(asked, queryset=page.rows(), request=page.request)
        return counted(filters.qs) if filters.is_valid() else None

    def is_current(self, tab: Tab) -> bool:
        """Whether the filter is the tab's, however the list is sorted and paged."""
        asked = {
            key: value
            for key, value in self.request.GET.items()
            if value and key not in OWN_PARAMETERS | self.kept
        }
        return asked == QueryDict(tab.query).dict()
