"""The closing report: figures, balance, timeline, exclusions, waivers and signatures.

Before the recovering has ended it says that it is an interim report.
"""

from batches.models import Event
from batches.templatetags.wording import number, quantity
from recalls.reports import paper
from recalls.reports.amounts import Amounts
from recalls.reports.dossier import Dossier
from recalls.reports.outputs.checks import checked
from recalls.reports.outputs.sheets import bars, opening, sheet_of
from recalls.reports.outputs.status_report import said_of
from recalls.reports.reconciliation import BatchSide

_MADE = (4, 1.8, 2.8, 2.8, 3.4, 3, 3.2, 2.8, 4.4, 3.6)
_ASKED = (4, 1.8, 3.4, 3, 3, 3.2, 2.6, 6)
_SIGNERS = ("Recall lead", "Second person", "Management")


def as_pdf(case: Dossier) -> bytes:
    name = "Closing report" if case.is_final else "Interim report"
    story = opening(case, name, "Record of the recall from opening to close")
    if not case.is_final:
        story.append(paper.callout(_interim(case)))
    for part in _PARTS:
        story += part(case)
    return paper.write(sheet_of(case, name), story)


def _interim(case: Dossier) -> str:
    at = paper.moment(case.at, case.zone)
    return f"Interim. The recall is not completed; every figure is as of {at} and will change."


def _figures(case: Dossier) -> list:
    now, recall = case.now, case.recall
    held = ", ".join(quantity(one.quantity, one.unit) for one in case.on_site)
    return [
        paper.heading("Figures"),
        paper.facts(
            [
                ("Hazard", recall.hazard),
                ("Batches", str(len(case.batches))),
                ("On our sites, held", held or "none"),
                ("Places told of", str(now.conservation.total)),
                ("Answered", f"{now.answered}, and {now.waived} not waited for"),
                ("Acknowledged", str(now.conservation.acknowledged)),
                ("Activated", paper.moment(recall.activated_at, case.zone)),
                ("Completed", paper.moment(recall.completed_at, case.zone) or "not yet"),
                ("Closed", paper.moment(recall.closed_at, case.zone) or "not yet"),
            ]
        ),
        *bars(now.totals),
    ]


def _balance(case: Dossier) -> list:
    """The two identities of each batch, and by name what does not add up."""
    found = case.balance
    made = ("Batch", "Unit", "Made", "Came back", "Distributed", "On our sites", "Elsewhere")
    made += ("Used", "Left by", "Balance")
    asked = ("Batch", "Unit", "To account for", "Set aside", "Returned", "Destroyed", "Sold")
    story = [
        paper.heading("Balance per batch"),
        paper.note(
            "Made and came back = distributed, on our sites, elsewhere, used and left. Distributed "
            f"is what places were asked for in scope version {case.version.number}."
        ),
        paper.big_table(
            made, [_made(row) for row in found.batches], _MADE, right=set(range(2, 8)), code={0}
        ),
        paper.note("Distributed = set aside, returned, destroyed, sold and what is missing."),
        paper.big_table(
            (*asked, "Balance"),
            [_asked(row) for row in found.batches],
            _ASKED,
            right=set(range(2, 7)),
            code={0},
        ),
        *_gaps(case),
    ]
    if case.recall.closing_statement:
        story.append(paper.facts([("Explanation", case.recall.closing_statement)]))
    return story


def _made(row: BatchSide) -> list[str]:
    parts = (row.made, row.came_back, row.distributed, row.on_site, row.elsewhere, row.used)
    left = ", ".join(f"{reason} {number(amount)}" for reason, amount in row.left.items())
    rest = row.unexplained
    said = "closes" if rest == 0 else "unknown" if rest is None else f"{number(rest)} unexplained"
    return [row.number, row.unit, *(number(part) for part in parts), left or "none", said]


def _asked(row: BatchSide) -> list[str]:
    sums = row.amounts
    parts = ("due", "quarantined", "returned", "destroyed", "sold")
    return [row.number, row.unit, *(number(getattr(sums, name)) for name in parts), _left(sums)]


def _left(sums: Amounts) -> str:
    """What is missing, or that nothing is."""
    said = []
    if sums.no_answer:
        said.append(f"{quantity(sums.no_answer, sums.unit)} missing")
    if sums.over:
        said.append(f"{quantity(sums.over, sums.unit)} more than due")
    if sums.unknown:
        said.append(f"{sums.unknown} unknown")
    return ", ".join(said) or "closes"


def _gaps(case: Dossier) -> list:
    """Every place and batch that does not add up, in words."""
    rows = [[gap.text] for gap in case.balance.gaps]
    return [paper.big_table(("What does not add up",), rows, (1,), empty="Everything adds up.")]


