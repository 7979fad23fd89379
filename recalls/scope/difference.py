"""What is different between two versions of a scope, line by line and summed up. Reads only."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from recalls.models import ScopeLine, ScopeVersion

Role = ScopeLine.Role
KINDS = ("added", "changed", "removed")


@dataclass(frozen=True)
class LineChange:
    """One holding that differs; `before` or `after` is missing where only one version has it."""

    kind: str
    before: ScopeLine | None
    after: ScopeLine | None
    reason: str = ""

    @property
    def line(self) -> ScopeLine:
        return self.after or self.before

    @property
    def is_told(self) -> bool:
        """Whether the later version asks its place about it; it asks only what is new there."""
        after = self.after
        asks = after is not None and after.change != ScopeLine.Change.SAME
        return asks and after.role == Role.RECIPIENT


@dataclass(frozen=True)
class Amount:
    """A quantity in both versions, in one unit; `unknown` counts the lines without a figure."""

    word: str
    unit: str
    before: Decimal
    after: Decimal
    unknown: int

    @property
    def difference(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True)
class PlaceChange:
    code: str
    name: str
    kind: str
    changes: list[LineChange]


@dataclass(frozen=True)
class Difference:
    """`batches` and `places` are by kind: those that only the later, or the earlier, has."""

    earlier: ScopeVersion
    later: ScopeVersion
    changes: list[LineChange]
    amounts: list[Amount]
    batches: dict[str, list[str]]
    places: list[PlaceChange]

    def count(self, kind: str) -> int:
        return sum(change.kind == kind for change in self.changes)


def difference(earlier: ScopeVersion, later: ScopeVersion) -> Difference:
    """From the frozen lines of both, whichever versions of one recall they are."""
    old, new = _lines(earlier), _lines(later)
    reasons = _reasons(earlier, later)
    changes = [
        LineChange(_kind(old.get(pk), new.get(pk)), old.get(pk), new.get(pk), reasons.get(pk, ""))
        for pk in sorted(old.keys() | new.keys())
    ]
    changes = sorted((change for change in changes if change.kind), key=_order)
    return Difference(
        earlier=earlier,
        later=later,
        changes=changes,
        amounts=_amounts(list(old.values()), list(new.values())),
        batches=_batches(list(old.values()), list(new.values())),
        places=_places(changes, old, new),
    )


def _lines(version: ScopeVersion) -> dict[int, ScopeLine]:
    return {line.holding_id: line for line in version.lines.defer("path", "contacts")}


def _kind(before: ScopeLine | None, after: ScopeLine | None) -> str:
    if before is None or after is None:
        return "added" if before is None else "removed"
    names = ("role", "received", "due")
    differs = any(getattr(before, name) != getattr(after, name) for name in names)
    return "changed" if differs else ""


def _order(change: LineChange):
    line = change.line
    return (line.location_code, line.product_code, line.batch_number, line.holding_id)


def _reasons(earlier: ScopeVersion, later: ScopeVersion) -> dict[int, str]:
    """Why a holding was taken out between the two, as the versions themselves keep it."""
    between = ScopeVersion.objects.filter(
        recall=later.recall_id,
        number__gt=earlier.number,
        number__lte=later.number,
        cause=ScopeVersion.Cause.NARROWING,
    )
    return {
        row["holding_id"]: rule["reason"]
        for rules in between.order_by("number").values_list("rules", flat=True)
        for rule in rules
        if rule["kind"] == "narrowing"
        for row in rule["removed"]
    }


def _amounts(old: list[ScopeLine], new: list[ScopeLine]) -> list[Amount]:
    found = []
    for unit in sorted({line.unit for line in [*old, *new]}):
        for word, role, name in (
            ("with others", Role.RECIPIENT, "due"),
            ("on our sites", Role.OWN_SITE, "on_hand"),
        ):
            sums = []
            for lines in (old, new):
                own = [x for x in lines if x.unit == unit and x.role == role]
                sums.append([getattr(line, name) for line in own])
            unknown = sum(values.count(None) for values in sums)
            before, after = (sum(filter(None, values), Decimal(0)) for values in sums)
            if before or after or unknown:
                found.append(Amount(word, unit, before, after, unknown))
    return found


def _batches(old: list[ScopeLine], new: list[ScopeLine]) -> dict[str, list[str]]:
    before, after = ({(x.product_code, x.batch_number) for x in lines} for lines in (old, new))
    only = {"added": after - before, "removed": before - after}
    return {
        kind: [f"{batch} of {code}" for code, batch in sorted(keys)] for kind, keys in only.items()
    }


def _places(changes: list[LineChange], old, new) -> list[PlaceChange]:
    before, after = ({x.location_id for x in lines.values()} for lines in (old, new))
    by_place: dict[int, list[LineChange]] = defaultdict(list)
    for change in changes:
        by_place[change.line.location_id].append(change)
    found = []
    for pk, own in by_place.items():
        kind = "changed" if pk in before & after else "added" if pk in after else "removed"
        line = own[0].line
        found.append(PlaceChange(line.location_code, line.location_name, kind, own))
    return found
