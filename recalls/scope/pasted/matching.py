"""Batches recorded here that a number or a range in a text means, and look-alikes of the rest."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from batches.codes.numbering import number_key
from batches.codes.reading import read
from batches.codes.scope_text import NumberRange, Numbers
from batches.models import Batch, Product
from batches.reports.nearby import nearby
from recalls.scope.contacts import chunks

# Numbers of which look-alikes are sought; more would be a list that is wrong as a whole.
MOST_SOUGHT, MOST_SHOWN = 10, 5
_PARTS = re.compile(r"(.*?)(\d+)([A-Za-z]*)$")


@dataclass
class Matches:
    """`batches` by the number that named them; `missing` are numbers that none has."""

    batches: dict[str, list[Batch]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    alike: list[tuple[str, Batch, str]] = field(default_factory=list)

    @property
    def all(self) -> list[Batch]:
        return [batch for found in self.batches.values() for batch in found]

    @property
    def unclear(self) -> list[str]:
        """Numbers that more than one batch has."""
        return [number for number, found in self.batches.items() if len(found) > 1]


def numbered(proposal: Numbers, products: list[Product]) -> Matches:
    keys = {number: number_key(number) for number in proposal.values}
    by_key = _by_key(keys.values(), products)
    matches = Matches()
    for number, key in keys.items():
        if found := by_key.get(key):
            matches.batches[number] = found
        else:
            matches.missing.append(number)
    others = _by_key((keys[number] for number in matches.missing), []) if products else {}
    matches.alike = _of_others(others, products) + _alike(matches.missing, products)
    return matches


def ranged(proposal: NumberRange, products: list[Product]) -> Matches:
    """What of a range is recorded here. One too long to list is looked for in the products."""
    matches = Matches()
    if proposal.members:
        by_key = _by_key({number_key(number) for number in proposal.members}, [])
        found = {batch.pk: batch for rows in by_key.values() for batch in rows}
        if products:
            matches.alike = _of_others(by_key, products)
            found = {pk: row for pk, row in found.items() if row.product in products}
    else:
        rows = _rows(products).filter(product__in=products) if products else Batch.objects.none()
        found = {batch.pk: batch for batch in rows if _is_between(batch.number, proposal)}
    for batch in sorted(found.values(), key=lambda row: (row.number_key, row.pk)):
        matches.batches.setdefault(batch.number, []).append(batch)
    return matches


def _is_between(number: str, proposal: NumberRange) -> bool:
    ends = [_PARTS.match(number_key(end)) for end in (proposal.start, proposal.end)]
    here = _PARTS.match(number_key(number))
    if here is None or None in ends or len(number_key(number)) != len(number_key(proposal.start)):
        return False
    is_alike = all(here[part] == end[part] for end in ends for part in (1, 3))
    return is_alike and int(ends[0][2]) <= int(here[2]) <= int(ends[1][2])


def _rows(products: list[Product]):
    rows = Batch.objects.exclude(status=Batch.Status.VOIDED).select_related("product", "origin")
    return rows.filter(product__in=products) if products else rows


def _by_key(keys: Iterable[str], products: list[Product]) -> dict[str, list[Batch]]:
    """By the key of the batch's own number, and by that of its supplier's."""
    wanted, found = set(keys), {}
    rows = _rows(products).with_supplier_key().order_by("product__code", "number", "pk")
    for part in chunks(wanted):
        for batch in rows.filter(Q(number_key__in=part) | Q(supplier_key__in=part)):
            for key in {batch.number_key, batch.supplier_key} & wanted:
                found.setdefault(key, []).append(batch)
    return found


def _of_others(by_key: dict, products: list[Product]) -> list[tuple[str, Batch, str]]:
    """The same numbers of other products: the text may mean more products than it names."""
    rows = {batch.pk: batch for found in by_key.values() for batch in found}
    return [
        (batch.number, batch, f"Same number, but of {batch.product.code}")
        for batch in rows.values()
        if batch.product not in products
    ]


def _alike(missing: list[str], products: list[Product]) -> list[tuple[str, Batch, str]]:
    rows = []
    for number in missing[:MOST_SOUGHT]:
        near = [
            pair for pair in nearby(read(number)) if not products or pair[0].product in products
        ]
        rows += [(number, batch, why) for batch, why in near[:MOST_SHOWN]]
    return rows
