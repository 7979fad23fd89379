"""The content checks that the dictionary names for parts of a value.

Checks against lists that are not GS1's own (countries, currencies, package and media types,
coupons) are not made: such values pass.
"""

import re
from collections.abc import Callable
from functools import partial
from urllib.parse import unquote

from stdnum.iso7064 import mod_97_10

from batches.codes.gs1 import dates
from batches.codes.gs1.charsets import check_pair_of
from batches.codes.gs1.errors import CodeError
from batches.codes.gs1.keys import check_key, is_digits

# A company prefix has at least four digits.
_PREFIX = 4


def _prefix(skipped: int, text: str) -> None:
    start = text[skipped : skipped + _PREFIX]
    if len(start) < _PREFIX or not is_digits(start):
        raise CodeError("Does not begin with a GS1 company prefix.")


def _percent(text: str) -> None:
    """Percent-encoded UTF-8."""
    if re.search(r"%(?![0-9A-Fa-f]{2})", text) or "%00" in text:
        raise CodeError("Has a “%” that is not followed by a character's code.")
    try:
        unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise CodeError("Is not UTF-8 behind its percent signs.") from None


def _piece_of_total(text: str) -> None:
    half = len(text) // 2
    piece, total = int(text[:half]), int(text[half:])
    if not 1 <= piece <= total:
        raise CodeError(f"Piece {piece} of {total} does not exist.")


def _sequence(text: str) -> None:
    """Position in a sequence, such as 1/2."""
    piece, _, total = text.partition("/")
    if not (is_digits(piece) and is_digits(total)):
        raise CodeError("Is not a position such as 1/2.")
    _piece_of_total(piece + total)


def _iban(text: str) -> None:
    if not re.fullmatch(r"[A-Z]{2}\d{2}[0-9A-Z]+", text) or not mod_97_10.is_valid(
        text[4:] + text[:4]
    ):
        raise CodeError("Is not an IBAN.")


def _up_to(limit: int, what: str, text: str) -> None:
    if int(text) > limit:
        raise CodeError(f"Is no {what}.")


def _like(pattern: str, sentence: str) -> Callable[[str], None]:
    def check(text: str) -> None:
        if not re.fullmatch(pattern, text):
            raise CodeError(sentence)

    return check


CHECKS: dict[str, Callable[[str], None]] = {
    "csum": check_key,
    "csumalpha": check_pair_of,
    "gcppos1": partial(_prefix, 0),
    "gcppos2": partial(_prefix, 1),
    "yymmdd": dates.check_date,
    "yymmd0": partial(dates.check_date, day_may_be_00=True),
    "yyyymmdd": dates.check_long_date,
    "hhmi": dates.check_time,
    "hh": dates.check_hour,
    "mi": dates.check_minute,
    "ss": dates.check_second,
    "pcenc": _percent,
    "pieceoftotal": _piece_of_total,
    "posinseqslash": _sequence,
    "iban": _iban,
    "latitude": partial(_up_to, 1_800_000_000, "latitude"),
    "longitude": partial(_up_to, 3_600_000_000, "longitude"),
    "importeridx": _like("[-0-9A-Z_a-z]", "Is no importer index."),
    "hasnondigit": _like(r"(?s).*\D.*", "Needs a character that is not a digit."),
    "hyphen": _like("-+", "Takes only a hyphen here."),
    "iso5218": _like("[0129]", "Is no sex: 0, 1, 2 or 9."),
    "nonzero": _like("0*[1-9][0-9]*", "Must not be zero."),
    "nozeroprefix": _like("0|[1-9][0-9]*", "Must not begin with a zero."),
    "winding": _like("[019]", "Is no winding direction: 0, 1 or 9."),
    "yesno": _like("[01]", "Is neither 0 (no) nor 1 (yes)."),
    "zero": _like("0", "Must be 0 here."),
}
