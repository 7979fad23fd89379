"""What a mistyped or misread code may have been: characters that look alike, and swaps.

0 O     1 I l     2 Z     5 S     8 B     and letters of the Cyrillic and Greek
alphabets that look like Latin ones; full-width forms, and the digits of every script, are
the same characters.
"""

import unicodedata

GROUPS = ("0O", "1I", "2Z", "5S", "8B", "1L", "IL")

_CYRILLIC = "АВЕЗІЈКМНОРСТУХЅԚԜӀаеіјорсухѕԛԝһ", "ABE3IJKMHOPCTYXSQWIaeijopcyxsqwh"
_GREEK = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορυχ", "ABEZHIKMNOPTYXaikvopux"
_LATIN = str.maketrans(_CYRILLIC[0] + _GREEK[0], _CYRILLIC[1] + _GREEK[1])
# A digit is typed as a digit on every keyboard, whatever letter looks like it.
_KEYBOARDS = [
    {ord(sign): letter for letter, sign in zip(letters, to, strict=True) if not sign.isdigit()}
    for letters, to in (_CYRILLIC, _GREEK)
]

_ALIKE = {
    sign: "".join(pair.replace(sign, "") for pair in GROUPS if sign in pair)
    for sign in "".join(dict.fromkeys("".join(GROUPS)))
}


def latin(text: str) -> str:
    """`text` with full-width forms, foreign digits, and letters that look Latin, made plain."""
    return western(visible(unicodedata.normalize("NFKC", text)).translate(_LATIN))


def visible(text: str) -> str:
    """`text` without signs that show nothing, such as those that keep a number in its order among
    words from right to left: they come along when it is copied from a mail."""
    if text.isascii():
        return text
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cf")


def western(text: str) -> str:
    """`text` with the digits of every script as 0 to 9: a phone may type ٤٨ for 48."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in text)


def foreign_letters(text: str) -> list[str]:
    """The letters of other alphabets in `text` that look like Latin ones, once each."""
    return [sign for sign in dict.fromkeys(text) if ord(sign) in _LATIN]


def near(code: str) -> list[str]:
    """Codes one slip away from `code`: one character for one that looks like it, or two
    neighbours swapped. In upper case; without `code` itself."""
    plain = latin(code).upper()
    alike = [
        plain[:place] + other + plain[place + 1 :]
        for place, sign in enumerate(plain)
        for other in _ALIKE.get(sign, "")
    ]
    found = dict.fromkeys([plain, *alike, *swaps(plain)])
    found.pop(code, None)
    return list(found)


def swaps(code: str) -> list[str]:
    """`code` with each two different neighbours swapped."""
    return [
        code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        for place in range(len(code) - 1)
        if code[place] != code[place + 1]
    ]


def alike(code: str, most: int = 1000) -> list[str]:
    """Codes that look like `code` in any number of places, and those in which its letters
    were typed on a Cyrillic or Greek keyboard. In upper case; of long codes only `most`."""
    plain = latin(code).upper()
    found = [""]
    for sign in plain:
        options = sign + _ALIKE.get(sign, "")
        found = [start + option for start in found for option in options][:most]
    return [*found, *keyboards(plain)]


def keyboards(code: str) -> list[str]:
    """`code` as its Latin letters come from a Cyrillic and from a Greek keyboard."""
    return [code.translate(keyboard) for keyboard in _KEYBOARDS]


_SHAPES = str.maketrans("OILZSB", "011258")


def shape(code: str) -> str:
    """What is left of `code` when all that looks alike is one: two codes of one shape are
    mistaken for each other. In upper case."""
    return latin(code).upper().translate(_SHAPES)
