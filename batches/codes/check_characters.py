"""Check characters of batch numbers, ISO/IEC 7064.

They find errors of typing and reading. They prove nothing: anybody can work them out.
"""

import re
from enum import StrEnum

from stdnum.iso7064 import mod_11_10, mod_37_2, mod_37_36

from batches.codes.gs1.errors import CodeError


class Scheme(StrEnum):
    """Letters and digits, digits only, or letters and digits with a check that may be `*`."""

    MOD_37_36 = "MOD 37,36"
    MOD_11_10 = "MOD 11,10"
    MOD_37_2 = "MOD 37-2"


_LETTERS = "digits and the letters A to Z"
_SCHEMES = {
    Scheme.MOD_37_36: (mod_37_36, r"[0-9A-Z]+", _LETTERS),
    Scheme.MOD_11_10: (mod_11_10, r"[0-9]+", "digits"),
    Scheme.MOD_37_2: (mod_37_2, r"[0-9A-Z]+", _LETTERS),
}


def check_character(payload: str, scheme: Scheme = Scheme.MOD_37_36) -> str:
    """The character that `payload`, without separators and in upper case, is followed by."""
    method, pattern, allowed = _SCHEMES[scheme]
    # The library also takes digits of other scripts, and the check sign inside the text.
    if not re.fullmatch(pattern, payload):
        raise CodeError(f"A check character of {scheme} is for {allowed}.")
    return str(method.calc_check_digit(payload))


def has_right_check_character(text: str, scheme: Scheme = Scheme.MOD_37_36) -> bool:
    return len(text) > 1 and text[-1] == check_character(text[:-1], scheme)
