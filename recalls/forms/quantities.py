"""Reading a typed quantity, with decimal comma or decimal point."""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_SPACES = re.compile(r"[\s'’_]+")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?|\.[0-9]+")
_GROUPS = re.compile(r"[1-9]\d{0,2}([.,])\d{3}(\1\d{3})*")
_TWO_READINGS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


def read_quantity(text: str, *, whole: bool = False) -> Decimal | None:
    """The number in `text`; None when nothing was typed.

    With both separators the last one is the decimal one. `1,520` can be read in two
    ways: counted things (`whole`) come in thousands, of anything else the writer is asked.
    """
    plain = _SPACES.sub("", text or "")
    if not plain:
        return None
    if _TWO_READINGS.fullmatch(plain) and not whole:
        ways = {"whole": re.sub("[.,]", "", plain), "parts": f"{plain.replace(',', '.')}0"}
        raise ValidationError(
            _("“%(text)s” can be read in two ways. Type %(whole)s, or %(parts)s with the zero.")
            % {"text": text.strip(), **ways}
        )
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


def _with_decimal_point(text: str, whole: bool) -> str:
    if _GROUPS.fullmatch(text) and (whole or not _TWO_READINGS.fullmatch(text)):
        return re.sub("[.,]", "", text)
    last = max(text.rfind("."), text.rfind(","))
    head, mark, tail = text[:last], text[last : last + 1], text[last + 1 :]
    if last < 0 or mark in head or not (head.isdecimal() or not head or _GROUPS.fullmatch(head)):
        return text
    return re.sub("[.,]", "", head) + "." + tail
