"""The filters of findings and of the log."""

import django_filters
from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import Q

from batches.lists.filters import DayRangeFilter, FilterSet, OwnerFilter
from batches.lists.searching import SearchFilter, among, rare
from batches.models import Event, Finding
from batches.reports import audit


def rules() -> list[tuple[str, str]]:
    """Every rule, and the kinds of findings that are raised elsewhere."""
    found = set(Finding.objects.order_by().values_list("kind", flat=True).distinct())
    names = list(audit.kinds()) + sorted(found - set(audit.kinds()))
    return sorted(((name, audit.word_of(name)) for name in names), key=lambda rule: rule[1])


def owners():
    return User.objects.filter(findings__isnull=False).distinct()


def types() -> list[tuple[str, str]]:
    models = [
        model for app in ("batches", "recalls") for model in apps.get_app_config(app).get_models()
    ]
    return sorted((m._meta.label_lower, str(m._meta.verbose_name).capitalize()) for m in models)


class FindingFilter(FilterSet):
    example = "owner:nobody severity:alarm found:<-7d"
    q = SearchFilter(["label", "text"])
    rule = django_filters.ChoiceFilter(field_name="kind", label="Rule", choices=rules)
    severity = django_filters.ChoiceFilter(label="Severity", choices=Finding.Severity.choices)
    owner = OwnerFilter(owners)
    state = django_filters.ChoiceFilter(
        label="State", choices=[*Finding.State.choices, ("all", "All")], method="in_state"
    )
    found = DayRangeFilter(field_name="found_at", label="Found")

    class Meta:
        model = Finding
        fields: list = []

    def in_state(self, rows, _name, value):
        return rows.in_state(value)


class EventFilter(FilterSet):
    example = "by:quinn verb:hold at:>-7d"
    q = SearchFilter(["label", "reason"])
    verb = django_filters.CharFilter(label="Act", method="of_verb")
    by = django_filters.CharFilter(label="Who", method="by_person")
    kind = django_filters.ChoiceFilter(field_name="object_type", label="Kind", choices=types)
    at = DayRangeFilter(field_name="at", label="At")

    class Meta:
        model = Event
        fields: list = []

    def of_verb(self, rows, _name, value):
        named = [verb for verb in Event.objects.verbs() if value.upper() in verb.upper()]
        same = Q(verb__icontains=value)
        return rows.filter(rare(Event, same & Q(verb__in=named), same))

    def by_person(self, rows, _name, value):
        path = "actor__username__icontains"
        return rows.filter(rare(Event, among(Event, path, value), Q(**{path: value})))
