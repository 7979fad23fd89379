"""Words of the recall pages that follow a number."""

from math import ceil

from django import template

from batches.templatetags import wording

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
