"""Which columns of its tables a person sees, in which order: kept for each table by itself.

The first column stays where it is, because it names the row and leads to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from batches.lists.choosing import Choice
from batches.views.trace.rows import Column, Row, Rows


@dataclass(frozen=True)
class Chosen:
    """The columns of one table as somebody wants them. `name` is under what they are kept."""

    name: str
    table: Rows
    kept: list[str]

    @property
    def shown(self) -> list[str]:
        names = [column.name for column in self.table.columns]
        # What is kept may be older than the table.
        wanted = [name for name in self.kept if name in names[1:]]
        return [names[0], *(wanted or names[1:])]

    @property
    def columns(self) -> list[Column]:
        by_name = {column.name: column for column in self.table.columns}
        return [by_name[name] for name in self.shown]

    @property
    def choices(self) -> list[Choice]:
        others = [c.name for c in self.table.columns if c.name not in self.shown]
        words = {column.name: column.label for column in self.table.columns}
        order = [*self.shown[1:], *others]
        return [Choice(name, words[name], name in self.shown) for name in order]

    def narrowed(self, rows: Iterable[Row]) -> list[Row]:
        """These rows with the cells of the columns that are shown."""
        names = [column.name for column in self.table.columns]
        places = [names.index(name) for name in self.shown]
        kept = list(rows)
        for row in kept:
            row.cells = [row.cells[place] for place in places]
        return kept


def chosen(table: Rows, columns: dict[str, list[str]]) -> Chosen:
    """`columns` are all that a person keeps, by list."""
    name = f"batch-trace.{table.kind}"
    return Chosen(name, table, columns.get(name, []))
