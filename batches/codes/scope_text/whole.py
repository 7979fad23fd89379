"""What only the text as a whole says: which product a number is of, what is left out, what
nothing has read."""

import re
from collections.abc import Iterator
from dataclasses import replace

from batches.codes.scope_text import words
from batches.codes.scope_text.folding import sentences
from batches.codes.scope_text.shapes import Everything, Product, Proposal, Source, Unread


def place_of(row: Proposal | Unread) -> tuple[int, int]:
    return row.source.start, row.source.end


def is_in(row: Proposal | Unread, start: int, end: int) -> bool:
    return row.source.start < end and row.source.end > start


def denied(low: str) -> Iterator[tuple[int, int]]:
    """Sentences that say what is not affected."""
    for start, end in sentences(low):
        if words.NEGATED.search(low, start, end):
            yield start, end


def with_products(proposals: list[Proposal]) -> list[Proposal]:
    """Each proposal with the product numbers that it stands with.

    One product number holds for all of the text. Of several each must be followed by what
    is its own; otherwise none is given any, and a person has to say which.
    """
    rows = sorted(proposals, key=place_of)
    owners = _owners(rows)
    return [
        row if isinstance(row, Product) else replace(row, gtins=owner)
        for row, owner in zip(rows, owners, strict=True)
    ]


def _owners(rows: list[Proposal]) -> list[tuple[str, ...]]:
    groups: list[tuple[list[str], int]] = []
    group_of: list[int] = []
    for row in rows:
        if isinstance(row, Product):
            if not groups or groups[-1][1]:
                groups.append(([], 0))
            groups[-1][0].append(row.gtin)
        elif groups:
            groups[-1] = (groups[-1][0], groups[-1][1] + 1)
        group_of.append(len(groups) - 1)
    gtins = [tuple(dict.fromkeys(found)) for found, _ in groups]
    if len(groups) == 1:
        return [gtins[0]] * len(rows)
    is_clear = groups and all(count for _, count in groups) and -1 not in group_of
    return [gtins[group] if is_clear else () for group in group_of]


def whole_products(text: str, proposals: list[Proposal], unread: list[Unread]) -> list[Proposal]:
    """All batches of the products, where the text names products and nothing else."""
    products = [row for row in proposals if isinstance(row, Product)]
    if not products or len(products) < len(proposals) or unread:
        return []
    start, end = products[0].source.start, products[-1].source.end
    gtins = tuple(dict.fromkeys(row.gtin for row in products))
    return [Everything(Source(start, end, text[start:end].strip()), is_said=False, gtins=gtins)]


def narrowed(text: str, low: str, proposals: list[Proposal]) -> list[Proposal]:
    """With each “all” what its sentence says after it, which may narrow it."""
    ends = dict(sentences(low))
    found = []
    for row in proposals:
        if isinstance(row, Everything) and row.is_said:
            place = max((start for start in ends if start <= row.source.start), default=0)
            rest = text[row.source.end : ends.get(place, row.source.end)]
            row = replace(row, narrowed_by=rest.strip(" .,;"))
        found.append(row)
    return found


def left_over(low: str, read: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Parts with figures that nothing has read: numbers, dates, or the size of a pack."""
    covered = sorted(read)
    return [
        gap
        for sentence in sentences(low)
        for gap in _gaps(*sentence, covered)
        if re.search(r"\d", words.MEASURE.sub("", low[slice(*gap)]))
    ]


def _gaps(start: int, end: int, covered: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for first, last in covered:
        if last <= start or first >= end:
            continue
        if first > start:
            yield start, first
        start = max(start, last)
    if start < end:
        yield start, end
