"""A trace that is stopped somewhere says on its page and in its files what it leaves out."""

# ruff: noqa: F811 (fixtures of another module)

import json

import pytest

from batches.models import Location, Run
from batches.tests.test_trace_page import batch, cards, page, story, text  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def stopped_at(page, story):
    def get(stop, **params):
        params = {"seed": batch("RAW").pk, **params}
        return page(stop=stop, reason="Roasted, 150 °C", **params)

    return get


def test_a_trace_stopped_at_a_place_ends_there_and_says_what_it_does_not_show(stopped_at):
    centre = f"l:{Location.objects.get(code='DC').pk}"
    response = stopped_at(centre, sel=centre)
    assert cards(response) == ["RAW", "SH-0", "RUN-1", "MIX", "The Centre"]
    shown = text(response)
    assert "The trace is stopped at <b>The Centre</b>: Roasted, 150 °C." in shown
    assert "2 holdings at 2 places lie behind and are not shown." in shown
    assert "The trace is stopped here" in response.context["graph"].cards[-1].name
    assert "trace stopped here" in shown and "First Shop" not in shown
    further = response.context["band"].stops[0].further
    assert "stop=" not in further and "First Shop" in text(response.client.get(further))


def test_a_trace_stopped_at_a_run_shows_the_run_and_not_what_it_made(stopped_at):
    run = f"p:{Run.objects.get().pk}"
    assert cards(stopped_at(run)) == ["RAW", "SH-0", "RUN-1"]
    back = stopped_at(run, seed=batch("MIX").pk, dir="back", tab="runs", sel=run)
    assert cards(back)[:2] == ["RUN-1", "MIX"] and "RAW" not in cards(back)


def test_a_stop_is_offered_with_its_reason_where_something_lies_behind(page, story):
    centre, shop = (f"l:{Location.objects.get(code=code).pk}" for code in ("DC", "SHOP1"))
    offer = page(seed=batch("RAW").pk, sel=centre).context["stop_offer"]
    assert ("stop", centre) == offer.hidden[-1] and offer.stopped is None
    assert page(seed=batch("RAW").pk, sel=shop).context["stop_offer"] is None


def test_a_receipt_stands_for_the_holding_that_it_came_to(stopped_at, story):
    response = stopped_at(f"h:{story['RAW@PLANT'].pk}")
    assert cards(response) == ["RAW", "SH-0"]
    card = response.context["graph"].cards[-1].box.id
    again = stopped_at(f"h:{story['RAW@PLANT'].pk}", sel=card)
    assert again.context["stop_offer"].stopped.name == "RAW at The Plant"


def test_a_file_of_a_stopped_trace_says_where_and_json_has_all_of_it(stopped_at):
    centre = f"l:{Location.objects.get(code='DC').pk}"
    file = b"".join(stopped_at(centre, export="csv").streaming_content).decode()
    assert "stopped at The Centre: Roasted, 150 °C. 2 holdings at 2 places lie behind" in file
    assert "First Shop" not in file
    answer = json.loads(stopped_at(centre, export="json").content)
    assert answer["counts"]["holdings"] == 6
    assert answer["stopped"] == {
        "at": [{"name": "The Centre", "reason": "Roasted, 150 °C"}],
        "not_shown": 2,
    }
