"""The strip of figures above a trace. Unlike units stand side by side and are never added."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from batches.templatetags import wording
from batches.tracing.picture.roles import MADE, OWN, SUPPLIED
from batches.views.trace.found import Found


@dataclass
class Figure:
    label: str
    text: str
    alarm: bool = False


def summary(found: Found) -> list[Figure]:
    figures = _back(found) if found.asked.dir == "back" else _forward(found)
    total, unsure = len(found.links), found.unsure
    links = f"{wording.number(total - unsure)} of {wording.number(total)}"
    if unsure:
        links += f", {wording.number(unsure)} without a sure time"
    return [*figures, Figure("Links recorded", links)]


def _forward(found: Found) -> list[Figure]:
    index, facts = found.picture.index, found.facts
    made = [
        held
        for key, held in found.holdings.items()
        if index.roles[key] in (MADE, OWN) and key not in index.used and found.is_affected(key)
    ]
    seeds = {batch.pk for batch in found.seeds}
    word = "Made" if any(held.batch_id in seeds for held in made) else "Made from it"
    own = [h for h in made if facts.locations[h.location_id].is_own]
    is_held = all(facts.is_held(h.batch_id, h.location_id) for h in own if h.on_hand)
    keys = {h.holding_id for h in made}
    shipped = [
        (link.quantity, index.holdings[link.source].unit)
        for link in found.links
        if link.source in keys and not link.run
    ]
    stock = "Still on own sites, held" if is_held and own else "Still on own sites"
    figures = [Figure("Places of others reached", wording.number(len(places_reached(found))))]
    if made:
        figures = [
            Figure("Finished batches", wording.number(len({h.batch_id for h in made}))),
            Figure(word, sums((facts.made_of(h), h.unit) for h in made)),
            Figure(stock, sums((h.on_hand, h.unit) for h in own)),
            Figure("Shipped", sums(shipped)),
            *figures,
        ]
    return figures + _not_accounted(found)


def _not_accounted(found: Found) -> list[Figure]:
    """What nobody has answered for, where a recall asks."""
    answers = found.facts.answers
    if not answers:
        return []
    missing = [(said.no_answer, found.holdings[key].unit) for key, said in answers.items()]
    return [Figure("Not accounted for", sums(missing), alarm=any(part for part, _ in missing))]


def _back(found: Found) -> list[Figure]:
    index = found.picture.index
    supplied = [h for key, h in found.holdings.items() if index.roles[key] == SUPPLIED]
    return [
        Figure("Supplier batches", wording.number(len({h.batch_id for h in supplied}))),
        Figure("Suppliers", wording.number(len({h.location_id for h in supplied}))),
        Figure("Batches", wording.number(len({h.batch_id for h in found.holdings.values()}))),
        Figure("Runs", wording.number(len(index.inputs))),
    ]


def places_reached(found: Found) -> set[int]:
    """Places of others that something was sent to; where it began is not among them."""
    return {
        holding.location_id
        for holding in found.holdings.values()
        if not holding.is_start
        and found.is_affected(holding.holding_id)
        and not found.facts.locations[holding.location_id].is_own
    }


def sums(parts: Iterable[tuple[Decimal | None, str]]) -> str:
    """`1,520 cases + 20 kg`; says so when a part is not known."""
    totals: dict[str, Decimal] = {}
    unknown = 0
    for quantity, unit in parts:
        if quantity is None:
            unknown += 1
        else:
            totals[unit] = totals.get(unit, Decimal(0)) + quantity
    text = " + ".join(wording.quantity(total, unit) for unit, total in sorted(totals.items()))
    if unknown:
        return f"{text} and {unknown} unknown" if text else "unknown"
    return text or "0"
