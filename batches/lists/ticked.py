"""What was ticked or led to a page: the keys of rows, as an address or a form names them."""

from collections.abc import Iterable

# A longer number is no key, and SQLite refuses to look for it.
_DIGITS = 18


def keys(texts: Iterable[str]) -> list[int]:
    """Each key once, in their order; what cannot be one is passed over."""
    return [int(text) for text in dict.fromkeys(texts) if text.isdecimal() and len(text) <= _DIGITS]
