"""Recalls are known wherever a code is: in the search, and in the pile of the scan page."""

from batches.reports.resolver import resolve
from batches.reports.scanning import scanned
from batches.tests.factory import NOON
from recalls.tests.factory import draft


def test_a_recall_is_known_to_the_search_and_to_the_scan_page(quinn):
    case = draft(quinn)
    assert resolve(case.reference, user=quinn, today=NOON.date()).only.obj == case
    row = scanned(case.reference.lower(), quinn, NOON.date())
    assert [hit.obj for hit in row.others] == [case] and row.choices == []


def test_who_may_not_see_recalls_finds_none(quinn, django_user_model):
    case = draft(quinn)
    nobody = django_user_model.objects.create_user("nobody")
    assert resolve(case.reference, user=nobody, today=NOON.date()).hits == []
