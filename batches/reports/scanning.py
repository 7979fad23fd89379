"""A pile of scanned codes: what each was understood to be, and the batches it stands for."""

from dataclasses import dataclass
from datetime import date

from batches.models import Batch, Run, Shipment
from batches.reports.resolver import Found, Hit, resolve

# As a person can see it; the reader of codes takes it for FNC1.
SEPARATOR = "␝"


@dataclass(frozen=True)
class Choice:
    """A batch that a code may stand for. `is_ticked`: it is meant, because the whole code is its
    number, or that of its pallet, shipment or run."""

    batch: Batch
    why: str
    is_ticked: bool


@dataclass(frozen=True)
class Scanned:
    """`others` are things found that are no batches and lead to none."""

    code: str
    found: Found
    choices: list[Choice]
    others: list[Hit]


def tidy(codes: list[str]) -> list[str]:
    """Without what is empty or there already, separators made visible."""
    clean = (code.replace("\0", "").replace("\x1d", SEPARATOR).strip() for code in codes)
    return list(dict.fromkeys(code for code in clean if code.strip(SEPARATOR)))


def scanned(code: str, user, today: date) -> Scanned:
    """What `code` is. Of a pallet, a shipment or a run it is the batches on it or made by it."""
    found = resolve(code, user=user, today=today)
    choices, others = {}, []
    for hit in [found.only] if found.only else found.hits:
        batches = _batches(hit, found.reading.sscc)
        if not batches:
            others.append(hit)
        for batch in batches:
            choices.setdefault(batch.pk, Choice(batch, hit.why, hit is found.exact))
    if not choices and not others:
        choices = {hit.obj.pk: Choice(hit.obj, hit.why, False) for hit in found.near}
    return Scanned(code, found, list(choices.values()), others)


def _batches(hit: Hit, sscc: str) -> list[Batch]:
    if isinstance(hit.obj, Batch):
        return [hit.obj]
    rows = Batch.objects.with_state().select_related("product", "origin")
    if isinstance(hit.obj, Shipment):
        lines = hit.obj.lines.filter(sscc=sscc) if hit.why == "SSCC" else hit.obj.lines.all()
        return list(rows.filter(pk__in=lines.order_by().values("batch")))
    if isinstance(hit.obj, Run):
        return list(rows.filter(pk__in=hit.obj.outputs.order_by().values("batch")))
    return []
