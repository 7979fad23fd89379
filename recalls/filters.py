"""What the lists of this app can be narrowed by."""

import django_filters

from batches.lists.filters import DayRangeFilter, FilterSet
from batches.lists.searching import SearchFilter
from recalls.models import Recall, RecordsRequest, ScopeLine


class RecallFilters(FilterSet):
    example = "status:active classification:I opened_at:>-7d"
    q = SearchFilter(fields=["reference", "title", "hazard"])
    status = django_filters.ChoiceFilter(choices=Recall.Status, label="Status")
    classification = django_filters.ChoiceFilter(
        choices=Recall.Classification, label="Classification"
    )
    is_drill = django_filters.ChoiceFilter(
        choices=[("0", "Live"), ("1", "Drill")], label="Live or drill", method="by_drill"
    )
    under_way = django_filters.ChoiceFilter(
        choices=[("1", "Under way"), ("0", "Ended")], label="State", method="by_end"
    )
    opened_at = DayRangeFilter(label="Opened")

    class Meta:
        model = Recall
        fields: list[str] = []

    def by_drill(self, rows, name, value):
        return rows.filter(is_drill=value == "1")

    def by_end(self, rows, name, value):
        ended = [Recall.Status.CLOSED, Recall.Status.CANCELLED]
        wanted = rows.exclude if value == "1" else rows.filter
        return wanted(status__in=ended)


class ScopeFilters(FilterSet):
    example = "role:recipient change:new"
    q = SearchFilter(fields=["batch_number", "product_name", "location_code", "location_name"])
    role = django_filters.ChoiceFilter(choices=ScopeLine.Role, label="Role")
    change = django_filters.ChoiceFilter(choices=ScopeLine.Change, label="Change")

    class Meta:
        model = ScopeLine
        fields: list[str] = []


class RequestFilters(FilterSet):
    example = "open:open asked_at:>-7d"
    q = SearchFilter(fields=["reference", "authority", "authority_reference", "note"])
    open = django_filters.ChoiceFilter(
        choices=[("1", "Open"), ("0", "Handed over")], label="State", method="by_state"
    )
    asked_at = DayRangeFilter(label="Asked")

    class Meta:
        model = RecordsRequest
        fields: list[str] = []

    def by_state(self, rows, name, value):
        return rows.filter(handed_at__isnull=value == "1")
