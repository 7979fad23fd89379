"""What the recipients' table of a recall shows: filter, columns and order, all from the address."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.http import Http404, QueryDict
from django.utils import timezone

from batches.lists import export
from batches.models import Location
from batches.templatetags.wording import iso, quantity
from recalls.models import Recall
from recalls.reports.silence import silences, to_call
from recalls.reports.status import RecallStatus, status
from recalls.views.places import TAB_WORDS, TABS, Row, rows_of

ROWS, ROWS_CHOSEN = 12, 50
# What a filter leaves as it is.
KEPT = ("columns", "sort", "milestones")


@dataclass(frozen=True)
class Column:
    """`by` sorts by it, worst or first in the alphabet on top."""

    name: str
    word: str
    value: Callable[[Row], str]
    by: Callable | None = None
    css: str = ""
    is_extra: bool = False


def _in_units(amounts: list[tuple[str, Decimal]]) -> str:
    return "; ".join(quantity(amount, unit) for unit, amount in amounts)


# The place itself always comes first; the extra ones show when they are asked for.
COLUMNS = (
    Column("code", "Code", lambda row: row.place.code, lambda row: row.place.code, is_extra=True),
    Column("kind", "Kind", lambda row: row.kind_word, lambda row: row.kind_word, is_extra=True),
    Column(
        "country",
        "Country",
        lambda row: row.place.country,
        lambda row: row.place.country,
        is_extra=True,
    ),
    Column("status", "Status", lambda row: row.place.word),
    Column("since", "Since", lambda row: iso(row.since) if row.since else "", lambda row: row.age),
    Column("due", "To account for", lambda row: _in_units(row.due), lambda row: -row.total, "num"),
    Column("answer", "Answer", lambda row: row.label if row.place.answered else "", css="ans"),
    Column(
        "missing",
        "No answer",
        lambda row: _in_units(row.no_answer),
        lambda row: -row.missing,
        "num",
    ),
)
_BY_NAME = {column.name: column for column in COLUMNS}


@dataclass(frozen=True)
class Choice:
    """What is asked for: a state, a country, a kind of place, words, columns, an order."""

    tab: str
    country: str
    kind: str
    text: str
    columns: frozenset[str]
    sort: str
    is_all: bool

    @property
    def filters(self) -> list[tuple[str, str, str]]:
        """Parameter, label and value of each filter that is set."""
        kind = dict(Location.Kind.choices).get(self.kind, self.kind)
        set_ones = [
            ("q", "Text", self.text),
            ("country", "Country", self.country),
            ("kind", "Kind", kind),
        ]
        return [one for one in set_ones if one[2]]

    def fits(self, row: Row) -> bool:
        words = f"{row.place.code} {row.place.name} {row.place.address}".casefold()
        return (
            (not self.country or row.place.country == self.country)
            and (not self.kind or row.place.kind == self.kind)
            and all(word in words for word in self.text.casefold().split())
        )


def chosen(query: QueryDict) -> Choice:
    """A column or an order that there is not is left out; a filter for it finds nothing."""
    wanted = {name for name in query.get("columns", "").split(",") if name in _BY_NAME}
    usual = {column.name for column in COLUMNS if not column.is_extra}
    sort = query.get("sort", "")
    column = _BY_NAME.get(sort.removeprefix("-"))
    return Choice(
        tab=query.get("tab", ""),
        country=query.get("country", ""),
        kind=query.get("kind", ""),
        text=query.get("q", "").strip()[:100],
        columns=frozenset(wanted or usual),
        sort=sort if column and column.by else "",
        is_all="all" in query,
    )


def recipients(query: QueryDict, state: RecallStatus, called, spoken) -> dict:
    """The table as it is asked for; `called` are the locations on the call list, `spoken` those
    where somebody was reached."""
    choice, rows = chosen(query), rows_of(state, called, spoken)
    fitting = [row for row in rows if choice.fits(row)]
    shown = _ordered(fitting, choice)
    limit = ROWS_CHOSEN if choice.tab or choice.filters else ROWS
    return {
        "choice": choice,
        "chips": [(label, value, _without(query, name)) for name, label, value in choice.filters],
        "kept": [(name, query[name]) for name in KEPT if query.get(name)],
        "tabs": tabs_of(fitting, choice.tab),
        "tab": choice.tab,
        "rows": shown if choice.is_all else shown[:limit],
        "shown_of": len(shown),
        "heads": [_head(column, choice) for column in COLUMNS if column.name in choice.columns],
        "all_columns": [(c.name, c.word, c.name in choice.columns) for c in COLUMNS],
        "countries": sorted({row.place.country for row in rows if row.place.country}),
        "kinds": sorted({(row.place.kind, row.kind_word) for row in rows}),
        "open_places": sum(row.is_open for row in rows),
    }


def _without(query: QueryDict, name: str) -> str:
    left = query.copy()
    left.pop(name)
    return f"?{left.urlencode()}"


def _ordered(rows: list[Row], choice: Choice) -> list[Row]:
    """Those of the tab; worst status first, then most without answer, unless asked otherwise."""
    rows = [row for row in rows if not choice.tab or row.key in TABS.get(choice.tab, ())]
    if not choice.sort:
        return rows
    name = choice.sort.removeprefix("-")
    return sorted(rows, key=_BY_NAME[name].by, reverse=choice.sort.startswith("-"))


def _head(column: Column, choice: Choice) -> dict:
    """Its heading: the next order by it, and the order that stands."""
    is_up, is_down = choice.sort == column.name, choice.sort == f"-{column.name}"
    return {
        "column": column,
        "next": (f"-{column.name}" if is_up else column.name) if column.by else "",
        "order": "ascending" if is_up else "descending" if is_down else "",
        "is_usual": column.name == "missing" and not choice.sort,
    }


def tabs_of(rows: list[Row], current: str) -> list[dict]:
    return [
        {
            "key": key,
            "word": word,
            "count": sum(not key or row.key in TABS[key] for row in rows),
            "current": key == current,
        }
        for key, word in TAB_WORDS.items()
    ]


def exported(request, recall: Recall):
    """The rows that the address asks for, all of them, in the columns that it shows."""
    makers = {"csv": export.as_csv, "xlsx": export.as_xlsx}
    kind = request.GET["export"]
    if kind not in makers:
        raise Http404("The recipients are exported as csv or as xlsx.")
    state, choice = status(recall), chosen(request.GET)
    called = to_call(silences(recall, state)) if state.version else {}
    rows = _ordered([row for row in rows_of(state, called) if choice.fits(row)], choice)
    shown = [column for column in COLUMNS if column.name in choice.columns]
    said = [f"{label}: {value}" for _, label, value in choice.filters]
    said = [*([TAB_WORDS.get(choice.tab, choice.tab)] if choice.tab else []), *said]
    by = request.user.get_full_name() or request.user.get_username()
    title = f"Recipients of {recall.reference}"
    head = export.Head(title, "; ".join(said), timezone.now(), by, len(rows))
    lines = [
        [row.place.name, row.place.address, *(column.value(row) for column in shown)]
        for row in rows
    ]
    return makers[kind](head, [["Recipient", "Address", *(c.word for c in shown)], *lines])
