"""The embedded default for real: one command brings web, worker and clock, and ends them."""

import re
import signal
import socket
import time
import urllib.request

import pytest

pytestmark = pytest.mark.slow

ACTIVATE = """
from recalls.tests import factory as made
from batches.tests.factory import user
nodes = made.granola()
quinn, paula = user("quinn", "Quality"), user("paula", "Approver")
made.active(quinn, paula, nodes["ALM@SIERRA"])
"""
STATES = (
    "from recalls.models import Notice; "
    "print(sorted(set(Notice.objects.values_list('state', flat=True))))"
)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def ask(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return answer.read().decode()


def until(true, seconds=120) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if true():
                return True
        except OSError:
            pass
        time.sleep(0.1)
    return False


def test_one_process_tree_serves_pages_and_sends_what_is_owed(make_site):
    site = make_site(CLOCK_SECONDS="1")
    port = free_port()
    server = site.start("manage.py", "serve", "--bind", f"127.0.0.1:{port}")
    try:
        assert until(lambda: '"ok"' in ask(port, "/health/live"))
        site.do(ACTIVATE)
        assert until(lambda: site.do(STATES) == "['accepted']")
        assert re.search(r'"worker_seen_seconds": \d', ask(port, "/health/ready"))
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=20)
        with pytest.raises(OSError, match="refused"):
            ask(port, "/health/live")
    finally:
        server.kill()
        server.communicate()
