"""The public check as tests ask it: a batch that is recalled, one that is not, and a pack."""

import re
from datetime import date

from batches.models import Product
from batches.tests import factory as made
from recalls.tests import factory

GTIN, OTHER_GTIN = "09520123456788", "09520123456771"


def two_batches():
    """BAR is recalled by the tests; CLEAN is another batch of the same product."""
    nodes = factory.granola()
    product = nodes["BAR@PLANT1"].batch.product
    Product.objects.filter(pk=product.pk).update(gtin=GTIN, name="Almond bar", brand="Granary")
    made.batch("CLEAN-1", of=product.code, expires_on=date(2099, 1, 31))
    return nodes


def ask(client, number, product=GTIN, **extra):
    return client.post("/verify/", {"product": product, "number": number}, **extra)


def ask_unit(client, code, **extra):
    return client.post("/verify/", {"code": code}, **extra)


def text(response) -> str:
    return response.content.decode()


def body(response) -> str:
    """Without the moment of the answer, the only thing that may differ."""
    return re.sub(r"<time>.*?</time>", "", text(response))
