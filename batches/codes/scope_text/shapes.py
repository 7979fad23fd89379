"""What a reading gives back: proposals with their source, and what was not understood."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time


@dataclass(frozen=True, slots=True)
class Source:
    """The part of the pasted text that a proposal came from."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """Batch or serial numbers, each exactly as it stands in the text."""

    source: Source
    values: tuple[str, ...]
    is_serial: bool = False
    gtins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NumberRange:
    """All numbers from `start` to `end`. `members` lists them as far as they are countable;
    `calendar` says that they are codes of days or weeks, and that the others do not exist."""

    source: Source
    start: str
    end: str
    members: tuple[str, ...]
    count: int
    calendar: str = ""
    is_serial: bool = False
    gtins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Days:
    """Days of one kind (`best_by`, `use_by`, `sell_by`, `expiry`, `produced`, `packed`,
    `sold`), both ends included; None leaves an end open. `of_month` when the text names a
    month only."""

    source: Source
    kind: str
    first: date | None
    last: date | None
    of_month: bool = False
    gtins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DayCodes:
    """Days as digits without a year that is certain, such as 0374: day 037 of a year …4."""

    source: Source
    values: tuple[str, ...]
    readings: tuple[tuple[int, int], ...] = ()
    gtins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Times:
    """Times of day as printed; `first` after `last` is a window over midnight."""

    source: Source
    first: time
    last: time
    gtins: tuple[str, ...] = ()

    @property
    def crosses_midnight(self) -> bool:
        return self.last < self.first


@dataclass(frozen=True, slots=True)
class Product:
    """A product by its GTIN, in 14 digits."""

    source: Source
    gtin: str

    @property
    def gtins(self) -> tuple[str, ...]:
        return (self.gtin,)


@dataclass(frozen=True, slots=True)
class Everything:
    """All batches; `is_said` when the text says so, else it names a product and nothing else.
    `narrowed_by` is the wording by which the text goes on to narrow it."""

    source: Source
    is_said: bool = True
    narrowed_by: str = ""
    gtins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plant:
    """Where it was made, by a code of the plant or establishment."""

    source: Source
    code: str
    gtins: tuple[str, ...] = ()


Proposal = Numbers | NumberRange | Days | DayCodes | Times | Product | Everything | Plant


@dataclass(frozen=True, slots=True)
class Unread:
    """A part of the text that says something and was not understood, with the reason."""

    source: Source
    reason: str


@dataclass(frozen=True)
class Reading:
    """Proposals and what was not understood, both in the order of the text."""

    text: str
    proposals: list[Proposal] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)

    def of(self, *kinds: type) -> Iterator[Proposal]:
        return (proposal for proposal in self.proposals if isinstance(proposal, kinds))
