"""Drills: planned with a hidden batch and hour, started by the clock or at once, scored, ended.

planned --hour has come--> started (a recall that is a drill) --finish--> finished, with a score
Between start and finish a drill is a recall like any other; only its mail and holds differ.
"""

import secrets
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.codes.numbering import number_key
from batches.models import Batch, Finding, Location, Shipment
from batches.operations import doorbell
from batches.operations.events import plain, record
from batches.operations.findings import raise_finding
from recalls import mail
from recalls.models import Drill, DrillDuty, Notice, Recall
from recalls.operations.drill_calendar import DUE
from recalls.operations.letters import letter
from recalls.operations.recalls import open_recall
from recalls.operations.rules import add_rule
from recalls.operations.scoring import keep_score
from recalls.operations.targets import check_targets
from recalls.reports.drill_trend import last_finished, overdue_since
from recalls.reports.drilled import seal
from recalls.scope.contacts import address_key

Status = Recall.Status
# Among so many of the batches shipped last, one is drawn.
DRAWN_FROM = 2000
LONGEST = timedelta(days=366)


@transaction.atomic
def plan_drill(
    *, lead, by, at, batch=None, duty=None, window_from=None, window_until=None, planted=()
) -> Drill:
    """Plans a drill of `batch`, or of one drawn at random, at a random moment of the window.

    It is drawn among all that was shipped, or among what a `duty` of the calendar is about.
    Without a window it may start at once. What is `planted` (place codes, with or without a
    batch number) is sealed by its hash. Refuses a window that is over, ends before it begins
    or is longer than a year, a place nobody knows, a draw when nothing was ever shipped, and
    a lead without a mailbox. The log names neither batch nor hour.
    """
    opens, ends = window_from or at, window_until or window_from or at
    _refuse_window(opens, ends, at)
    rows = _checked(planted)
    drill = Drill.objects.create(
        batch=batch or _drawn(duty),
        is_random=batch is None,
        lead=lead,
        window_from=opens,
        window_until=ends,
        starts_at=_moment_in(opens, ends),
        planted=rows,
        planted_sha256=seal(rows),
        planned_by=by,
        planned_at=at,
    )
    mail.team_mailboxes(Recall(reference="The drill", lead=lead, is_drill=True))
    after = {"from": opens, "until": ends, "planted": len(rows), "sha256": drill.planted_sha256}
    label = f"Drill {drill.pk}"
    record(verb="drill planned", obj=drill, by=by, at=at, after=plain(after), label=label)
    return drill


def _refuse_window(opens, ends, at) -> None:
    if ends < opens:
        raise ValidationError("The window ends before it begins.")
    if ends < at:
        raise ValidationError("The window has passed. Choose one that lies ahead.")
    if ends - opens > LONGEST:
        raise ValidationError("The window is longer than a year. Choose a shorter one.")


def _moment_in(opens, ends):
    return opens + timedelta(seconds=secrets.randbelow(int((ends - opens).total_seconds()) + 1))


def _checked(planted) -> list[dict]:
    """What is planted, each once. Refuses a place that is not on file."""
    rows = {(row["place"].strip(), (row.get("batch") or "").strip()): None for row in planted}
    asked = {place for place, _ in rows}
    known = set(Location.objects.filter(code__in=asked).values_list("code", flat=True))
    if unknown := sorted(asked - known):
        named = ", ".join(unknown[:5])
        raise ValidationError(f"No place is called {named}. Plant the codes of places on file.")
    return [{"place": place, "batch": batch} for place, batch in sorted(rows)]


def batch_named(text: str) -> Batch:
    """`NUMBER` or `PRODUCT/NUMBER`. Refuses none, and a number that several batches have."""
    product, _, number = text.strip().rpartition("/")
    found = Batch.objects.filter(number_key=number_key(number)).select_related("product")
    if product:
        found = found.filter(product__code__iexact=product)
    rows = list(found.order_by("pk")[:6])
    if not rows:
        raise ValidationError(f"There is no batch {text}.")
    if len(rows) > 1:
        named = ", ".join(f"{row.product.code}/{row.number}" for row in rows[:5])
        raise ValidationError(f"Several batches have this number: {named}. Name the product too.")
    return rows[0]


def _drawn(duty: DrillDuty | None) -> Batch:
    """One of the batches shipped last; nobody knows which."""
    gone = (Shipment.Status.POSTED, Shipment.Status.RECEIVED)
    shipped = Batch.objects.filter(shipment_lines__shipment__status__in=gone).order_by("-pk")
    if duty and duty.site_id:
        shipped = shipped.filter(origin=duty.site_id)
    elif duty:
        shipped = shipped.filter(product__category=duty.product_group)
    ids = list(dict.fromkeys(shipped.values_list("pk", flat=True)[:DRAWN_FROM]))
    if not ids:
        of = f" of {duty}" if duty else ""
        raise ValidationError(f"Nothing{of} was shipped yet, so there is nothing to look for.")
    return Batch.objects.get(pk=secrets.choice(ids))