def _versions(case: Dossier) -> list:
    rows = []
    for version in case.now.versions:
        told = paper.moment(version.release.at, case.zone) if version.is_released else "not told"
        frozen = paper.moment(version.frozen_at, case.zone)
        rows.append(
            [str(version.number), version.get_cause_display(), frozen, told, version.sha256]
        )
    heads = ("", "Cause", "Frozen", "Told", "SHA-256")
    return [
        paper.heading("Scope versions"),
        paper.big_table(heads, rows, (1, 4, 5, 5, 10), code={4}),
    ]


def _left_out(case: Dossier) -> list:
    rows = [
        [str(row.holding), _reason(row), _deciders(row), paper.moment(row.at, case.zone)]
        for row in case.recall.exclusions.select_related(
            "holding__batch", "holding__location", "by", "narrowing__proposed_by"
        )
    ]
    heads = ("Left out of the scope", "Reason", "By", "At")
    return [
        paper.heading("Exclusions"),
        paper.big_table(heads, rows, (6, 7, 3, 4), empty="Nothing was left out."),
    ]


def _reason(row) -> str:
    return f"{row.reason} (taken back in later)" if row.withdrawn_at else row.reason


def _deciders(row) -> str:
    """Out of an active recall goods are taken by two people; both are named."""
    if row.narrowing is None:
        return _who(row.by)
    return f"{_who(row.narrowing.proposed_by)}, approved by {_who(row.by)}"


def _waived(case: Dossier) -> list:
    rows = [
        [
            row.location.code,
            row.location.name,
            row.reason,
            _who(row.by),
            paper.moment(row.at, case.zone),
        ]
        for row in case.recall.waivers.select_related("location", "by")
    ]
    heads = ("Code", "Place not waited for", "Reason", "By", "At")
    return [
        paper.heading("Waivers"),
        paper.big_table(heads, rows, (3, 5, 6, 3, 4), code={0}, empty="No place was waived."),
    ]


def _checks(case: Dossier) -> list:
    return [paper.heading("Effectiveness checks"), paper.facts(said_of(checked(case)))]


def _answers(case: Dossier) -> list:
    """Each place with where it stands; what it found is in the status report."""
    rows = [
        [place.code, place.name, place.word, paper.moment(place.since, case.zone)]
        for place in case.now.places
    ]
    heads = ("Code", "Place", "State", "Since")
    return [
        paper.heading("Places"),
        paper.big_table(heads, rows, (3, 6, 4, 4), code={0}, empty="No place had to be told."),
    ]


# What happened at many places is in the table of places.
_OF_PLACES = ("notice acknowledged", "answer received", "answer recorded")


def _timeline(case: Dossier) -> list:
    recall = case.recall
    events = Event.objects.filter(object_type=recall._meta.label_lower, object_id=str(recall.pk))
    events = events.exclude(verb__in=_OF_PLACES)
    rows = [
        [
            paper.moment(event.at, case.zone),
            event.verb[:1].upper() + event.verb[1:] + _detail(event),
            event.reason,
            _who(event.actor),
            str(event.seq),
        ]
        for event in events.select_related("actor").order_by("seq")
    ]
    heads = ("When", "What", "Reason", "Who", "Entry")
    return [
        paper.heading("Timeline"),
        paper.note("From the log, whose entries are chained by their hashes and never changed."),
        paper.big_table(heads, rows, (5, 6, 5, 4, 2), right={4}),
    ]


_TOLD = ("version", "lines", "notices", "count", "code")
_COUNTED = {"lines": "line", "notices": "notice", "count": "mail"}


def _detail(event: Event) -> str:
    """Numbers and codes of an event that say something on paper; ids do not."""
    values = event.after or {}
    said = [
        _said(name, values[name], event.verb)
        for name in _TOLD
        if isinstance(values.get(name), int | str) and values[name] != ""
    ]
    return f": {', '.join(said)}" if said else ""


def _said(name: str, value, verb: str) -> str:
    if name == "version":
        return f"version {value}"
    if (word := _COUNTED.get(name)) is None:
        return str(value)
    # A sample counts places, everything else that has a count is mail.
    return quantity(value, "place" if verb == "sample drawn" else word)


def _signed(case: Dossier) -> list:
    rows = [
        [_who(row.user), row.meaning, paper.moment(row.at, case.zone), row.scope_sha256]
        for row in case.recall.signatures.select_related("user")
    ]
    heads = ("Signed by", "Meaning", "At", "Scope SHA-256")
    return [
        paper.heading("Signatures"),
        paper.note("Kept by the system: the password was entered again under each meaning."),
        paper.big_table(heads, rows, (3, 6, 4, 8), code={3}, empty="Nobody has signed yet."),
        paper.signature_lines(_SIGNERS),
    ]


def _who(user) -> str:
    return (user.get_full_name() or user.get_username()) if user else "automatic"


_PARTS = (
    _figures,
    _balance,
    _versions,
    _left_out,
    _waived,
    _checks,
    _answers,
    _timeline,
    _signed,
)
