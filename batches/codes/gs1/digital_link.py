"""GS1 Digital Link: the web address that is also an element string.

    https://{host}/{any stem}/01/{gtin}/10/{batch}/21/{serial}?17=271231&other=ignored

The path names the thing, from general to particular; the query says more about it.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import quote, unquote, unquote_plus

from batches.codes.gs1.elements import Element, check
from batches.codes.gs1.errors import CodeError
from batches.codes.gs1.keys import gtin14, is_digits
from batches.codes.gs1.pairing import repeated
from batches.codes.gs1.syntax import identifier, table

CANONICAL = "https://id.gs1.org"

# Words for identifiers, from versions of the standard before 1.2.
WORDS = {
    "cpid": "8010",
    "cpsn": "8011",
    "cpv": "22",
    "gcn": "255",
    "gdti": "253",
    "giai": "8004",
    "ginc": "401",
    "gln": "414",
    "glnx": "254",
    "gmn": "8013",
    "grai": "8003",
    "gsin": "402",
    "gsrn": "8018",
    "gsrnp": "8017",
    "gtin": "01",
    "itip": "8006",
    "lot": "10",
    "party": "417",
    "refno": "8020",
    "ser": "21",
    "srin": "8019",
    "sscc": "00",
}
_URI = re.compile(r"[-A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%]*")
_PARTS = re.compile(r"(?:https?|HTTPS?)://([^/_~?#@!$&'()*+,;=%]+)(/[^?#]*)(?:\?([^#]*))?(?:#.*)?")


class Link(NamedTuple):
    """A Digital Link taken apart: `path` names the thing, `query` says more about it."""

    path: tuple[Element, ...]
    query: tuple[Element, ...]

    @property
    def elements(self) -> tuple[Element, ...]:
        return self.path + self.query


def parse(
    uri: str, *, words: bool = False, short_gtins: bool = False, unknown: bool = False
) -> tuple[Element, ...]:
    """The elements of a Digital Link that keeps every rule; refuses any other text.

    `words` takes gtin, lot, ser …, `short_gtins` GTINs without their leading zeros: both
    are older forms. `unknown` lets pass identifiers that the dictionary does not have.
    """
    link = split(uri, words=words, short_gtins=short_gtins, unknown=unknown)
    check_structure(link)
    check(link.elements)
    return link.elements


def split(
    uri: str, *, words: bool = False, short_gtins: bool = False, unknown: bool = False
) -> Link:
    """Takes the address apart and checks no value; the last primary key in it counts."""
    if not _URI.fullmatch(uri):
        raise CodeError("Has a character that an address does not have.")
    parts = _PARTS.fullmatch(uri)
    if not parts:
        raise CodeError("Is no web address with a path.")
    path = _path(parts[2].split("/")[1:], words, unknown)
    link = Link(tuple(path), tuple(_query(parts[3] or "", unknown)))
    return Link(*(tuple(map(_padded, part)) for part in link)) if short_gtins else link


def _path(steps: list[str], words: bool, unknown: bool) -> list[Element]:
    """Pairs from the right, up to the first primary key."""
    found: list[Element] = []
    for place in range(len(steps) - 2, -1, -2):
        ai = WORDS.get(steps[place], steps[place]) if words else steps[place]
        entry = identifier(ai, unknown=unknown)
        found.insert(0, Element(ai, _decoded(unquote(steps[place + 1]), ai)))
        if entry.qualifiers is not None:
            return found
    raise CodeError("Has no GS1 key, such as /01/ and a GTIN, in its path.")


def _query(text: str, unknown: bool) -> Iterable[Element]:
    for pair in filter(None, text.split("&")):
        ai, sign, value = pair.partition("=")
        if sign and is_digits(ai):
            identifier(ai, unknown=unknown)
            yield Element(ai, _decoded(unquote_plus(value), ai))


def _decoded(value: str, ai: str) -> str:
    if not value or "\0" in value:
        raise CodeError(f"({ai}) has no value.")
    return value


def _padded(element: Element) -> Element:
    return Element("01", gtin14(element.value)) if element.ai == "01" else element


def check_structure(link: Link) -> None:
    """Refuses qualifiers out of order, doubled identifiers and what has no place in a query."""
    key, *rest = [element.ai for element in link.path]
    if not _fits(key, rest):
        raise CodeError(f"({key}) does not take {_listed(rest)} in this order.")
    seen = {key, *rest}
    for ai, _ in link.query:
        if ai in seen:
            raise CodeError(f"({ai}) stands there twice.")
        seen.add(ai)
        if not identifier(ai, unknown=True).is_attribute:
            raise CodeError(f"({ai}) has no place in the query.")
        if any(_fits(key, [*rest[:n], ai, *rest[n:]]) for n in range(len(rest) + 1)):
            raise CodeError(f"({ai}) belongs into the path.")


def _fits(key: str, qualifiers: Sequence[str]) -> bool:
    """Whether one of the key's sequences has these in this order; each may be left out."""
    for way in identifier(key).qualifiers or ():
        rest = iter(way)
        if all(ai in rest for ai in qualifiers):
            return True
    return False


def build(elements: Sequence[Element], stem: str = CANONICAL) -> str:
    """The address of `elements`: their first primary key with its qualifiers as path, the
    others as query, those of fixed length first. Refuses what has no place in either."""
    check(elements)
    for said in repeated(elements):
        raise CodeError(said)
    key = next((element.ai for element in elements if is_key(element.ai)), None)
    if key is None:
        raise CodeError("Has no key that an address can begin with, such as a GTIN.")
    values = dict(elements)
    path = [key, *_best(key, values)]
    query = sorted((ai for ai in values if ai not in path), key=lambda ai: not _is_fixed(ai))
    for ai in query:
        if not identifier(ai, unknown=True).is_attribute:
            raise CodeError(f"({ai}) has no place in the query.")
    said = "&".join(f"{ai}={_encoded(values[ai])}" for ai in query)
    return path_of((Element(ai, values[ai]) for ai in path), stem) + (said and f"?{said}")


def path_of(elements: Iterable[Element], stem: str = CANONICAL) -> str:
    """The address with `elements` as its path, in the order given."""
    return stem.rstrip("/") + "".join(f"/{ai}/{_encoded(value)}" for ai, value in elements)


def constrained(path: Sequence[Element]) -> tuple[Element, ...]:
    """The key and its finest level only, as CBV 2.0 compares things in events.

    With a serial number the batch falls away, so this never replaces what was read.
    """
    key, *rest = path
    finest = [element for element in rest if element.ai != "22"][-1:]
    return (key, *finest)


def is_key(ai: str) -> bool:
    return ai in table() and table()[ai].qualifiers is not None


def _best(key: str, values: dict[str, str]) -> list[str]:
    ways = identifier(key).qualifiers or ((),)
    return max(([ai for ai in way if ai in values] for way in ways), key=len)


def _is_fixed(ai: str) -> bool:
    return identifier(ai, unknown=True).is_fixed


def _encoded(value: str) -> str:
    return quote(value, safe="-._~")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"({name})" for name in names)
