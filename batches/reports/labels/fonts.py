"""The fonts of labels and paper: shipped here, so that every machine prints the same."""

from functools import cache

from django.contrib.staticfiles import finders
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

TEXT, CODE, STRONG = "DejaVuSansCondensed", "DejaVuSansMono", "DejaVuSansMono-Bold"
TEXT_BOLD = "DejaVuSansCondensed-Bold"
# How a browser finds them, or comes near.
FAMILIES = {
    TEXT: "DejaVu Sans Condensed, Arial Narrow, sans-serif",
    CODE: "DejaVu Sans Mono, monospace",
    STRONG: "DejaVu Sans Mono, monospace",
    TEXT_BOLD: "DejaVu Sans Condensed, Arial Narrow, sans-serif",
}


@cache
def path(name: str) -> str:
    found = finders.find(f"vendor/dejavu-fonts-ttf/{name}.ttf")
    if not found:
        raise FileNotFoundError(f"The font {name} is missing from static/vendor.")
    return found


@cache
def register() -> None:
    """Makes the fonts known to ReportLab, once in a process."""
    for name in (TEXT, CODE, STRONG, TEXT_BOLD):
        pdfmetrics.registerFont(TTFont(name, path(name)))


def width(text: str, font: str, size: float) -> float:
    """In the unit of `size`."""
    register()
    return pdfmetrics.stringWidth(text, font, size)
