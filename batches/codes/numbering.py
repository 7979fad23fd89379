"""Batch numbers as text: the key under which differently typed forms of one number meet."""

import re
import unicodedata

_IGNORED = re.compile(r"[\s\-‐‑–—.]+")


def number_key(text: str) -> str:
    """`text` as searched for: compatibility forms folded, upper case, and without the
    spaces, hyphens and full stops that people leave out or add when they type a code."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text)).upper()
