"""What the papers of a recall share: the page, the first lines, and words for figures."""

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from batches.templatetags.wording import quantity
from recalls.reports import paper
from recalls.reports.amounts import Amounts
from recalls.reports.dossier import Dossier

PARTS = (
    ("quarantined", "Quarantined"),
    ("returned", "Returned"),
    ("destroyed", "Destroyed"),
    ("sold", "Sold or used"),
    ("no_answer", "No answer yet"),
)
_PATTERNS = ("light", "dark", "dots", "plain", "hatch")


def sheet_of(case: Dossier, title: str, **fields) -> paper.Sheet:
    recall = case.recall
    fields.setdefault("foot", f"Printed {paper.moment(case.at, case.zone)} by {case.by}")
    return paper.Sheet(
        title=title,
        reference=recall.reference,
        right=f"Scope version {case.version.number}",
        is_drill=recall.is_drill,
        size=case.size,
        author=case.firm.name,
        **fields,
    )


def opening(case: Dossier, heading: str, rule: str) -> list[Flowable]:
    """Title, what it is about, the frozen version with its hash, and the code that leads there."""
    recall, version = case.recall, case.version
    head = [paper.title(heading), paper.note(rule), paper.text(recall.title, bold=True)]
    frozen = paper.moment(version.frozen_at, case.zone)
    about = paper.facts(
        [
            ("Recall", f"{recall.reference}, {recall.get_kind_display().lower()}"),
            ("Classification", recall.get_classification_display()),
            ("Firm", ", ".join(filter(None, (case.firm.name, case.firm.address)))),
            ("Opened", paper.moment(recall.opened_at, case.zone)),
            ("Scope", f"version {version.number}, frozen {frozen}"),
            ("SHA-256 of scope", _in_two(version.sha256)),
            ("Status", recall.get_status_display()),
        ],
        wide=144 * mm,
        label=34 * mm,
    )
    return [
        paper.qr(case.page, [*head, about]),
        Spacer(0, 2 * mm),
        *_alone(case),
        *incomplete(case),
    ]


def _alone(case: Dossier) -> list[Flowable]:
    """That one person activated it alone, and whether a second one has signed since."""
    recall = case.recall
    if not recall.is_break_glass:
        return []
    at = paper.moment(recall.activated_at, case.zone)
    said = [f"Activated by one person alone, {at}: {recall.break_glass_reason}"]
    if recall.is_uncountersigned:
        said.append("Nobody has countersigned it yet.")
    else:
        said.append(f"Countersigned {paper.moment(recall.countersigned_at, case.zone)}.")
    if recall.objection:
        said.append(f"Objection, {paper.moment(recall.objected_at, case.zone)}: {recall.objection}")
    return [paper.callout("\n".join(said))]


def _in_two(sha256: str) -> str:
    return f"{sha256[:32]}\n{sha256[32:]}"


def incomplete(case: Dossier) -> list[Flowable]:
    """What the trace could not know, so that no reader takes the figures for more than they are."""
    notes = [note["text"] for note in case.version.notes]
    if not case.version.complete:
        notes = ["The trace was cut short: there may be more places.", *notes]
    if case.now.draft:
        notes = [
            f"Scope version {case.now.draft.number} found new movements and is not released. "
            "Its places are not in these figures.",
            *notes,
        ]
    return [paper.callout("What is not known\n" + "\n".join(notes))] if notes else []


def bars(totals: list[Amounts]) -> list[Flowable]:
    """Per unit: a bar of what became of what was asked for, with the figures in words."""
    found: list[Flowable] = []
    for sums in totals:
        parts = [
            paper.Stretch(word, getattr(sums, name), pattern)
            for (name, word), pattern in zip(PARTS, _PATTERNS, strict=True)
        ]
        said = [quantity(part.value, sums.unit) for part in parts]
        over = f", {quantity(sums.over, sums.unit)} more reported than was due" if sums.over else ""
        unknown = f", {sums.unknown} lines without a known amount" if sums.unknown else ""
        found.append(paper.text(f"{quantity(sums.due, sums.unit)} to account for{over}{unknown}"))
        found.append(paper.answer_bar(parts, said))
    return found


def amount_rows(name: str, amounts: list[Amounts], *before: str) -> list[list[str]]:
    """One row per unit: what is before it, then unit, due, the parts, and more than was due."""
    return [
        [
            *before,
            name,
            sums.unit,
            _plain(sums.due, sums.unknown),
            *(_plain(getattr(sums, part)) for part, _ in PARTS),
        ]
        for sums in amounts
    ]


AMOUNT_HEADS = ("Unit", "To account for", *(word for _, word in PARTS))


def _plain(value, unknown: int = 0) -> str:
    return "unknown" if unknown and not value else quantity(value)
