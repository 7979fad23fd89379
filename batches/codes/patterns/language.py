"""Parsing a pattern: text and tokens in braces. What is wrong is said with its place.

   L{YY}{JJJ}-{counter:3/day}{check}
   |└┬─┘└─┬─┘|└──────┬──────┘└──┬──┘
literal  date  literal  counter    check character
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from batches.codes.check_characters import Scheme
from batches.codes.gs1.charsets import SET_82
from batches.codes.gs1.errors import CodeError
from batches.codes.patterns.calendar import DATE_TOKENS

LONGEST = 20
PRINTABLE = frozenset(SET_82.upper())
WIDTHS = {"YY": 2, "Y": 1, "JJJ": 3, "WW": 2, "MM": 2, "DD": 2, "hhmm": 4, "check": 1}
SIZED = {"counter": 9, "random": 16, "line": 8, "shift": 8}
FREE = ("product", "origin", "line", "shift")
NAMES = (*FREE, *WIDTHS, "counter", "random")
SCOPES = ("day", "year", "line", "origin", "product", "ever")
SCHEMES = {"": Scheme.MOD_37_36, "37,36": Scheme.MOD_37_36, "11,10": Scheme.MOD_11_10}

_PIECE = re.compile(r"\{(?P<token>[^{}]*)\}|(?P<literal>[^{}]+)|(?P<loose>[{}])")
_BY_CASE = {name.casefold(): name for name in NAMES}


class PatternError(CodeError):
    """A pattern that cannot be used; `at` counts characters from 1, 0 is the whole."""

    def __init__(self, text: str, at: int = 0):
        super().__init__(f"At character {at}: {text}" if at else text)
        self.at = at


@dataclass(frozen=True)
class Part:
    """A literal (no name, `text`), or a token. Without `width` its length is not fixed."""

    name: str
    at: int
    text: str = ""
    width: int = 0
    scope: tuple[str, ...] = ()
    scheme: Scheme = Scheme.MOD_37_36


@dataclass(frozen=True)
class Pattern:
    text: str
    parts: tuple[Part, ...] = field(compare=False)

    def part(self, name: str) -> Part | None:
        return next((part for part in self.parts if part.name == name), None)

    def has(self, name: str) -> bool:
        return self.part(name) is not None

    @property
    def dates(self) -> tuple[str, ...]:
        """Its date tokens, in the order of the number."""
        return tuple(part.name for part in self.parts if part.name in DATE_TOKENS)

    @property
    def by_week(self) -> bool:
        return self.has("WW")

    @property
    def needs_time(self) -> bool:
        """Whether a number cannot be made without knowing when the batch was made."""
        counter = self.part("counter")
        scope = counter.scope if counter else ()
        return bool(self.dates) or self.has("hhmm") or bool({"day", "year"} & set(scope))


def parse(text: str) -> Pattern:
    """The pattern; raises PatternError for what no product could use."""
    parts = tuple(_parts(text))
    if not parts:
        raise PatternError("The pattern is empty. Write tokens such as {YY}{JJJ}{counter:3/day}.")
    pattern = Pattern(text, parts)
    for judge in (_judge_names, _judge_check, _judge_free, _judge_length):
        judge(pattern)
    return pattern


def _parts(text: str) -> Iterator[Part]:
    for piece in _PIECE.finditer(text):
        at = piece.start() + 1
        if piece["loose"] == "{":
            raise PatternError("This “{” has no “}” behind it.", at)
        if piece["loose"]:
            raise PatternError("This “}” has no “{” before it.", at)
        if piece["literal"]:
            yield _literal(piece["literal"], at)
        else:
            yield _token(piece["token"], at)


def _literal(text: str, at: int) -> Part:
    for place, sign in enumerate(text, at):
        if sign.islower():
            raise PatternError(
                f"Write “{sign.upper()}” for “{sign}”: numbers are upper case.", place
            )
        if sign not in PRINTABLE:
            said = "a space" if sign == " " else f"“{sign}”"
            raise PatternError(f"A number cannot have {said}: GS1 codes have no such sign.", place)
    return Part("", at, text, width=len(text))


def _token(inside: str, at: int) -> Part:
    word, _, detail = (part.strip() for part in inside.partition(":"))
    name = _BY_CASE.get(word.casefold())
    if name is None:
        alike = difflib.get_close_matches(word.casefold(), _BY_CASE, n=1)
        hint = f"Did you mean {{{_BY_CASE[alike[0]]}}}?" if alike else "See the list of tokens."
        raise PatternError(f"There is no token {{{word}}}. {hint}", at)
    if name == "check":
        if detail not in SCHEMES:
            raise PatternError("A check character is {check} or {check:11,10}.", at)
        return Part(name, at, width=1, scheme=SCHEMES[detail])
    if name in SIZED:
        return _sized(name, detail, at)
    if detail:
        raise PatternError(f"{{{name}}} takes nothing behind a colon.", at)
    return Part(name, at, width=WIDTHS.get(name, 0))


def _sized(name: str, detail: str, at: int) -> Part:
    """A counter, a random part, or a line or shift of a fixed length."""
    digits, _, scope = detail.partition("/")
    most = SIZED[name]
    if not digits and name in FREE and not scope:
        return Part(name, at)
    if not (re.fullmatch(r"[0-9]{1,2}", digits) and 1 <= int(digits) <= most):
        say = f"{{{name}:3}}"
        raise PatternError(f"Say how many characters it has, 1 to {most}: {say}.", at)
    if scope and name != "counter":
        raise PatternError(f"Only a counter has something behind “/”, not {{{name}}}.", at)
    return Part(name, at, width=int(digits), scope=_scope(scope, at) if name == "counter" else ())


def _scope(text: str, at: int) -> tuple[str, ...]:
    names = tuple(word.strip().lower() for word in text.split("+")) if text else ("product",)
    for name in names:
        if name not in SCOPES:
            known = ", ".join(SCOPES)
            raise PatternError(f"A counter counts per {known}; not per “{name}”.", at)
    if len(names) > 1 and {"product", "ever"} & set(names):
        raise PatternError("“product” and “ever” stand alone: each counter is per product.", at)
    if {"day", "year"} <= set(names) or len(set(names)) < len(names):
        raise PatternError("Name one of day and year, and each only once.", at)
    return tuple(name for name in SCOPES if name in names)


def _judge_names(pattern: Pattern) -> None:
    seen: dict[str, Part] = {}
    for part in pattern.parts:
        if part.name and part.name in seen:
            raise PatternError(f"{{{part.name}}} stands here twice.", part.at)
        seen[part.name] = part
    for one, other in (("YY", "Y"), ("JJJ", "MM"), ("JJJ", "DD")):
        if one in seen and other in seen:
            at = max(seen[one].at, seen[other].at)
            raise PatternError(f"{{{one}}} says more than {{{other}}} already. Take one.", at)
    for other in ("JJJ", "MM", "DD"):
        if "WW" in seen and other in seen:
            raise PatternError(
                f"The year beside {{WW}} is the year of the week, beside {{{other}}} that of the "
                "calendar; around New Year they differ. Take one.",
                max(seen["WW"].at, seen[other].at),
            )


def _judge_check(pattern: Pattern) -> None:
    check = pattern.part("check")
    if check is None:
        return
    if pattern.parts[-1] is not check:
        raise PatternError("The check character is the last of the number.", check.at)
    if len(pattern.parts) == 1:
        raise PatternError("A check character alone checks nothing.", check.at)
    if check.scheme is Scheme.MOD_11_10:
        for part in pattern.parts:
            if part.name == "random" or re.search("[A-Z]", part.text):
                raise PatternError("MOD 11,10 is for digits only. Write {check}.", part.at)


def _judge_free(pattern: Pattern) -> None:
    """Lines and shifts without a fixed length must be told apart when a number is read."""
    open_part: Part | None = None
    for part in pattern.parts:
        if not part.name and re.search(r"[^0-9A-Z]", part.text):
            open_part = None
        elif part.name in ("line", "shift") and not part.width:
            if open_part:
                raise PatternError(
                    f"Nothing tells {{{open_part.name}}} from {{{part.name}}}. Put a hyphen "
                    f"between them, or fix a length: {{{part.name}:1}}.",
                    part.at,
                )
            open_part = part


def _judge_length(pattern: Pattern) -> None:
    least = sum(part.width or 1 for part in pattern.parts)
    if least > LONGEST:
        raise PatternError(
            f"A number would have {least} characters; a GS1 batch number has at most {LONGEST}."
        )
