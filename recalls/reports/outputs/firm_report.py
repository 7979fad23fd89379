"""The firm's report to the authority, point by point after 21 CFR 7.46(a)."""

from collections import Counter

from batches.models import Location
from batches.templatetags.wording import number, quantity
from recalls.message.texts import Audience, Texts
from recalls.models import Recall, ScopeLine
from recalls.reports import paper
from recalls.reports.dossier import BatchFigures, Dossier, each
from recalls.reports.outputs.sheets import opening, sheet_of

RULE = "21 CFR 7.46(a)"
_HAZARD = (
    ("injuries", "Illness or injury so far"),
    ("vulnerable_groups", "Who is most at risk"),
    ("seriousness", "How serious"),
    ("likelihood", "How likely"),
    ("consequences", "Immediate and long-range consequences"),
)


def as_pdf(case: Dossier) -> bytes:
    story = opening(case, "Report of the recalling firm", f"The points of {RULE}")
    parts = (_product, _reason, _risk, _amounts, _distribution, _communication, _strategy, _contact)
    for part in parts:
        story += part(case)
    return paper.write(sheet_of(case, "Report of the recalling firm"), story)


def _product(case: Dossier) -> list:
    rows = [
        [row.product_code, row.product_name, row.gtin, row.number, row.origin_code, _until(row)]
        for row in case.batches
    ]
    heads = ("Code", "Product", "GTIN", "Batch", "Made at", "Best before")
    return [
        paper.heading("1. Product"),
        paper.big_table(heads, rows, (3, 6, 4, 4, 3, 3), code={0, 2, 3, 4}),
    ]


def _until(row: BatchFigures) -> str:
    return row.expires_on.isoformat() if row.expires_on else ""


def _reason(case: Dossier) -> list:
    recall = case.recall
    return [
        paper.heading("2. Reason, and how and when it was found"),
        paper.facts(
            [
                ("Reason", recall.hazard or recall.title),
                ("Found on", paper.moment(recall.discovered_at, case.zone)),
                ("Circumstances", recall.discovery),
            ]
        ),
    ]


def _risk(case: Dossier) -> list:
    recall = case.recall
    done = ", ".join(filter(None, (recall.assessed_by, paper.day(recall.assessed_on))))
    factors = [(word, getattr(recall, name)) for name, word in _HAZARD]
    return [
        paper.heading("3. Evaluation of the risk (21 CFR 7.41)"),
        paper.facts([*factors, ("Evaluated by", done)]),
    ]


def _amounts(case: Dossier) -> list:
    rows = [
        [
            row.product_code,
            row.number,
            row.unit,
            number(row.made),
            number(row.on_site) + (f" + {row.unknown} unknown" if row.unknown else ""),
            number(row.amounts.due),
            str(row.places),
        ]
        for row in case.batches
    ]
    heads = ("Product", "Batch", "Unit", "Made", "On our sites", "With consignees", "Places")
    return [
        paper.heading("4. and 5. Amount made, and amount in distribution"),
        paper.facts([("Time span", _span(case))]),
        paper.big_table(heads, rows, (3, 4, 2, 3, 4, 4, 2), right={3, 4, 5, 6}, code={0, 1}),
        paper.facts(
            [
                ("On our sites, held", _held(case)),
                ("With consignees", each(case.now.totals, "due")),
            ]
        ),
    ]


def _held(case: Dossier) -> str:
    return ", ".join(quantity(one.quantity, one.unit) for one in case.on_site) or "none"


def _span(case: Dossier) -> str:
    """When the batches were made, as far as it is on record."""
    made = ScopeLine.objects.filter(version=case.version, batch__produced_at__isnull=False)
    days = sorted(made.order_by().values_list("batch__produced_at", flat=True).distinct())
    if not days:
        return ""
    first, last = paper.day(days[0], case.zone), paper.day(days[-1], case.zone)
    return f"made on {first}" if first == last else f"made from {first} to {last}"


def _distribution(case: Dossier) -> list:
    places = {line.location_id: line.location for line in case.lines if line.role == "recipient"}
    kinds = Counter(place.kind for place in places.values())
    lands = Counter(place.country or "country not recorded" for place in places.values())
    words = dict(Location.Kind.choices)
    rows = [
        [place.code, place.name, place.address, each(place.amounts, "due")]
        for place in case.now.places
    ]
    return [
        paper.heading("6. Distribution"),
        paper.facts(
            [
                ("Consignees", f"{len(places)} places"),
                (
                    "Of these",
                    ", ".join(
                        f"{n} {words[k].lower()}{'' if n == 1 else 's'}"
                        for k, n in kinds.most_common()
                    ),
                ),
                ("Countries", ", ".join(f"{land}: {n}" for land, n in sorted(lands.items()))),
            ]
        ),
        paper.big_table(
            ("Code", "Consignee", "Address", "Sent there"), rows, (3, 5, 8, 4), code={0}
        ),
    ]


def _communication(case: Dossier) -> list:
    """The text itself, as the newest notice was written; whose it was is left out."""
    told = case.recall.notices.filter(kind="notice", version__release__isnull=False)
    newest = told.order_by("-version__number", "pk").values_list("subject", flat=True).first()
    text = Texts(case.recall).text(Audience.TRADE, "en")
    return [
        paper.heading("7. The communication"),
        paper.facts(
            [
                ("Subject", newest or "no notice is written yet"),
                ("The order", text.order),
                ("Hazard as told", text.wrong),
                ("Instructions", text.todo),
                ("Remedy", text.remedy),
                ("First sent", paper.moment(case.told.first_at, case.zone)),
            ]
        ),
    ]


def _strategy(case: Dossier) -> list:
    recall = case.recall
    return [
        paper.heading("8. Strategy (21 CFR 7.42)"),
        paper.facts(
            [
                ("Depth", Recall.Depth(recall.depth).label),
                ("Public warning", recall.public_warning),
                ("Effectiveness checks", recall.get_effectiveness_level_display()),
                ("Answers due", paper.moment(recall.deadline, case.zone)),
                ("Expected end", paper.day(recall.expected_end)),
                ("Authority's reference", recall.authority_reference),
            ]
        ),
    ]


def _contact(case: Dossier) -> list:
    lead = case.recall.lead
    return [
        paper.heading("9. Contact at the firm"),
        paper.facts(
            [
                ("Name", lead.get_full_name() or lead.get_username()),
                ("Firm", ", ".join(filter(None, (case.firm.name, case.firm.address)))),
                ("Reach", case.firm.contact),
            ]
        ),
    ]
