"""Reading a typed quantity, with decimal comma or decimal point."""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from batches.codes.lookalikes import western

_SPACES = re.compile(r"[\s'’_]+")
_ARABIC = re.compile("[٫٬]")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?|\.[0-9]+")
_GROUPS = re.compile(r"[1-9]\d{0,2}([.,])\d{3}(\1\d{3})*")
_TWO_READINGS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


def read_quantity(text: str, *, whole: bool = False) -> Decimal | None:
    """The number in `text`, in the digits of any script; None when nothing was typed.

    With both separators the last one is the decimal one. `1,520` can be read in two
    ways: counted things (`whole`) come in thousands, of anything else the writer is asked.
    """
    plain = western(_SPACES.sub("", text or ""))
    if not plain:
        return None
    if _ARABIC.search(plain):
        # These separators are only ever one of the two.
        plain = plain.replace("٬", "").replace("٫", ".")
    else:
        if _TWO_READINGS.fullmatch(plain) and not whole:
            raise ValidationError(_two_readings(plain, text))
        plain = _with_decimal_point(plain, whole)
    if not _NUMBER.fullmatch(plain):
        raise ValidationError(
            _("“%(text)s” is not a number. Type digits only, such as 48.") % {"text": text.strip()}
        )
    number = Decimal(plain)
    if number >= 10**12 or number != round(number, 6):
        raise ValidationError(
            _("“%(text)s” is too long. Type a shorter number.") % {"text": text.strip()}
        )
    return number


def _two_readings(plain: str, text: str) -> str:
    ways = {"whole": re.sub("[.,]", "", plain), "parts": f"{plain.replace(',', '.')}0"}
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
