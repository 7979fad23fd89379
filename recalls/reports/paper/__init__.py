"""Paper: what every PDF of a recall has in common, its page and its parts."""

from recalls.reports.paper.drawn import Stretch, answer_bar, qr, signature_lines
from recalls.reports.paper.furniture import SIZES, Part, Sheet, Words, write
from recalls.reports.paper.parts import (
    big_table,
    bullets,
    callout,
    facts,
    heading,
    headline,
    note,
    text,
    title,
    window,
)
from recalls.reports.paper.times import day, moment, stamp

__all__ = [
    "SIZES",
    "Part",
    "Sheet",
    "Stretch",
    "Words",
    "answer_bar",
    "big_table",
    "bullets",
    "callout",
    "day",
    "facts",
    "heading",
    "headline",
    "moment",
    "note",
    "qr",
    "signature_lines",
    "stamp",
    "text",
    "title",
    "window",
    "write",
]
