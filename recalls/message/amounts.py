"""Quantities and times as the language in force writes them."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import dateformat
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext, ngettext

from batches.templatetags import wording


def number(value) -> str:
    """`1,520.5`, `1.520,5` or `1 520,5`; None is `unknown`."""
    if value is None:
        return gettext("unknown")
    plain = wording.number(value).replace(",", "")
    return number_format(Decimal(plain), use_l10n=True, force_grouping=True)


def quantity(value, unit: str = "") -> str:
    """With the unit behind a space that does not break; None is `unknown`."""
    if value is None:
        return gettext("unknown")
    return f"{number(value)}\u00a0{units(unit, value)}" if unit else number(value)


def units(unit: str, value) -> str:
    """The unit as it follows `value`. A word of the product's own that nobody has translated
    stays as it is."""
    many = int(value) if value == int(value) else 2
    known = {
        "case": ngettext("case", "cases", many),
        "box": ngettext("box", "boxes", many),
        "bag": ngettext("bag", "bags", many),
        "bottle": ngettext("bottle", "bottles", many),
        "jar": ngettext("jar", "jars", many),
        "pack": ngettext("pack", "packs", many),
        "piece": ngettext("piece", "pieces", many),
        "pallet": ngettext("pallet", "pallets", many),
    }
    if known.get(unit) and get_language() != "en":
        return known[unit]
    return wording.units(unit, value)


def moment(value: datetime, zone: ZoneInfo | None = None) -> str:
    """A time as people read it, with its zone so that nobody must guess."""
    here = value.astimezone(zone) if zone else value
    return dateformat.format(here, gettext("l j F Y, H:i (T)"))


def day(value) -> str:
    return dateformat.format(value, gettext("j F Y"))
