"""The mass balance of one batch beside its trace: what came must be somewhere."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.conf import settings
from django.urls import reverse

from batches.models import Adjustment
from batches.templatetags import wording
from batches.tracing.balance import Balance, Figures, balances
from batches.tracing.explanations import drafts_of
from batches.views.trace.found import Found

MOST_REASONS = 6


@dataclass
class Part:
    label: str
    text: str
    share: str  # for the bar, a bare number
    look: str


@dataclass
class Reason:
    """What may explain the rest, and where one looks; `url` may be empty."""

    text: str
    name: str = ""
    url: str = ""


@dataclass
class Mass:
    number: str
    at: str
    made: str
    parts: list[Part]
    unexplained: str
    state: str  # ok, crit or hold
    word: str
    sentence: str
    reasons: list["Reason"] = field(default_factory=list)

    @property
    def has_bar(self) -> bool:
        return any(part.share != "0" for part in self.parts)


def mass(found: Found) -> Mass | None:
    """Of the batch that the selected card shows, at the place that it shows; else of the first
    seed, over all places."""
    held = found.explained
    balance = next(iter(balances([held.batch_id if held else found.seeds[0].pk])), None)
    at = None
    if balance and held and found.asked.sel.startswith("l:"):
        at = found.facts.locations[held.location_id]
        here = balance.places.get(at, Figures())
        balance = replace(balance, places={at: here}, overall=here)
    return balance and _written(balance, _parts(found, balance), at.name if at else "")


def _written(balance: Balance, parts: list[Part], at: str) -> Mass:
    overall, unit = balance.overall, balance.unit
    state, word = _state(overall, unit)
    said = [f"{part.text} {part.label.lower()}" for part in parts]
    rest = wording.quantity(overall.unexplained, unit)
    return Mass(
        number=balance.batch.number,
        at=at,
        made=wording.quantity(_came(overall), unit),
        parts=parts,
        unexplained=rest,
        state=state,
        word=word,
        sentence=", ".join([*said, f"{rest} unexplained"]),
        reasons=_reasons(balance) if state == "crit" else [],
    )


def _parts(found: Found, balance: Balance) -> list[Part]:
    unit = balance.unit
    adjusted = [
        _part(Adjustment.Reason(why).label, quantity, unit, "is-none dots")
        for why, quantity in balance.overall.adjusted.items()
    ]
    used = _part("Used in runs", balance.overall.used, unit, "is-none")
    shipped = _part("Shipped on", balance.overall.shipped, unit, "is-none")
    return [part for part in (used, shipped, *_stock(found, balance), *adjusted) if part]


def _stock(found: Found, balance: Balance) -> list[Part | None]:
    own, elsewhere = Decimal(0), Decimal(0)
    is_held, is_unknown = True, False
    for place, figures in balance.places.items():
        if figures.on_hand is None:
            is_unknown = True
        elif place.is_own:
            own += figures.on_hand
            if figures.on_hand:
                is_held = is_held and found.facts.is_held(balance.batch.pk, place.pk)
        else:
            elsewhere += figures.on_hand
    look = "is-hold hatch" if is_held else "is-info"
    label = "On hold, own sites" if is_held else "On hand, own sites"
    return [
        _part(label, own, balance.unit, look),
        _part(
            "On hand" if len(balance.places) == 1 else "On hand elsewhere",
            elsewhere,
            balance.unit,
            "is-info",
        ),
        Part("On hand, amount unknown", "unknown", "0", "is-none") if is_unknown else None,
    ]


def _part(label: str, quantity: Decimal | None, unit: str, look: str) -> Part | None:
    if quantity == 0:
        return None
    share = max(quantity or Decimal(0), Decimal(0))
    return Part(label, wording.quantity(quantity, unit), f"{share:f}", look)


def _state(overall: Figures, unit: str) -> tuple[str, str]:
    unexplained = overall.unexplained
    if unexplained is None:
        return "hold", "A part is unknown"
    if unexplained == 0:
        return "ok", "Closed"
    rest = wording.quantity(unexplained, unit)
    if abs(unexplained) * 1000 <= (_came(overall) or 0) * settings.BALANCE_TOLERANCE_PER_MILLE:
        return "ok", f"Closed, {rest} within tolerance"
    return "crit", f"{rest} unexplained"


def _came(figures: Figures) -> Decimal | None:
    parts = (figures.made, figures.received)
    return None if None in parts else sum(parts, Decimal(0))


def _reasons(balance: Balance) -> list[Reason]:
    """Where the rest arises, documents that count for nothing yet, and what it usually is."""
    unit = balance.unit
    found = [
        Reason(f"{wording.quantity(figures.unexplained, unit)} at {place.name}")
        for place, figures in balance.places.items()
        if figures.unexplained
    ]
    for draft in drafts_of(balance):
        state = "was voided and has the same amount" if draft.is_voided else "is a draft"
        amount = wording.quantity(draft.quantity, unit)
        url = reverse(f"{draft.kind}-detail", args=[draft.reference])
        found.append(Reason(f"{state}, {amount}", draft.reference, url))
    is_short = (balance.overall.unexplained or 0) > 0
    return [*found[:MOST_REASONS], Reason(SHORT if is_short else OVER)]


SHORT = "Waste, a sample or a delivery that was not recorded, or a count that was too low."
OVER = "A receipt or a yield that was not recorded, or an amount in another unit."
