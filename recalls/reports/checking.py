"""Effectiveness checks of a recall: whom chance drew, what was found, what is missing. Reads only.

FDA asks for 100, 10 or 2 % of the places, or a share that is chosen (21 CFR 7.42(b)(3)).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from recalls.models import CheckPlace, CheckResult, CheckSample, Recall, ScopeLine, ScopeVersion
from recalls.reports.looks import HasLook

Result = CheckResult.Result
PERCENT = {"A": 100, "C": 10, "D": 2, "E": 0}
LOOKS = {
    "": ("To do", "none", "dash"),
    Result.PASSED: ("Passed", "ok", "check"),
    Result.FAILED: ("Failed", "crit", "x"),
    Result.NOT_REACHED: ("Not reached", "hold", "phone"),
    Result.WAIVED: ("Waived", "none", "minus"),
}


def draw(seed: str, codes: Iterable[str], percent: int) -> list[str]:
    """The share of `codes` with the smallest SHA-256 of `seed:code`, in that order.

    Rounded up, so that it is never less than the share. Anybody can draw it again.
    """
    codes = sorted(set(codes))
    wanted = -(-len(codes) * percent // 100)
    return sorted(codes, key=lambda code: (_rank(seed, code), code))[:wanted]


def _rank(seed: str, code: str) -> str:
    return hashlib.sha256(f"{seed}:{code}".encode()).hexdigest()


def told_in(version: ScopeVersion) -> dict[str, int]:
    """Ids of the places that are told in a version, by code."""
    lines = version.lines.filter(role=ScopeLine.Role.RECIPIENT).order_by()
    return dict(lines.values_list("location_code", "location_id").distinct())


@dataclass(frozen=True)
class Check(HasLook):
    """One place that was drawn, and what was found there; `newest` counts."""

    LOOKS = LOOKS

    row: CheckPlace
    results: list[CheckResult]
    is_out: bool = False

    @property
    def newest(self) -> CheckResult | None:
        return self.results[-1] if self.results else None

    @property
    def state(self) -> str:
        return self.newest.result if self.newest else ""

    @property
    def is_made(self) -> bool:
        return self.state in {Result.PASSED, Result.FAILED}

    @property
    def is_settled(self) -> bool:
        """Made, or not to be made any more: waived, or its place was taken out of the scope."""
        return self.is_made or self.state == Result.WAIVED or self.is_out

    @property
    def word(self) -> str:
        if self.is_out and not self.state:
            return "No longer part of it"
        return super().word


@dataclass(frozen=True)
class Checking:
    """All checks of a recall. `unsampled` says that places of the newest version were not drawn
    from yet."""

    level: str
    level_words: str
    samples: list[CheckSample] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    unsampled: bool = False

    @property
    def wanted(self) -> int:
        return sum(not (check.is_out and not check.state) for check in self.checks)

    @property
    def made(self) -> int:
        return sum(check.is_made for check in self.checks)

    @property
    def passed(self) -> int:
        return sum(check.state == Result.PASSED for check in self.checks)

    @property
    def failed(self) -> int:
        return sum(check.state == Result.FAILED for check in self.checks)

    @property
    def waived(self) -> int:
        return sum(check.state == Result.WAIVED for check in self.checks)

    @property
    def to_do(self) -> int:
        return sum(not check.is_settled for check in self.checks)

    @property
    def is_done(self) -> bool:
        """Whether nothing is missing: a level was chosen, all were drawn, all are settled."""
        return bool(self.level) and not self.unsampled and not self.to_do


def checking(
    recall: Recall, version: ScopeVersion | None, told: set[int] | None = None
) -> Checking:
    """As it stands; `version` is the newest that was released, `told` the places told in it."""
    samples = list(recall.check_samples.select_related("version", "by").order_by("pk"))
    rows = recall.check_places.select_related("location", "sample__version").order_by("number")
    rows = list(rows.prefetch_related("results__by"))
    if told is None:
        told = set(told_in(version).values()) if version else set()
    checks = [
        Check(row, sorted(row.results.all(), key=lambda one: one.pk), row.location_id not in told)
        for row in rows
    ]
    level = recall.effectiveness_level
    return Checking(
        level=level,
        level_words=recall.get_effectiveness_level_display() if level else "",
        samples=samples,
        checks=checks,
        unsampled=level in {"A", "B", "C", "D"} and bool(_new_codes(samples, version)),
    )


def _new_codes(samples: list[CheckSample], version: ScopeVersion | None) -> dict[str, int]:
    if version is None or any(one.version_id == version.pk for one in samples):
        return {}
    return population(samples, version)


def population(samples: Iterable[CheckSample], version: ScopeVersion) -> dict[str, int]:
    """Ids by code of those told in `version` and in no version that was sampled before it."""
    known = [one.version_id for one in samples if one.version.number < version.number]
    before = ScopeLine.objects.filter(version__in=known, role=ScopeLine.Role.RECIPIENT)
    seen = set(before.order_by().values_list("location_id", flat=True).distinct())
    return {code: pk for code, pk in told_in(version).items() if pk not in seen}
