"""EPC names (`urn:epc:…`) as elements: the names that RFID tags and older EPCIS events use.

    urn:epc:class:lgtin:4012345.012345.AB1  ->  (01)04012345123456(10)AB1
    urn:epc:id:sscc:4012345.3111111111      ->  (00)340123453111111119

The way back needs the length of the company prefix, which elements do not carry.
"""

import re
from collections.abc import Callable
from urllib.parse import unquote

from batches.codes.gs1 import digital_link
from batches.codes.gs1.elements import Element, check
from batches.codes.gs1.errors import CodeError
from batches.codes.gs1.keys import check_digit, is_digits

_URN = re.compile(r"urn:epc:(id|idpat|class):([a-z]+):(.+)", re.IGNORECASE)
_ANY = "*"

Parts = list[str]


def read(urn: str) -> tuple[Element, ...]:
    """The elements that `urn` names; of a pattern (`idpat`) those before its `*`."""
    found = _URN.fullmatch(urn.strip())
    scheme = found and _SCHEMES.get(found[2].lower())
    if not found or not scheme:
        raise CodeError("Is no EPC name of a kind that is known here.")
    ais, count, key = scheme
    parts = found[3].split(".", count - 1)
    if len(parts) != count or _ANY in parts[:2] or not is_digits(parts[0]):
        raise CodeError(f"An EPC name of kind {found[2].lower()} has {count} parts.")
    parts = [unquote(part) for part in parts]
    last = "" if count == 2 or parts[-1] == _ANY else parts[-1]
    elements = [Element(ais[0], key(parts))]
    if len(ais) == 1 and count > 2:
        return (Element(ais[0], elements[0].value + last),)
    is_named = last and not (ais[0] == "414" and last == "0")
    return (*elements, Element(ais[1], last)) if is_named else tuple(elements)


def canonical(text: str) -> str:
    """The one Digital Link by which CBV 2.0 compares an EPC name, a Digital Link or an older
    form of one. A wrong check digit is let pass: the name still means the same thing."""
    if text.lower().startswith("urn:"):
        path = read(text)
    else:
        link = digital_link.split(text, words=True, short_gtins=True)
        digital_link.check_structure(link)
        path = link.path
    check(path, shape_only=True)
    return digital_link.path_of(digital_link.constrained(path))


def _with_check_digit(body: str) -> str:
    if not is_digits(body):
        raise CodeError("Has a character that is not a digit.")
    return body + str(check_digit(body))


def _turned(parts: Parts) -> str:
    """A GTIN or SSCC: its first digit stands before the item there, before the prefix here."""
    return _with_check_digit(parts[1][:1] + parts[0] + parts[1][1:])


def _straight(parts: Parts) -> str:
    return _with_check_digit(parts[0] + parts[1])


def _free(parts: Parts) -> str:
    return parts[0] + parts[1]


def _returnable(parts: Parts) -> str:
    return "0" + _straight(parts)


def _piece(parts: Parts) -> str:
    return _turned(parts) + parts[2] + parts[3]


# Per kind: its identifiers (without a second one, the last part joins the key), how many
# parts it has, and how the key is made of them.
_SCHEMES: dict[str, tuple[tuple[str, ...], int, Callable[[Parts], str]]] = {
    "sgtin": (("01", "21"), 3, _turned),
    "lgtin": (("01", "10"), 3, _turned),
    "upui": (("01", "235"), 3, _turned),
    "itip": (("8006", "21"), 5, _piece),
    "sscc": (("00",), 2, _turned),
    "sgln": (("414", "254"), 3, _straight),
    "pgln": (("417",), 2, _straight),
    "grai": (("8003",), 3, _returnable),
    "giai": (("8004",), 2, _free),
    "gsrn": (("8018",), 2, _straight),
    "gsrnp": (("8017",), 2, _straight),
    "gdti": (("253",), 3, _straight),
    "sgcn": (("255",), 3, _straight),
    "cpi": (("8010", "8011"), 3, _free),
    "ginc": (("401",), 2, _free),
    "gsin": (("402",), 2, _straight),
}
