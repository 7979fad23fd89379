#!/usr/bin/env python3
"""Sets Lotline up and starts it: python3 run.py demo | test | test-all | serve | setup

Needs Python 3.11 or newer and nothing else. Makes .venv, installs the pinned and hashed
packages (with uv when it is there, else with pip), then hands over.
"""

import argparse
import hashlib
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts" if os.name == "nt" else "bin") / "python"
READY = VENV / ".ready"
BIND = "127.0.0.1:8000"
RUN, DEV = "requirements.txt", "requirements-dev.txt"
NO_VENV = (
    "This Python cannot make a virtual environment (ensurepip or venv is missing). "
    "On Debian and Ubuntu: apt-get install python3-venv"
)


def fingerprint(*files):
    """Changes when the packages asked for or the Python do."""
    digest = hashlib.sha256(sys.version.encode())
    for name in files:
        digest.update((HERE / name).read_bytes())
    return digest.hexdigest()


def call(*command):
    if subprocess.run([str(part) for part in command], cwd=HERE).returncode:
        sys.exit("Setting up failed; the lines above say why. Nothing was started.")


def make_environment():
    shutil.rmtree(VENV, ignore_errors=True)
    if shutil.which("uv"):
        return call("uv", "venv", "--quiet", "--python", sys.executable, VENV)
    try:
        import ensurepip  # noqa: F401
        import venv
    except ImportError:
        sys.exit(NO_VENV)
    return venv.create(VENV, with_pip=True)


def install(wanted):
    """Brings .venv to the pinned packages of `wanted`, or does nothing when it is there."""
    marks = {RUN: fingerprint(RUN), DEV: fingerprint(RUN, DEV)}
    ready = READY.read_text().split() if READY.exists() else []
    if marks[wanted] in ready and PYTHON.exists():
        return
    if not PYTHON.exists() or marks[RUN] not in ready:
        print("Making .venv ...", flush=True)
        make_environment()
    print(f"Installing {wanted} (once, about half a minute) ...", flush=True)
    if shutil.which("uv"):
        arguments = ["install", "--quiet", "--python", PYTHON, "--require-hashes", "-r", wanted]
        call("uv", "pip", *arguments)
    else:
        quiet = ["-qq", "--disable-pip-version-check"]
        call(PYTHON, "-m", "pip", "install", *quiet, "--require-hashes", "-r", wanted)
    done = [RUN, DEV] if wanted == DEV else [RUN]
    READY.write_text("\n".join(marks[name] for name in done) + "\n")


def hand_over(*command):
    """Becomes `command`, so that Ctrl-C and exit codes are its own."""
    command = [str(PYTHON), *command]
    if os.name == "nt":
        sys.exit(subprocess.run(command, cwd=HERE).returncode)
    os.chdir(HERE)
    os.execv(command[0], command)


def address(words):
    """Where `serve` is to listen: what follows --bind among its words."""
    reader = argparse.ArgumentParser(add_help=False)
    reader.add_argument("--bind", default=BIND)
    return reader.parse_known_args(words)[0].bind


def refuse_when_taken(bind):
    host, _, port = bind.rpartition(":")
    try:
        socket.create_connection((host or "127.0.0.1", int(port)), timeout=2).close()
    except (OSError, ValueError):
        return  # Nobody answers there; an address that is none, the server itself refuses.
    other = f"{host}:{int(port) + 1}"
    sys.exit(
        f"Something listens on {bind} already, perhaps another demo. Stop it, or take another\n"
        f"address: make demo BIND={other} (python3 run.py demo --bind {other})."
    )


def demo(*more):
    bind = address(more)
    refuse_when_taken(bind)
    install(RUN)
    os.environ.setdefault("LOTLINE_DEMO", "1")
    os.environ.setdefault("SITE_URL", f"http://{bind}")  # The letters of the outbox lead there.
    call(PYTHON, "manage.py", "migrate", "--verbosity", "0")
    call(PYTHON, "manage.py", "demo")
    hand_over("manage.py", "serve", *more)


def serve(*more):
    install(RUN)
    hand_over("manage.py", "serve", *more)


def pytest(*more):
    install(DEV)
    parallel = [] if {"-n", "--pdb"} & set(more) else ["-n", "auto"]
    hand_over("-m", "pytest", *parallel, *more)


def test(*more):
    # The slow ones kill workers, race writers and drive a browser; test-all runs them too.
    pytest("-m", "not slow", *more)


def test_all(*more):
    os.environ["LOTLINE_TEST_ALL"] = "1"
    pytest(*more)


def setup():
    install(DEV)


COMMANDS = {"demo": demo, "serve": serve, "test": test, "test-all": test_all, "setup": setup}


def main():
    if sys.version_info < (3, 11):
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"Lotline needs Python 3.11 or newer; this is {found}.")
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        sys.exit("Usage: python3 run.py " + "|".join(COMMANDS) + " [arguments]")
    COMMANDS[sys.argv[1]](*sys.argv[2:])


if __name__ == "__main__":
    main()
