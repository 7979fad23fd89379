"""The report of a drill on paper, with the record that BRCGS asks for of a test."""

from datetime import datetime

from batches.templatetags.wording import site_zone
from recalls.models import Drill
from recalls.reports import paper
from recalls.reports.drilled import in_words, score, subject, time_in_words
from recalls.reports.todo import actions


def record_of(drill: Drill, now: datetime) -> list[tuple[str, str]]:
    """Start and end, direction, batch, time taken, who, and what sealed the truth."""
    zone = site_zone()
    ended = drill.finished_at
    took = int(((ended or now) - drill.started_at).total_seconds())
    return [
        ("Started" if took >= 0 else "Starts", paper.moment(drill.started_at, zone)),
        ("Finished", paper.moment(ended, zone) if ended else "not yet"),
        ("Time taken", time_in_words(took) if took >= 0 else "none yet"),
        ("Direction", "forward, from the batch to every place"),
        ("About", subject(drill)),
        ("Chosen", "at random" if drill.is_random else "by a person"),
        ("Lead", drill.lead.get_full_name() or drill.lead.get_username()),
        ("Seal of what was planted", drill.planted_sha256 if drill.planted else "nothing was"),
    ]


def as_pdf(drill: Drill, now: datetime) -> bytes:
    figures = drill.score or score(drill, now)
    reference = drill.recall.reference
    story = [
        paper.title("Drill report"),
        paper.text(drill.recall.title, bold=True),
        paper.facts(record_of(drill, now)),
        paper.heading("Score"),
        paper.facts(in_words(figures)),
        paper.heading("Missed"),
        *_named(figures["missed"], "Nothing that was planted was missed."),
        paper.heading("Gaps"),
        *_named(figures["gaps"], "None."),
        paper.heading("What was learned"),
        paper.text(drill.remark or "Nothing was written down."),
        paper.heading("Corrective actions"),
        _actions(drill, now),
        paper.signature_lines(("Lead of the drill", "Management")),
    ]
    sheet = paper.Sheet(
        title="Drill report",
        reference=reference,
        right="Finished" if drill.finished_at else "Not finished",
        foot=f"Printed {paper.moment(now, site_zone())}",
        is_drill=True,
    )
    return paper.write(sheet, story)


def _actions(drill: Drill, now: datetime):
    """What is put right, who sees to it and until when; done, open or overdue."""
    zone = site_zone()
    rows = [
        (
            action.title,
            action.assignee.get_full_name() or action.assignee.get_username(),
            paper.moment(action.due_at, zone),
            f"done {paper.moment(action.done_at, zone)}"
            if action.done_at
            else "overdue"
            if action.is_late
            else "open",
            action.note,
        )
        for action in actions(drill.recall, now)
    ]
    heads = ("Action", "Who", "Due", "State", "Note")
    return paper.big_table(heads, rows, (60, 28, 28, 34, 28), empty="None was written down.")


def _named(texts: list[str], none: str) -> list:
    return paper.bullets(texts) if texts else [paper.text(none)]
