"""What a scanner sends: `]`, two characters for the kind of symbol, then its content."""

from typing import NamedTuple

from batches.codes.gs1 import digital_link
from batches.codes.gs1.elements import Element, check, from_fnc1
from batches.codes.gs1.errors import CodeError
from batches.codes.gs1.keys import check_key

_ELEMENTS = {
    "C1": "GS1-128",
    "e0": "GS1 DataBar",
    "d2": "Data Matrix",
    "Q3": "QR Code",
    "J1": "DotCode",
}
_PLAIN = {
    "A0": "Code 39",
    "C0": "Code 128",
    "I0": "ITF",
    "I1": "ITF-14",
    "Q1": "QR Code",
    "J0": "DotCode",
    "d1": "Data Matrix",
    "z0": "Aztec Code",
}
_RETAIL = {"E0": ("EAN-13", 13), "E4": ("EAN-8", 8)}
# A composite symbol beside a retail one is a second message.
_COMPOSITE = "|]e0"


class Scan(NamedTuple):
    """`text` is what is no element string: a bare GTIN, an address or anything else."""

    symbology: str
    text: str = ""
    elements: tuple[Element, ...] = ()


def read(scan: str) -> Scan:
    """The content with every check that its kind allows; refuses what fails one."""
    found = split(scan)
    if found.symbology in dict(_RETAIL.values()):
        check_key(found.text)
    elif found.text.startswith(("https://", "HTTPS://", "http://", "HTTP://")):
        digital_link.parse(found.text)
    check(found.elements)
    return found


def split(scan: str) -> Scan:
    """The content by kind of symbol; checks no value."""
    prefix, rest = scan[1:3], scan[3:]
    if not scan.startswith("]"):
        raise CodeError("Does not begin with the sign of a symbol, such as ]C1.")
    if prefix in _RETAIL:
        return _retail(*_RETAIL[prefix], rest)
    if prefix in _ELEMENTS:
        return Scan(_ELEMENTS[prefix], elements=from_fnc1(rest))
    if prefix in _PLAIN:
        return Scan(_PLAIN[prefix], rest)
    raise CodeError(f"]{prefix} is a kind of symbol that is not known here.")


def _retail(symbology: str, length: int, rest: str) -> Scan:
    digits, mark, more = rest.partition(_COMPOSITE)
    if len(digits) != length:
        raise CodeError(f"An {symbology} has {length} digits, not {len(digits)}.")
    return Scan(symbology, digits, from_fnc1(more) if mark else ())
