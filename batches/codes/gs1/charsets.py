"""The character sets of element strings, and the check character pair over set 82."""

from batches.codes.gs1.errors import CodeError

DIGITS = "0123456789"
SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
SET_39 = "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BASE64_URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_="
# Without 0, 1, I and O, which are mistaken for one another.
SET_32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

SETS = {"N": DIGITS, "X": SET_82, "Y": SET_39, "Z": BASE64_URL}
_CALLED = {
    "N": "a digit",
    "X": "in GS1 character set 82",
    "Y": "in GS1 character set 39",
    "Z": "in base 64 for addresses",
}
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)


def check_characters(text: str, kind: str = "X") -> None:
    """Every character is of the set that the dictionary calls N, X, Y or Z."""
    for sign in text:
        if sign not in SETS[kind]:
            raise CodeError(f"Has “{sign}”, which is not {_CALLED[kind]}.")


def check_pair(body: str) -> str:
    """The two check characters of a GMN or MUDI (General Specifications 7.9.5)."""
    weighed = zip(_PRIMES, reversed(body), strict=False)
    total = sum(prime * SET_82.index(sign) for prime, sign in weighed) % 1021
    return SET_32[total >> 5] + SET_32[total & 31]


def check_pair_of(text: str) -> None:
    if len(text) < 2:
        raise CodeError("Is too short for a check character pair.")
    if len(text) > len(_PRIMES) + 2:
        raise CodeError("Is too long for a check character pair.")
    check_characters(text)
    right = check_pair(text[:-2])
    if text[-2:] != right:
        raise CodeError(f"Check characters {text[-2:]} are wrong, expected {right}.")
