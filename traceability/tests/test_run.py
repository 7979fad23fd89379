"""run.py on machines that lack something: it says in one sentence what to do."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
AS_OLD = "import sys, runpy; sys.version_info = (3, 9, 2); sys.argv = ['run.py', 'demo']; "


@pytest.fixture
def folder(tmp_path):
    """A project of its own with nothing to install, on a machine without uv."""
    shutil.copy(ROOT / "run.py", tmp_path)
    (tmp_path / "requirements.txt").write_text("")
    (tmp_path / "requirements-dev.txt").write_text("")
    return tmp_path


def started(folder, *words, **environment):
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=os.environ | {"PATH": "/usr/bin:/bin"} | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_an_old_python_is_told_which_one_is_needed(folder):
    done = started(folder, "-c", AS_OLD + "runpy.run_path('run.py', run_name='__main__')")
    assert done.returncode == 1
    assert done.stderr == "Lotline needs Python 3.11 or newer; this is 3.9.2.\n"


def test_a_python_without_venv_is_told_what_to_install(folder):
    (folder / "broken").mkdir()
    (folder / "broken/ensurepip.py").write_text("raise ImportError('as on bare Debian')")
    done = started(folder, "run.py", "setup", PYTHONPATH=str(folder / "broken"))
    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_command_is_answered_with_the_known_ones(folder):
    done = started(folder, "run.py", "dmeo")
    assert done.returncode == 1
    assert "demo|serve|test|test-all|setup" in done.stderr


def test_a_demo_whose_address_is_taken_says_how_to_take_another(folder):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        done = started(folder, "run.py", "demo", "--bind", taken)
    assert done.returncode == 1
    assert f"Something listens on {taken} already" in done.stderr
    assert "make demo BIND=127.0.0.1:" in done.stderr
    assert not (folder / ".venv").exists()


@pytest.mark.slow
@pytest.mark.parametrize("words", [["--bind", "127.0.0.1:9"], ["--bind=127.0.0.1:9"]])
def test_the_letters_of_a_demo_lead_to_the_address_it_listens_on(folder, words):
    (folder / "manage.py").write_text("import os, sys; print(sys.argv[1:], os.environ['SITE_URL'])")
    done = started(folder, "run.py", "demo", *words)
    assert f"['serve', {str(words)[1:]} http://127.0.0.1:9\n" in done.stdout


@pytest.mark.slow
def test_an_environment_is_made_once_and_again_when_the_packages_change(folder):
    assert "Making .venv" in started(folder, "run.py", "setup").stdout
    again = started(folder, "run.py", "setup")
    assert (again.returncode, again.stdout) == (0, "")
    (folder / "requirements.txt").write_text("# other\n")
    assert "Making .venv" in started(folder, "run.py", "setup").stdout
