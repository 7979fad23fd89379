"""What stands on a page and is drawn: bars, codes to scan, lines to sign."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Spacer, Table, TableStyle

from batches.codes import symbols
from recalls.reports.paper.parts import CELL, INK, LABEL, WIDE, paragraph

_BARE = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
    ]
)
_LEGEND = TableStyle([("LEFTPADDING", (0, 0), (-1, -1), 0), ("VALIGN", (0, 0), (-1, -1), "TOP")])


@dataclass(frozen=True)
class Stretch:
    """One part of a bar; `pattern` tells it apart where there is no colour."""

    word: str
    value: Decimal
    pattern: str


class _Bar(Flowable):
    """Parts of a whole beside one another: grey, dark, dotted, outlined, hatched."""

    def __init__(self, parts: list[Stretch], wide: float, high: float):
        super().__init__()
        self.parts, self.width, self.height = parts, wide, high

    def wrap(self, *available):
        return self.width, self.height

    def draw(self):
        total = sum(part.value for part in self.parts)
        left = 0.0
        for part in self.parts:
            wide = float(self.width * float(part.value) / float(total))
            if wide:
                _fill(self.canv, part.pattern, left, 0, wide, self.height)
            left += wide


class _Swatch(Flowable):
    def __init__(self, pattern: str):
        super().__init__()
        self.pattern, self.width, self.height = pattern, 4 * mm, 3 * mm

    def wrap(self, *available):
        return self.width, self.height

    def draw(self):
        _fill(self.canv, self.pattern, 0, 0, self.width, self.height)


_STEP = 1.2 * mm
_FILLS = {"light": "#c9ced8", "dark": "#4a515e", "dots": "#ffffff", "hatch": "#ffffff"}


def _fill(paper, pattern: str, x: float, y: float, wide: float, high: float) -> None:
    paper.saveState()
    paper.setStrokeColor(INK)
    paper.setLineWidth(0.5)
    paper.setFillColor(HexColor(_FILLS.get(pattern, "#ffffff")))
    paper.rect(x, y, wide, high, stroke=1, fill=1)
    outline = paper.beginPath()
    outline.rect(x, y, wide, high)
    paper.clipPath(outline, stroke=0, fill=0)
    if pattern == "hatch":
        step = x - high
        while step < x + wide:
            paper.line(step, y, step + high, y + high)
            step += _STEP
    elif pattern == "dots":
        paper.setFillColor(INK)
        for column in range(int(wide / (1.2 * mm)) + 1):
            for row in range(int(high / (1.2 * mm)) + 1):
                paper.circle(
                    x + column * 1.2 * mm + 1, y + row * 1.2 * mm + 1, 0.5, stroke=0, fill=1
                )
    paper.restoreState()


def answer_bar(parts: list[Stretch], said: list[str]) -> Flowable:
    """A bar with the words and numbers of its parts under it; `said` is what each amounts to."""
    if not sum(part.value for part in parts):
        return Spacer(0, 0)
    legend = [
        [_Swatch(part.pattern), paragraph(f"{part.word}: {amount}", CELL)]
        for part, amount in zip(parts, said, strict=True)
    ]
    cells = [cell for pair in legend for cell in pair]
    wide = WIDE / len(parts)
    row = Table(
        [cells],
        colWidths=[6 * mm, wide - 6 * mm] * len(parts),
        style=TableStyle(
            [("LEFTPADDING", (0, 0), (-1, -1), 0), ("VALIGN", (0, 0), (-1, -1), "TOP")]
        ),
        hAlign="LEFT",
    )
    return KeepTogether([Spacer(0, 2 * mm), _Bar(parts, WIDE, 5 * mm), row])


class _Code(Flowable):
    """A QR code of an address, with its quiet zone."""

    def __init__(self, address: str, side: float):
        super().__init__()
        self.symbol = symbols.of_address(address)
        self.width = self.height = side

    def wrap(self, *available):
        return self.width, self.height

    def draw(self):
        module = self.width / (self.symbol.width + 2 * self.symbol.quiet)
        path = self.canv.beginPath()
        for column, row, length in self.symbol.bars():
            x = (column + self.symbol.quiet) * module
            y = self.height - (row + 1 + self.symbol.quiet) * module
            path.rect(x, y, length * module, module)
        self.canv.setFillColor(INK)
        self.canv.drawPath(path, stroke=0, fill=1)


def qr(address: str, beside: list[Flowable], side: float = 30 * mm) -> Flowable:
    """A code to scan at the right of other parts, with its address in letters under it."""
    code = Table([[_Code(address, side)]], colWidths=[side], style=_BARE)
    return Table([[beside, code]], colWidths=[WIDE - side, side], style=_BARE, hAlign="LEFT")


def signature_lines(roles: Iterable[str]) -> Flowable:
    """Lines to sign by hand, kept together on one page."""
    rows = [
        [paragraph(role, LABEL), "", paragraph("Name, date, signature", LABEL)] for role in roles
    ]
    table = Table(
        rows,
        colWidths=[42 * mm, 86 * mm, 50 * mm],
        rowHeights=14 * mm,
        hAlign="LEFT",
        style=TableStyle(
            [("LINEBELOW", (1, 0), (1, -1), 0.6, INK), ("VALIGN", (0, 0), (-1, -1), "BOTTOM")]
        ),
    )
    return KeepTogether([table])
