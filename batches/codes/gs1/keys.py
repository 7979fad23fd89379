"""GS1 keys: the check digit that GTIN, GLN and SSCC share, and the GTIN's one stored form."""

from batches.codes.gs1.errors import CodeError

GTIN_LENGTHS = (8, 12, 13, 14)
SSCC_LENGTH = 18


def check_digit(body: str) -> int:
    """The check digit of the digits before it: weights 3 and 1 from the right (GS1 7.9)."""
    total = sum(
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body))
    )
    return -total % 10


def has_right_check_digit(key: str) -> bool:
    return int(key[-1]) == check_digit(key[:-1])


def is_digits(text: str) -> bool:
    """Digits 0 to 9 only: `str.isdigit` alone also takes those of other scripts."""
    return text.isascii() and text.isdigit()


def check_key(key: str) -> None:
    if not key:
        raise CodeError("Is too short for a check digit.")
    if not is_digits(key):
        raise CodeError("Has a character that is not a digit.")
    if not has_right_check_digit(key):
        raise CodeError(f"Check digit {key[-1]} is wrong, expected {check_digit(key[:-1])}.")


def gtin14(digits: str) -> str:
    """GTIN-8, -12, -13 and -14 are one number: 14 digits with leading zeros."""
    return digits.zfill(14) if len(digits) in GTIN_LENGTHS else digits
