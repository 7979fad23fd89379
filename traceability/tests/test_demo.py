"""The demo story, loaded through operations, shows the figures it was worked out with."""

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client, TestCase, override_settings
from django.utils import timezone

from batches.models import Batch, Complaint, Event, Hold
from batches.operations.events import verify_chain
from batches.reports.complaints import common_source
from batches.tracing import WholeBatch, resolve
from batches.tracing.balance import balances
from recalls import outbox
from recalls.models import Drill, Notice, Recall
from recalls.reports.reconciliation import reconciliation
from recalls.reports.status import status
from traceability.demo import almonds, daily, foil, muesli, plastic
from traceability.demo.story import tell
from traceability.tests.crawl import Crawl

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

OUTBOX = "recalls.outbox.EmailBackend"
QUICK = "django.contrib.auth.hashers.MD5PasswordHasher"


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker, tmp_path_factory):
    """The story is told, which takes long, once for all tests of this module, in a transaction
    around theirs that is undone after the last. Gives the outbox."""
    outbox = tmp_path_factory.mktemp("told")
    with django_db_blocker.unblock():
        transactions = TestCase._enter_atomics()
        try:
            with override_settings(
                EMAIL_BACKEND=OUTBOX,
                OUTBOX_DIR=outbox,
                PASSWORD_HASHERS=[QUICK],
                NOTICE_WINDOW_SECONDS=0,
            ):
                tell(timezone.now())
            yield outbox
        finally:
            TestCase._rollback_atomics(transactions)


@pytest.fixture
def story(told, db, settings):
    settings.DEMO, settings.EMAIL_BACKEND, settings.OUTBOX_DIR = True, OUTBOX, told


def test_the_story_reproduces_its_figures_and_is_told_once(capsys, story, client):
    live = status(Recall.objects.get(title=almonds.TITLE))
    assert live.conservation.total == 126
    assert (live.conservation.failed, live.conservation.accepted) == (2, 27)
    assert sum(place.answered for place in live.places) == 71
    second = Notice.objects.filter(version=live.version, kind=Notice.Kind.NOTICE)
    assert (live.version.number, second.count()) == (2, 7 + 24)
    assert live.recall.check_places.count() == 20
    [cases] = live.totals
    assert (cases.unit, cases.due) == ("case", 4699)
    assert (cases.quarantined, cases.returned, cases.destroyed) == (2918, 412, 96)
    assert (cases.sold, cases.no_answer) == (611, 662)

    closing = Recall.objects.get(title=foil.TITLE)
    assert closing.status == Recall.Status.COMPLETED
    [cases] = status(closing).totals
    assert (cases.due, cases.returned, cases.no_answer) == (1118, 1102, 0)
    assert status(closing).conservation.total == 38
    batches = reconciliation(live.recall, live).batches
    finished = [row for row in batches if row.unit == "case"]
    sums = [sum(getattr(row, name) for row in finished) for name in ("made", "on_site", "taken")]
    assert sums == [5465, 742, 24] and sum(row.distributed for row in finished) == 4699
    [raw] = [row for row in batches if row.unit == "kg"]
    assert (raw.made, raw.used, raw.on_site, raw.taken) == (2400, 2037, 355, 8)
    assert all(row.unexplained == 0 for row in batches)
    gaps = [gap.text for gap in reconciliation(closing).gaps if gap.code != "DC-NORTH"]
    assert len(gaps) == 1 and "1\xa0case to arrive" in gaps[0]

    client.force_login(live.recall.lead, backend="django.contrib.auth.backends.ModelBackend")
    room = client.get(live.recall.get_absolute_url())
    assert room.context["source"].batch_number == "ALM-2291-C"
    assert [row[1:] for row in room.context["batch_sums"]] == [(5465, 742, 4699, 24)]
    assert "<title>(2) 72.9% RC-" in room.content.decode()
    assert "icons/favicon-stuck" in room.content.decode()

    # A second recall has been through what the live one has not.
    closed = Recall.objects.get(title=plastic.TITLE)
    assert (closed.status, closed.is_break_glass) == (Recall.Status.CLOSED, True)
    assert closed.countersigned_by and closed.narrowings.count() == closed.handed_in.count() == 1
    assert closed.passed_on.count() == 1
    found = [drill.score["found_percent"] for drill in Drill.objects.exclude(score=None)]
    assert found == ["100", "66.6"]
    assert not Hold.objects.active().filter(recall=closed.reference).exists()

    assert Recall.objects.get(title=daily.DRILL).planned_at > timezone.now()

    almond = Batch.objects.get(number="ALM-2291-C")
    held = almond.holdings.get(location__code="PLANT1").quantity
    used = sum(run.quantity for run in almond.run_inputs.all())
    assert (held, used) == (355, 2037)
    assert balances([almond.pk])[0].overall.unexplained == 0
    trace = resolve([WholeBatch(almond.pk)])
    assert {h.batch_number for h in trace.holdings} == {
        "ALM-2291-C", "L26311A", "L26311B", "L26312A", "B26313A",
    }  # fmt: skip

    # The complaints about grit lead to one batch of raisins, and not to what is in everything.
    grit = Complaint.objects.filter(product__code=muesli.PRODUCT)
    grit = grit.select_related("product", "batch__product", "location")
    best = common_source(grit).sources[0]
    assert (best.batch.number, len(best.shared.explains), best.shared.asked) == ("RS-118", 5, 6)

    # Every mail that was accepted lies in the outbox, where a newcomer can open it.
    accepted = Notice.objects.filter(state=Notice.State.ACCEPTED).count()
    assert len(outbox.names()) == accepted > 126
    assert verify_chain() == []

    events = Event.objects.count()
    call_command("demo")
    assert Event.objects.count() == events
    assert "quinn-demo" in capsys.readouterr().out


@pytest.mark.alike
def test_each_link_opens_and_looking_changes_nothing(story):
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username="paula"))
    crawl = Crawl(client)
    crawl.run()
    assert crawl.faults == []
    assert crawl.opened > 50 and crawl.tags > 50
