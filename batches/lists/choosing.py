"""Which columns a list shows, in which order: by its address, else as the person chose."""

from typing import NamedTuple


class Choice(NamedTuple):
    name: str
    word: str
    is_shown: bool


class Columns:
    """The columns of one table class; those without an export, such as boxes, always stay."""

    def __init__(self, table_class, asked: list[str], kept: list[str]):
        self.all, self.rest = table_class.base_columns, table_class.rest
        self.names = [name for name, column in self.all.items() if not column.exclude_from_export]
        self.unknown = sorted(set(asked) - set(self.all))
        # What is kept may be older than the list.
        self.wanted = [name for name in asked or kept if name in self.names]

    @property
    def shown(self) -> list[str]:
        return self.wanted or [name for name in self.names if name not in self.rest]

    @property
    def hidden(self) -> list[str]:
        return [name for name in self.names if name not in self.shown]

    @property
    def sequence(self) -> list[str]:
        """Boxes to tick stay in front, and buttons at the end."""
        return [name for name in self.all if name == "pick"] + [*self.shown, "..."]

    def choices(self) -> list[Choice]:
        order = [*self.shown, *self.hidden]
        return [Choice(name, self._word(name), name in self.shown) for name in order]

    def _word(self, name: str) -> str:
        return str(self.all[name].verbose_name or name).capitalize()
