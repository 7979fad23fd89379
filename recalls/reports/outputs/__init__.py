"""What one recall gives out: each kind of output, its formats, and how it is made."""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from recalls.reports.dossier import Dossier
from recalls.reports.outputs import (
    closing,
    consumer,
    enforcement,
    evidence,
    firm_report,
    fsma,
    status_report,
    tables,
)
from recalls.reports.workbook import workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {
    "pdf": "application/pdf",
    "xlsx": XLSX,
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
}


@dataclass(frozen=True)
class Output:
    """One kind: what it is for, and a function of the dossier for each format.

    `wants` names what else its functions take: a place or a language. `shows_people` says
    that it has data of people in it, such as telephone numbers of contacts.
    """

    kind: str
    title: str
    purpose: str
    makers: dict[str, Callable[..., bytes]]
    wants: str = ""
    shows_people: bool = False

    @property
    def formats(self) -> list[str]:
        return list(self.makers)


@dataclass(frozen=True)
class Made:
    name: str
    content: bytes

    @property
    def content_type(self) -> str:
        return TYPES[self.name.rpartition(".")[2]]


OUTPUTS = {
    one.kind: one
    for one in (
        Output(
            "status",
            "Status report",
            "How far it is: the six points of 21 CFR 7.53. The workbook has the frozen scope.",
            {
                "pdf": status_report.as_pdf,
                "json": status_report.as_json,
                "xlsx": lambda case: workbook(case.version),
            },
        ),
        Output(
            "firm",
            "Firm's report",
            "What the authority is told first: the points of 21 CFR 7.46.",
            {"pdf": firm_report.as_pdf},
        ),
        Output(
            "fsma",
            "FSMA 204 sortable spreadsheet",
            "Every movement of the scope, with the headings that food inspectors know.",
            {"xlsx": fsma.as_xlsx},
            shows_people=True,
        ),
        Output(
            "consumer",
            "Consumer notice",
            "To print and hang up: Article 36 of Regulation (EU) 2023/988.",
            {"pdf": consumer.as_pdf},
            wants="language",
        ),
        Output(
            "openfda",
            "Enforcement report",
            "One record per product, in the shape of openFDA.",
            {"json": enforcement.as_json},
        ),
        Output(
            "evidence",
            "Evidence sheet of a place",
            "Why this place is affected: documents, times and quantities on the way there.",
            {"pdf": evidence.as_pdf},
            wants="place",
        ),
        Output(
            "closing",
            "Closing report",
            "The whole record to sign: figures, balance, timeline. Interim until completed.",
            {"pdf": closing.as_pdf},
        ),
        Output(
            "figures",
            "Figures as CSV",
            "What the reports are made from: the sums per unit.",
            {"csv": tables.totals},
        ),
    )
}


def make(case: Dossier, kind: str, format: str, *, place: str = "", language: str = "") -> Made:
    """One output as a file. Refuses what there is not, and says what there is."""
    output = OUTPUTS.get(kind)
    if output is None:
        raise ValidationError(f"There is no output “{kind}”. Choose from {', '.join(OUTPUTS)}.")
    if format not in output.makers:
        known = " or ".join(output.formats)
        raise ValidationError(f"{output.title} is made as {known}, not as {format}.")
    if output.wants == "place" and not place:
        raise ValidationError("Say for which place: give the code of a location.")
    given = {"place": place, "language": language or "en"}
    options = {output.wants: given[output.wants]} if output.wants else {}
    content = output.makers[format](case, **options)
    parts = [case.recall.reference, kind, *options.values(), f"version-{case.version.number}"]
    name = "-".join(part.replace("/", "_").replace(" ", "_") for part in parts)
    return Made(f"{name}.{format}", content)
