"""What stands on a page in words: headings, facts, notes and tables."""

import unicodedata
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, Table, TableStyle

from batches.reports.labels import fonts

INK, MUTED = HexColor("#16181d"), HexColor("#555b66")
RULE, SHADE = HexColor("#b9bec8"), HexColor("#eef0f3")
# As wide as A4 is between its margins; Letter has a little more.
WIDE = 178 * mm
_PAD = 1 * mm
_ROOM = 32 * mm

_BODY = ParagraphStyle(
    "body", fontName=fonts.TEXT, fontSize=9, leading=12, textColor=INK, splitLongWords=1
)
_TITLE = ParagraphStyle("title", _BODY, fontName=fonts.TEXT_BOLD, fontSize=17, leading=21)
_HEADING = ParagraphStyle(
    "heading", _BODY, fontName=fonts.TEXT_BOLD, fontSize=11, leading=14, spaceBefore=9, spaceAfter=3
)
_NOTE = ParagraphStyle("note", _BODY, fontSize=8, leading=10.5, textColor=MUTED, spaceAfter=3)
CELL = ParagraphStyle("cell", _BODY, fontSize=8, leading=10)
LABEL = ParagraphStyle("label", CELL, textColor=MUTED)
_BIG = ParagraphStyle("big", _BODY, fontName=fonts.TEXT_BOLD, fontSize=13, leading=17)
_HEAD = ParagraphStyle("head", CELL, fontName=fonts.TEXT_BOLD, fontSize=7.5)


def paragraph(
    value: str, style: ParagraphStyle, kind: type[Paragraph] = Paragraph, **options
) -> Paragraph:
    """`value` as it is: nothing in it is markup, and line ends stay."""
    fonts.register()
    kept = "".join(c if unicodedata.category(c) != "Cc" or c == "\n" else " " for c in value)
    return kind(escape(kept).replace("\n", "<br/>"), style, **options)


def title(value: str) -> Flowable:
    return paragraph(value, _TITLE)


def headline(value: str) -> Flowable:
    """The first words of a notice, large and in a box."""
    style = ParagraphStyle("headline", _TITLE, fontSize=24, leading=29, alignment=1)
    box = Table([[paragraph(value, style)]], colWidths=[WIDE], spaceAfter=8)
    box.setStyle(
        TableStyle(
            [
                ("BOX", (0, 0), (-1, -1), 2.5, INK),
                ("TOPPADDING", (0, 0), (-1, -1), 4 * mm),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 5 * mm),
            ]
        )
    )
    return box


class _Heading(Paragraph):
    """A heading that goes to the next page where nothing of its section would fit under it.

    Keeping it with what follows would move a long table too, and leave the page empty.
    """

    def wrap(self, wide, high):
        taken, height = super().wrap(wide, high)
        return taken, height if high >= _ROOM else _ROOM

    def split(self, wide, high):
        return []


def heading(value: str) -> Flowable:
    return paragraph(value, _HEADING, _Heading)


def text(value: str, bold: bool = False) -> Flowable:
    return paragraph(value, _BIG if bold else _BODY)


def note(value: str) -> Flowable:
    return paragraph(value, _NOTE)


def bullets(values: Iterable[str]) -> list[Flowable]:
    style = ParagraphStyle("bullet", _BODY, leftIndent=4 * mm, bulletIndent=0)
    return [paragraph(value, style, bulletText="•") for value in values]


def callout(value: str) -> Flowable:
    """A box that cannot be overlooked, also on a copy in black and white."""
    box = Table([[paragraph(value, _BODY)]], colWidths=[WIDE], spaceAfter=6)
    box.setStyle(
        TableStyle(
            [
                ("BOX", (0, 0), (-1, -1), 1.2, INK),
                ("BACKGROUND", (0, 0), (-1, -1), SHADE),
                ("LEFTPADDING", (0, 0), (-1, -1), 3 * mm),
                ("TOPPADDING", (0, 0), (-1, -1), 2 * mm),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2 * mm),
            ]
        )
    )
    return box


def facts(pairs: Iterable[tuple[str, str]], wide: float = WIDE, label: float = 42 * mm) -> Flowable:
    """Label and value, line by line. What is not known says so."""
    rows = [
        [paragraph(name, LABEL), paragraph(value or "not recorded", _BODY)] for name, value in pairs
    ]
    style = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
    ]
    return Table(
        rows, colWidths=[label, wide - label], style=TableStyle(style), splitInRow=1, hAlign="LEFT"
    )


def big_table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    widths: Sequence[float],
    *,
    right: Iterable[int] = (),
    code: Iterable[int] = (),
    empty: str = "None.",
    large: bool = False,
) -> Flowable:
    """A table whose head repeats on every page. `widths` are shares; `right` and `code` columns.

    Only what is longer than its column becomes a paragraph: thousands of rows stay quick.
    """
    right, code = set(right), set(code)
    wide = [WIDE * share / sum(widths) for share in widths]
    rows = list(rows)
    if not rows:
        return note(empty)
    body = [
        [_cell(value, wide[n], n in code, n in right) for n, value in enumerate(row)]
        for row in rows
    ]
    heading_row = [paragraph(name, _aligned(_HEAD, n in right)) for n, name in enumerate(heads)]
    style = [
        ("FONT", (0, 0), (-1, -1), fonts.TEXT, 8),
        ("TEXTCOLOR", (0, 0), (-1, -1), INK),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEADING", (0, 0), (-1, -1), 10),
        ("BACKGROUND", (0, 0), (-1, 0), SHADE),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, INK),
        ("LINEBELOW", (0, 1), (-1, -1), 0.25, RULE),
        ("LEFTPADDING", (0, 0), (-1, -1), _PAD),
        ("RIGHTPADDING", (0, 0), (-1, -1), _PAD),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        *(("FONT", (n, 1), (n, -1), fonts.CODE, 7.5) for n in code),
        *(("ALIGN", (n, 0), (n, -1), "RIGHT") for n in right),
        *(
            [("FONT", (0, 1), (-1, -1), fonts.STRONG, 11), ("LEADING", (0, 1), (-1, -1), 14)]
            * large
        ),
    ]
    return Table(
        [heading_row, *body],
        colWidths=wide,
        repeatRows=1,
        style=TableStyle(style),
        hAlign="LEFT",
        spaceAfter=4,
    )


def _cell(value: str, wide: float, is_code: bool, is_right: bool):
    value = "" if value is None else str(value)
    font, size = (fonts.CODE, 7.5) if is_code else (fonts.TEXT, 8)
    if "\n" not in value and fonts.width(value, font, size) <= wide - 2 * _PAD:
        return value
    style = ParagraphStyle("c", CELL, fontName=font, fontSize=size)
    return paragraph(value, _aligned(style, is_right))


def _aligned(style: ParagraphStyle, is_right: bool) -> ParagraphStyle:
    return ParagraphStyle("r", style, alignment=2) if is_right else style


def window(sender: str, address: str, indent: float, high: float) -> Flowable:
    """An address where the window of the envelope is, with the sender's line above it."""
    style = ParagraphStyle("address", _BODY, fontSize=11, leading=14)
    rows = [[paragraph(sender, _NOTE)], [paragraph(address, style)]]
    box = Table(rows, colWidths=[85 * mm], rowHeights=[6 * mm, high - 6 * mm], hAlign="LEFT")
    box.setStyle(
        TableStyle([("LEFTPADDING", (0, 0), (-1, -1), indent), ("VALIGN", (0, 0), (-1, -1), "TOP")])
    )
    return box
