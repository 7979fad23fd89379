"""The recall in the shape of openFDA's enforcement reports: one record per product.

https://open.fda.gov/apis/food/enforcement/ ; dates are YYYYMMDD, unknown ones are left out.
"""

import json
from collections import Counter
from datetime import date

from django.conf import settings

from batches.codes.numbering import UNRECORDED, is_unrecorded
from batches.templatetags.wording import quantity
from recalls.models import Recall
from recalls.reports.amounts import add_up
from recalls.reports.dossier import BatchFigures, Dossier

_MOST = 4_000


def as_json(case: Dossier) -> bytes:
    results = [_record(case, rows, number) for number, rows in enumerate(case.products, 1)]
    meta = {
        "last_updated": case.at.astimezone(case.zone).date().isoformat(),
        "results": {"skip": 0, "limit": len(results), "total": len(results)},
        "is_drill": case.recall.is_drill,
        "scope_version": case.version.number,
        "scope_sha256": case.version.sha256,
    }
    return json.dumps({"meta": meta, "results": results}, indent=1, ensure_ascii=False).encode()


def _record(case: Dossier, rows: list[BatchFigures], number: int) -> dict:
    recall, firm = case.recall, case.firm
    event = recall.authority_reference or recall.reference
    numbers, more = _codes(rows)
    record = {
        "recall_number": event if len(case.products) == 1 else f"{event}-{number}",
        "event_id": event,
        "status": _status(recall),
        "classification": _classification(recall),
        "product_type": settings.PRODUCT_TYPE,
        "recalling_firm": firm.name,
        "address_1": firm.street,
        "address_2": "",
        "city": firm.city,
        "state": "",
        "postal_code": firm.postcode,
        "country": firm.country,
        "product_description": _described(rows[0]),
        "product_code": rows[0].product_code,
        "product_quantity": _quantity(rows),
        "code_info": numbers,
        "more_code_info": more,
        "reason_for_recall": recall.hazard or recall.title,
        "distribution_pattern": _pattern(case, rows),
        "voluntary_mandated": "Voluntary: Firm initiated",
        "initial_firm_notification": "E-Mail",
        "recall_initiation_date": _compact(recall.activated_at, case),
        "center_classification_date": _compact(recall.classified_on, case),
        "report_date": _compact(case.at, case),
        "termination_date": _compact(recall.terminated_on, case),
        "openfda": {},
    }
    return {key: value for key, value in record.items() if value is not None}


def _compact(value, case: Dossier) -> str | None:
    if value is None:
        return None
    day = value if type(value) is date else value.astimezone(case.zone).date()
    return f"{day:%Y%m%d}"


def _status(recall: Recall) -> str:
    """Their word. Terminated is the authority's decision, not ours (21 CFR 7.55)."""
    if recall.terminated_on:
        return "Terminated"
    if recall.status in (Recall.Status.COMPLETED, Recall.Status.CLOSED):
        return "Completed"
    return "Ongoing"


def _classification(recall: Recall) -> str:
    if recall.classification == Recall.Classification.UNCLASSIFIED:
        return "Not Yet Classified"
    return f"Class {recall.classification}"


def _described(row: BatchFigures) -> str:
    gtin = f" GTIN {row.gtin}" if row.gtin else ""
    return f"{row.product_name}, item {row.product_code}.{gtin}"


def _quantity(rows: list[BatchFigures]) -> str:
    sums = add_up(row.amounts for row in rows)
    return "; ".join(quantity(one.due, one.unit).replace("\u00a0", " ") for one in sums)


def _codes(rows: list[BatchFigures]) -> tuple[str, str]:
    """Batch numbers as printed with their dates; what is too long for one field goes on."""
    codes = [
        (UNRECORDED if is_unrecorded(row.number) else f"Batch {row.number}")
        + (f", best before {row.expires_on:%Y-%m-%d}" if row.expires_on else "")
        for row in rows
    ]
    first: list[str] = []
    while codes and len("; ".join([*first, codes[0]])) <= _MOST:
        first.append(codes.pop(0))
    return "; ".join(first), "; ".join(codes)


def _pattern(case: Dossier, rows: list[BatchFigures]) -> str:
    """Countries with the number of places in each; no consignee is named."""
    batches = {row.batch_id for row in rows}
    places = {
        line.location_id: line.location.country or "country not recorded"
        for line in case.lines
        if line.batch_id in batches and line.role == "recipient"
    }
    lands = Counter(places.values())
    return "; ".join(
        f"{land}: {n} place{'' if n == 1 else 's'}" for land, n in sorted(lands.items())
    )
