"""Recall notices that did not arrive: one row for each recall, with what the mail servers said."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from django.contrib.auth.models import User
from django.db.models import Count, Min

from batches.templatetags.lotline import person
from recalls.models import Notice
from traceability.reports.attention.item import Item, address

# The codes in front of what a mail server said in words.
_CODES = re.compile(r"^[\s\d.]+")
_LONGEST = 40


def failed_notices():
    failed = Notice.objects.filter(state__in=Notice.UNDELIVERED, kind=Notice.Kind.NOTICE)
    return failed.exclude(recall__status__in=["closed", "cancelled"])


def notice_items(rows, limit) -> Iterator[Item]:
    named = ("recall__reference", "recall__title", "recall__lead")
    grouped = rows.order_by().values("recall", *named)
    found = list(grouped.annotate(n=Count("pk"), since=Min("created_at"))[:limit])
    leads = User.objects.in_bulk({row["recall__lead"] for row in found})
    replies = _replies(rows, [row["recall"] for row in found])
    for row in found:
        reference = row["recall__reference"]
        url = address("recall-detail", reference)
        yield Item(
            rank=0,
            since=row["since"],
            key="crit",
            icon="bounce",
            title="Recall notice not delivered",
            detail=_said(row["n"], replies[row["recall"]]),
            record=reference,
            record_url=url,
            record_detail=row["recall__title"],
            owner=person(leads.get(row["recall__lead"])),
            action="See whom",
            action_url=f"{url}?tab=not_delivered#rcp",
            count=row["n"],
        )


def _replies(rows, recalls: list[int]) -> dict[int, Counter]:
    """By recall, how often each reply came."""
    found: dict[int, Counter] = {pk: Counter() for pk in recalls}
    replies = rows.filter(recall__in=recalls).order_by().values_list("recall", "last_reply")
    for recall, reply, count in replies.annotate(n=Count("pk")):
        found[recall][_reason(reply)] += count
    return found


def _reason(reply: str) -> str:
    """`550 5.1.1 Address unknown` in words; what is longer is no reason, but a text."""
    said = _CODES.sub("", reply).strip().rstrip(".")
    return f"{said[:1].lower()}{said[1:]}" if len(said) <= _LONGEST else ""


def _said(count: int, reasons: Iterable[str]) -> str:
    who = "1 mail" if count == 1 else f"{count:,} mails"
    told = ", ".join(sorted(reason for reason in reasons if reason))
    return f"{who}: {told}" if told else f"{who} not taken by the mail server"
