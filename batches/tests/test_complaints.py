"""Complaints: their pages, where each leads back to, and what several share."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from batches.models import Batch, Complaint, Holding, Location, Run, RunOutput
from batches.reports.complaints import (
    BATCH,
    LINE,
    RUN_KIND,
    SUPPLIED,
    common_source,
    paths_of,
    starts_of,
)
from batches.tests import factory
from batches.tests.factory import NOON

BACKEND = "django.contrib.auth.backends.ModelBackend"
pytestmark = pytest.mark.django_db

# Raisins R1 are in two muesli batches of three, the oats in all.
DRAWING = """
    R1@FARM -100-> R1@PLANT -200-> M1@PLANT -300..310-> M1@SHOP1
    R1@PLANT -210-> M2@PLANT -300..310-> M2@SHOP2
    R2@FARM -100-> R2@PLANT -220-> M3@PLANT -300..310-> M3@SHOP3
    OATS@FARM -100-> OATS@PLANT -200-> M1@PLANT
    OATS@PLANT -210-> M2@PLANT
    OATS@PLANT -220-> M3@PLANT
    M1@PLANT -320..330-> M1@SHOP4
    M2@PLANT -320..330-> M2@SHOP5
    M3@PLANT -320..330-> M3@SHOP6
"""


@pytest.fixture
def muesli():
    nodes = factory.trace_graph(DRAWING)
    Location.objects.filter(code="PLANT").update(is_own=True)
    Location.objects.filter(code="FARM").update(kind="supplier")
    product = factory.product("MUESLI")
    for name in ("M1", "M2", "M3"):
        batch = nodes[f"{name}@PLANT"].batch
        batch.product = product
        batch.save(update_fields=["product"])
    for name, number in (("M1", 1), ("M2", 2), ("M3", 3)):
        batch = nodes[f"{name}@PLANT"].batch
        for run in Run.objects.filter(links__target=nodes[f"{name}@PLANT"]):
            run.line, run.ran_at = f"Line {number % 2}", NOON - timedelta(days=30 - number)
            run.save(update_fields=["line", "ran_at"])
            RunOutput.objects.create(run=run, batch=batch, quantity=1)
    return nodes


def complain(node=None, *, product=None, place=None, at=NOON, text="Grit.") -> Complaint:
    batch = Batch.objects.get(pk=node.batch_id) if node else None
    where = node.location if node else place and factory.location(place)
    return Complaint.objects.create(
        batch=batch,
        product=batch.product if batch else product,
        location=where,
        at=at,
        text=text,
    )


def names(answer) -> list[str]:
    return [str(s.batch or (s.line if s.kind == LINE else s.run)) for s in answer.sources]


def test_what_is_in_the_complained_batches_and_little_else_comes_first(muesli):
    answer = common_source([complain(muesli["M1@SHOP1"]), complain(muesli["M2@SHOP2"])])
    best = answer.sources[0]
    assert (best.kind, str(best.batch)) == (SUPPLIED, "R1")
    assert (len(best.shared.explains), best.shared.reaches, best.shared.population) == (2, 4, 6)
    oats = next(s for s in answer.sources if str(s.batch) == "OATS")
    assert (len(oats.shared.explains), oats.shared.reaches, oats.shared.lift) == (2, 6, 1)
    assert "R2" not in names(answer) and "M3" not in names(answer)


def test_by_coverage_what_explains_most_comes_first_however_much_it_reaches(muesli):
    picked = [complain(muesli[name]) for name in ("M1@SHOP1", "M1@SHOP4", "M2@SHOP2", "M3@SHOP3")]
    assert names(common_source(picked, by="coverage"))[0] == "OATS"
    telling = names(common_source(picked))
    assert telling.index("M1") < telling.index("R1") < telling.index("OATS")


def test_runs_and_lines_are_candidates_with_what_they_made(muesli):
    answer = common_source([complain(muesli["M1@SHOP1"]), complain(muesli["M3@SHOP3"])])
    [line] = [s for s in answer.sources if s.kind == LINE]
    assert (line.line, [str(b) for b in line.batches]) == ("Line 1", ["M1", "M3"])
    assert len(line.shared.explains) == 2 and line.first < line.last
    runs = [s for s in answer.sources if s.kind == RUN_KIND]
    assert {str(b) for s in runs for b in s.batches} >= {"M1", "M3"}
    assert {s.kind for s in answer.sources} == {SUPPLIED, BATCH, RUN_KIND, LINE}


def test_the_way_leads_from_the_candidate_to_each_complaint(muesli):
    first, second = complain(muesli["M1@SHOP1"]), complain(muesli["M2@SHOP2"])
    answer = common_source([first, second])
    paths = paths_of(answer, answer.sources)
    best = answer.sources[0]
    way = paths[best.shared.key][second.pk]
    ends = [(s["from"]["batch"], s["to"]["batch"], s["to"]["location"]) for s in way]
    assert ends[-2:] == [("R1", "M2", "Plant"), ("M2", "M2", "Shop2")]
    assert all(step["document"] and step["left_by"] for step in way)
    run = next(s for s in answer.sources if s.kind == RUN_KIND and str(s.batches[0]) == "M1")
    assert paths[run.shared.key][first.pk][0]["to"]["batch"] == "M1"


def test_a_complaint_without_batch_counts_for_every_batch_that_had_come_there(muesli):
    factory.link(muesli["M3@PLANT"], factory.trace_graph("M3@SHOP1")["M3@SHOP1"], 300, 310)
    product = muesli["M1@PLANT"].batch.product
    [start] = starts_of([complain(product=product, place="SHOP1")])
    assert set(start.holdings) == {muesli["M1@SHOP1"].pk, *_held("M3", "SHOP1")}
    assert "Any of the 2 batches" in start.said


def test_what_came_only_after_the_complaint_is_not_meant(muesli):
    early = NOON.fromtimestamp(305, tz=NOON.tzinfo)
    product = muesli["M1@PLANT"].batch.product
    [start] = starts_of([complain(product=product, place="SHOP1", at=early)])
    assert not start.holdings and "by then" in start.said


def test_a_known_batch_is_traced_although_the_dates_contradict(muesli):
    early = NOON.fromtimestamp(305, tz=NOON.tzinfo)
    answer = common_source([complain(muesli["M1@SHOP1"], at=early)])
    assert "R1" in names(answer)


def test_what_cannot_be_traced_says_why_and_is_left_out_of_the_count(muesli):
    product = muesli["M1@PLANT"].batch.product
    lost = complain(product=product)
    found = complain(muesli["M1@SHOP1"])
    answer = common_source([lost, found])
    [untraced] = answer.untraced
    assert untraced.complaint == lost and "Neither batch nor place" in untraced.said
    assert answer.sources[0].shared.asked == 1


def test_a_batch_that_was_never_at_the_place_is_traced_from_wherever_it_was(muesli):
    elsewhere = complain(muesli["M1@SHOP1"])
    elsewhere.location = factory.location("SHOP9", kind="store")
    [start] = starts_of([elsewhere])
    assert len(start.holdings) == 3 and "not on record at Shop9" in start.said


def test_the_number_of_queries_does_not_depend_on_the_complaints(muesli):
    few = [complain(muesli[f"M{n}@SHOP{n}"]) for n in (1, 2, 3)]
    many = few + [complain(muesli[f"M{n}@SHOP{n}"]) for n in (1, 2, 3) for _ in range(5)]
    counts = []
    for picked in (few, many):
        rows = Complaint.objects.select_related("product", "batch__product", "location")
        rows = list(rows.filter(pk__in=[c.pk for c in picked]))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            paths_of(answer := common_source(rows), answer.sources)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def _held(number, place):
    rows = Holding.objects.filter(batch__number=number, location__code=place)
    return rows.values_list("pk", flat=True)


def test_the_page_of_a_complaint_offers_others_about_the_product(client, quinn, muesli):
    client.force_login(quinn, backend=BACKEND)
    now = timezone.now()
    first = complain(muesli["M1@SHOP1"], at=now, text="Grit in it.")
    complain(muesli["M2@SHOP2"], at=now - timedelta(days=9), text="Sand in it.")
    complain(muesli["M3@SHOP3"], at=now - timedelta(days=90), text="Long ago.")
    page = client.get(first.get_absolute_url()).content.decode()
    assert "Grit in it." in page and "Sand in it." in page and "Long ago." not in page
    assert "What do they share?" in page and "Trace back" in page


def test_a_closed_complaint_shows_what_came_of_it_and_has_no_buttons(client, quinn, muesli):
    client.force_login(quinn, backend=BACKEND)
    done = complain(muesli["M1@SHOP1"])
    Complaint.objects.filter(pk=done.pk).update(
        status="closed", outcome="Refunded.", closed_at=NOON
    )
    page = client.get(done.get_absolute_url()).content.decode()
    assert "Refunded." in page and "/close/" not in page


def test_the_list_lets_complaints_be_ticked_and_leads_to_what_they_share(client, vera, muesli):
    client.force_login(vera, backend=BACKEND)
    made = complain(muesli["M1@SHOP1"])
    page = client.get("/complaints/").content.decode()
    assert f'name="complaint" value="{made.pk}"' in page
    assert "/complaints/shared/" in page and f'href="/complaints/{made.pk}/"' in page
