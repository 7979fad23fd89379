"""What complaints are about: the batch they name; else, of the product they name, every
batch that the place of the complaint ever had, because any of them may be the one."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError

from batches.models import Batch, Complaint
from recalls.scope.rules.found import Found
from recalls.scope.rules.given import some
from recalls.scope.rules.names import Names, listed


def checked(given: dict) -> dict:
    wanted = some(Complaint, given, "complaints", "Choose a complaint that is recorded here.")
    for complaint in Complaint.objects.filter(pk__in=wanted, batch=None):
        if complaint.product_id is None or complaint.location_id is None:
            raise ValidationError(
                {
                    "complaints": f"{complaint} names neither a batch nor product and place. "
                    "Link it to a batch, or add a rule for the product."
                }
            )
    return {"complaints": wanted}


def found(parameters: dict) -> Found:
    result, wanted, possible = Found(), set(), 0
    for complaint in Complaint.objects.filter(pk__in=parameters["complaints"]):
        if complaint.batch_id:
            wanted.add(complaint.batch_id)
        elif complaint.product_id and complaint.location_id:
            wanted |= _possible(complaint)
            possible += 1
    result.add_batches(
        Batch.objects.filter(pk__in=wanted)
        .select_related("product", "origin")
        .order_by("product__code", "number", "pk")
    )
    names = "1 complaint names" if possible == 1 else f"{possible} complaints name"
    text = f"{names} no batch: every batch of the product that was there counts as possible"
    result.note("unknown_batch", possible, text)
    return result


def provenance(complaints: Iterable[int]) -> str:
    """Why a rule is there that complaints led to, as it is kept with the rule.

    What customers said may name people, and stays with the complaints.
    """
    numbers = ", ".join(str(pk) for pk in sorted(complaints))
    return f"Shared by complaints {numbers}." if numbers else ""


def _possible(complaint: Complaint) -> set[int]:
    rows = Batch.objects.filter(
        product=complaint.product_id, holdings__location=complaint.location_id
    )
    return set(rows.order_by().values_list("pk", flat=True))


def sentence(parameters: dict, names: Names) -> str:
    rows = names.rows("complaints", parameters["complaints"])
    about = "complaint" if len(rows) == 1 else "complaints"
    return f"The batches of {about} {listed(str(row.pk) for row in rows)}"
