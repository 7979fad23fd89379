"""What is on the trace page goes into files as it stands there."""

# ruff: noqa: F811 (fixtures of another module)

import json

import pytest

from batches.tests.test_trace_page import batch, page, story, text  # noqa: F401

pytestmark = pytest.mark.django_db


def test_the_table_is_exported_as_it_stands(page, story):
    response = page(seed=batch("RAW").pk, export="csv", sort="location")
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert lines[6].startswith("Location,Batches,First received,Status,Received,On hand")
    assert [line.split(",")[0] for line in lines[7:10]] == [
        "First Shop",
        "Second Shop",
        "The Centre",
    ]


def test_the_table_is_narrowed_to_the_rows_that_have_the_words(page, story):
    shown = page(seed=batch("RAW").pk, find=" shop  second")
    assert [row.cells[0].value for row in shown.context["page"].object_list] == ["Second Shop"]
    assert {word: count for _, word, count, _ in shown.context["tabs"]}["Locations"] == 5
    file = b"".join(page(seed=batch("RAW").pk, find="shop", export="csv").streaming_content)
    assert "Only rows with “shop”" in file.decode() and "The Centre" not in file.decode()
    assert "No row has “zebra”." in text(page(seed=batch("RAW").pk, find="zebra"))


def test_the_workbook_is_made(page, story):
    response = page(seed=batch("RAW").pk, export="xlsx", tab="batches")
    assert b"".join(response.streaming_content).startswith(b"PK")


def test_the_whole_trace_is_exported_as_json(page, story):
    answer = json.loads(page(seed=batch("RAW").pk, export="json").content)
    assert answer["direction"] == "forward"
    assert answer["counts"]["holdings"] == 6
