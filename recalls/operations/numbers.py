"""The next number of a series in a year: each given out once, and none left out."""

from batches.templatetags.wording import site_zone
from recalls.models import NumberSeries


def next_number(prefix: str, at) -> str:
    """`RC-2026-0007`. Its series stays locked until the transaction that takes it has ended."""
    year = at.astimezone(site_zone()).year
    NumberSeries.objects.get_or_create(prefix=prefix, year=year)
    series = NumberSeries.objects.select_for_update().get(prefix=prefix, year=year)
    series.last += 1
    series.save(update_fields=["last"])
    return str(series)
