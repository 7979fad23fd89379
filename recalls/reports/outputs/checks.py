"""How far the effectiveness checks of a recall are (21 CFR 7.42(b)(3)), as outputs say it."""

from dataclasses import dataclass

from recalls.models import Recall
from recalls.reports.checking import checking
from recalls.scope import newest_released


@dataclass(frozen=True)
class Checked:
    level: str
    level_words: str
    wanted: int = 0
    done: int = 0
    effective: int = 0
    not_effective: int = 0


def checked(recall: Recall) -> Checked:
    now = checking(recall, newest_released(recall))
    return Checked(now.level, now.level_words, now.wanted, now.made, now.passed, now.failed)
