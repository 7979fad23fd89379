"""What a check is, and what it finds: the shapes that all rules of the audit share."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from batches.models import Finding

Severity = Finding.Severity
_TEXTS = 5


@dataclass(frozen=True)
class Kind:
    """One rule: the word of its findings, how bad they are, and where they are mended.

    `fix` says what a person does; `door` is where: the object's page, or its form in the admin.
    """

    name: str
    word: str
    severity: str = Severity.WARNING
    fix: str = "Open"
    door: str = "page"


@dataclass(frozen=True)
class Found:
    """One fault: `about` and `key` name the object, as a finding does."""

    kind: Kind
    about: str
    key: str
    label: str
    text: str
    severity: str = ""

    @property
    def identity(self) -> tuple[str, str, str]:
        return self.kind.name, self.about, self.key

    @property
    def weight(self) -> str:
        return self.severity or self.kind.severity


@dataclass(frozen=True)
class Look:
    """The moment of the audit: `today` is the day at the site."""

    now: datetime
    today: date


@dataclass(frozen=True)
class Check:
    """A function that yields the faults of its kinds, and reads only."""

    name: str
    find: Callable[[Look], Iterable[Found]]
    kinds: tuple[Kind, ...]


def about(kind: Kind, model, key, label: str, text: str, severity: str = "") -> Found:
    """A fault of the row `key` of `model`."""
    return Found(kind, model._meta.label_lower, str(key), label[:200], text, severity)


def merged(found: Iterable[Found]) -> dict[tuple[str, str, str], Found]:
    """One for each kind and object; the texts of the same are put together."""
    kept: dict[tuple[str, str, str], list[Found]] = {}
    for fault in found:
        kept.setdefault(fault.identity, []).append(fault)
    return {identity: _one(faults) for identity, faults in kept.items()}


def _one(faults: list[Found]) -> Found:
    first = faults[0]
    if len(faults) == 1:
        return first
    texts = list(dict.fromkeys(fault.text for fault in faults))
    more = f" And {len(texts) - _TEXTS} more of the kind." if len(texts) > _TEXTS else ""
    text = " ".join(texts[:_TEXTS]) + more
    return Found(first.kind, first.about, first.key, first.label, text, first.severity)


def parts(rows: Iterable, size: int = 5_000) -> Iterator[list]:
    """`rows` in lists of `size`, so that big tables are never in memory as a whole."""
    rows = iter(rows)
    while part := list(islice(rows, size)):
        yield part


def listed(words: Collection, most: int = 5) -> str:
    """`a, b, c and 4 more`."""
    some = [str(word) for word in list(words)[:most]]
    more = len(words) - len(some)
    return ", ".join(some) + (f" and {more} more" if more else "")
