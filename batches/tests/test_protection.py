"""Nothing traceable can be deleted from under what refers to it."""

import pytest
from django.apps import apps
from django.db.models import PROTECT


def foreign_keys():
    return list(_foreign_keys())


def _foreign_keys():
    for app in ("batches", "recalls"):
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.get_fields():
                if field.concrete and (field.many_to_one or field.one_to_one):
                    yield field


def test_there_are_foreign_keys_to_check():
    assert len(foreign_keys()) > 40


@pytest.mark.parametrize("field", foreign_keys(), ids=str)
def test_a_foreign_key_protects_what_it_refers_to(field):
    assert field.remote_field.on_delete is PROTECT
