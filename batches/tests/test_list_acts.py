"""Lists: filters as text, columns and views that people keep, and acts on ticked rows."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from batches.filters import BatchFilter
from batches.lists import phrases
from batches.models import Event, Hold, Run, RunOutput, Shipment
from batches.operations.holds import place_hold, release_holds
from batches.operations.preferences import preferences_of
from batches.tests import factory
from batches.tests.factory import NOON
from batches.views import picked

BACKEND = "django.contrib.auth.backends.ModelBackend"
TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def _logged_in(client, quinn):
    client.force_login(quinn, backend=BACKEND)


def read(text) -> dict[str, str]:
    return phrases.read(text, BatchFilter().form, BatchFilter.aliases, TODAY)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("status:held", {"status": "held"}),
        ('status:"On hold"', {"status": "held"}),
        ("SITE:plant1", {"at": "plant1"}),
        ("expires:<7d", {"expires_before": "2026-11-29"}),
        ("made:>-2w", {"made_after": "2026-11-08"}),
        ("expires:today", {"expires_after": "2026-11-22", "expires_before": "2026-11-22"}),
        (
            "made:2026-11-01..2026-11-30",
            {"made_after": "2026-11-01", "made_before": "2026-11-30"},
        ),
        ("oat  clusters", {"q": "oat clusters"}),
        ("O'Brien", {"q": "O'Brien"}),
        ("", {}),
    ],
)
def test_a_line_of_text_asks_for_what_it_says(text, asked):
    assert read(text) == asked


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour:red", "This list has no filter “colour”. It has q, status"),
        ("status:blue", "“status” does not understand “blue”. It takes recalled, held"),
        ("expires:soon", "“expires” takes days such as"),
        ("expires:>-9999999w", "“expires” takes days such as"),
        ('product:"open', "A quotation mark is open."),
    ],
)
def test_what_a_line_does_not_mean_is_said(text, said):
    with pytest.raises(phrases.Unclear, match=said):
        read(text)


def test_the_order_of_the_words_does_not_matter_and_the_line_can_be_read_back():
    asked = read("expires:<7d status:held product:'x y' oat".replace("'", '"'))
    assert list(asked) == ["q", "status", "product", "expires_before"]
    assert read(phrases.write(asked, BatchFilter().form)) == asked


def test_the_line_leads_to_the_address_of_the_filters(client):
    answer = client.get("/batches/", {"filter": "status:held site:plant1", "sort": "-number"})
    assert (answer.status_code, answer["Location"]) == (
        302,
        "/batches/?status=held&at=plant1&sort=-number",
    )
    refused = client.get("/batches/", {"filter": "colour:red"})
    assert refused.status_code == 400 and "no filter “colour”" in refused.content.decode()


def names(client, url="/batches/") -> list[str]:
    return client.get(url).context["table"].columns.names()


def test_columns_are_kept_in_their_order_and_an_address_goes_before(client, quinn):
    factory.batch("L1")
    order = ["status", "number", "product"]
    client.post("/me/columns/batch-list/", {"order": order, "columns": order, "up": "number"})
    assert names(client) == ["pick", "number", "status", "product"]
    assert names(client, "/batches/?columns=product,number") == ["pick", "product", "number"]
    client.post("/me/columns/batch-list/", {"order": order, "columns": order, "reset": ""})
    assert len(names(client)) == 12 and preferences_of(quinn).columns == {}


def test_what_a_list_can_do_without_is_shown_to_who_chooses_it(client, quinn):
    assert not {"recall", "placed_by"} & set(names(client, "/holds/"))
    assert "placed_by" in names(client, "/holds/?columns=batch,placed_by")
    assert "Placed by" in client.get("/holds/").content.decode()


def test_a_column_that_went_away_is_passed_over(client, quinn):
    factory.batch("L1")
    client.post("/me/columns/batch-list/", {"order": ["gone", "number"], "columns": ["gone"]})
    assert len(names(client)) == 12


def test_a_saved_view_is_a_tab_of_the_list_also_for_others_when_it_is_shared(client, vera):
    factory.batch("L1")
    view = {"name": "Soon", "query": "status=held&sort=-number", "is_shared": "on"}
    answer = client.post("/me/views/batch-list/save/", view)
    assert answer["Location"] == "/batches/?status=held&sort=-number"
    client.post("/me/views/batch-list/save/", {"name": "Mine", "query": ""})
    current = client.get(answer["Location"]).context["views"]
    assert [(tab.word, tab.note, tab.is_current) for tab in current] == [
        ("Mine", "", False),
        ("Soon", "", True),
    ]
    client.force_login(vera, backend=BACKEND)
    assert [(tab.word, tab.note) for tab in client.get("/batches/").context["views"]] == [
        ("Soon", "quinn")
    ]
    assert client.get("/runs/").context["views"] == []


def test_a_view_of_a_list_that_there_is_not_is_refused(client):
    assert client.post("/me/views/nowhere/save/", {"name": "x"}).status_code == 404
    assert client.post("/me/columns/nowhere/", {"order": "x"}).status_code == 404


def test_ticked_batches_are_held_together_with_one_event_each(client):
    one, two = factory.batch("L1"), factory.batch("L2")
    url = f"/batches/hold/?batch={one.pk}&batch={two.pk}"
    page = client.get(url).content.decode()
    assert "Hold 2 batches" in page and ">L1<" in page and ">L2<" in page
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "Smells."}).status_code == 302
    assert Hold.objects.active().count() == 2
    assert Event.objects.filter(verb="hold placed").count() == 2
    assert client.get("/batches/hold/?batch=999").status_code == 404


def test_holds_are_released_together_or_none_of_them_is(client, quinn):
    one, two = factory.batch("L1"), factory.batch("L2")
    holds = [place_hold(batch=one, reason="x", by=quinn, at=NOON)]
    holds.append(place_hold(batch=two, reason="x", by=quinn, at=NOON, recall="RC-2026-0001"))
    keys = [hold.pk for hold in holds]
    with pytest.raises(ValidationError) as refused:
        release_holds(holds=keys, reason="Fine.", by=quinn, at=NOON)
    assert "belongs to recall RC-2026-0001" in refused.value.messages[0]
    assert refused.value.messages[-1].startswith("Nothing was released.")
    assert Hold.objects.active().count() == 2
    url = f"/holds/release/?hold={keys[0]}"
    assert client.post(url, {"reason": "Fine."}).status_code == 302
    assert [hold.batch for hold in Hold.objects.active()] == [two]


def test_ticked_batches_lead_to_the_trace(client):
    one = factory.batch("L1")
    answer = client.get(f"/batches/trace/?batch={one.pk}&batch=x")
    assert answer["Location"] == f"/trace/?seed={one.pk}&dir=fwd"
    assert client.get("/batches/trace/").status_code == 404


def test_ticked_shipments_and_runs_lead_to_the_trace_and_labels_of_their_batches(
    client, monkeypatch
):
    made = factory.trace_graph("RAW --> PACK@PLANT1 --> PACK@STORE1")["PACK@STORE1"].batch
    run, sent = Run.objects.get(), Shipment.objects.get()
    RunOutput.objects.create(run=run, batch=made)
    shown = client.get("/shipments/").content.decode()
    assert f'name="shipment" value="{sent.pk}"' in shown and "Trace their batches" in shown
    answer = client.get(f"/batches/trace/?shipment={sent.pk}&shipment=x")
    assert answer["Location"] == f"/trace/?seed={made.pk}&dir=fwd"
    answer = client.get(f"/batches/trace/?run={run.pk}&dir=back")
    assert answer["Location"] == f"/trace/?seed={made.pk}&dir=back"
    assert client.get(f"/batches/labels/?run={run.pk}").context["count"] == 1
    monkeypatch.setattr(picked, "MOST", 0)
    refused = client.get(f"/batches/trace/?run={run.pk}")
    assert refused.status_code == 400 and "Tick fewer rows" in refused.content.decode()


def test_an_export_of_ticked_rows_has_those_alone(client):
    one, _ = factory.batch("L1"), factory.batch("L2")
    answer = client.get(f"/batches/?export=csv&columns=number&batch={one.pk}")
    text = b"".join(answer.streaming_content).decode()
    assert "L1" in text and "L2" not in text and "Rows,1" in text
    assert client.get(f"/batches/?batch={one.pk}").status_code == 400


def held(client, url, shown, reason="Smells."):
    return client.post(url, {"reason": reason, "shown": shown})


def test_all_that_match_are_held_as_they_were_shown_or_not_at_all(client):
    for name in ("X71", "X72", "Y81"):
        factory.batch(name)
    url = "/batches/hold/?all=1&q=X7"
    page = client.get(url)
    assert "Hold 2 batches" in page.content.decode() and "Search is X7" in page.content.decode()
    shown = page.context["act"].digest
    assert Hold.objects.count() == 0, "Looking held something."
    factory.batch("X73")
    late = held(client, url, shown)
    assert late.status_code == 422 and "3 batches match now" in late.content.decode()
    assert "Smells." in late.content.decode() and Hold.objects.count() == 0
    assert held(client, url, late.context["act"].digest).status_code == 302
    assert set(Hold.objects.values_list("batch__number", flat=True)) == {"X71", "X72", "X73"}
    release = "/holds/release/?all=1&state=active"
    assert held(client, release, client.get(release).context["act"].digest).status_code == 302
    assert not Hold.objects.active().exists()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("statsu=held", "This list has no filter “statsu”"),
        ("status=blue", "The filter “Status” does not understand"),
        ("q=nothing", "Nothing in the list matches any more."),
        ("", "More than 2 match. Narrow the filter"),
    ],
)
def test_what_the_list_does_not_know_matches_nothing(client, monkeypatch, query, said):
    monkeypatch.setattr("batches.views.picked.MOST_MATCHING", 2)
    for name in ("X71", "X72", "Y81"):
        factory.batch(name)
    answer = client.post(f"/batches/hold/?all=1&{query}", {"reason": "x", "shown": ""})
    assert answer.status_code == 400 and said in answer.content.decode()
    assert Hold.objects.count() == 0


def test_a_list_offers_its_act_for_all_that_match_with_the_filters_as_they_are(client, vera):
    for name in ("X71", "Y81"):
        factory.batch(name)
    wanted = 'href="/batches/hold/?q=X7&amp;all=1">Hold</a>'
    assert wanted in client.get("/batches/?q=X7&sort=number").content.decode()
    client.force_login(vera, backend=BACKEND)
    assert "all=1" not in client.get("/batches/?q=X7").content.decode()
