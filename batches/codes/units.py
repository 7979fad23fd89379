"""Unit codes as text: what stands on one single pack and on no other. Pure.

    7KQ2-M9XD-…-H3WC     27 random characters, then one check character, in groups of four

The letters leave out I and O, the digits 0 and 1, which are misread. 27 characters out of
32 are 135 random bits; the check character (ISO/IEC 7064 MOD 37,36) finds typing errors,
it proves nothing.
"""

import secrets

from batches.codes.check_characters import check_character, has_right_check_character
from batches.codes.gs1 import CodeError
from batches.codes.lookalikes import latin
from batches.codes.numbering import number_key

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
RANDOM, GROUP = 27, 4
LENGTH = RANDOM + 1


def new_code() -> str:
    """A code that nobody can guess. Drawn again when its check character would be misread,
    which one code in nine has; 134.8 of the 135 bits are left."""
    while True:
        body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
        if (check := check_character(body)) in ALPHABET:
            return body + check


def grouped(code: str) -> str:
    return "-".join(code[place : place + GROUP] for place in range(0, len(code), GROUP))


def read_code(text: str) -> str:
    """The code in `text`, however it was typed. Refuses what cannot be one.

    The error's text is the kind of fault: `characters`, `length` or `check`.
    """
    code = number_key(latin(text))
    if set(code) - set(ALPHABET):
        raise CodeError("characters")
    if len(code) != LENGTH:
        raise CodeError("length")
    if not has_right_check_character(code):
        raise CodeError("check")
    return code
