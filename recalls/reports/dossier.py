"""The figures that every output of a recall is made from, read once, so that all of them agree.

All from the newest released version's frozen lines and from the rows of notices and answers.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Min, Q

from batches.templatetags.wording import quantity, site_zone
from recalls.models import Notice, Recall, Response, ScopeLine, ScopeVersion
from recalls.reports.amounts import Amounts, add_up
from recalls.reports.checking import Checking, checking
from recalls.reports.firm import Firm, firm
from recalls.reports.reconciliation import Reconciliation, reconciliation
from recalls.reports.status import RecallStatus, status

Role = ScopeLine.Role


@dataclass(frozen=True)
class BatchFigures:
    """One batch of the scope, in its unit: what was made, is on our sites, was asked and came.

    `unknown` counts lines of ours whose stock nobody knows. Not made here is None.
    """

    batch_id: int
    number: str
    product_code: str
    product_name: str
    gtin: str
    origin_code: str
    expires_on: date | None
    unit: str
    made: Decimal | None
    on_site: Decimal
    unknown: int
    places: int
    amounts: Amounts


@dataclass(frozen=True)
class Told:
    """Notices about the scope: how many by state, and when the first and last were accepted."""

    notices: int
    reminders: int
    first_at: datetime | None
    last_at: datetime | None
    by_phone: int


@dataclass(frozen=True)
class OnSite:
    """Stock on our own sites in one unit; `unknown` counts lines without a figure."""

    unit: str
    quantity: Decimal
    unknown: int


@dataclass(frozen=True)
class Dossier:
    recall: Recall
    now: RecallStatus
    version: ScopeVersion
    lines: list[ScopeLine]
    batches: list[BatchFigures]
    on_site: list[OnSite]
    told: Told
    firm: Firm
    at: datetime
    by: str
    zone: ZoneInfo
    size: str
    balance: Reconciliation
    checks: Checking
    answers: dict[int, Response] = field(default_factory=dict)

    @property
    def is_final(self) -> bool:
        """Whether the recovering has ended; before that, figures are those of an interim."""
        return self.recall.status in (Recall.Status.COMPLETED, Recall.Status.CLOSED)

    @property
    def page(self) -> str:
        """Where the frozen version is looked up."""
        return f"{settings.SITE_URL}/recalls/{self.recall.reference}/scope/{self.version.number}/"

    @property
    def products(self) -> list[list[BatchFigures]]:
        """The batches, by product."""
        found: dict[str, list[BatchFigures]] = defaultdict(list)
        for row in self.batches:
            found[row.product_code].append(row)
        return list(found.values())


def dossier(recall: Recall, *, at: datetime, by: str, size: str = "") -> Dossier:
    """Refuses a recall of which no version was released: nothing is known for certain yet."""
    now = status(recall)
    if now.version is None:
        raise ValidationError(f"{recall} has no frozen scope yet. Approve it first.")
    lines = list(now.version.lines.defer("path").select_related("location"))
    answers = {
        line.holding_id: answer
        for place in now.places
        for line, answer in zip(place.lines, place.answers, strict=True)
        if answer is not None
    }
    balance = reconciliation(recall, now, lines)
    return Dossier(
        recall=recall,
        now=now,
        version=now.version,
        lines=lines,
        batches=_batches(lines, _amounts(now), balance),
        on_site=_on_site(lines),
        told=_told(recall),
        firm=firm(),
        at=at,
        by=by,
        zone=site_zone(),
        size=size or settings.PAPER_SIZE,
        balance=balance,
        checks=checking(recall, now.version, {place.location_id for place in now.places}),
        answers=answers,
    )


def _amounts(now: RecallStatus) -> dict[int, Amounts]:
    """By holding, as the page of the recall shows them."""
    return {
        line.holding_id: amounts
        for place in now.places
        for line, amounts in zip(place.lines, place.line_amounts, strict=True)
    }


def _batches(
    lines: list[ScopeLine], amounts: dict[int, Amounts], balance: Reconciliation
) -> list[BatchFigures]:
    by_batch: dict[int, list[ScopeLine]] = defaultdict(list)
    for line in lines:
        by_batch[line.batch_id].append(line)
    made = {row.batch_id: row.made for row in balance.batches}
    rows = [_batch(own, amounts, made[pk]) for pk, own in by_batch.items()]
    return sorted(rows, key=lambda row: (row.product_code, row.number, row.origin_code))


def _batch(own: list[ScopeLine], amounts, made: Decimal | None) -> BatchFigures:
    first = own[0]
    sites = [line.on_hand for line in own if line.role == Role.OWN_SITE]
    asked = [line for line in own if line.role == Role.RECIPIENT]
    sums = add_up(amounts[line.holding_id] for line in asked)
    return BatchFigures(
        batch_id=first.batch_id,
        number=first.batch_number,
        product_code=first.product_code,
        product_name=first.product_name,
        gtin=first.gtin,
        origin_code=first.origin_code,
        expires_on=first.expires_on,
        unit=first.unit,
        made=made,
        on_site=sum(filter(None, sites), Decimal(0)),
        unknown=sites.count(None),
        places=len({line.location_id for line in asked}),
        amounts=sums[0] if sums else Amounts(first.unit),
    )


def _on_site(lines: list[ScopeLine]) -> list[OnSite]:
    known: dict[str, list[Decimal | None]] = defaultdict(list)
    for line in lines:
        if line.role == Role.OWN_SITE:
            known[line.unit].append(line.on_hand)
    return [
        OnSite(unit, sum(filter(None, values), Decimal(0)), values.count(None))
        for unit, values in sorted(known.items())
    ]


def _told(recall: Recall) -> Told:
    kinds = Notice.Kind
    accepted = Q(kind=kinds.NOTICE, state=Notice.State.ACCEPTED)
    counts = recall.notices.aggregate(
        notices=Count("pk", filter=accepted),
        reminders=Count("pk", filter=Q(kind=kinds.REMINDER, state=Notice.State.ACCEPTED)),
        first_at=Min("accepted_at", filter=accepted),
        last_at=Max("accepted_at", filter=accepted),
    )
    spoken = recall.responses.filter(recorded_by__isnull=False).order_by()
    return Told(**counts, by_phone=spoken.values("line__location").distinct().count())


def each(amounts: list[Amounts], part: str) -> str:
    """`412 cases, 3 kg`: one part of the sums, each in its unit; unlike units stay apart."""
    said = [quantity(getattr(one, part), one.unit) for one in amounts if getattr(one, part)]
    return ", ".join(said) or "none"
