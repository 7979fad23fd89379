"""The report of a drill on paper, with the record that BRCGS asks for of a test."""

from datetime import datetime

from batches.templatetags.wording import site_zone
from recalls.models import Drill
from recalls.reports import paper
from recalls.reports.drilled import in_words, score, time_in_words


def record_of(drill: Drill, now: datetime) -> list[tuple[str, str]]:
    """Start and end, direction, batch, time taken, who, and what sealed the truth."""
    zone, batch = site_zone(), drill.batch
    ended = drill.finished_at
    took = int(((ended or now) - drill.started_at).total_seconds())
    return [
        ("Started", paper.moment(drill.started_at, zone)),
        ("Finished", paper.moment(ended, zone) if ended else "not yet"),
        ("Time taken", time_in_words(took)),
        ("Direction", "forward, from the batch to every place"),
        ("Batch", f"{batch.number}, {batch.product.name}"),
        ("Chosen", "at random" if drill.is_random else "by a person"),
        ("Lead", drill.lead.get_full_name() or drill.lead.get_username()),
        ("Seal of what was planted", drill.planted_sha256),
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
        paper.heading("What was learned and is put right"),
        paper.text(drill.remark or "Nothing was written down."),
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


def _named(texts: list[str], none: str) -> list:
    return paper.bullets(texts) if texts else [paper.text(none)]
