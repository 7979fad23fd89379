"""How quantities, times and statuses are written on every page."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.template import Context, Template

from batches.codes.addresses import CodeConverter
from batches.models import Batch, Hold, Shipment
from batches.templatetags import lotline, statuses, wording
from batches.templatetags.charts import scale
from recalls.models import Recall

NOW = datetime(2026, 11, 22, 11, 38, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (Decimal("1520.000000"), "case", "1,520\u00a0cases"),
        (Decimal("1"), "case", "1\u00a0case"),
        (Decimal("0.5"), "kg", "0.5\u00a0kg"),
        (Decimal("1E+3"), "piece", "1,000\u00a0pieces"),
        (Decimal("2"), "box", "2\u00a0boxes"),
        (Decimal("-8"), "kg", "-8\u00a0kg"),
        (Decimal("0"), "case", "0\u00a0cases"),
        (None, "case", "unknown"),
    ],
)
def test_a_quantity_has_its_unit_and_no_trailing_zeros(value, unit, text):
    assert wording.quantity(value, unit) == text


def test_a_time_is_the_hour_today_and_the_day_before_that():
    assert wording.clock(NOW - timedelta(hours=1), NOW) == "10:38"
    assert wording.clock(NOW - timedelta(days=1), NOW) == "21 Nov"
    assert wording.day(date(2025, 1, 3), NOW) == "3 Jan 2025"
    assert wording.moment(NOW, NOW, date_only=True) == "22 Nov"


def test_times_are_shown_in_the_zone_of_the_site(settings):
    settings.SITE_TIME_ZONE = "Europe/Berlin"
    assert wording.clock(NOW, NOW) == "12:38"
    assert wording.iso(NOW) == "2026-11-22 12:38:00 CET"
    # Half past eleven in the evening of the 21st in UTC is the 22nd in Berlin.
    assert wording.day(datetime(2026, 11, 21, 23, 30, tzinfo=UTC), NOW) == "22 Nov"


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "0 min"),
        (22, "22 min"),
        (206, "3 h 26 min"),
        (60, "1 h"),
        (13200, "9 d 4 h"),
        (-5, "0 min"),
    ],
)
def test_a_duration_is_in_its_two_largest_units(minutes, text):
    assert wording.span(timedelta(minutes=minutes)) == text


def test_a_percentage_is_never_rounded_up_to_all():
    assert wording.percent(124, 126) == "98.4"
    assert wording.percent(9999, 10000) == "99.9"
    assert wording.percent(10, 10) == "100"
    assert wording.percent(0, 0) == ""


def test_every_status_of_every_model_has_a_word_and_a_glyph():
    for name, (field, keys) in statuses.FIELDS.items():
        model = next(m for m in apps.get_models() if m._meta.model_name == name)
        choices = model._meta.get_field(field).choices
        assert set(dict(choices)) == set(keys), name
        assert set(keys.values()) <= set(statuses.GLYPHS), name
    assert set(statuses.RECALL) == set(Recall.Status.values)
    assert set(statuses.BATCH) == set(Batch.Status.values)


def test_a_status_is_never_colour_alone():
    shown = Template("{% load lotline %}{% status obj %}").render(
        Context({"obj": Shipment(status="posted")})
    )
    assert 'class="tag is-info"' in shown and "#half" in shown and "In transit" in shown


@pytest.mark.parametrize(
    ("fields", "key", "word"),
    [
        ({"status": "active", "classification": "I"}, "crit", "Class I, recovering"),
        ({"status": "active"}, "crit", "Recovering"),
        ({"status": "completed", "classification": "III"}, "info", "Class III, closing"),
        ({"status": "draft", "is_drill": True, "planned_at": NOW}, "drill", "Drill, planned"),
    ],
)
def test_a_recall_says_its_class_and_its_phase(fields, key, word):
    look = statuses.look(Recall(**fields))
    assert (look.key, look.word) == (key, word)


def test_a_drills_hold_would_hold_and_stops_nothing():
    assert statuses.look(Hold(is_drill=True)).word == "Would hold"


def test_text_from_people_is_escaped_in_a_tag():
    page = Template("{% load lotline %}{% tag 'crit' word %}").render(Context({"word": "<b>"}))
    assert "&lt;b&gt;" in page


@pytest.mark.parametrize("top", [0, 1, 2, 3, 8, 9, 14, 203, 1999, 54321])
def test_an_axis_ends_above_its_highest_bar_with_few_lines(top):
    end, grid = scale(top)
    assert end >= top and grid[0] == 0 and grid[-1] <= end and 2 <= len(grid) <= 6


@pytest.mark.parametrize("code", ["A/B", ".", "..", "A~2FB", "~", "A~", "x y", "Ä&?#"])
def test_a_code_comes_back_out_of_its_address_as_it_went_in(code):
    segment = CodeConverter().to_url(code)
    assert "/" not in segment and segment.strip(".")
    assert CodeConverter().to_python(segment) == code


def test_a_name_from_right_to_left_keeps_the_number_behind_it():
    assert lotline.apart("متجر: 32 cases.") == "<bdi>متجر</bdi>: 32 cases."
    assert lotline.apart("<b>: 1: 2") == "<bdi>&lt;b&gt;</bdi>: 1: 2"
    assert lotline.apart("Not countersigned") == "Not countersigned"
