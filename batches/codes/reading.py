"""What a person or a scanner may have meant by a text: pure, no look-up.

Forgiving where `gs1` is strict: a code with a wrong check digit or a broken rule is still
read, and what is wrong with it is said.

    ]d201…10…  010…<GS>  0109520123456788…   an element string, as a scanner sends it
    (01)…(10)…                               as it stands below the symbol
    https://any.host/any/stem/01/…/10/…?…    a Digital Link, also in older forms
    urn:epc:…                                an EPC name
    9520123400019                            a bare GTIN, GLN or SSCC
    Batch no. 26313A                         a batch number behind the word for it
    anything else                            a number or a name, left as it is
"""

import re
import unicodedata
from dataclasses import dataclass, field, replace

from batches.codes.gs1 import CodeError, digital_link, epc, pairing, scans
from batches.codes.gs1.elements import (
    BRACKETED,
    FNC1,
    Element,
    check,
    fault,
    from_brackets,
    from_fnc1,
    swallowed,
)
from batches.codes.gs1.keys import GTIN_LENGTHS, gtin14, is_digits
from batches.codes.lookalikes import visible

_GTIN = ("01", "02", "03", "8006", "8026")
_GLN = ("414", "410", "411", "412", "413", "415", "416", "417")
# What stands before the number where labels and letters name it; a number has a digit.
_NAMED = re.compile(
    r"(?:lote?|batch|charge|(?:رقم\s+)?(?:ال)?(?:تشغيلة|دفعة))\b"  # may say lot
    r"(?:\s*(?:number|code|no|nr)\b)?[\s.:#]*(?=\S)(?=.*\d)",
    re.IGNORECASE,
)
# What scanners and people write where a symbol has FNC1; "|]" begins a second symbol.
_SEPARATORS = re.compile(r"\^\]|<GS>|\{GS\}|␝|\|(?!\])")


@dataclass(frozen=True)
class Reading:
    """`text` as typed, without the sign of a symbol; `form` is empty for a bare number or a name.

    `gtin` has 14 digits. Without a form, `number` stood behind a word that says batch.
    `number_before` is the batch number if the separator behind it is
    missing. `remarks` say what is wrong with the whole.
    """

    text: str
    form: str = ""
    elements: tuple[Element, ...] = ()
    gtin: str = ""
    number: str = ""
    number_before: str = ""
    serial: str = ""
    sscc: str = ""
    gln: str = ""
    remarks: tuple[str, ...] = field(default=())

    @property
    def is_coded(self) -> bool:
        """Its parts are named by identifiers, so that nothing else can be meant."""
        return bool(self.elements)

    @property
    def batch_number(self) -> str:
        """The number, if it is one of a batch: as coded, behind its word, or the whole text."""
        return self.number or ("" if self.is_coded else self.text)


def read(text: str) -> Reading:
    """The codes in `text`. What looks like a code and is none is left as text, with a remark."""
    text = visible(text).strip()
    try:
        reading = _coded(_SEPARATORS.sub(FNC1, unicodedata.normalize("NFKC", text)))
    except CodeError as error:
        return Reading(text, remarks=(f"Looks like a GS1 code, but: {error}",))
    if text.startswith("]") and not reading.is_coded:
        # The sign of the symbol, which the scanner puts before what is printed.
        text = text[3:].strip()
    return replace(reading, text=text)


def _coded(text: str) -> Reading:
    if text.startswith("]"):
        return _scanned(scans.split(text))
    if re.match(r"https?://|[\w-]+(\.[\w-]+)+(:\d+)?/", text, re.IGNORECASE):
        return _linked(text)
    if text.lower().startswith("urn:epc:"):
        return _reading("EPC name", epc.read(text))
    if BRACKETED.match(text):
        return _bracketed(text)
    if FNC1 in text:
        return _symbol(text)
    return _bare_elements(text) or _bare(text)


def _scanned(scan: scans.Scan) -> Reading:
    if scan.elements:
        return _with_swallowed(_reading(f"GS1 element string in {scan.symbology}", scan.elements))
    return _coded(scan.text)


def _bracketed(text: str) -> Reading:
    """`(12) High Street` is a name: one part at least must have the shape of its value."""
    spaced = re.sub(r"\s*(\(\d{2,4}\))\s*", r"\1", text).replace(FNC1, "")
    elements = from_brackets(spaced, unknown=True)
    if all(fault(element, shape_only=True) for element in elements):
        return Reading(text)
    return _reading("GS1 element string", elements)


def _symbol(text: str) -> Reading:
    return _with_swallowed(_reading("GS1 element string", from_fnc1(text, unknown=True)))


def _linked(text: str) -> Reading:
    """Any web address; without a GS1 key in its path it is only text."""
    scheme, mark, rest = text.partition("://")
    is_full = scheme.lower() in ("http", "https") and mark
    address = f"{scheme.lower()}://{rest}" if is_full else f"https://{text}"
    path, asked, query = address.partition("?")
    try:
        link = digital_link.split(
            path.rstrip("/") + asked + query, words=True, short_gtins=True, unknown=True
        )
    except CodeError:
        return Reading(text)
    reading = _reading("GS1 Digital Link", link.elements)
    try:
        digital_link.check_structure(link)
    except CodeError as error:
        return replace(reading, remarks=(*reading.remarks, f"As a Digital Link: {error}"))
    return reading


def _bare_elements(text: str) -> Reading | None:
    """Digits of a scanner that sends no prefix: only where every check says that they are."""
    if not re.match(r"0[012]\d{14}", text):
        return None
    try:
        elements = from_fnc1(text)
        check(elements)
    except CodeError:
        return None
    return _with_swallowed(_reading("GS1 element string", elements))


def _bare(text: str) -> Reading:
    """Digits of the length of a key may be one, or a batch number that looks the same."""
    digits = re.sub(r"[\s\-.]", "", text)
    if not is_digits(digits):
        named = _NAMED.match(text)
        return Reading(text, number=text[named.end() :] if named else "")
    if re.fullmatch(r"(?:00)?\d{18}", digits):
        return Reading(text, sscc=digits[-18:])
    if re.fullmatch(r"01\d{14}", digits):
        return Reading(text, gtin=digits[2:])
    if len(digits) in GTIN_LENGTHS:
        gln = digits if len(digits) == 13 else ""
        return Reading(text, gtin=gtin14(digits), gln=gln)
    return Reading(text)


def _reading(form: str, elements: tuple[Element, ...]) -> Reading:
    values = dict(reversed(elements))
    return Reading(
        "",
        form=form,
        elements=elements,
        gtin=gtin14(_first(values, _GTIN)[:14]),
        number=values.get("10", ""),
        serial=values.get("21", ""),
        sscc=values.get("00", ""),
        gln=_first(values, _GLN),
        remarks=tuple(pairing.faults(elements)),
    )


def _first(values: dict[str, str], names: tuple[str, ...]) -> str:
    return next((values[ai] for ai in names if ai in values), "")


def _with_swallowed(reading: Reading) -> Reading:
    """Only the last value of a symbol can have swallowed what came behind it."""
    last = reading.elements[-1]
    split = swallowed(last.value) if last.ai == "10" else None
    if not split:
        return reading
    before, (ai, value) = split
    said = f"If the separator behind the batch is missing, it is {before}, then ({ai}){value}."
    return replace(reading, number_before=before, remarks=(*reading.remarks, said))
