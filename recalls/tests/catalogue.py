"""What recipients and the public are told, as it stands in the code and in the catalogues."""

import ast
import gettext
import re
from pathlib import Path

from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
LOCALE = ROOT / "recalls/locale"
_CALLS = {"_", "gettext", "gettext_lazy", "ngettext"}


def said() -> set[tuple[str, ...]]:
    """(singular,) or (singular, plural) of each text that is to be translated."""
    found: set[tuple[str, ...]] = set()
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"} and "i18n" in (source := path.read_text()):
            found |= _texts(templatize(source, origin=str(path)))
    # What people type is read by one reader, which speaks to recipients too.
    reader = ROOT / "batches/intake/quantities.py"
    for path in [*sorted((ROOT / "recalls").rglob("*.py")), reader]:
        if "tests" not in path.parts:
            found |= _texts(path.read_text())
    return found


def _texts(source: str) -> set[tuple[str, ...]]:
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return {text for call in _calls(source) for text in _texts(call)}
    return {
        tuple(arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) in _CALLS
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def _calls(source: str):
    for match in re.finditer(r"\b(?:ngettext|gettext|_)\(", source):
        end = match.end()
        while True:
            end = source.index(")", end) + 1
            try:
                ast.parse(source[match.start() : end])
            except SyntaxError:
                continue
            yield source[match.start() : end]
            break


def compiled(language: str) -> gettext.GNUTranslations:
    with (LOCALE / language / "LC_MESSAGES/django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)
