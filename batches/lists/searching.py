"""Searching a list: rows that have each word somewhere, found by an index where there is one."""

import django_filters
from django.db.models import Q

from batches import trigrams
from batches.codes.numbering import number_key
from batches.lists.keyed import HasKey

# So many products or places are named by their keys.
SOME = 500


class SearchFilter(django_filters.CharFilter):
    """Free text over several fields; every word must be found in one of them."""

    def __init__(self, fields, key_fields=(), **kwargs):
        kwargs.setdefault("label", "Search")
        super().__init__(**kwargs)
        self.fields, self.key_fields = fields, key_fields

    def filter(self, rows, value):
        for word in (value or "").split():
            texts = {f"{field}__icontains": word for field in self.fields}
            texts |= {f"{field}__contains": number_key(word) for field in self.key_fields}
            rows = rows.filter(containing(rows.model, texts))
        return rows


def containing(model, texts: dict[str, str]) -> Q:
    """Rows for which one of the lookups fits its text. What few rows have is looked up by its
    index and named by key; what many have is as soon found from row to row, in the order of the
    list, and is left to that."""
    own, related = Q(), Q()
    columns = {}
    for path, text in texts.items():
        column, _, _ = path.rpartition("__")
        if "__" in column:
            related |= among(model, path, text)
        else:
            own |= Q(**{path: text})
            columns[column] = text
    if (candidates := trigrams.candidates(model, columns)) is None:
        return own | related
    found = _keys(model, Q(HasKey(candidates)) & own) | _keys(model, related)
    return _named(found, own | related)


def rare(model, indexed: Q, same: Q) -> Q:
    """Rows for which `indexed` holds, which an index finds. `same` says it without one: what many
    rows have is found in the order of the list, and not by an index and then put in order."""
    return _named(_keys(model, indexed), same)


def _named(keys: set[int], otherwise: Q) -> Q:
    return Q(HasKey(sorted(keys))) if len(keys) <= trigrams.MOST else otherwise


def _keys(model, condition: Q) -> set[int]:
    """One more than MOST say that they are too many."""
    if not condition:
        return set()
    found = model._default_manager.filter(condition).order_by()
    return set(found.values_list("pk", flat=True)[: trigrams.MOST + 1])


def among(model, path: str, value) -> Q:
    """Rows for which `path` fits. What belongs to a product or a place is looked up there first:
    with an "or" across a join a database joins the whole table before it compares anything, and
    among keys it goes by an index."""
    relation, _, lookup = path.rpartition("__")
    relation, _, name = relation.rpartition("__")
    if not relation:
        return Q(**{path: value})
    for part in relation.split("__"):
        model = model._meta.get_field(part).related_model
    found = model._default_manager.filter(**{f"{name}__{lookup}": value}).order_by()
    keys = list(found.values_list("pk", flat=True)[: SOME + 1])
    return Q(**{f"{relation}__in": keys if len(keys) <= SOME else found.values("pk")})
