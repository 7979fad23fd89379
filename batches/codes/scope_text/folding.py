"""Text made plain, character for character, so that places in both are the same."""

import re
import unicodedata

_QUOTES = dict.fromkeys('“”„‟«»″＂"', '"')
_DASHES = dict.fromkeys("‐‑‒–—―−－", "-")
_OTHERS = {"’": "'", "‘": "'", "´": "'", "`": "'", "＃": "#", "：": ":", "№": "#"}
_SIGNS = {**_QUOTES, **_DASHES, **_OTHERS}


def folded(text: str) -> str:
    """`text` in lower case without accents; quotes, dashes and blanks each of one kind."""
    return "".join(map(_plain, text))


def _plain(sign: str) -> str:
    if sign in _SIGNS:
        return _SIGNS[sign]
    if sign == "\n":
        return sign
    if sign.isspace() or unicodedata.category(sign) in ("Cf", "Cc"):
        return " "
    base = unicodedata.normalize("NFKD", sign)[0].lower()
    return base if len(base) == 1 else sign


_BLANKS = re.compile(r"[^\S\n]{9,}")
_EMPTY_LINES = re.compile(r"(?:[^\S\n]{0,8}\n){5,}")
_RULED = re.compile(r"([^\w\s])\1{8,}")


def squeezed(text: str) -> str:
    """`text` with blanks, empty lines and rules of one sign cut short: they say nothing, and
    each pattern that begins with blanks would try a long run from each of its places."""
    text = _EMPTY_LINES.sub("\n" * 4, _BLANKS.sub(" " * 8, text))
    return _RULED.sub(lambda run: run[1] * 8, text)


# A full stop behind one of these ends no sentence.
_ABBREVIATED = re.compile(
    r"(?:\b(?:no|nos|nr|num|est|exp|mfg|lb|lbs|oz|ref|pkg|qty|inc|[a-z])|\d)$"
)
_STOP = re.compile(r"[.;!?]\s+|\n|\.,\s+|[•·]")


def sentences(low: str) -> list[tuple[int, int]]:
    """(start, end) of each sentence of folded text."""
    found, start = [], 0
    for stop in _STOP.finditer(low):
        word = stop[0].strip() == "." and _ABBREVIATED.search(
            low, max(start, stop.start() - 4), stop.start()
        )
        if word and low[stop.end() : stop.end() + 1].isalnum() and not word[0].isdigit():
            continue
        found.append((start, stop.start()))
        start = stop.end()
    found.append((start, len(low)))
    return [(first, last) for first, last in found if last > first]


def past(pattern: re.Pattern[str], low: str, at: int, stop: int | None = None) -> int:
    """Behind what `pattern` finds at a place; the place itself if it finds nothing."""
    match = pattern.match(low, at) if stop is None else pattern.match(low, at, stop)
    return match.end() if match else at
