"""Reads the scope wording of recall notices into proposals that a person confirms. Pure.

    … lot codes “0264SDL0315 through 19” and best by dates of AUG 27 21 through FEB 11 22
    NumberRange(0264SDL0315 to 0264SDL0319)   Days(best_by, 2021-08-27 to 2022-02-11)

Proposes only what the text says without doubt; the rest is handed back as not understood.
"""

from batches.codes.scope_text.days import DAY_FIRST, MONTH_FIRST
from batches.codes.scope_text.reading import read_scope
from batches.codes.scope_text.shapes import (
    DayCodes,
    Days,
    Everything,
    NumberRange,
    Numbers,
    Plant,
    Product,
    Proposal,
    Reading,
    Source,
    Times,
    Unread,
)

__all__ = [
    "DAY_FIRST",
    "MONTH_FIRST",
    "DayCodes",
    "Days",
    "Everything",
    "NumberRange",
    "Numbers",
    "Plant",
    "Product",
    "Proposal",
    "Reading",
    "Source",
    "Times",
    "Unread",
    "read_scope",
]
