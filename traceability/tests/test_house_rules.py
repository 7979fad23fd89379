"""The rules of the house that no linter knows: words, scripts, settings, names of makers."""

import ast
import re
import subprocess
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.management import get_commands
from django.template import TemplateSyntaxError
from django.template.loader import get_template
from django.urls import get_resolver

from batches.lists import phrases
from batches.lists.filters import FilterSet
from traceability.roles import ROLES

ROOT = Path(settings.BASE_DIR)
TEMPLATES = ROOT / "templates"

# Where GS1, FDA and spreadsheet headers say it, it stays as they say it.
MAY_SAY_LOT = (
    "batches/codes/",
    "batches/intake/",
    "batches/tests/test_intake",
    "batches/tests/test_codes",
    "batches/tests/test_patterns",
    "recalls/tests/test_pasted",
    "CHANGELOG.md",
    "traceability/tests/test_house_rules.py",
)


def committed(*endings: str) -> list[Path]:
    """Files of the project by ending; from git where there is one, else from the folder."""
    try:
        said = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard", "-z"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        names = [ROOT / name for name in said.stdout.decode().split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = [path for path in ROOT.rglob("*") if ".venv" not in path.parts]
    return sorted(path for path in names if path.suffix in endings and path.is_file())


def variables_read() -> set[str]:
    """Names of environment variables that settings.py reads, found in its syntax tree."""
    names = set()
    for node in ast.walk(ast.parse((ROOT / "traceability/settings.py").read_text())):
        match node:
            case ast.Call(func=ast.Attribute(attr="get", value=ast.Attribute(attr="environ"))):
                names |= {a.value for a in node.args[:1] if isinstance(a, ast.Constant)}
            case ast.Call(func=ast.Name(id="flag" | "number" | "one_of")):
                names |= {a.value for a in node.args[:1] if isinstance(a, ast.Constant)}
            case ast.Subscript(value=ast.Attribute(attr="environ"), slice=ast.Constant(value=name)):
                names.add(name)
    return names


def test_the_settings_page_lists_exactly_what_is_read():
    text = (ROOT / "docs/settings.md").read_text()
    listed = set(re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE))
    assert listed == variables_read()


PAGES = [path for path in committed(".html", ".txt") if path.is_relative_to(TEMPLATES)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_template_compiles_and_has_no_inline_script(path):
    try:
        get_template(str(path.relative_to(TEMPLATES)))
    except TemplateSyntaxError as error:
        pytest.fail(f"{path}: {error}")
    text = path.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "inline script"
    assert not re.search(r"\son[a-z]+\s*=", text), "event attribute"
    assert "javascript:" not in text
    # What htmx would have to evaluate, which the policy of the pages forbids.
    assert not re.search(r"hx-on|hx-\w+=\W?js:|hx-trigger=\"[^\"]*\[", text), "htmx evaluates this"
    if "emails" not in path.parts:
        assert "<style" not in text, "inline style block"


@pytest.mark.parametrize("path", committed(".js"), ids=str)
def test_no_script_takes_a_field_for_what_its_form_says(path):
    if "vendor" not in path.parts:
        # In a form with a field “method” its property `method` is that field.
        assert not re.search(r"(form\??|target)\.method\b", path.read_text())


def test_a_page_that_lists_its_errors_begins_its_title_with_error():
    shown = re.compile(r'include "(includes/form_errors|recalls/faults).html"')
    pages = {path: path.read_text() for path in PAGES if path.name != "faults.html"}
    found = {path.name for path, text in pages.items() if shown.search(text)}
    silent = {
        path.name for path, text in pages.items() if shown.search(text) and "Error: " not in text
    }
    assert len(found) > 20 and silent == set()


def test_a_batch_is_called_a_batch():
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in committed(".py", ".html", ".md", ".js", ".txt", ".toml")
        if not str(path.relative_to(ROOT)).startswith(MAY_SAY_LOT)
        and "/vendor/" not in str(path)
        and not path.name.startswith("requirements")
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if re.search(r"\blots?\b", line, re.IGNORECASE) and "# may say lot" not in line
    ]
    assert found == []


def test_modules_say_what_they_own():
    silent = [
        str(path.relative_to(ROOT))
        for path in committed(".py")
        if "migrations" not in path.parts
        and "tests" not in path.parts
        and (tree := ast.parse(path.read_text())).body
        and not ast.get_docstring(tree)
    ]
    assert silent == []


def test_modules_stay_short():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in committed(".py")
        if "migrations" not in path.parts
        and "tests" not in path.parts
        and (lines := len(path.read_text().splitlines())) > 400
    }
    assert long == {}


def links_of(page: Path) -> list[Path]:
    """Files that a documentation page links to or shows."""
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text())
    return [page.parent / t for t in targets if "://" not in t and not t.startswith("mailto:")]


@pytest.mark.parametrize("page", committed(".md"), ids=lambda path: str(path.relative_to(ROOT)))
def test_documentation_links_to_what_is_there(page):
    assert [str(target) for target in links_of(page) if not target.exists()] == []


def test_each_dependency_has_its_reason():
    text = (ROOT / "docs/dependencies.md").read_text()
    named = set(re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE))
    asked = {
        line.split("[")[0].split(">")[0].strip()
        for name in ("requirements.in", "requirements-dev.in")
        for line in (ROOT / name).read_text().splitlines()
        if line and not line.startswith("-r")
    }
    assert named == asked


def test_the_documentation_names_commands_that_exist():
    text = "".join(page.read_text() for page in committed(".md"))
    assert set(re.findall(r"manage\.py ([a-z_]+)", text)) - set(get_commands()) == set()


@pytest.mark.django_db
def test_every_permission_of_a_role_exists_and_is_given():
    for role, wanted in ROLES.items():
        given = Permission.objects.filter(group__name=role)
        named = given.values_list("content_type__app_label", "codename")
        assert {f"{app}.{name}" for app, name in named} == set(wanted)


def filter_sets() -> list[type[FilterSet]]:
    assert get_resolver().url_patterns  # the lists are there once the addresses are
    return sorted(FilterSet.__subclasses__(), key=lambda one: one.__qualname__)


@pytest.mark.django_db
@pytest.mark.parametrize("filters", filter_sets(), ids=lambda one: one.__name__)
def test_the_example_of_each_line_of_filters_is_understood(filters):
    asked = phrases.read(filters.example, filters().form, filters.aliases, date(2026, 11, 22))
    assert len(asked) >= 2
