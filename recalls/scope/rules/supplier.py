"""What a supplier calls by a number: batches that carry it as the supplier's number, and the
supplier's own batches of that number. Spaces, hyphens and full stops do not matter."""

from django.core.exceptions import ValidationError
from django.db.models import Q

from batches.codes.numbering import number_key
from batches.models import Batch, Location, Product
from recalls.scope.rules.found import Found
from recalls.scope.rules.given import maybe
from recalls.scope.rules.names import Names


def checked(given: dict) -> dict:
    number = (given.get("number") or "").strip()
    if not number_key(number):
        raise ValidationError({"number": "Enter the number that the supplier gave the batch."})
    return {
        "number": number,
        "supplier": maybe(Location, given, "supplier", "Choose a supplier recorded here, or none."),
        "product": maybe(Product, given, "product", "Choose a product recorded here, or none."),
    }


def found(parameters: dict) -> Found:
    key, supplier = number_key(parameters["number"]), parameters.get("supplier")
    own = Q(number_key=key, origin__kind=Location.Kind.SUPPLIER)
    carried = Q(pk__in=Batch.objects.supplied_as(parameters["number"]).values("pk"))
    if supplier:
        # Of a batch that was not made by a supplier nobody knows whose number it carries.
        carried &= Q(origin=supplier) | ~Q(origin__kind=Location.Kind.SUPPLIER)
        own = Q(number_key=key, origin=supplier)
    rows = Batch.objects.filter(own | carried).exclude(status=Batch.Status.VOIDED)
    if parameters.get("product"):
        rows = rows.filter(product=parameters["product"])
    result = Found()
    rows = Batch.objects.filter(pk__in=rows.order_by().values("pk"))
    result.add_batches(rows.select_related("product", "origin").order_by("number", "pk"))
    return result


def sentence(parameters: dict, names: Names) -> str:
    words = f"Supplier's batch number {parameters['number']}"
    if parameters.get("supplier"):
        words += f" of {names.name('supplier', parameters['supplier'])}"
    if parameters.get("product"):
        words += f", product {names.name('product', parameters['product'])}"
    return words
