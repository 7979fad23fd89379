"""How far the effectiveness checks of a recall are (21 CFR 7.42(b)(3)), as outputs say it."""

from dataclasses import dataclass

from recalls.reports.checking import checking
from recalls.reports.status import RecallStatus


@dataclass(frozen=True)
class Checked:
    level: str
    level_words: str
    wanted: int = 0
    done: int = 0
    effective: int = 0
    not_effective: int = 0


def checked(now: RecallStatus) -> Checked:
    told = {place.location_id for place in now.places}
    found = checking(now.recall, now.version, told)
    return Checked(
        found.level, found.level_words, found.wanted, found.made, found.passed, found.failed
    )
