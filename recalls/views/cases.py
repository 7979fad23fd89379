"""The recall that an address names, and what a page says when an act on it was refused."""

from dataclasses import dataclass, field

from django.shortcuts import get_object_or_404

from recalls.models import Recall

PEOPLE = [
    "lead", "submitted_by", "activated_by", "countersigned_by", "objected_by", "completed_by",
    "closed_by",
]  # fmt: skip


@dataclass
class Refusal:
    """What could not be done, and the form as it was typed."""

    faults: list[tuple[str, str]]
    slot: str = ""
    form: object = None
    more: dict = field(default_factory=dict)


def find(reference: str) -> Recall:
    return get_object_or_404(Recall.objects.select_related(*PEOPLE), reference=reference)
