"""What imported history says that should not have been, or cannot be: alarms and contradictions.

Nothing is refused for it. It has happened; it is recorded, and a person is asked to look.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q

from batches.models import Adjustment, Finding, Hold, Holding, Run
from batches.operations.imports.work import Work, in_parts
from batches.operations.stock import get_or_make_holdings

_OUT = "more_out_than_in"


def raise_alarms(work: Work) -> None:
    """An alarm for every document by which a held or recalled batch was shipped, used or sold."""
    moved = [(row, place, document) for row, place, document in work.taken_out if document]
    holds: dict[int, list[Hold]] = defaultdict(list)
    queryset = Hold.objects.active().order_by("pk").select_related("batch")
    for hold in in_parts(queryset, "batch_id", {place[0] for _, place, _ in moved}):
        holds[hold.batch_id].append(hold)
    for row, (batch, location), document in moved:
        stopping = [h for h in holds[batch] if h.location_id in (None, location)]
        if stopping:
            recalled = next((h.recall for h in stopping if h.recall), "")
            state = f"in recall {recalled}" if recalled else "on hold"
            text = f"Batch {stopping[0].batch} is {state} and has been {_done(document)}."
            work.find("held_batch_moved", Finding.Severity.ALARM, document, text)
            row.warn("batch", text)


def _done(document) -> str:
    if isinstance(document, Adjustment):
        return "sold"
    return f"used by run {document}" if isinstance(document, Run) else f"shipped with {document}"


def check_balance(works: Iterable[Work], at) -> None:
    """Finds places from which more went than came, and closes such findings that are explained.

    Call it when all files of one import are in: what one seems to lack the next may bring.
    """
    works = list(works)
    holdings = get_or_make_holdings(set().union(*(work.touched for work in works)))
    ids = list(holdings.values())
    queryset = Holding.objects.order_by("pk").select_related("batch__product", "location")
    short = {
        (h.batch_id, h.location_id): h for h in in_parts(queryset.filter(quantity__lt=0), "pk", ids)
    }
    _close_explained(set(ids) - {holding.pk for holding in short.values()}, at)
    for work in works:
        told = set()
        for row, place, _ in work.taken_out:
            if place not in short:
                continue
            row.warn("quantity", _shortage(short[place]))
            if place not in told:
                told.add(place)
                holding = short[place]
                label = f"{holding.batch} at {holding.location.code}"
                work.find(_OUT, Finding.Severity.WARNING, holding, _shortage(holding), label)
        work.write_findings()


def _shortage(holding: Holding) -> str:
    missing = f"{-holding.quantity.normalize():f} {holding.batch.product.unit}"
    return (
        f"{missing} more of batch {holding.batch} went out of {holding.location.code} than came in."
    )


def _close_explained(holding_ids: set[int], at) -> None:
    about = Q(kind=_OUT, object_type=Holding._meta.label_lower)
    open_ids = set(Finding.objects.open().filter(about).values_list("object_id", flat=True))
    explained = sorted(open_ids & {str(pk) for pk in holding_ids})
    Finding.objects.open().filter(about, object_id__in=explained).update(
        closed_at=at, close_reason="An import brought what was missing."
    )
