"""Where somebody stops a trace, and why: what stands in an address, with the names of it.

A stop is what one looks at, a cooking step for instance. It changes no record and no recall.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from batches.models import Holding, Location, Run

MOST, LONGEST = 20, 200
# As the cards of a picture are named; a receipt stands for the holding it came to.
HOLDING, PLACE, RUN = "h", "l", "p"


@dataclass(frozen=True)
class Stops:
    """The same for the walk: it does not leave these holdings and places, nor pass these runs."""

    holdings: frozenset[int]
    places: frozenset[int]
    runs: frozenset[int]


@dataclass(frozen=True)
class Stop:
    """`key` says what it is at: `h:`, `l:` or `p:` and a number."""

    key: str
    reason: str
    name: str = ""

    @property
    def kind(self) -> str:
        return self.key[:1]

    @property
    def pk(self) -> int:
        return int(self.key[2:])


def read_stops(keys: Sequence[str], reasons: Sequence[str]) -> list[Stop]:
    """The stops of an address, in its order and with their names. Refuses, with a
    ValidationError, a stop without a reason and one at what is not there."""
    if len(keys) != len(reasons):
        raise ValidationError("Each point at which a trace is stopped needs its reason.")
    found = {key: _read(key, reason) for key, reason in zip(keys, reasons, strict=True)}
    if len(found) > MOST:
        raise ValidationError(f"A trace is stopped at {MOST} points at most.")
    names = _names(found.values())
    if lost := found.keys() - names.keys():
        raise ValidationError(f"Nothing is recorded as “{min(lost)}” to stop a trace at.")
    return [Stop(key, stop.reason, names[key]) for key, stop in found.items()]


def stops_of(stops: Iterable[Stop]) -> Stops | None:
    """None where there are none."""
    stops = list(stops)
    of = {
        kind: frozenset(stop.pk for stop in stops if stop.kind == kind)
        for kind in (HOLDING, PLACE, RUN)
    }
    return Stops(of[HOLDING], of[PLACE], of[RUN]) if stops else None


def _read(key: str, reason: str) -> Stop:
    kind, _, number = key.partition(":")
    if kind not in (HOLDING, PLACE, RUN) or not (number.isascii() and number.isdigit()):
        raise ValidationError(f"“{key}” is nothing that a trace can be stopped at.")
    # A longer number is no key, and SQLite refuses to look for it.
    if len(number) > 18:
        raise ValidationError(f"Nothing is recorded as “{key}” to stop a trace at.")
    reason = " ".join(reason.split())
    if not reason:
        raise ValidationError("Say why the trace is stopped there, then stop it.")
    if len(reason) > LONGEST:
        raise ValidationError(f"Say in {LONGEST} characters at most why the trace is stopped.")
    return Stop(key, reason)


def _names(stops: Iterable[Stop]) -> dict[str, str]:
    """What each is called, by key; a query for each kind."""
    pks: dict[str, list[int]] = {}
    for stop in stops:
        pks.setdefault(stop.kind, []).append(stop.pk)
    found = {}
    for kind, keys in pks.items():
        found.update((f"{kind}:{pk}", name) for pk, name in _NAMED[kind](keys))
    return found


def _holdings(keys: list[int]) -> Iterable[tuple[int, str]]:
    held = Holding.objects.filter(pk__in=keys).order_by("pk")
    for pk, number, place in held.values_list("pk", "batch__number", "location__name"):
        yield pk, f"{number} at {place}"


_NAMED = {
    HOLDING: _holdings,
    PLACE: lambda keys: Location.objects.filter(pk__in=keys).values_list("pk", "name"),
    RUN: lambda keys: Run.objects.filter(pk__in=keys).values_list("pk", "reference"),
}