@transaction.atomic
def start_drill(*, drill, by, at) -> Drill:
    """Opens the drill's recall with a rule for its batch, and tells the team by mail.

    Refuses one that has started. Whether its hour has come, the clock asks.
    """
    rows = Drill.objects.select_for_update(of=("self",)).select_related("lead", "batch__product")
    drill = rows.get(pk=drill.pk)
    if drill.started_at:
        raise ValidationError(f"{drill} has started already. Load the page again.")
    batch = drill.batch
    recall = open_recall(
        title=f"Drill: {batch.product.name}, batch {batch.number}"[:200],
        by=by or drill.planned_by,
        at=at,
        is_drill=True,
        lead=drill.lead,
        hazard="Exercise: suppose that this batch can harm people. Nothing is wrong with it.",
        planned_at=drill.starts_at,
        drill=drill,
    )
    add_rule(
        recall=recall,
        kind="batches",
        parameters={"batches": [batch.pk]},
        by=by or drill.planned_by,
        at=at,
    )
    _tell_team(drill, at)
    after = {"recall": recall.reference, "batch": batch.pk, "random": drill.is_random}
    record(verb="drill started", obj=drill, by=by, at=at, after=after)
    doorbell.ring()
    return drill


def _tell_team(drill: Drill, at) -> None:
    recall, batch = drill.recall, drill.batch
    sentences = [
        f"Suppose that batch {batch.number} of {batch.product.name} can harm people.",
        "Find every place it went to, and everything it went into. Freeze the scope, tell the "
        "places, and get their answers. The time counts from this mail.",
    ]
    _write(recall, mail.alarm(recall, "A drill has begun", sentences), at)


def _write(recall: Recall, content: mail.Content, at) -> None:
    """One mail to the team: wherever it is addressed to, the team's mailboxes get it."""
    address = mail.team_mailboxes(recall)[0]
    letter(
        None,
        content,
        recall=recall,
        at=at,
        kind=Notice.Kind.DRILL,
        address=address,
        address_key=address_key(address),
    ).save(force_insert=True)


def start_due_drills(*, at) -> int:
    """Starts every drill whose hour has come; returns how many."""
    due = Drill.objects.filter(started_at__isnull=True, starts_at__lte=at).order_by("pk")
    started = 0
    for drill in due:
        try:
            start_drill(drill=drill, by=None, at=at)
        except ValidationError:  # Another worker started it.
            continue
        started += 1
    return started


@transaction.atomic
def remind_of_drills(*, at) -> bool:
    """Once, when the last drill is too long ago: a finding for people to settle, and a mail.

    It goes to the mailboxes of that drill. Says whether it reminded.
    """
    said, last = overdue_since(at), last_finished()
    if last is None or not said or Finding.objects.open().filter(kind=DUE).exists():
        return False
    last = Drill.objects.select_for_update().get(pk=last.pk)
    text = f"{said} Plan one on the page Drills."
    if Finding.objects.filter(kind=DUE, object_id=str(last.pk)).exists():
        return False
    raise_finding(kind=DUE, severity=Finding.Severity.WARNING, obj=last, text=text, at=at)
    _write(last.recall, mail.alarm(last.recall, "A drill is due", [text]), at)
    return True


@transaction.atomic
def finish_drill(*, drill, by, at, remark="") -> Drill:
    """Ends a drill however far it got, and keeps its score as it is now.

    Who has not answered and what was not found stays so: that is the result. Refuses one that
    has not started or is finished, and one whose planted truth does not match its seal.
    """
    if not drill.started_at:
        raise ValidationError("This drill has not started yet.")
    recall = Recall.objects.select_for_update().get(pk=drill.recall_id)
    if recall.status == Status.CANCELLED and drill.finished_at is None:
        raise ValidationError(f"{recall} was cancelled, so it has no score. Start another drill.")
    done = keep_score(recall, by=by, at=at, remark=remark)
    if done is None:
        raise ValidationError(f"{drill} is finished already. Load the page again.")
    _end(recall, by, at)
    return done


def _end(recall: Recall, by, at) -> None:
    """Its recall ends with it; one that was never active is cancelled."""
    if recall.status in (Status.CLOSED, Status.CANCELLED):
        return
    reason = "The drill was finished. Its score says what was not reached."
    if recall.activated_at is None:
        recall.status = Status.CANCELLED
        recall.save(update_fields=["status"])
        record(verb="recall cancelled", obj=recall, by=by, at=at, reason=reason)
        return
    if recall.completed_at is None:
        recall.completed_by, recall.completed_at = by, at
    recall.status, recall.closed_by, recall.closed_at = Status.CLOSED, by, at
    recall.closing_statement = reason
    recall.save(
        update_fields=[
            "status", "completed_by", "completed_at", "closed_by", "closed_at",
            "closing_statement",
        ]
    )  # fmt: skip
    record(verb="recall closed", obj=recall, by=by, at=at, reason=reason)
    check_targets(recall=recall, at=at)
