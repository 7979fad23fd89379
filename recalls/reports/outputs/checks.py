"""How far the effectiveness checks of a recall are (21 CFR 7.42(b)(3))."""

from dataclasses import dataclass

from recalls.models import Recall


@dataclass(frozen=True)
class Checked:
    level: str
    level_words: str
    wanted: int = 0
    done: int = 0
    effective: int = 0
    not_effective: int = 0


def checked(recall: Recall) -> Checked:
    return Checked(recall.effectiveness_level, recall.get_effectiveness_level_display())
