"""The language in which a product says how its batch numbers are made: pure, no look-up.

    {YY}{JJJ}{line}-{counter:3/day+line}{check}     26326A-001K

`docs/numbering.md` lists the tokens. A pattern is parsed, judged, rendered and read back here;
which number comes next, and whether it was issued before, only the database knows.
"""

from batches.codes.patterns.calendar import local_time, production_day, year_of
from batches.codes.patterns.language import Part, Pattern, PatternError, parse
from batches.codes.patterns.making import Facts, draw_random, render, station
from batches.codes.patterns.reading import Reading, nearest, read
from batches.codes.patterns.strength import (
    GUESS_LIMIT,
    chance_to_guess,
    days_until_repeat,
    faults,
    remarks,
    space,
)

__all__ = [
    "GUESS_LIMIT",
    "Facts",
    "Part",
    "Pattern",
    "PatternError",
    "Reading",
    "chance_to_guess",
    "days_until_repeat",
    "draw_random",
    "faults",
    "local_time",
    "nearest",
    "parse",
    "production_day",
    "read",
    "remarks",
    "render",
    "space",
    "station",
    "year_of",
]
