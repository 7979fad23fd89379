"""Labels and their symbols as SVG and PNG."""

import io
from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from PIL import Image, ImageDraw, ImageFont

from batches.codes.symbols import Symbol
from batches.reports.labels import fonts
from batches.reports.labels.layout import Layout, Marks, Text

DOTS_PER_MM = 600 / 25.4
_PIXELS = 10
_TALL = 60


def label_svg(layout: Layout) -> str:
    """In millimetres, as large on paper as the label."""
    texts = format_html_join(
        "",
        '<text x="{}" y="{}" font-size="{}" font-family="{}"{} textLength="{}" '
        'lengthAdjust="spacingAndGlyphs">{}</text>',
        (
            (_n(t.x), _n(t.y), _n(t.size), fonts.FAMILIES[t.font], *_last(t))
            for t in layout.texts
            if t.text
        ),
    )
    return _svg(layout.size.width, layout.size.height, "mm", _path(layout.marks), texts)


def symbol_svg(symbol: Symbol) -> str:
    """One unit is one module; the quiet zone belongs to it."""
    marks = _alone(symbol)
    wide, high = _outer(symbol)
    return _svg(wide, high, "", _path(marks), mark_safe(""))


def label_png(layout: Layout) -> bytes:
    """600 dots per inch, modules a whole number of dots."""
    size = [round(side * DOTS_PER_MM) for side in (layout.size.width, layout.size.height)]
    image = Image.new("L", (size[0], size[1]), 255)
    draw = ImageDraw.Draw(image)
    for text in layout.texts:
        face = ImageFont.truetype(fonts.path(text.font), text.size * DOTS_PER_MM)
        place = (text.x * DOTS_PER_MM, text.y * DOTS_PER_MM)
        draw.text(place, text.text, font=face, anchor="ls", fill=0)
    _paint(draw, layout.marks)
    return _png(image, DOTS_PER_MM * 25.4)


def _paint(draw: ImageDraw.ImageDraw, marks: Marks) -> None:
    dots = max(1, int(marks.module * DOTS_PER_MM))
    tall = round(marks.tall * DOTS_PER_MM) if marks.symbol.is_linear else dots
    # Rounding down leaves some room: it goes to both sides alike.
    spare = marks.symbol.width * (marks.module * DOTS_PER_MM - dots) / 2
    left, top = round(marks.x * DOTS_PER_MM + spare), round(marks.y * DOTS_PER_MM)
    for column, row, length in marks.symbol.bars():
        x, y = left + column * dots, top + row * tall
        draw.rectangle((x, y, x + length * dots - 1, y + tall - 1), fill=0)


def symbol_png(symbol: Symbol) -> bytes:
    wide, high = (side * _PIXELS for side in _outer(symbol))
    image = Image.new("L", (wide, high), 255)
    draw = ImageDraw.Draw(image)
    marks = _alone(symbol)
    tall = round(marks.tall * _PIXELS)
    for column, row, length in symbol.bars():
        x, y = (marks.x + column) * _PIXELS, marks.y * _PIXELS + row * tall
        draw.rectangle((x, y, x + length * _PIXELS - 1, y + tall - 1), fill=0)
    return _png(image, 300)


def _alone(symbol: Symbol) -> Marks:
    above = 2 if symbol.is_linear else symbol.quiet
    return Marks(symbol, symbol.quiet, above, 1, _TALL if symbol.is_linear else 1)


def _outer(symbol: Symbol) -> tuple[int, int]:
    wide = symbol.width + 2 * symbol.quiet
    return wide, _TALL + 4 if symbol.is_linear else symbol.height + 2 * symbol.quiet


def _png(image: Image.Image, dpi: float) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", dpi=(dpi, dpi), optimize=True)
    return file.getvalue()


def _path(marks: Marks) -> SafeString:
    parts = "".join(_stretches(marks))
    return format_html('<path d="{}" shape-rendering="crispEdges"/>', parts)


def _stretches(marks: Marks) -> Iterable[str]:
    for column, row, length in marks.symbol.bars():
        x, y = marks.x + column * marks.module, marks.y + row * marks.tall
        yield f"M{_n(x)} {_n(y)}h{_n(length * marks.module)}v{_n(marks.tall)}"
        yield f"h-{_n(length * marks.module)}z"


def _svg(wide: float, high: float, unit: str, path: SafeString, texts: SafeString) -> str:
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}{u}" '
        'height="{h}{u}"><path fill="#fff" d="M0 0h{w}v{h}h-{w}z"/>{path}{texts}</svg>',
        w=_n(wide),
        h=_n(high),
        u=unit,
        path=path,
        texts=texts,
    )


def _last(text: Text) -> tuple[SafeString, str, str]:
    weight = ' font-weight="700"' if text.font == fonts.STRONG else ""
    return mark_safe(weight), _n(text.width), text.text


def _n(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")
