"""Break-glass: one person activates a recall alone, and a second one looks at it afterwards.

To keep a recall waiting at night for a second person is a hazard itself. So it can be done
alone, with a reason; every approver is told at once, it is flagged wherever the recall is
shown, and after 24 hours without a second signature there is an alarm.
"""

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction

from batches.models import Finding
from batches.operations import doorbell
from batches.operations.events import record
from batches.operations.findings import close_finding, raise_finding
from batches.templatetags.wording import moment
from recalls import mail
from recalls.models import Notice, Recall, ScopeVersion
from recalls.operations.activation import activated, follow_up
from recalls.operations.letters import letter
from recalls.operations.messages import refuse_softening
from recalls.operations.signing import check_password, sign
from recalls.operations.snapshots import in_one_snapshot
from recalls.operations.states import locked, refuse_incomplete
from recalls.scope import newest_released
from recalls.scope.contacts import address_key, is_usable

Status = Recall.Status
ALONE, OVERDUE, OBJECTED = "break_glass", "countersign_overdue", "recall_objected"
_UNDER_WAY = (Status.ACTIVE, Status.COMPLETED)
_APPROVE = "recalls.activate_recall"
_BACKEND = "django.contrib.auth.backends.ModelBackend"


def break_glass(*, recall, by, at, password, meaning, reason, seen="") -> ScopeVersion:
    """Activates a draft, or one's own submitted recall, without a second person.

    Refuses an empty reason, a wrong password, a drill, whatever submitting refuses, and a
    recall that somebody else submitted: that one is approved.
    """
    version = _break_glass(
        recall=recall, by=by, at=at, password=password, meaning=meaning, reason=reason, seen=seen
    )
    follow_up(version, at)
    return version


@in_one_snapshot
def _break_glass(*, recall, by, at, password, meaning, reason, seen) -> ScopeVersion:
    recall = locked(recall, Status.DRAFT, Status.SUBMITTED, to="activated")
    if recall.is_drill:
        raise ValidationError(f"{recall} is a drill. It needs no second person: approve it.")
    if not reason.strip():
        raise ValidationError({"reason": "Say why this cannot wait for a second person."})
    if recall.status == Status.SUBMITTED and recall.submitted_by_id != by.pk:
        raise ValidationError("Somebody else submitted this recall. Approve it as second person.")
    refuse_incomplete(recall)
    refuse_softening(recall)
    check_password(by, password)
    if recall.status == Status.DRAFT:
        recall.submitted_by, recall.submitted_at = by, at
    version = activated(recall, by=by, at=at, meaning=meaning, seen=seen, reason=reason.strip())
    sentences = [
        f"{_name(by)} activated it without a second person: {recall.break_glass_reason}",
        f"Another person must countersign it or object by {moment(recall.countersign_due, at)}.",
        "The places in its scope are being told. Look at it now.",
    ]
    _warn(recall, version, ALONE, "Activated by one person alone", sentences, at, leave_out=by)
    return version


@transaction.atomic
def countersign(*, recall, by, at, password, meaning) -> Recall:
    """The second signature under a recall that one person activated alone.

    Refuses that person, a wrong password, and a recall that needs none.
    """
    recall = _to_look_at(recall, by, "countersigned")
    check_password(by, password)
    recall.countersigned_by, recall.countersigned_at = by, at
    recall.save(update_fields=["countersigned_by", "countersigned_at"])
    sign(recall, newest_released(recall), by, at, meaning)
    _settle(recall, by, at)
    record(verb="recall countersigned", obj=recall, by=by, at=at)
    return recall


