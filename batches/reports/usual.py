"""Whether a quantity that was typed is of the usual size: a zero too many is seen before goods are
posted, shipped and traced by it."""

from collections.abc import Iterable
from statistics import median

from batches.models import Batch
from batches.templatetags.wording import quantity

TIMES = 10
# So many of the newest are looked at, and fewer say nothing about what is usual.
BATCHES, LATEST, FEWEST = 50, 20, 3


def unusual(lines: Iterable) -> list[str]:
    """For each line of a document with more than ten times what lines of its kind usually have
    of the same product a sentence, for each other an empty text; one query for each product."""
    said = []
    usual: dict = {}
    for line in lines:
        product = line.batch.product
        if (key := (type(line), product.pk)) not in usual:
            usual[key] = _usual(line)
        is_odd = line.quantity and usual[key] and line.quantity > TIMES * usual[key]
        text = (
            f"Batch {line.batch.number}: {quantity(line.quantity, product.unit)} is more than "
            f"ten times the usual {quantity(usual[key], product.unit)}."
        )
        said.append(text if is_odd else "")
    return said


def _usual(line):
    # By way of its newest batches: a product that moves seldom would else be looked for in all.
    batches = Batch.objects.filter(product=line.batch.product).order_by("-pk").values("pk")
    others = type(line).objects.filter(batch__in=batches[:BATCHES], quantity__gt=0)
    newest = others.exclude(pk=line.pk).order_by("-pk").values_list("quantity", flat=True)
    found = list(newest[:LATEST])
    return median(found) if len(found) >= FEWEST else None
