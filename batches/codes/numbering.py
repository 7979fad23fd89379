"""Batch numbers as text: the key under which differently typed forms of one number meet, and
what stands in the place of a number that nobody recorded."""

import re
import unicodedata
from hashlib import sha256

from batches.codes.lookalikes import keyboards, latin

# What a movement without a batch number moved. No pattern makes it and no GS1 code can carry
# its spaces, so no label has it; wherever a number is shown, this says what is the case.
UNRECORDED = "No batch recorded"
# What stands in a number of goods from a shipment, and from a run: both may have one reference.
SHIPPED, RAN = "/", ":"
_LONGEST_REFERENCE = 33

_IGNORED = re.compile(r"[\s\-‐‑–—.]+")


def number_key(text: str) -> str:
    """`text` as searched for: compatibility forms folded, upper case, and without the
    spaces, hyphens and full stops that people leave out or add when they type a code."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text)).upper()


def printed_keys(*texts: str) -> set[str]:
    """The keys under which a number that stands so on a pack may be recorded: as it is typed,
    in the letters of either alphabet, and with or without the L that marks a batch number
    (Directive 2011/91/EU Art. 4)."""
    found: set[str] = set()
    for text in texts:
        plain = number_key(latin(text))
        for key in (number_key(text), plain, *keyboards(plain)):
            found |= {key, f"L{key}", key.removeprefix("L")} if key else set()
    return found - {""}


def unrecorded_number(reference: str, position: int, document: str = SHIPPED) -> str:
    """The number of the goods in the row `position` of a document that names no batch.

    Another one for every reference, position and kind of document; at most 60 characters.
    """
    if len(reference) > _LONGEST_REFERENCE:
        reference = f"{reference[:20]}~{sha256(reference.encode()).hexdigest()[:12]}"
    return f"{UNRECORDED} ({reference}{document}{position})"


def is_unrecorded(number: str) -> bool:
    """Whether this is, or reads like, a number that says that none was recorded."""
    return number_key(number).startswith(UNRECORDED_KEY)


UNRECORDED_KEY = number_key(UNRECORDED)
