"""Fixtures for tests that need a whole site in other processes."""

import socket
import subprocess
import time

import pytest

from traceability.tests.site import Site


@pytest.fixture
def make_site(tmp_path, django_db_setup, django_db_blocker):
    """A function that makes a site with an environment of its own."""
    made = []

    def make(**environment: str) -> Site:
        made.append(Site(tmp_path / f"site{len(made)}", **environment))
        return made[-1]

    with django_db_blocker.unblock():
        yield make
        for site in made:
            site.close()


@pytest.fixture
def site(make_site):
    return make_site()


class Redis:
    """A Redis of the test's own, which can be stopped and started again on its port."""

    def __init__(self, folder):
        self.folder = folder
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port = one.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self, **options: str) -> None:
        words = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        words += ["--save", ""]
        for name, value in options.items():
            words += [f"--{name.replace('_', '-')}", value]
        self.process = subprocess.Popen(["redis-server", *words], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("Redis did not start.")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def redis(tmp_path):
    server = Redis(tmp_path)
    yield server
    if server.process.poll() is None:
        server.stop()
