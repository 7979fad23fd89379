"""The page that every PDF of a recall is printed on: size, running header, page x of y, drill mark.

+------------------------------------------+
| DRILL ...              (only of a drill) |
| RC-2026-0007  Status report     Version 1|
|------------------------------------------|
| ...                                      |
|------------------------------------------|
| Printed 22 Nov 2026 by ...   Page 1 of 4 |
+------------------------------------------+
"""

import io
from collections import Counter
from dataclasses import dataclass, field

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from batches.reports.labels import fonts
from recalls.reports.paper.parts import INK, MUTED, RULE

SIZES = {"A4": A4, "Letter": LETTER}
MARGIN = 16 * mm
_HEAD, _FOOT, _BAND = 10 * mm, 8 * mm, 7 * mm
_VIOLET = HexColor("#5b21b6")
_VIOLET_SHADE = Color(0.36, 0.13, 0.71, alpha=0.09)


@dataclass(frozen=True)
class Words:
    """What the furniture itself says, so that a notice can say it in another language."""

    page: str = "Page {number} of {total}"
    drill: str = "DRILL {reference}. This is an exercise. Nothing is wrong with the product."
    drill_mark: str = "DRILL"


@dataclass(frozen=True)
class Sheet:
    """What stands on every page. `right` is the scope version, `foot` when and by whom."""

    title: str
    reference: str
    right: str = ""
    foot: str = ""
    is_drill: bool = False
    size: str = "A4"
    language: str = "en"
    author: str = ""
    words: Words = field(default_factory=Words)


class Part(Flowable):
    """From here on another sheet's words stand on the pages, which are counted anew."""

    def __init__(self, sheet: Sheet):
        super().__init__()
        self.sheet, self.width, self.height = sheet, 0, 0

    def draw(self):
        self.canv.part = self.sheet


def write(sheet: Sheet, story: list[Flowable]) -> bytes:
    """The PDF of `story`. Rows of tables do not split, and their heads repeat."""
    fonts.register()
    stream = io.BytesIO()
    wide, high = SIZES[sheet.size]
    top = _HEAD + (_BAND if sheet.is_drill else 0)
    frame = Frame(
        MARGIN,
        MARGIN + _FOOT,
        wide - 2 * MARGIN,
        high - 2 * MARGIN - top - _FOOT,
        leftPadding=0,
        rightPadding=0,
        topPadding=2 * mm,
        bottomPadding=2 * mm,
    )
    document = BaseDocTemplate(
        stream,
        pagesize=(wide, high),
        title=f"{sheet.reference} {sheet.title}",
        author=sheet.author,
        subject=("DRILL " if sheet.is_drill else "") + sheet.right,
        lang=sheet.language,
        pageTemplates=[PageTemplate(frames=[frame])],
    )
    document.build(story, canvasmaker=_paper_of(sheet))
    return stream.getvalue()


def _paper_of(sheet: Sheet) -> type[Canvas]:
    """A canvas that keeps its pages until their number is known, and then adds the furniture."""

    class Paper(Canvas):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            self.kept: list[dict] = []
            self.part = sheet

        def showPage(self):
            self.kept.append(dict(self.__dict__))
            self._startPage()

        def save(self):
            totals = Counter(id(page["part"]) for page in self.kept)
            numbers: Counter[int] = Counter()
            for page in self.kept:
                self.__dict__.update(page)
                part = page["part"]
                numbers[id(part)] += 1
                _furnish(self, part, numbers[id(part)], totals[id(part)])
                Canvas.showPage(self)
            Canvas.save(self)

    return Paper


def _furnish(paper: Canvas, sheet: Sheet, number: int, total: int) -> None:
    wide, high = SIZES[sheet.size]
    paper.saveState()
    if sheet.is_drill:
        _mark_drill(paper, sheet, wide, high)
    line = high - MARGIN - (_BAND if sheet.is_drill else 0) - 4 * mm
    paper.setFillColor(INK)
    paper.setFont(fonts.STRONG, 9)
    paper.drawString(MARGIN, line, sheet.reference)
    after = MARGIN + fonts.width(sheet.reference, fonts.STRONG, 9) + 3 * mm
    paper.setFont(fonts.TEXT_BOLD, 9)
    paper.drawString(after, line, sheet.title)
    paper.setFont(fonts.TEXT, 8)
    paper.setFillColor(MUTED)
    paper.drawRightString(wide - MARGIN, line, sheet.right)
    said = sheet.words.page.format(number=number, total=total)
    paper.drawString(MARGIN, MARGIN, sheet.foot)
    paper.drawRightString(wide - MARGIN, MARGIN, said)
    paper.setStrokeColor(RULE)
    paper.setLineWidth(0.5)
    for height in (line - 2.5 * mm, MARGIN + 4.5 * mm):
        paper.line(MARGIN, height, wide - MARGIN, height)
    paper.restoreState()


def _mark_drill(paper: Canvas, sheet: Sheet, wide: float, high: float) -> None:
    """The band on top, and the word across the page for who copies a part of it."""
    paper.setFillColor(_VIOLET)
    paper.rect(0, high - MARGIN, wide, _BAND, stroke=0, fill=1)
    paper.setFillColor(HexColor("#ffffff"))
    paper.setFont(fonts.TEXT_BOLD, 9)
    said = sheet.words.drill.format(reference=sheet.reference)
    paper.drawString(MARGIN, high - MARGIN + 2.3 * mm, said)
    paper.saveState()
    paper.setFillColor(_VIOLET_SHADE)
    paper.translate(wide / 2, high / 2)
    paper.rotate(55)
    paper.setFont(fonts.TEXT_BOLD, 130)
    paper.drawCentredString(0, -45, sheet.words.drill_mark)
    paper.restoreState()
