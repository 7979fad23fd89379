"""Effectiveness checks: the sample is drawn once, each result kept, a failed one followed up."""

import secrets

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.operations.changes import need_reason
from batches.operations.events import record
from recalls.models import CheckPlace, CheckResult, CheckSample, Recall
from recalls.operations.states import locked
from recalls.operations.tasks import write_check_task
from recalls.reports.checking import PERCENT, draw, population
from recalls.scope import newest_released

Level, Result = Recall.Effectiveness, CheckResult.Result
_UNDER_WAY = (Recall.Status.ACTIVE, Recall.Status.COMPLETED)
NOBODY = "Choose level A, B, C or D. With level E nobody is checked."


@transaction.atomic
def draw_sample(*, recall, level, by, at, percent=None) -> CheckSample:
    """Draws the places to be checked, once and for ever, with a new seed that is kept.

    `percent` is for level B. The level becomes the recall's. Refuses a second sample, a
    level without checks, a share out of range, and a recall that is not under way.
    """
    recall = locked(recall, *_UNDER_WAY, to="checked")
    if recall.check_samples.exists():
        raise ValidationError("The sample was drawn already. It is never drawn again.")
    if level not in Level or level == Level.E:
        raise ValidationError({"level": NOBODY})
    if level == Level.B and not 10 <= (percent or 0) <= 100:
        raise ValidationError({"percent": "Level B is a share of 10 to 100 %. Enter it."})
    share = percent if level == Level.B else PERCENT[level]
    if recall.effectiveness_level != level:
        recall.effectiveness_level = level
        recall.save(update_fields=["effectiveness_level"])
    return _drawn(recall, newest_released(recall), level, share, by, at)


@transaction.atomic
def choose_no_checks(*, recall, reason, by, at) -> Recall:
    """Chooses level E: nobody is checked. Refuses an empty reason, and once a sample is drawn."""
    recall = locked(recall, *_UNDER_WAY, to="checked")
    if recall.check_samples.exists():
        raise ValidationError("A sample was drawn. Waive its checks with a reason instead.")
    reason = need_reason(reason, "no place is checked")
    before = {"effectiveness_level": recall.effectiveness_level}
    recall.effectiveness_level = Level.E
    recall.save(update_fields=["effectiveness_level"])
    after = {"effectiveness_level": str(Level.E)}
    record(
        verb="no checks chosen", obj=recall, by=by, at=at, before=before, after=after, reason=reason
    )
    return recall


def draw_more(*, recall, at) -> CheckSample | None:
    """Draws of the places that a later version added, with a seed of its own; the clock does it.

    Nothing before somebody drew the first sample, and nothing where nobody was added.
    """
    version = newest_released(recall)
    samples = recall.check_samples.filter(version=version)
    if version is None or recall.status not in _UNDER_WAY or samples.exists():
        return None
    if not recall.check_samples.exists() or not _added(recall, version):
        return None
    with transaction.atomic():
        recall = Recall.objects.select_for_update().get(pk=recall.pk)
        first = recall.check_samples.order_by("pk").first()
        if recall.status not in _UNDER_WAY or samples.exists():
            return None
        return _drawn(recall, version, first.level, first.percent, None, at)


def _added(recall: Recall, version) -> dict[str, int]:
    return population(recall.check_samples.select_related("version"), version)


def _drawn(recall: Recall, version, level: str, percent: int, by, at) -> CheckSample:
    codes, seed = _added(recall, version), secrets.token_hex(16)
    chosen = draw(seed, codes, percent)
    sample = CheckSample.objects.create(
        recall=recall,
        version=version,
        level=level,
        percent=percent,
        seed=seed,
        population=len(codes),
        by=by,
        at=at,
    )
    first = recall.check_places.count() + 1
    CheckPlace.objects.bulk_create(
        CheckPlace(sample=sample, recall=recall, location_id=codes[code], number=number)
        for number, code in enumerate(chosen, first)
    )
    after = {"sample": sample.pk, "version": version.number, "level": level, "percent": percent}
    after |= {"seed": seed, "population": len(codes), "count": len(chosen)}
    record(verb="sample drawn", obj=recall, by=by, at=at, after=after)
    return sample


@transaction.atomic
def record_check(
    *, place, means, result, by, at, told=None, controlled=None, instructed=None, person="", note=""
) -> CheckResult:
    """Keeps what a check found; a failed one becomes a task. A later check counts instead.

    Passed is three times yes; failed has a no. Refuses answers that do not fit the result, a
    means that is not known, and a recall that is not under way.
    """
    recall = locked(place.recall, *_UNDER_WAY, to="checked")
    answers = {"told": told, "controlled": controlled, "instructed": instructed}
    if result not in {Result.PASSED, Result.FAILED, Result.NOT_REACHED}:
        raise ValidationError({"result": "Choose passed, failed or not reached."})
    _refuse_contradiction(result, answers)
    if means not in CheckResult.Means:
        raise ValidationError({"means": "Choose how it was checked: visit, phone or letter."})
    row = CheckResult(
        place=place,
        means=means,
        result=result,
        person=person.strip(),
        note=note.strip(),
        by=by,
        at=at,
        **answers,
    )
    row.full_clean(exclude=["place"])
    row.save(force_insert=True)
    if result == Result.FAILED:
        write_check_task(recall, place.location, by, at)
    _record("check recorded", recall, row, by, at)
    return row


def _refuse_contradiction(result: str, answers: dict) -> None:
    if result == Result.NOT_REACHED:
        if any(value is not None for value in answers.values()):
            raise ValidationError({"result": "Nobody was reached: leave the three questions open."})
        return
    if open_ones := [name for name, value in answers.items() if value is None]:
        raise ValidationError(dict.fromkeys(open_ones, "Answer this question with yes or no."))
    if result == Result.PASSED and not all(answers.values()):
        raise ValidationError({"result": "A check with a no has failed."})
    if result == Result.FAILED and all(answers.values()):
        raise ValidationError({"result": "Three times yes is a check that passed."})


@transaction.atomic
def waive_check(*, place, reason, by, at) -> CheckResult:
    """Says why a check is not made. Refuses an empty reason, and one that was made."""
    recall = locked(place.recall, *_UNDER_WAY, to="checked")
    newest = place.results.order_by("-pk").first()
    if newest and newest.result in {Result.PASSED, Result.FAILED, Result.WAIVED}:
        raise ValidationError(f"This check is settled: {newest.get_result_display().lower()}.")
    reason = need_reason(reason, "this check is not made")
    row = CheckResult.objects.create(
        place=place, means="", result=Result.WAIVED, note=reason, by=by, at=at
    )
    _record("check waived", recall, row, by, at, reason)
    return row


def _record(verb: str, recall: Recall, row: CheckResult, by, at, reason="") -> None:
    """The log names the place, and no person there."""
    after = {"check": row.place.number, "code": row.place.location.code, "result": str(row.result)}
    after |= {"means": str(row.means), "entry": row.pk}
    record(verb=verb, obj=recall, by=by, at=at, after=after, reason=reason)
