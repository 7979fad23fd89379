"""Symbols drawn: GS1 DataMatrix, GS1-128 and QR as dark and light modules. Pure.

The drawing is zxing-cpp's; what is done with the modules is the caller's affair.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import zxingcpp

from batches.codes.gs1 import CodeError
from batches.codes.gs1.elements import Element, to_brackets


class Kind(StrEnum):
    DATAMATRIX = "datamatrix"
    GS1_128 = "gs1-128"
    QR = "qr"


_FORMATS = {
    Kind.DATAMATRIX: zxingcpp.BarcodeFormat.DataMatrix,
    Kind.GS1_128: zxingcpp.BarcodeFormat.Code128,
    Kind.QR: zxingcpp.BarcodeFormat.QRCode,
}
# Light modules around the symbol that its standard asks for.
QUIET = {Kind.DATAMATRIX: 2, Kind.GS1_128: 10, Kind.QR: 4}
# General Specifications 5.4: what one GS1-128 may carry.
_MOST_IN_GS1_128 = 48


@dataclass(frozen=True)
class Symbol:
    """`rows` of modules, True is dark, without quiet zone; a bar code has one row."""

    kind: Kind
    carries: str
    rows: tuple[tuple[bool, ...], ...]

    @property
    def width(self) -> int:
        return len(self.rows[0])

    @property
    def height(self) -> int:
        return len(self.rows)

    @property
    def quiet(self) -> int:
        return QUIET[self.kind]

    @property
    def is_linear(self) -> bool:
        return self.kind == Kind.GS1_128

    def bars(self) -> Iterator[tuple[int, int, int]]:
        """Dark stretches as (column, row, length), rows from the top."""
        for row, modules in enumerate(self.rows):
            start = None
            for column, dark in enumerate((*modules, False)):
                if dark and start is None:
                    start = column
                elif not dark and start is not None:
                    yield start, row, column - start
                    start = None


def of_elements(kind: Kind, elements: tuple[Element, ...]) -> Symbol:
    """DataMatrix or GS1-128, with the FNC1 that says GS1."""
    text = to_brackets(elements)
    if kind == Kind.GS1_128 and sum(len(e.ai) + len(e.value) for e in elements) > _MOST_IN_GS1_128:
        raise CodeError(f"GS1-128 carries at most {_MOST_IN_GS1_128} characters.")
    return _drawn(kind, text, gs1=True)


def of_address(address: str) -> Symbol:
    """A QR code that opens a web address."""
    return _drawn(Kind.QR, address, gs1=False)


@lru_cache(maxsize=512)
def _drawn(kind: Kind, text: str, *, gs1: bool) -> Symbol:
    options = {"ec_level": "M"} if kind == Kind.QR else {"gs1": gs1}
    try:
        code = zxingcpp.create_barcode(text, _FORMATS[kind], **options)
    except ValueError as error:
        raise CodeError(f"“{text[:60]}” cannot be drawn: {error}") from None
    # The image has the buffer protocol, which its stubs do not say.
    image: Any = code.to_image(scale=1, add_quiet_zones=False)
    rows: Any = memoryview(image).tolist()
    if kind == Kind.GS1_128:
        rows = rows[:1]
    return Symbol(kind, text, tuple(tuple(value < 128 for value in row) for row in rows))
