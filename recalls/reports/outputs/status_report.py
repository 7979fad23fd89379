"""The status report of 21 CFR 7.53: its six points, on paper and as JSON."""

import json

from batches.operations.events import plain
from recalls.reports import paper
from recalls.reports.dossier import Dossier, each
from recalls.reports.outputs.checks import Checked, checked
from recalls.reports.outputs.sheets import (
    AMOUNT_HEADS,
    amount_rows,
    bars,
    opening,
    sheet_of,
)
from recalls.reports.record import amounts_of, record_of
from recalls.reports.status import STATES

RULE = "21 CFR 7.53(b)"
_STATE_WORDS = {
    "acknowledged": "acknowledged the notice",
    "accepted": "told: accepted by the mail server, not acknowledged",
    "pending": "to be told: the notice waits to be sent",
    "failed": "not reached: the notice was not delivered",
    "unreachable": "not reached: no usable contact",
}


def as_pdf(case: Dossier) -> bytes:
    story = opening(case, "Status report", f"The six points of {RULE}")
    for part in (_notified, _responding, _silent, _returned, _effectiveness, _end):
        story += part(case)
    return paper.write(sheet_of(case, "Status report"), story)


def as_json(case: Dossier) -> bytes:
    """The record of the recall, and the six points beside it."""
    return json.dumps(
        record_of(case.recall) | {"status_report": points(case)}, indent=1, ensure_ascii=False
    ).encode()


def points(case: Dossier) -> dict:
    now, told, checks = case.now, case.told, checked(case)
    open_places = _open(case)
    return plain(
        {
            "rule": RULE,
            "made_at": case.at,
            "consignees_notified": {
                "places": now.conservation.total,
                **{name: getattr(now.conservation, name) for name in STATES},
                "first_at": told.first_at,
                "last_at": told.last_at,
                "method": _method(case),
                "notices": told.notices,
                "reminders": told.reminders,
            },
            "consignees_responding": {
                "places": now.answered,
                "found_on_hand": [
                    {"unit": sums.unit, "quantity": sums.recovered} for sums in now.totals
                ],
            },
            "consignees_not_responding": {
                "places": len(open_places),
                "waived": now.waived,
                "who": [{"code": p.code, "name": p.name, "state": p.key} for p in open_places],
            },
            "returned_and_accounted_for": [amounts_of(sums) for sums in now.totals],
            "effectiveness_checks": {
                "level": checks.level,
                "wanted": checks.wanted,
                "done": checks.done,
                "effective": checks.effective,
                "not_effective": checks.not_effective,
            },
            "expected_end": case.recall.expected_end,
        }
    )


def _open(case: Dossier) -> list:
    return [place for place in case.now.places if not (place.answered or place.waived)]


def _method(case: Dossier) -> str:
    said = ["e-mail with a signed link to answer"]
    if case.told.by_phone:
        said.append(f"telephone, answers of {case.told.by_phone} places written down by us")
    return "; ".join(said)


def _notified(case: Dossier) -> list:
    held, told = case.now.conservation, case.told
    first, last = (paper.moment(at, case.zone) for at in (told.first_at, told.last_at))
    states = [
        f"{getattr(held, name)} {words}"
        for name, words in _STATE_WORDS.items()
        if getattr(held, name)
    ]
    return [
        paper.heading("1. Consignees notified, when and how"),
        paper.facts(
            [
                ("Places to be told", str(held.total)),
                ("Of these", "\n".join(states) or "none"),
                ("First notice accepted", first or "none yet"),
                ("Last notice accepted", last or "none yet"),
                ("Method", _method(case)),
                ("Mails", f"{told.notices} notices, {told.reminders} reminders"),
            ]
        ),
    ]


def _responding(case: Dossier) -> list:
    now = case.now
    return [
        paper.heading("2. Consignees responding, and what they had on hand"),
        paper.facts(
            [
                ("Answered", f"{now.answered} of {now.conservation.total} places"),
                ("Found on hand", each(now.totals, "recovered")),
                ("Sold or used before", each(now.totals, "sold")),
            ]
        ),
    ]


def _silent(case: Dossier) -> list:
    rows = [
        [place.code, place.name, place.word, paper.moment(place.since, case.zone)]
        for place in _open(case)
    ]
    waived = [
        [place.code, place.name, place.waiver.reason]
        for place in case.now.places
        if place.waived and not place.answered and place.waiver
    ]
    story = [
        paper.heading("3. Consignees that have not responded"),
        paper.note(_open_and_waived(len(rows), len(waived))),
        paper.big_table(
            ("Code", "Place", "State", "Since"), rows, (3, 6, 4, 4), code={0}, empty="Nobody."
        ),
    ]
    if waived:
        heads = ("Code", "Waived place", "Reason")
        story.append(paper.big_table(heads, waived, (3, 5, 9), code={0}))
    return story


def _open_and_waived(count: int, waived: int) -> str:
    said = "1 place has not answered." if count == 1 else f"{count} places have not answered."
    return f"{said} Not waited for any more: {waived}." if waived else said


def _returned(case: Dossier) -> list:
    rows = [
        row
        for place in case.now.places
        for row in amount_rows(place.name, place.amounts, place.code)
    ]
    return [
        paper.heading("4. Returned, corrected and accounted for"),
        *bars(case.now.totals),
        paper.big_table(
            ("Code", "Place", *AMOUNT_HEADS),
            rows,
            (8, 11, 4, 6, 7, 6, 6, 6, 6),
            right=set(range(3, 9)),
            code={0},
        ),
    ]


def _effectiveness(case: Dossier) -> list:
    return [
        paper.heading("5. Effectiveness checks"),
        paper.facts(said_of(checked(case))),
    ]


def said_of(checks: Checked) -> list[tuple[str, str]]:
    return [
        ("Level", checks.level_words or "not chosen yet"),
        ("Done", f"{checks.done} of {checks.wanted}" if checks.wanted else "none on record"),
        ("Results", f"{checks.effective} effective, {checks.not_effective} not effective")
        if checks.done
        else ("Results", "none"),
    ]


def _end(case: Dossier) -> list:
    end, deadline = case.recall.expected_end, paper.moment(case.recall.deadline, case.zone)
    return [
        paper.heading("6. Expected end"),
        paper.text(paper.day(end) if end else "No day is set yet."),
        paper.note(f"Answers were asked for by {deadline}." if deadline else ""),
    ]
