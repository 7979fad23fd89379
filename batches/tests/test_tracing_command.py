"""`manage.py trace` as interfaces.md promises it: formats, refusals and exit codes."""

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command

from batches.tests.factory import batch, trace_graph

pytestmark = pytest.mark.django_db


def trace(*words, **options) -> str:
    out = io.StringIO()
    call_command("trace", *words, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def refusal(*words) -> CommandError:
    with pytest.raises(CommandError) as caught:
        trace(*words)
    return caught.value


def test_json_has_the_promised_shape():
    trace_graph("RAW@FARM -10..20x1400.5-> RAW@PLANT -30..?x40-> MIX@PLANT")
    answer = json.loads(trace("RAW", "--format", "json"))
    assert answer["direction"] == "forward"
    assert answer["seeds"] == [{"product": "P-RAW", "batch": "RAW", "origin": "FARM"}]
    assert answer["complete"] is True
    assert answer["notes"] == [
        {
            "kind": "unknown_time",
            "count": 1,
            "text": "1 link has no time and was treated as possible",
        }
    ]
    assert answer["counts"] == {"holdings": 3, "batches": 2, "locations": 2}
    assert answer["locations"] == [
        {"code": "FARM", "name": "Farm"},
        {"code": "PLANT", "name": "Plant"},
    ]
    assert answer["batches"][0] == {"product": "P-MIX", "batch": "MIX", "origin": "PLANT"}
    start, plant, mix = answer["holdings"]
    assert (start["path"], start["since"], start["depth"]) == ([], None, 0)
    assert plant == {
        "product": "P-RAW",
        "batch": "RAW",
        "origin": "FARM",
        "location": "PLANT",
        "since": None,
        "depth": 1,
        "received": "1400.5",
        "on_hand": None,
        "unit": "case",
        "path": [
            {
                "document": "SH-0",
                "kind": "shipment",
                "left_by": "1970-01-01T00:00:10Z",
                "arrived_from": "1970-01-01T00:00:20Z",
                "quantity": "1400.5",
                "from": {"batch": "RAW", "location": "FARM"},
                "to": {"batch": "RAW", "location": "PLANT"},
            }
        ],
    }
    assert [step["kind"] for step in mix["path"]] == ["shipment", "run"]


def test_backward_says_until():
    trace_graph("RAW@FARM -10..20-> RAW@PLANT -30-> MIX@PLANT")
    answer = json.loads(trace("MIX", "--backward", "--format", "json"))
    assert [h["location"] for h in answer["holdings"]] == ["PLANT", "PLANT", "FARM"]
    assert [h["until"] for h in answer["holdings"]] == [
        None,
        "1970-01-01T00:00:30Z",
        "1970-01-01T00:00:10Z",
    ]


def test_the_table_shows_every_holding_and_note():
    trace_graph("RAW@FARM -10..20x3-> RAW@PLANT -?-> MIX@PLANT")
    lines = trace("RAW").splitlines()
    assert lines[0].split() == "depth location product batch since received on hand unit by".split()
    assert lines[2].split() == ["1", "PLANT", "P-RAW", "RAW", "ever", "3", "?", "case", "SH-0"]
    assert "3 holdings of 2 batches at 2 locations" in lines
    assert "Note: 1 link has no time and was treated as possible" in lines


def test_csv_says_the_same_and_runs_no_formula():
    trace_graph("=RAW@FARM -10..20x3-> =RAW@PLANT")
    rows = list(csv.DictReader(io.StringIO(trace("=RAW", "--format", "csv"))))
    assert [row["location"] for row in rows] == ["FARM", "PLANT"]
    assert rows[1]["batch"] == "'=RAW"
    assert (rows[1]["received"], rows[1]["on_hand"], rows[1]["path"]) == ("3", "", "SH-0")


def test_an_unknown_batch_is_exit_code_3():
    error = refusal("NOPE", "--product", "GRANOLA")
    assert error.returncode == 3
    assert str(error) == "No batch NOPE is known of product GRANOLA."


def test_a_number_that_several_batches_share_is_refused_with_the_candidates():
    batch("112", of="SYRUP", at="EAST")
    batch("112", of="SYRUP", at="WEST")
    batch("112", of="JAM", at="WEST")
    error = refusal("112")
    assert error.returncode == 4
    assert str(error).splitlines() == [
        "3 batches have the number 112. Say which one is meant:",
        "  112 --product JAM --origin WEST",
        "  112 --product SYRUP --origin EAST",
        "  112 --product SYRUP --origin WEST",
    ]
    assert refusal("112", "--product", "SYRUP").returncode == 4
    found = json.loads(trace("112", "--product", "SYRUP", "--origin", "EAST", "--format", "json"))
    assert found["seeds"] == [{"product": "SYRUP", "batch": "112", "origin": "EAST"}]


def test_a_number_typed_nearly_right_is_found_but_the_printed_form_wins():
    batch("L-1", of="JAM")
    assert json.loads(trace("l 1", "--format", "json"))["seeds"][0]["batch"] == "L-1"
    batch("L1", of="JAM")
    assert json.loads(trace("L1", "--format", "json"))["seeds"][0]["batch"] == "L1"
    assert refusal("l.1").returncode == 4


def test_a_place_and_a_day_are_a_window_in_the_zone_of_the_place():
    nodes = trace_graph("""
        RAW@FARM -2026-11-19T10:00-> RAW@PLANT -2026-11-20T22:30-> MIX@PLANT
        MIX@PLANT -2026-11-20T23:30-> MIX@SHOP
    """)
    place = nodes["RAW@PLANT"].location
    place.timezone = "Europe/Berlin"
    place.save()
    words = ("--location", "PLANT", "--from", "2026-11-20", "--to", "2026-11-20")
    answer = json.loads(trace(*words, "--format", "json"))
    assert answer["seeds"] == [
        {"location": "PLANT", "from": "2026-11-19T23:00:00Z", "to": "2026-11-20T22:59:59.999999Z"}
    ]
    since = {(h["batch"], h["location"]): h["since"] for h in answer["holdings"]}
    assert since == {
        ("RAW", "PLANT"): "2026-11-19T23:00:00Z",
        ("MIX", "PLANT"): "2026-11-20T22:30:00Z",
        ("MIX", "SHOP"): "2026-11-20T23:30:00Z",
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Name a batch, or a place with --location."),
        (("RAW", "--from", "2026-11-20"), "--location says where"),
        (("--location", "PLANT1", "--from", "soon"), "“soon” is not a time."),
        (("--location", "PLANT1", "--from", "2026-11-21", "--to", "2026-11-20"), "before --from"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(words, said):
    batch("RAW")
    assert said in str(refusal(*words))
