"""Labels as a PDF: a sheet full of them, or a page for each."""

import io
from collections.abc import Callable, Iterable
from typing import BinaryIO

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from batches.reports.labels import fonts
from batches.reports.labels.layout import Layout, Marks
from batches.reports.labels.sizes import Size


def write(
    file: BinaryIO,
    layouts: Iterable[Layout],
    size: Size,
    *,
    title: str,
    copies: int = 1,
    first: int = 1,
    tell: Callable[[int], None] = lambda done: None,
) -> None:
    """Writes each label `copies` times, beginning at label `first` of the first sheet.

    `tell` hears how many labels are done.
    """
    fonts.register()
    wide, high = size.paper
    paper = Canvas(title, pagesize=(wide * mm, high * mm), pageCompression=1)
    paper.setTitle(title)
    # A printer that shrinks to fit would shrink the modules and miss the sheet's labels.
    paper.setViewerPreference("PrintScaling", "None")
    position = (first - 1) if size.is_sheet else 0
    for number, layout in enumerate(layouts):
        name = f"label{number}"
        paper.beginForm(name, 0, 0, size.width * mm, size.height * mm)
        _draw(paper, layout)
        paper.endForm()
        for _ in range(copies):
            if position == size.per_page:
                paper.showPage()
                position = 0
            x, y = size.place(position)
            paper.saveState()
            paper.translate(x * mm, (high - y - size.height) * mm)
            paper.doForm(name)
            paper.restoreState()
            position += 1
        tell((number + 1) * copies)
    file.write(paper.getpdfdata())


def as_bytes(layouts: Iterable[Layout], size: Size, **options) -> bytes:
    file = io.BytesIO()
    write(file, layouts, size, **options)
    return file.getvalue()


def _draw(paper: Canvas, layout: Layout) -> None:
    high = layout.size.height
    for text in layout.texts:
        paper.setFont(text.font, text.size * mm)
        paper.drawString(text.x * mm, (high - text.y) * mm, text.text)
    _fill(paper, layout.marks, high)


def _fill(paper: Canvas, marks: Marks, high: float) -> None:
    path = paper.beginPath()
    for column, row, length in marks.symbol.bars():
        x, y = marks.x + column * marks.module, marks.y + (row + 1) * marks.tall
        path.rect(x * mm, (high - y) * mm, length * marks.module * mm, marks.tall * mm)
    paper.drawPath(path, stroke=0, fill=1)
