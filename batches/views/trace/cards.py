"""The drawing as the template needs it: where each card leads, what it says, how it looks."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from batches.templatetags import wording
from batches.templatetags.statuses import GLYPHS
from batches.tracing.drawing.shapes import COLUMN_GAP, HEIGHT, WIDTH, Box, Bundle, Curve
from batches.views.trace.found import Found

MIX = {"held": "m0", "free": "m5", "sold or sent on": "m3", "destroyed": "m2"}
# Where a recall asks: what was answered, in the order of PARTS.
ANSWERS = {
    "quarantined": "m0",
    "returned": "m1",
    "destroyed": "m2",
    "sold or used": "m3",
    "no answer": "m4",
}
STATUS_WORDS = {
    "crit": "recalled or rejected",
    "hold": "on hold",
    "info": "stock there",
    "ok": "",
    "none": "",
}
LEFT, TOP, FOOT = 14, 44, 12
# A map of the graph is worth its place where this many cards are drawn.
MANY_CARDS = 80
STOP_BARS = {"fwd": [WIDTH + 5.0], "back": [-5.0], "both": [-5.0, WIDTH + 5.0]}
# A small graph is not blown up: it keeps the width of one with six columns.
LEAST_WIDTH = 6 * WIDTH + 5 * COLUMN_GAP + 2 * LEFT
NARROW, BROAD = set("fijlt.,:;'|!()[] "), set("mwMW@%")


@dataclass
class Card:
    box: Box
    url: str
    label: str
    line2: str
    name: str
    icon: str
    glyph: str
    bars: list[tuple[float, float, str]]
    # Where a bar stands that says the trace is stopped here: after the card, before it, or both.
    stops: list[float] = field(default_factory=list)
    # The group that was opened last, where one goes on.
    opened: bool = False
    # All that is in a group, as a table.
    rows_url: str = ""

    @property
    def classes(self) -> str:
        found = ["n", f"is-{self.box.status}"]
        found += ["onp"] if self.box.on_path else []
        found += ["sel"] if self.box.selected else []
        found += ["seed"] if self.box.seed else []
        return " ".join(found)

    @property
    def mono(self) -> bool:
        return bool(self.box.node and self.box.node.mono)


@dataclass
class Line:
    source: str
    target: str
    d: str
    classes: str
    width: str
    title: str
    dot: tuple[float, float] | None


@dataclass
class Graph:
    cards: list[Card]
    lines: list[Line]
    width: float
    height: float
    has_mix: bool
    has_unknown: bool
    has_path: bool
    has_others: bool
    has_stops: bool

    @property
    def has_minimap(self) -> bool:
        return len(self.cards) > MANY_CARDS


def graph(found: Found) -> Graph:
    drawing = found.drawing
    feet = FOOT if any(heading.undated for heading in drawing.headings) else 0
    cards = [_card(found, box) for box in drawing.boxes]
    lines = [_line(curve) for curve in drawing.curves]
    return Graph(
        cards,
        lines,
        max(round(drawing.width + 2 * LEFT, 1), LEAST_WIDTH),
        round(drawing.height + TOP + 14 + feet, 1),
        any(card.bars for card in cards),
        any(line.dot for line in lines),
        any(curve.role == "path" for curve in drawing.curves),
        any(curve.role == "other" for curve in drawing.curves),
        any(card.stops for card in cards),
    )


def _card(found: Found, box: Box) -> Card:
    return _group(found, box) if box.bundle else _single(found, box)


def _single(found: Found, box: Box) -> Card:
    node = box.node
    # A selected card leads back to nothing being selected.
    url = found.asked.selecting("" if box.selected else node.id)
    glyph = "" if node.status == "none" else GLYPHS[node.status]
    room = 84 if glyph else 101
    loops = f", {box.loops} links lead back here" if box.loops else ""
    is_stopped = node.id in found.stopped_cards
    stopped = "The trace is stopped here" if is_stopped else ""
    words = [node.code, node.line2, node.title, STATUS_WORDS[node.status], stopped]
    label = shortened(node.code, room / 6.95) if node.mono else fitted(node.code, room, 12)
    line2 = fitted(node.line2, 120, 11)
    # Who commands by voice says what can be read (WCAG 2.5.3).
    if (label, line2) != (node.code, node.line2):
        words = [label, line2, *words]
    return Card(
        box,
        url,
        label,
        line2,
        ". ".join(word for word in words if word) + loops,
        node.kind,
        glyph,
        [],
        STOP_BARS[found.asked.dir] if is_stopped else [],
    )


def name_of(bundle: Bundle) -> str:
    """`48 stores`, or what is left of them where some are drawn by themselves."""
    plurals = {node.plural for node in bundle.members}
    noun = plurals.pop() if len(plurals) == 1 else "cards"
    return f"{wording.number(len(bundle.members))} {'more ' if bundle.shown else ''}{noun}"


def _rows_url(found: Found, bundle: Bundle) -> str:
    kinds = {"h": "batches", "r": "shipments", "p": "runs"}
    tab = kinds.get(bundle.members[0].id[0], "places")
    return found.asked.url(
        view="table", tab=tab, sel="", via="", find="", sort="", group=bundle.key
    )


def _group(found: Found, box: Box) -> Card:
    members, shown, name = box.bundle.members, box.bundle.shown, name_of(box.bundle)
    label = f"+{wording.number(len(members))} more" if shown else name
    units = {node.unit for node in members}
    known = len(units) == 1 and all(node.quantity is not None for node in members)
    amount = ""
    if known:
        amount = wording.quantity(sum((n.quantity for n in members), Decimal(0)), units.pop())
    told = [f"Group of {name}", amount or "amounts not added up"]
    if shown:
        told = [label, *reversed(told)]
    mixes = [node.mix for node in members]
    mix = [sum(parts, Decimal(0)) for parts in zip(*mixes, strict=True)] if all(mixes) else []
    legend = mix_of(found)
    said = [f"{wording.number(q)} {word}" for q, word in zip(mix, legend, strict=False) if q]
    kinds = {node.kind for node in members}
    return Card(
        box,
        found.asked.opening(box.bundle.next_open),
        label,
        amount,
        ". ".join([*told, *said, _opens(shown)]),
        kinds.pop() if len(kinds) == 1 else "layers",
        "plus",
        _bars(mix, legend.values()),
        rows_url=_rows_url(found, box.bundle),
        opened=bool(shown) and found.asked.open[-1].partition(".")[0] == box.bundle.key,
    )


def _opens(shown: range) -> str:
    if not shown:
        return "open it"
    return f"{shown[0]} to {shown[-1]} by size are drawn, open it for the next"


def mix_of(found: Found) -> dict[str, str]:
    """The parts of a bar in words, and how each looks."""
    return ANSWERS if found.facts.answers else MIX


def _bars(mix: list[Decimal], looks: Iterable[str]) -> list[tuple[float, float, str]]:
    total, left, found = sum(mix), 11.0, []
    for part, name in zip(mix, looks, strict=False):
        if part:
            width = float(part / total) * (WIDTH - 22)
            found.append((round(left, 1), round(max(1.0, width - 1), 1), name))
            left += width
    return found


def _line(curve: Curve) -> Line:
    names = {"path": "p", "other": "a"}
    classes = " ".join(filter(None, [names.get(curve.role, ""), "u" if curve.unknown else ""]))
    amount = wording.quantity(curve.quantity, curve.unit) if curve.quantity is not None else ""
    unsure = f"{curve.unknown} of {curve.count} without a sure time" if curve.unknown else ""
    return Line(
        curve.source,
        curve.target,
        curve.d,
        classes,
        "2.5" if curve.role == "path" else f"{_width(curve.quantity):.1f}",
        ", ".join(filter(None, [amount, unsure])),
        curve.middle if curve.unknown else None,
    )


def _width(quantity: Decimal | None) -> float:
    if not quantity or quantity <= 0:
        return 1.0
    return min(4.0, max(1.0, 1.15 * math.log10(quantity) - 1.3))


def shortened(code: str, room: float) -> str:
    """A code cut to `room` characters; it loses its middle, since the ends tell codes apart."""
    if len(code) <= room:
        return code
    head = int(room) // 2 - 1
    return f"{code[:head]}…{code[head - int(room) + 1 :]}"


def fitted(text: str, room: float, size: float) -> str:
    """Text cut to about `room` pixels, by how wide letters are on average."""
    ends, at = [], 0.0
    for letter in text:
        at += size * _width_of(letter)
        ends.append(at)
    if at <= room:
        return text
    kept = sum(end <= room - size for end in ends)
    return f"{text[: max(1, kept)].rstrip(' ,')}…"


def _width_of(letter: str) -> float:
    if letter in NARROW:
        return 0.32
    if letter in BROAD:
        return 0.9
    return 0.42 if letter == "r" else 0.7 if letter.isupper() else 0.6


__all__ = ["HEIGHT", "LEFT", "MIX", "TOP", "WIDTH", "Card", "Graph", "fitted", "graph", "shortened"]
