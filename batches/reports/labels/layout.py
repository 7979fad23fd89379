"""Where everything stands on a label, in millimetres from its upper left corner.

┌──────────────────────────────┐   ┌──────────────────────────────┐
│ Granola 400 g       ▛▚▞▜▞▚▜  │   │ Granola 400 g                │
│ L26311A             ▌▚▞▚▜▞▚  │   │ L26311A          Best before │
│ Best before …       ▙▟▚▟▟▙▟  │   │ ▐█▐▐▌█▐▌▐▐█▌▐█▐▌█▐▌▐▐█▌▐█▐▌█ │
│ (01)… (15)… (10)…            │   │ (01)…(15)…(10)…              │
└──────────────────────────────┘   └──────────────────────────────┘
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from batches.codes import marking, symbols
from batches.codes.gs1 import CodeError
from batches.codes.gs1.elements import Element, to_brackets
from batches.codes.symbols import Kind, Symbol
from batches.reports.labels import fonts
from batches.reports.labels.content import Label
from batches.reports.labels.sizes import Size

# Scanners read bars from 0.25 mm; wider than the other figure only takes room (GS1 5.5.2).
LEAST_BAR, MOST_BAR = 0.25, 0.5
MOST_MODULE = 1.5
_SMALL = 1.6


@dataclass(frozen=True)
class Text:
    """`y` is the base line; `size` the height of the face."""

    x: float
    y: float
    size: float
    font: str
    text: str

    @property
    def width(self) -> float:
        return fonts.width(self.text, self.font, self.size)


@dataclass(frozen=True)
class Marks:
    """A symbol with its dark modules `module` wide; those of a bar code are `tall`."""

    symbol: Symbol
    x: float
    y: float
    module: float
    tall: float


@dataclass(frozen=True)
class Layout:
    """`remarks` say what is other than was asked for."""

    size: Size
    texts: tuple[Text, ...]
    marks: Marks
    remarks: tuple[str, ...] = field(default=())


def lay_out(label: Label, kind: Kind, size: Size) -> Layout:
    """The label on its paper; a symbol that does not fit is replaced, and that is said."""
    if not label.elements:
        said = f"{label.fault} The label has text and a plain QR to this site's page instead."
        return _beside(label, symbols.of_address(label.page), size, (), (said,))
    if kind == Kind.GS1_128:
        for elements in _shorter(label.elements):
            symbol = _bar_code(elements, size)
            if symbol:
                return _above(label, symbol, elements, size)
        said = f"GS1-128 would have bars below {LEAST_BAR} mm here, so it is a GS1 DataMatrix."
        return _square(label, Kind.DATAMATRIX, size, (said,))
    return _square(label, kind, size, ())


def symbol_of(label: Label, kind: Kind) -> Symbol:
    """The symbol by itself, whatever room it takes."""
    if not label.elements or kind == Kind.QR:
        return symbols.of_address(label.address)
    if kind == Kind.DATAMATRIX:
        return symbols.of_elements(kind, label.elements)
    for elements in _shorter(label.elements):
        try:
            return symbols.of_elements(kind, elements)
        except CodeError:
            continue
    raise CodeError(f"{label.number} is too long for GS1-128.")


def _shorter(elements: tuple[Element, ...]) -> list[tuple[Element, ...]]:
    """From all there is to what is still worth printing; of a pallet only its SSCC."""
    if elements[0].ai == "00":
        return [marking.key_only(elements)]
    return [elements, marking.without_date(elements)]


def _bar_code(elements: tuple[Element, ...], size: Size) -> Symbol | None:
    try:
        symbol = symbols.of_elements(Kind.GS1_128, elements)
    except CodeError:
        return None
    return symbol if _bar(symbol, size) >= LEAST_BAR else None


def _bar(symbol: Symbol, size: Size) -> float:
    """How wide a bar may be: the quiet zones reach to 1 mm from the edge."""
    return min(MOST_BAR, (size.width - 2) / (symbol.width + 2 * symbol.quiet))


def _square(label: Label, kind: Kind, size: Size, remarks: tuple[str, ...]) -> Layout:
    symbol = symbol_of(label, kind)
    return _beside(label, symbol, size, label.elements, remarks)


def _beside(label, symbol: Symbol, size: Size, elements, remarks) -> Layout:
    """Text on the left, the symbol on the right."""
    module = min(
        MOST_MODULE,
        (size.height - 2 * size.pad) / symbol.height,
        (size.height - 2) / (symbol.height + 2 * symbol.quiet),
        0.42 * size.width / (symbol.width + symbol.quiet),
    )
    side = module * symbol.width
    x = size.width - max(size.pad, symbol.quiet * module) - side
    marks = Marks(symbol, x, (size.height - side) / 2, module, module)
    wide = x - symbol.quiet * module - size.pad
    texts = _column(label, [to_brackets([e]) for e in elements], size, wide)
    return Layout(size, tuple(texts), marks, remarks)


def _above(label, symbol: Symbol, elements, size: Size) -> Layout:
    """Text on top, the bars below it, their meaning under them."""
    bar = _bar(symbol, size)
    side = bar * symbol.width
    small = max(_SMALL, size.height * 0.06)
    tall = size.height * 0.42
    y = size.height - size.pad - small * 1.3 - tall
    marks = Marks(symbol, (size.width - side) / 2, y, bar, tall)
    wide = size.width - 2 * size.pad
    read = _fitted(to_brackets(elements), fonts.CODE, small, wide)
    reading = Text((size.width - read[0]) / 2, size.height - size.pad, read[1], fonts.CODE, read[2])
    rows = [f"{word} {value}" for word, value in label.rows]
    free = y - size.pad - 0.5
    title, number = free * 0.25, free * 0.36
    lines = [(label.title, fonts.TEXT, title), (label.number, fonts.STRONG, number)]
    lines.append(("  ".join(rows), fonts.TEXT, free * 0.19))
    texts = [*_stacked(lines, size.pad, size.pad, wide), reading]
    missing = "" if elements == label.elements else "The bar code leaves out what has no room."
    return Layout(size, tuple(texts), marks, (missing,) if missing and _dated(label) else ())


def _dated(label: Label) -> bool:
    return label.elements[0].ai != "00"


def _column(label: Label, read: list[str], size: Size, wide: float) -> Iterator[Text]:
    """Title, number, rows, and below them what the symbol carries."""
    free = size.height - 2 * size.pad
    unit = free / (2.1 + 2.6 + 1.45 * len(label.rows) + 1.25 * len(read))
    unit = min(unit, 3.6)
    lines = [(label.title, fonts.TEXT, unit * 1.5), (label.number, fonts.STRONG, unit * 2.1)]
    rows = [(f"{word} {value}", fonts.TEXT, unit * 1.15) for word, value in label.rows]
    codes = [(text, fonts.CODE, unit) for text in read]
    return _stacked([*lines, *rows, *codes], size.pad, size.pad, wide)


def _stacked(lines, x: float, y: float, wide: float) -> Iterator[Text]:
    for text, font, size in lines:
        if font == fonts.TEXT and text == lines[0][0]:
            # A name may lose its end rather than become small; a date may not.
            text = _cut(text, size * 0.7, wide)
        _, fitted, shown = _fitted(text, font, size, wide)
        y += size * 1.24
        yield Text(x, y - size * 0.24, fitted, font, shown)


def _fitted(text: str, font: str, size: float, wide: float) -> tuple[float, float, str]:
    """Smaller until it fits; words are cut when they would become too small, codes never."""
    full = fonts.width(text, font, size)
    if full <= wide:
        return full, size, text
    least = _SMALL if font == fonts.TEXT else 0
    fitted = max(0.999 * size * wide / full, least)
    text = _cut(text, fitted, wide) if font == fonts.TEXT else text
    return fonts.width(text, font, fitted), fitted, text


def _cut(text: str, size: float, wide: float) -> str:
    while len(text) > 1 and fonts.width(text, fonts.TEXT, max(size, _SMALL)) > wide:
        text = text.rstrip("…")[:-1] + "…"
    return text
