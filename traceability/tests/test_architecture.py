"""Only operations write: a test that reads the code, whichever door somebody adds."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)

# Writes whatever it is called on.
ALWAYS = {"bulk_create", "bulk_update", "get_or_create", "update_or_create", "_raw_delete"}
# Writes if it is called on a queryset or a model; dicts, sets and forms have them too.
ON_MODELS = {"create", "save", "update", "delete"}

# Packages that write, and what else may: migrations, tests, benchmarks; roles.py is what a
# migration runs.
MAY_WRITE = {"operations", "migrations", "tests", "benchmarks"}
EXEMPT = {"traceability/roles.py"}


def is_queryset(node: ast.expr) -> bool:
    """Whether an expression is read from a manager, however long its chain of calls."""
    while True:
        match node:
            case ast.Attribute(attr="objects" | "_base_manager" | "_default_manager"):
                return True
            case ast.Attribute(value=node) | ast.Call(func=node) | ast.Subscript(value=node):
                continue
            case _:
                return False


def is_dict_like(call: ast.Call) -> bool:
    """A dict's or set's `update` takes something to take over; a queryset's takes fields only."""
    return bool(call.args)


def writes(call: ast.Call) -> bool:
    match call.func:
        case ast.Attribute(attr=attr) if attr in ALWAYS:
            return True
        case ast.Attribute(attr=attr, value=receiver) if attr in ON_MODELS:
            if is_queryset(receiver):
                return True
            # On a name, nobody knows what it is: keywords tell a model from a dict.
            match attr:
                case "update":
                    return not is_dict_like(call) and bool(call.keywords)
                case "save":
                    saved = {keyword.arg for keyword in call.keywords}
                    return not call.args and not (saved and saved <= {"commit"})
                case _:
                    return not call.args and not is_text(receiver)
    return False


def is_text(receiver: ast.expr) -> bool:
    return isinstance(receiver, ast.Constant)


def written_in(source: str) -> list[int]:
    """Lines on which a model is written."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return sorted(call.lineno for call in calls if writes(call))


def modules() -> list[Path]:
    return [
        path
        for app in ("traceability", "batches", "recalls")
        for path in sorted((ROOT / app).rglob("*.py"))
        if not MAY_WRITE & set(path.relative_to(ROOT).parts)
        and str(path.relative_to(ROOT)) not in EXEMPT
    ]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_operations_write(path):
    assert written_in(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "Batch.objects.create(number='1')",
        "Batch.objects.filter(pk=1).exclude(pk=2).update(status='voided')",
        "shipment.lines.filter(pk=1).delete()",
        "shipment.lines.create(batch=batch)",
        "rows.update(voided=True)",
        "batch.save()",
        "batch.save(update_fields=['status'])",
        "self.object.delete()",
        "Batch._base_manager.bulk_create(rows)",
        "get_user_model().objects.get_or_create(username='a')",
    ],
)
def test_the_test_sees_what_writes(source):
    assert written_in(source) == [1]


@pytest.mark.parametrize(
    "source",
    [
        "context.update({'a': 1})",
        "digest.update(chunk)",
        "globals().update(mail_settings(url))",
        "seen.update(new)",
        "form.save(commit=False)",
        "manifest.save(path)",
        "cache.delete(key)",
    ],
)
def test_the_test_lets_other_things_be(source):
    assert written_in(source) == []
