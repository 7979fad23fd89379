"""Reading a typed quantity, with decimal comma or decimal point."""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from batches.codes.lookalikes import western

_SIGNS = "+-\N{MINUS SIGN}"
_SPACES = re.compile(r"[\s'’_]+")
_ARABIC = re.compile("[٫٬]")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?|\.[0-9]+")
_GROUPS = re.compile(r"[1-9]\d{0,2}([.,])\d{3}(\1\d{3})*")
_TWO_READINGS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


def read_quantity(text: str, *, whole: bool = False, signed: bool = False) -> Decimal | None:
    """The number in `text`, in the digits of any script; None when nothing was typed.

    With both separators the last one is the decimal one. `1,520` can be read in two
    ways: counted things (`whole`) come in thousands, of anything else the writer is asked.
    What is more or less than before may be `signed`.
    """
    sign, plain = "", western(_SPACES.sub("", text or ""))
    if not plain:
        return None
    if signed and plain[0] in _SIGNS:
        sign, plain = plain[0], plain[1:]
    if _ARABIC.search(plain):
        # These separators are only ever one of the two.
        plain = plain.replace("٬", "").replace("٫", ".")
    else:
        if _TWO_READINGS.fullmatch(plain) and not whole:
            raise ValidationError(_two_readings(plain, text, sign))
        plain = _with_decimal_point(plain, whole)
    if not _NUMBER.fullmatch(plain):
        raise ValidationError(
            _("“%(text)s” is not a number. Type digits only, such as 48.") % {"text": text.strip()}
        )
    number = Decimal(plain) if sign in ("", "+") else -Decimal(plain)
    if abs(number) >= 10**12 or number != round(number, 6):
        raise ValidationError(
            _("“%(text)s” is too long. Type a shorter number.") % {"text": text.strip()}
        )
    return number


def plainly(number: Decimal) -> str:
    """`number` as it may be typed: no trailing zeros, and none that can be read in two ways."""
    text = f"{number.normalize():f}"
    return f"{text}0" if _TWO_READINGS.fullmatch(text.lstrip("-")) else text


def _two_readings(plain: str, text: str, sign: str) -> str:
    whole, parts = re.sub("[.,]", "", plain), f"{plain.replace(',', '.')}0"
    ways = {"whole": sign + whole, "parts": sign + parts}
    said = _("“%(text)s” can be read in two ways. Type %(whole)s, or %(parts)s with the zero.")
    return said % {"text": text.strip(), **ways}


def _with_decimal_point(text: str, whole: bool) -> str:
    if _GROUPS.fullmatch(text) and (whole or not _TWO_READINGS.fullmatch(text)):
        return re.sub("[.,]", "", text)
    last = max(text.rfind("."), text.rfind(","))
    head, mark, tail = text[:last], text[last : last + 1], text[last + 1 :]
    if last < 0 or mark in head or not (head.isdecimal() or not head or _GROUPS.fullmatch(head)):
        return text
    return re.sub("[.,]", "", head) + "." + tail