@transaction.atomic
def object_to(*, recall, by, at, password, reason) -> Recall:
    """Notes what a second person has against it, with an alarm to all who approve.

    The recall goes on, and still waits for a signature: whoever is warned stays warned until
    two people narrow or close it. Refuses as countersigning does, and an empty reason.
    """
    recall = _to_look_at(recall, by, "objected to")
    if not reason.strip():
        raise ValidationError({"reason": "Say what is wrong with this recall."})
    check_password(by, password)
    recall.objection, recall.objected_by, recall.objected_at = reason.strip(), by, at
    recall.save(update_fields=["objection", "objected_by", "objected_at"])
    version = newest_released(recall)
    sign(recall, version, by, at, "I have looked at this recall, and I object to it.")
    sentences = [
        f"{_name(by)} objects: {recall.objection}",
        "The recall goes on until two people narrow or close it.",
    ]
    _warn(recall, version, OBJECTED, "Objection", sentences, at, leave_out=by)
    record(verb="recall objected to", obj=recall, by=by, at=at, reason=recall.objection)
    return recall


def _to_look_at(recall: Recall, by, to: str) -> Recall:
    recall = locked(recall, *_UNDER_WAY, to=to)
    if not recall.is_break_glass:
        raise ValidationError(f"Two people activated {recall}. It needs no further signature.")
    if recall.countersigned_by_id:
        raise ValidationError(f"{recall} is countersigned already. Load the page again.")
    if by.pk == recall.activated_by_id:
        raise ValidationError("You activated this recall alone. Another person must look at it.")
    return recall


@transaction.atomic
def check_countersigned(*, recall, at) -> bool:
    """Raises the alarm, once, when nobody countersigned in time; says whether it did."""
    recall = Recall.objects.select_for_update().get(pk=recall.pk)
    if recall.status not in _UNDER_WAY or not recall.is_uncountersigned:
        return False
    told = recall.notices.filter(kind=Notice.Kind.ALARM, round=OVERDUE).exists()
    if told or at < recall.countersign_due:
        return False
    sentences = [
        f"{_name(recall.activated_by)} activated it alone: {recall.break_glass_reason}",
        f"Nobody countersigned it by {moment(recall.countersign_due, at)}. Look at it now.",
    ]
    _warn(recall, newest_released(recall), OVERDUE, "Not countersigned in time", sentences, at)
    return True


def _name(user) -> str:
    return user.get_full_name() or user.get_username()


def _warn(recall: Recall, version, kind: str, heading: str, sentences, at, leave_out=None) -> None:
    """A finding for everybody, and a mail owed to each approver but `leave_out`."""
    content = mail.alarm(recall, heading, sentences)
    turns = recall.notices.filter(kind=Notice.Kind.ALARM, round__startswith=kind)
    turn = turns.order_by().values("round").distinct().count()
    fields = {"kind": Notice.Kind.ALARM, "round": f"{kind} {turn + 1}" if turn else kind, "at": at}
    Notice.objects.bulk_create(
        letter(version, content, address=address, address_key=key, **fields)
        for key, address in sorted(_approvers(leave_out).items())
    )
    raise_finding(
        kind=kind,
        severity=Finding.Severity.ALARM,
        obj=recall,
        # Names of people stand in no finding, whose text is in the log.
        text=f"{_TEXTS[kind]} {recall.title}",
        at=at,
    )
    doorbell.ring()


_TEXTS = {
    ALONE: "One person activated it alone; another must countersign it within 24 hours.",
    OVERDUE: "One person activated it alone, and nobody countersigned it within 24 hours.",
    OBJECTED: "The second person who looked at it objects. It goes on until two people end it.",
}


def _approvers(leave_out) -> dict[str, str]:
    people = get_user_model().objects.with_perm(_APPROVE, backend=_BACKEND)
    people = people.exclude(pk=leave_out.pk) if leave_out else people
    addresses = people.order_by("pk").values_list("email", flat=True)
    return {address_key(address): address for address in addresses if is_usable(address)}


def _settle(recall: Recall, by, at) -> None:
    """Closes what was raised because a second signature was missing."""
    alarms = Finding.objects.open().filter(
        kind__in=[ALONE, OVERDUE, OBJECTED],
        object_type=recall._meta.label_lower,
        object_id=str(recall.pk),
    )
    for finding in alarms.order_by("pk"):
        close_finding(finding=finding, reason="The recall was countersigned.", by=by, at=at)
