"""Two drills that were run, what they taught, and the calendar of those that are owed.

RS-118 --> 9 + 9 stores and their centres   1 h 41 min; a place that was planted was missed
RS-121 --> 9 + 9 stores and their centres   1 h 12 min; all found
"""

from datetime import timedelta

from batches.models import Batch
from recalls.models import Drill
from recalls.operations.activation import activate_unsigned, follow_up
from recalls.operations.drill_calendar import owe_drill
from recalls.operations.drills import finish_drill, plan_drill, start_drill
from recalls.operations.recalls import submit_recall
from recalls.operations.responses import answer
from recalls.operations.tasks import add_action, complete_task
from recalls.scope import lines_of
from traceability.demo.almonds import send_all
from traceability.demo.pen import Pen

LEARNED = "Two people looked for the list of telephone numbers at the same time."


def tell(pen: Pen, people: dict) -> None:
    if Drill.objects.exists():
        return
    quinn = people["quinn"]
    for group, site, days in (("Granola", None, 20), ("Crackers", None, 45), ("", "PLANT1", 30)):
        owe_drill(
            site=site and pen.places[site], product_group=group, owner=quinn,
            due_on=pen.now.date() + timedelta(days=days), by=quinn, at=pen.ago(days=60),
        )  # fmt: skip
    first = _run(pen, quinn, "RS-118", pen.ago(days=19), 101, ("DC-SOUTH", "DC-WEST", "C-1180"))
    _run(pen, quinn, "RS-121", pen.ago(days=12), 72, ("DC-SOUTH", "DC-WEST"))
    _put_right(pen, people, first)


def _run(pen: Pen, quinn, number: str, at, minutes: int, planted: tuple[str, ...]) -> Drill:
    drill = plan_drill(
        lead=quinn, by=quinn, at=at - timedelta(days=3), batch=Batch.objects.get(number=number),
        window_from=at, window_until=at, planted=[{"place": code} for code in planted],
    )  # fmt: skip
    drill = start_drill(drill=drill, by=None, at=at)
    frozen = at + timedelta(minutes=minutes // 3)
    recall = submit_recall(recall=drill.recall, by=quinn, at=frozen)
    version = activate_unsigned(recall=recall, by=quinn, at=frozen)
    follow_up(version, frozen)
    send_all(frozen + timedelta(minutes=1))
    for recipient in recall.recipients.order_by("pk"):
        found = {line.pk: {"quarantined": line.due} for line in lines_of(recipient)}
        answer(
            recipient=recipient, answers=found, name="Drill", phone="", remark="",
            at=frozen + timedelta(minutes=minutes // 3),
        )  # fmt: skip
    end = at + timedelta(minutes=minutes)
    return finish_drill(drill=drill, by=quinn, at=end, remark=LEARNED)


def _put_right(pen: Pen, people: dict, drill: Drill) -> None:
    """One action that is done, and one that is due in a week."""
    drill.refresh_from_db()
    given = {"recall": drill.recall, "by": people["quinn"], "at": pen.ago(days=18)}
    done = add_action(
        title="Keep the telephone numbers at the crisis card, not in a drawer",
        assignee=people["otto"], due_at=pen.ago(days=10), **given,
    )  # fmt: skip
    complete_task(task=done, note="Printed.", by=people["otto"], at=pen.ago(days=15))
    add_action(
        title="Enter Harbour Hotels as customer of the muesli, and who may call them",
        assignee=people["vera"], due_at=pen.now + timedelta(days=7), **given,
    )  # fmt: skip
