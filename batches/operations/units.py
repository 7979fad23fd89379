"""Unit codes: issuing them to a batch, taking them back, and answering for one."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import salted_hmac

from batches.codes.units import grouped, new_code
from batches.models import Batch, Finding, RateWindow, UnitCheck, UnitCode, UnitSeries
from batches.operations import limits
from batches.operations.changes import locked, need_reason
from batches.operations.events import record
from batches.operations.findings import raise_finding

# More would keep the person waiting and the transaction open; a bigger roll is two series.
MOST = 20_000

# A buyer, a friend, the same phone at home, on the road and abroad: that much is usual.
USUAL_CHECKS, USUAL_NETWORKS, USUAL_COUNTRIES, USUAL_PER_HOUR = 10, 4, 2, 6
# Of a code that is copied a million times, the first checks say as much as all.
HISTORY = 50
# Misses in a minute that no typing explains.
GUESSING = 100
_MISSES = "unit code misses"


@dataclass(frozen=True)
class UnitAnswer:
    """What a genuine code belongs to and how often it was asked about, this time included."""

    batch: Batch
    checks: int
    first_checked_at: datetime
    is_unusual: bool


def unit_digest(code: str) -> str:
    """The keyed hash under which a code is kept: without the key, a stolen database tells
    nobody what to print."""
    return hmac.new(_key(), code.encode(), sha256).hexdigest()


def key_mark() -> str:
    """The same for the same key: codes hashed with another key would all be unknown."""
    return salted_hmac("batches.unit.mark", "", secret=_key(), algorithm="sha256").hexdigest()[:16]


def _key() -> bytes:
    if settings.UNIT_CODE_KEY:
        return settings.UNIT_CODE_KEY.encode()
    return salted_hmac("batches.unit.key", "", algorithm="sha256").digest()


@transaction.atomic
def issue_unit_codes(*, batch, count, by, at) -> list[str]:
    """Issues `count` new codes to the batch and returns them, grouped for reading.

    This is the only time that they exist outside the packs: what is kept are hashes. Who
    loses the list voids the series and issues another. Refuses a voided batch, goods of
    which no batch was recorded, and a count out of bounds.
    """
    batch = locked(batch)
    if batch.status == Batch.Status.VOIDED:
        raise ValidationError(f"{batch} was voided. Issue the codes to the right batch.")
    if batch.is_unidentified:
        raise ValidationError("Of these goods no batch was recorded, so no code can stand for it.")
    if not 1 <= count <= MOST:
        raise ValidationError({"count": f"Issue 1 to {MOST:,} codes at a time."})
    series = UnitSeries.objects.create(
        batch=batch, count=count, key_mark=key_mark(), issued_by=by, issued_at=at
    )
    codes = [new_code() for _ in range(count)]
    rows = (UnitCode(series=series, digest=unit_digest(code)) for code in codes)
    UnitCode.objects.bulk_create(rows, batch_size=1000)
    record(
        verb="unit codes issued", obj=series, by=by, at=at, after={"batch": batch, "count": count}
    )
    return [grouped(code) for code in codes]


@transaction.atomic
def void_unit_codes(*, series, reason, by, at) -> UnitSeries:
    """Takes a series back, for example a roll that was stolen: its codes become unknown ones.

    Refuses an empty reason and a series that is void already.
    """
    series = locked(series)
    if series.voided_at:
        raise ValidationError("This series is void already.")
    series.void_reason = need_reason(reason, "the codes are void")
    series.voided_at = at
    series.save(update_fields=["voided_at", "void_reason"])
    record(verb="unit codes voided", obj=series, by=by, at=at, reason=series.void_reason)
    return series


@transaction.atomic
def check_unit(*, code, network, at, country="", printed_with=None) -> UnitAnswer | None:
    """Answers for one code and notes that it was asked; None for a code that is not known.

    `printed_with` are look-ups of the batch that stood beside the code: beside another product
    it is a copy, and not known there. `country` is empty where nobody says it. Raises a
    finding when a code is checked unusually often and when many unknown ones come in a
    minute. The history is telemetry, so no event is written for it: the log's lock would
    make the public wait for one another.
    """
    rows = UnitCode.objects.select_for_update(of=("self",), no_key=True)
    rows = rows.select_related("series__batch__product", "series__batch__origin")
    beside = {f"series__batch__{name}": value for name, value in (printed_with or {}).items()}
    unit = rows.filter(digest=unit_digest(code), series__voided_at=None, **beside).first()
    if unit is None:
        _note_miss(at)
        return None
    _note_check(unit, network, country, at)
    return UnitAnswer(
        unit.series.batch, unit.checks, unit.first_checked_at, unit.flagged_at is not None
    )


def _note_check(unit, network, country, at) -> None:
    unit.checks += 1
    unit.first_checked_at, unit.last_checked_at = unit.first_checked_at or at, at
    if unit.checks <= HISTORY:
        UnitCheck.objects.create(code=unit, at=at, network=network, country=country)
    if not unit.flagged_at and _is_unusual(unit, at):
        unit.flagged_at = at
        _alert(unit, at)
    unit.save(update_fields=["checks", "first_checked_at", "last_checked_at", "flagged_at"])


def _is_unusual(unit, at) -> bool:
    if unit.checks > USUAL_CHECKS:
        return True
    history = list(unit.history.values_list("at", "network", "country"))
    last_hour = [when for when, _, _ in history if when > at - timedelta(hours=1)]
    networks = {network for _, network, _ in history}
    countries = {country for _, _, country in history} - {""}
    return (
        len(networks) > USUAL_NETWORKS
        or len(countries) > USUAL_COUNTRIES
        or len(last_hour) > USUAL_PER_HOUR
    )


def _alert(unit, at) -> None:
    networks = unit.history.order_by().values("network").distinct().count()
    countries = unit.history.order_by().exclude(country="").values_list("country", flat=True)
    named = ", ".join(sorted(set(countries)))
    where = f"{networks} network{'' if networks == 1 else 's'}" + (f" in {named}" if named else "")
    raise_finding(
        kind="unit_checked_often",
        severity=Finding.Severity.WARNING,
        obj=unit,
        label=f"A unit of {unit.series.batch}",
        text=f"One unit code was checked {unit.checks} times from {where} since "
        f"{unit.first_checked_at:%d %b %Y}. It may be copied.",
        at=at,
    )


def _note_miss(at) -> None:
    if limits.count(key=_MISSES, at=at) == GUESSING:
        raise_finding(
            kind="unit_codes_guessed",
            severity=Finding.Severity.ALARM,
            obj=RateWindow(key=_MISSES),
            label="Public check",
            text=f"{GUESSING} unknown unit codes were checked within a minute. Somebody may be "
            "guessing, or packs with made-up codes are on sale.",
            at=at,
        )
