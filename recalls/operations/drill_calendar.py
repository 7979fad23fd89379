"""The calendar of drills: who owes one until when, and the reminders that the clock writes.

due day   -30     -7      0      +30    +60 ...
mail       x       x      x       x      x        until a drill was run
"""

from calendar import monthrange
from datetime import date, timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from batches.models import Finding, Product
from batches.operations import doorbell
from batches.operations.changes import need_reason
from batches.operations.events import plain, record
from batches.operations.findings import close_finding, raise_finding
from batches.templatetags.wording import site_zone
from recalls import mail
from recalls.models import Drill, DrillDuty, Notice, ScopeLine
from recalls.operations.letters import letter
from recalls.scope.contacts import address_key, is_usable

DUE = "drill_due"
_BEFORE = (-30, -7)
_AGAIN = 30
MOST_MONTHS = 36
_BACKEND = "django.contrib.auth.backends.ModelBackend"
Kind, State = Notice.Kind, Notice.State


def months_later(day: date, months: int) -> date:
    """The same day of the month, or its last one where there is no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


@transaction.atomic
def owe_drill(*, owner, due_on, by, at, site=None, product_group="", every_months=12) -> DrillDuty:
    """Puts a drill of a site or of a product group into the calendar.

    Refuses both or neither, a group that no product is of, a day that has passed, an owner
    without a mailbox, and what stands in the calendar already.
    """
    group = product_group.strip()
    if (site is None) == (not group):
        raise ValidationError("Choose a site or a product group, and not both.")
    if group and not Product.objects.filter(category=group).exists():
        raise ValidationError({"product_group": f"No product is of the group {group}."})
    _refuse_owner(owner)
    _refuse_day(due_on, at)
    _refuse_months(every_months)
    if DrillDuty.objects.filter(ended_at=None, site=site, product_group=group).exists():
        raise ValidationError(f"{site.name if site else group} stands in the calendar already.")
    duty = DrillDuty.objects.create(
        site=site,
        product_group=group,
        owner=owner,
        every_months=every_months,
        due_on=due_on,
        created_at=at,
    )
    after = {"owner": owner.pk, "due_on": due_on, "every_months": every_months}
    record(verb="drill owed", obj=duty, by=by, at=at, after=plain(after))
    return duty


def _refuse_owner(owner) -> None:
    if not owner.is_active or not is_usable(owner.email):
        raise ValidationError(
            {"owner": f"{owner} has no mailbox to be reminded at. Choose another person."}
        )


def _refuse_day(due_on: date, at) -> None:
    if due_on < at.astimezone(site_zone()).date():
        raise ValidationError({"due_on": "This day has passed. Choose one that lies ahead."})


def _refuse_months(months: int) -> None:
    if not 1 <= months <= MOST_MONTHS:
        raise ValidationError({"every_months": f"Enter 1 to {MOST_MONTHS} months."})


def _locked(duty: DrillDuty) -> DrillDuty:
    duty = DrillDuty.objects.select_for_update(of=("self",)).get(pk=duty.pk)
    if duty.ended_at:
        raise ValidationError("This stands in the calendar no more. Load the page again.")
    return duty


@transaction.atomic
def change_duty(*, duty, owner, due_on, every_months, by, at) -> DrillDuty:
    """Gives it to another owner, to another day or rhythm. Refuses as `owe_drill` does."""
    duty = _locked(duty)
    _refuse_owner(owner)
    _refuse_months(every_months)
    if due_on != duty.due_on:
        _refuse_day(due_on, at)
    given = {"owner": owner, "due_on": due_on, "every_months": every_months}
    before = {name: getattr(duty, name) for name in given}
    if given == before:
        return duty
    for name, value in given.items():
        setattr(duty, name, value)
    duty.save(update_fields=list(given))
    before, after = (row | {"owner": row["owner"].pk} for row in (before, given))
    record(
        verb="drill owed otherwise",
        obj=duty,
        by=by,
        at=at,
        before=plain(before),
        after=plain(after),
    )
    if before["due_on"] != due_on:
        _forget_reminders(duty)
        _close_overdue(duty, "It was given another day.", by, at)
    return duty


@transaction.atomic
def end_duty(*, duty, reason, by, at) -> DrillDuty:
    """Takes it out of the calendar. Refuses an empty reason."""
    duty = _locked(duty)
    reason = need_reason(reason, "no drill is owed here any more")
    duty.ended_at = at
    duty.save(update_fields=["ended_at"])
    _forget_reminders(duty)
    record(verb="drill owed no more", obj=duty, by=by, at=at, reason=reason)
    _close_overdue(duty, reason, by, at)
    return duty


def settle_duties(drill: Drill, *, by, at) -> None:
    """Moves on what `drill` was run for: the sites and product groups of its frozen scope.

    One that froze nothing tested nothing. What was not sent yet of the reminders is not sent.
    """
    version = drill.recall.versions.filter(release__isnull=False).order_by("-number").first()
    lines = ScopeLine.objects.filter(version=version).order_by()
    owed = DrillDuty.objects.select_for_update(of=("self",)).filter(
        Q(site__in=lines.values("location"))
        | Q(product_group__in=lines.exclude(batch__product__category="").values(
            "batch__product__category"
        )),
        ended_at=None,
    )  # fmt: skip
    today = at.astimezone(site_zone()).date()
    for duty in owed.select_related("site").order_by("pk") if version else ():
        before = duty.due_on
        _forget_reminders(duty)
        duty.due_on, duty.last_drill = months_later(today, duty.every_months), drill
        duty.save(update_fields=["due_on", "last_drill"])
        record(
            verb="owed drill run",
            obj=duty,
            by=by,
            at=at,
            before=plain({"due_on": before}),
            after=plain({"due_on": duty.due_on, "drill": str(drill)}),
        )
        _close_overdue(duty, f"{drill} was run.", by, at)


def _close_overdue(duty: DrillDuty, reason: str, by, at) -> None:
    about = {"object_type": duty._meta.label_lower, "object_id": str(duty.pk)}
    for finding in Finding.objects.open().filter(kind=DUE, **about).order_by("pk"):
        close_finding(finding=finding, reason=reason, by=by, at=at)


def _forget_reminders(duty: DrillDuty) -> None:
    """What no worker has in hand yet is not sent: nobody is reminded of what is done."""
    waiting = Notice.objects.filter(
        kind=Kind.DRILL_DUE, state=State.PENDING, round__startswith=f"{duty.pk}:"
    )
    duty.reminded = ""
    duty.save(update_fields=["reminded"])
    waiting.update(state=State.WITHDRAWN, last_reply="Not sent: the drill was run or moved.")


def remind_of_duties(*, at) -> int:
    """Writes the reminders whose day has come, each once; returns of how many drills.

    A clock that stood still says only the newest. What is overdue is a finding, too.
    """
    today = at.astimezone(site_zone()).date()
    soon = DrillDuty.objects.filter(ended_at=None, due_on__lte=today - timedelta(days=_BEFORE[0]))
    return sum(_remind(duty, today, at) for duty in soon.order_by("due_on", "pk"))


def _step(late: int) -> int:
    """The newest reminder that has come when it is `late` days after the due day."""
    return late - late % _AGAIN if late >= 0 else max(day for day in _BEFORE if day <= late)


def _remind(duty: DrillDuty, today: date, at) -> bool:
    round = f"{duty.pk}:{duty.due_on:%y%m%d}:{_step((today - duty.due_on).days)}"
    return round != duty.reminded and _write(duty, round, today, at)


@transaction.atomic
def _write(duty: DrillDuty, round: str, today: date, at) -> bool:
    seen = duty.due_on
    duty = DrillDuty.objects.select_for_update(of=("self",)).get(pk=duty.pk)
    if duty.ended_at or duty.due_on != seen or duty.reminded == round:
        return False
    duty.reminded = round
    duty.save(update_fields=["reminded"])
    late = (today - duty.due_on).days
    mails = _owe_again(round, at) or _owe(duty, round, late, at)
    if late >= 0:
        text = f"The drill of {duty} was due {duty.due_on:%d %b %Y} and was not run yet."
        warning = Finding.Severity.WARNING
        raise_finding(kind=DUE, severity=warning, obj=duty, text=text, at=at)
    record(verb="drill reminded", obj=duty, by=None, at=at, after={"mails": mails})
    doorbell.ring()
    return True


def _owe(duty: DrillDuty, round: str, late: int, at) -> int:
    content, kind = mail.drill_due(duty, late), Kind.DRILL_DUE
    rows = [
        letter(None, content, at=at, kind=kind, round=round, address=address, address_key=key)
        for key, address in _readers(duty).items()
    ]
    return len(Notice.objects.bulk_create(rows))


def _owe_again(round: str, at) -> int:
    """Mails that were withdrawn when the day was moved away, and that it was moved back to."""
    written = Notice.objects.filter(kind=Kind.DRILL_DUE, round=round, state=State.WITHDRAWN)
    return written.update(state=State.PENDING, not_before=at)


def _readers(duty: DrillDuty) -> dict[str, str]:
    """Its owner and the team's mailboxes; without any of them all who may run drills."""
    owner = duty.owner
    found = [*([owner.email] if owner.is_active else []), *settings.DRILL_MAIL]
    if not any(map(is_usable, found)):
        staff = get_user_model().objects.with_perm("recalls.run_drill", backend=_BACKEND)
        found = list(staff.order_by("pk").values_list("email", flat=True))
    return {address_key(address): address.strip() for address in found if is_usable(address)}
