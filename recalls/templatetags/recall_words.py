"""Words of the recall pages that follow a number."""

from math import ceil

from django import template
from django.utils.timezone import localtime

from batches.templatetags import wording
from recalls.message import amounts, words

register = template.Library()


@register.filter
def plural_unit(unit, value):
    """The unit as it follows `value`, for where the number stands somewhere else."""
    return wording.units(unit, value)


@register.filter
def flex(value):
    """A share of a bar, as CSS takes it in every language."""
    return f"{value:f}"


@register.filter
def seconds_from(moment, now):
    """Whole seconds from `now` until `moment`, never below nothing."""
    return max(0, ceil((moment - now).total_seconds()))


@register.filter
def told_quantity(value, unit=""):
    """A quantity in the language of whom it is told."""
    return amounts.quantity(value, unit)


@register.filter
def told_number(value):
    return amounts.number(value)


@register.filter
def told_moment(value):
    """A time in the language and the zone in force."""
    return amounts.moment(localtime(value))


@register.filter
def told_day(value):
    return amounts.day(value)


@register.filter
def told_batch(number):
    """A batch number in the language of whom it is told."""
    return words.batch_word(number)


@register.filter
def told_publicly(number):
    """The same for consumers and the press."""
    return words.public_batch_word(number)
