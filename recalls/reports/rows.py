"""The rows that the status of recalls is made of, read for many recalls in a few queries."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db.models import F

from recalls.models import (
    Acknowledgement,
    Disposition,
    Notice,
    NoticeLine,
    PassedAnswer,
    PassedOn,
    Recall,
    Recipient,
    Response,
    ScopeLine,
    ScopeVersion,
    Waiver,
)
from recalls.scope import asked_in_each
from recalls.scope.returned import Return, returns_among, returns_since


class RecallRows:
    """Of one recall: its versions by number, and all else in the order in which it happened."""

    def __init__(self):
        self.versions: list[ScopeVersion] = []
        self.lines: list[ScopeLine] = []
        self.asked_in: dict[int, int] = {}
        self.recipients: list[Recipient] = []
        self.notices: dict[int, list[dict]] = {}
        self.reminders: dict[int, list[dict]] = {}
        self.acknowledgements: list[tuple[int, int, datetime]] = []
        self.responses: list[Response] = []
        self.waivers: list[Waiver] = []
        self.passed: list[tuple[PassedOn, PassedAnswer | None]] = []
        self.returns: list[Return] = []
        self.destroyed: dict[int, Decimal] = {}
        self.certified: dict[int, Decimal] = {}

    @property
    def newest_released(self) -> ScopeVersion | None:
        return next((one for one in reversed(self.versions) if one.is_released), None)


def read(recalls: Iterable[Recall]) -> dict[int, RecallRows]:
    """By recall; ten queries, however many recalls, places and answers there are."""
    recalls = {recall.pk: recall for recall in recalls}
    rows = {pk: RecallRows() for pk in recalls}
    versions = ScopeVersion.objects.filter(recall__in=recalls).select_related("release")
    for version in versions.order_by("number"):
        rows[version.recall_id].versions.append(version)
    _read_lines(rows)
    for pk, asked in asked_in_each(recalls).items():
        rows[pk].asked_in = asked
    for recipient in Recipient.objects.filter(recall__in=recalls):
        recipient.recall = recalls[recipient.recall_id]
        rows[recipient.recall_id].recipients.append(recipient)
    _read_notices(rows)
    _read_answers(rows)
    _read_passed(rows)
    for waiver in Waiver.objects.filter(recall__in=recalls).select_related("by"):
        rows[waiver.recall_id].waivers.append(waiver)
    _read_recovered(recalls, rows)
    return rows


def _read_lines(rows: dict[int, RecallRows]) -> None:
    """The lines to be told of, of each newest released version, with what kind of place each is
    at now and in which country; their paths stay behind."""
    released = {one.pk: one for found in rows.values() if (one := found.newest_released)}
    lines = ScopeLine.objects.filter(version__in=released, role=ScopeLine.Role.RECIPIENT)
    where = {"kind_now": F("location__kind"), "country_now": F("location__country")}
    for line in lines.defer("path").annotate(**where):
        line.version = released[line.version_id]
        rows[line.version.recall_id].lines.append(line)


def _read_recovered(recalls: dict[int, Recall], rows: dict[int, RecallRows]) -> None:
    """What came back, and what was destroyed before witnesses, of the lines that are asked."""
    since = [recall.activated_at for recall in recalls.values() if recall.activated_at]
    batches = {line.batch_id for found in rows.values() for line in found.lines}
    returns = returns_since(batches, min(since)) if batches and since else []
    for pk, found in rows.items():
        asked = {line.location_id for line in found.lines}
        found.returns = returns_among(returns, recalls[pk], asked)
    _read_destroyed(rows)


def _read_destroyed(rows: dict[int, RecallRows]) -> None:
    """What was destroyed, carried out and not voided; and how much of it a certificate with a
    number, or its paper, speaks for."""
    found = Disposition.objects.filter(
        recall__in=rows,
        kind=Disposition.Kind.DESTROYED,
        decision__is_carried_out=True,
        decision__adjustment__voided_at__isnull=True,
    ).order_by("pk")
    names = ("recall_id", "holding_id", "quantity", "certificate", "paper")
    for recall, holding, quantity, certificate, paper in found.values_list(*names):
        sums = rows[recall]
        sums.destroyed[holding] = sums.destroyed.get(holding, Decimal(0)) + quantity
        if certificate or paper:
            sums.certified[holding] = sums.certified.get(holding, Decimal(0)) + quantity


def _read_answers(rows: dict[int, RecallRows]) -> None:
    read_by = Acknowledgement.objects.filter(recipient__recall__in=rows).order_by("at", "pk")
    for recall, *values in read_by.values_list(
        "recipient__recall_id", "recipient_id", "version__number", "at"
    ):
        rows[recall].acknowledgements.append(tuple(values))
    answers = Response.objects.filter(recall__in=rows).select_related("line", "recorded_by")
    answers = answers.defer("line__path")
    for answer in answers.annotate(version_number=F("line__version__number")).order_by("at", "pk"):
        rows[answer.recall_id].responses.append(answer)


def _read_passed(rows: dict[int, RecallRows]) -> None:
    """The newest answer about what went each way, unless it was taken back."""
    standing = {row.way: row for row in PassedOn.objects.filter(recall__in=rows).order_by("pk")}
    if not standing:
        return
    answers = PassedAnswer.objects.filter(passed__recall__in=rows).select_related("passed")
    newest = {answer.passed.way: answer for answer in answers.order_by("pk")}
    for way, row in standing.items():
        if row.quantity:
            rows[row.recall_id].passed.append((row, newest.get(way)))


def _read_notices(rows: dict[int, RecallRows]) -> None:
    """Each notice and reminder at each place that it names, with the holdings there that it
    names."""
    kinds = Notice.Kind.NOTICE, Notice.Kind.REMINDER
    lines = (
        NoticeLine.objects.filter(notice__recall__in=rows, notice__kind__in=kinds)
        .order_by()
        .values_list(
            "notice__recall_id",
            "line__location_id",
            "line__holding_id",
            "notice__kind",
            "notice_id",
            "notice__recipient_id",
            "notice__version__number",
            "notice__state",
            "notice__accepted_at",
            "notice__created_at",
            "notice__last_reply",
        )
    )
    names = ("recipient", "version", "state", "accepted_at", "created_at", "last_reply")
    found: dict[tuple, dict[int, dict]] = defaultdict(dict)
    for recall, location, holding, kind, pk, *values in lines:
        row = found[recall, location, kind].setdefault(pk, {"pk": pk, "holdings": set()})
        row.update(zip(names, values, strict=True))
        row["holdings"].add(holding)
    for (recall, location, kind), by_pk in found.items():
        mails = rows[recall].notices if kind == Notice.Kind.NOTICE else rows[recall].reminders
        mails[location] = list(by_pk.values())
