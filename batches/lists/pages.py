"""The list page: filter, sort, page and export one queryset, all of it by its URL."""

from dataclasses import dataclass

from django.http import QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.generic import View
from django_tables2 import RequestConfig

from batches.lists import export
from batches.lists.access import Needs
from batches.lists.paging import HonestPaginator

OWN_PARAMETERS = {"sort", "page", "columns", "export"}
PER_PAGE = 50


@dataclass(frozen=True)
class Empty:
    """What a list says when there is nothing at all: a sentence and where to go."""

    text: str
    link: str = ""
    url_name: str = ""
    permission: str = ""


@dataclass(frozen=True)
class Tab:
    word: str
    query: str


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
    # The shortcut of the button that adds one.
    add_key = ""
    template_name = "includes/list_page.html"

    def rows(self):
        raise NotImplementedError

    def get(self, request, *args, **kwargs):
        try:
            filters, table = self.filtered(), None
            table = self.sorted_table(filters)
        except Refused as refusal:
            context = {"message": str(refusal), "clean_url": request.path}
            return render(request, "400.html", context, status=400)
        if "export" in request.GET:
            return self.exported(filters, table)
        return render(request, self.template_name, self.context(filters, table))

    def filtered(self):
        filters = self.filterset_class(self.request.GET, queryset=self.rows(), request=self.request)
        if unknown := set(self.request.GET) - filters.parameters - OWN_PARAMETERS:
            names = ", ".join(f"“{name}”" for name in sorted(unknown))
            raise Refused(f"This list has no filter {names}. Use the filters that the page shows.")
        if not filters.is_valid():
            name, errors = next(iter(filters.errors.items()))
            label = filters.form.fields[name].label
            raise Refused(f"The filter “{label}” does not understand its value. {errors[0]}")
        return filters

    def sorted_table(self, filters):
        hidden = self.hidden_columns()
        table = self.table_class(filters.qs, exclude=hidden, request=self.request)
        sort = self.request.GET.get("sort", "")
        allowed = {column.name for column in table.columns if column.orderable}
        if sort and sort.lstrip("-") not in allowed:
            raise Refused(f"This list cannot be sorted by “{sort}”. Click a column to sort by it.")
        paginate = {"paginator_class": HonestPaginator, "per_page": PER_PAGE}
        RequestConfig(self.request, paginate=paginate).configure(table)
        table.total_order()
        return table

    def hidden_columns(self) -> tuple[str, ...]:
        wanted = [name for name in self.request.GET.get("columns", "").split(",") if name]
        names = list(self.table_class.base_columns)
        if unknown := set(wanted) - set(names):
            raise Refused(f"This list has no column “{min(unknown)}”.")
        # Boxes and buttons are no columns to choose; they stay.
        fixed = {
            name
            for name, column in self.table_class.base_columns.items()
            if column.exclude_from_export
        }
        return tuple(name for name in names if wanted and name not in {*wanted, *fixed})

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
            count=filters.qs.count(),
        )
        write = export.as_csv if kind == "csv" else export.as_xlsx
        return write(head, table.as_values(exclude_columns=skip))

    def context(self, filters, table) -> dict:
        active = filters.active()
        return {
            "page": self,
            "title": self.title,
            "filters": filters,
            "active_filters": active,
            "table": table,
            "all_columns": self.column_choices(table),
            "is_empty": table.paginator.count == 0,
            "may_add": self.add_permission and self.request.user.has_perm(self.add_permission),
            "may_fill": not self.empty.permission
            or self.request.user.has_perm(self.empty.permission),
            "tabs": [(tab, self.is_current(tab)) for tab in self.tabs],
        }

    def is_current(self, tab: Tab) -> bool:
        """Whether the filter is the tab's, however the list is sorted and paged."""
        asked = {
            key: value
            for key, value in self.request.GET.items()
            if value and key not in OWN_PARAMETERS
        }
        return asked == QueryDict(tab.query).dict()

    def column_choices(self, table) -> list[tuple[str, str, bool]]:
        shown = set(table.columns.names())
        return [
            (name, str(column.verbose_name or name).capitalize(), name in shown)
            for name, column in self.table_class.base_columns.items()
            if not column.exclude_from_export
        ]
