"""The command that imports: exit codes, what it says, and the file of refused rows."""

import importlib
import io
import json

import pytest
from django.core.management import CommandError, call_command

from batches.tests.catering import write_all

pytestmark = pytest.mark.django_db


def command(*arguments) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("import", *map(str, arguments), stdout=out, stderr=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


def test_the_command_says_with_its_exit_code_how_it_went(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("code,name\nA,One\nB,\n")
    code, said = command("products", path)
    assert code == 2
    assert "p.csv: 2 rows of products, 1 added, 0 already there, 1 refused." in said
    assert "3:name: Is empty but needed." in said
    errors = tmp_path / "p.csv.errors.csv"
    assert "B,,3,name,Is empty but needed." in errors.read_text("utf-8-sig")
    errors.write_text(errors.read_text("utf-8-sig").replace("B,,", "B,Two,"))
    assert command("products", errors)[0] == 0
    path.write_text("code\nA\n")
    code, said = command("products", path)
    assert code == 1
    assert "needs the column name" in said
    assert command("products", tmp_path / "nowhere.csv")[0] == 1
    assert command("folder", tmp_path / "nowhere")[0] == 1


@pytest.mark.parametrize(
    "words", [[], ["products"], ["nonsense", "p.csv"], ["products", "p", "-x"]]
)
def test_a_command_that_is_not_understood_ends_as_one_that_read_nothing(words, capsys):
    # argparse would end with 2, which says that rows were refused.
    with pytest.raises(SystemExit) as end:
        command_class = importlib.import_module("batches.management.commands.import").Command
        command_class().run_from_argv(["manage.py", "import", *words])
    assert end.value.code == 1
    assert "Nothing was read. See manage.py import --help." in capsys.readouterr().err


def test_the_command_names_line_column_value_and_reason(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("code,name,shelf_life_days\nA,One,ten\n")
    said = command("products", path)[1]
    assert "p.csv: 1 row of products, 0 added" in said
    assert "2:shelf_life_days “ten”: Is not a whole number." in said


def test_a_dry_run_of_the_command_leaves_no_file(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("code,name\nB,\n")
    code, said = command("products", path, "--dry-run")
    assert code == 2
    assert "Dry run: nothing was written." in said
    assert [p.name for p in tmp_path.iterdir()] == ["p.csv"]


def test_the_command_reports_as_json(tmp_path):
    write_all(tmp_path)
    (tmp_path / "notes.csv").write_text("a,b\n")
    code, said = command("folder", tmp_path, "--json")
    report = json.loads(said)
    assert code == 0
    assert [file["added"] for file in report["files"]] == [3, 6, 1, 3, 3, 5, 1]
    assert report["ignored"] == ["notes.csv"]


def test_the_command_knows_no_other_kind():
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("import", "epcis", "file")
