"""How far the effectiveness checks of a recall are (21 CFR 7.42(b)(3)), as outputs say it."""

from dataclasses import dataclass

from recalls.reports.dossier import Dossier


@dataclass(frozen=True)
class Checked:
    level: str
    level_words: str
    wanted: int = 0
    done: int = 0
    effective: int = 0
    not_effective: int = 0


def checked(case: Dossier) -> Checked:
    found = case.checks
    return Checked(
        found.level, found.level_words, found.wanted, found.made, found.passed, found.failed
    )
