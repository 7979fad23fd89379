"""The steps from a first suspicion to an approved recall: which are done, which is open."""

from dataclasses import dataclass

from django.urls import reverse

from recalls.message.linter import kept_back
from recalls.message.sample import pairs_told
from recalls.message.texts import Texts
from recalls.models import Recall
from recalls.scope import ScopePreview

Status = Recall.Status
PREPARED = frozenset({Status.DRAFT, Status.SUBMITTED})

# Key -> (word, name of its address).
STEPS = {
    "start": ("Start", "recall-start"),
    "scope": ("Scope", "recall-newest-scope"),
    "message": ("Message", "recall-message"),
    "check": ("Check", "recall-check"),
}


@dataclass(frozen=True)
class Step:
    """`state` is done, now or next: now is the step of the page, whatever it still lacks."""

    key: str
    word: str
    url: str
    state: str
    glyph: str
    text: str


def address(recall: Recall, key: str) -> str:
    return reverse(STEPS[key][1], args=[recall.reference])


def steps(recall: Recall | None, here: str, seen: ScopePreview | None = None) -> list[Step]:
    """All steps as the page of `here` shows them; of a recall not opened yet none leads on."""
    done = done_steps(recall, seen) if recall else set()
    return [
        Step(key, word, address(recall, key) if recall else "", *_look(key, here, done))
        for key, (word, _) in STEPS.items()
    ]


def _look(key: str, here: str, done: set[str]) -> tuple[str, str, str]:
    if key == here:
        return "now", "half", "you are here"
    return ("done", "okc", "done") if key in done else ("next", "dash", "to do")


def done_steps(recall: Recall, seen: ScopePreview | None) -> set[str]:
    """The steps that lack nothing a notice needs. What is done can still be changed.

    `seen` is the look at its scope, which says in which languages people are told.
    """
    if recall.status != Status.DRAFT:
        return set(STEPS) - {"check"}
    facts = {
        "start": bool(recall.hazard.strip()),
        "scope": recall.rules.filter(withdrawn_at__isnull=True).exists(),
        "message": seen is not None and _has_texts(recall, seen),
    }
    return {key for key, is_done in facts.items() if is_done}


def _has_texts(recall: Recall, seen: ScopePreview) -> bool:
    texts = Texts(recall)
    are_there = all(texts.is_there(*pair) for pair in pairs_told(seen))
    return bool(seen.lines) and are_there and not kept_back(texts)


def open_step(recall: Recall, seen: ScopePreview | None) -> str:
    """Where work on it goes on: the first step that lacks something."""
    done = done_steps(recall, seen)
    return next((key for key in STEPS if key not in done), "check")


def neighbours(key: str) -> tuple[str, str]:
    """The steps before and after, empty at the ends."""
    keys = list(STEPS)
    at = keys.index(key)
    return (keys[at - 1] if at else ""), (keys[at + 1] if at + 1 < len(keys) else "")
