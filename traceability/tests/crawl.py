"""Follows every link from the first page on: each page opens, and looking changes nothing."""

import re
from collections import deque
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from django.db import connection
from django.test import Client

WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
LINK = re.compile(r"""(?:href|hx-get|src)=["']([^"']+)["']""")
TAG = re.compile(r"""<span class=["']tag [^>]*>(.*?)</span>""", re.DOTALL)
SKIPPED = ("/static/", "/admin/", "/logout")
# A session that is renewed, and the table of one trace that ends with the connection.
OWN_AFFAIR = ("django_session", "trace_frontier")
# Of the pages that differ only in a number, code or filter, so many are opened.
EACH = 2
MOST = 160


def shape(address: str) -> str:
    """The address without what names a thing, so that alike pages are counted together."""
    parts = urlsplit(address)
    path = re.sub(r"/[^/]*\d[^/]*", "/*", parts.path)
    keys = "&".join(sorted({pair.split("=")[0] for pair in parts.query.split("&")}))
    return f"{path}?{keys}"


class Crawl:
    """Follows links from `/`, and keeps what was wrong on the way."""

    def __init__(self, client: Client):
        self.client, self.faults, self.opened, self.tags = client, [], 0, 0
        self.counts: dict[str, int] = {}
        self.waiting, self.known = deque(["/"]), {"/"}

    def run(self) -> None:
        while self.waiting and self.opened < MOST:
            address = self.waiting.popleft()
            kind = shape(address)
            self.counts[kind] = self.counts.get(kind, 0) + 1
            if self.counts[kind] <= EACH:
                self.open(address)

    def open(self, address: str) -> None:
        self.opened += 1
        written: list[str] = []

        def watch(execute, sql, params, many, context):
            if WRITES.match(sql) and not any(name in sql for name in OWN_AFFAIR):
                written.append(sql[:120])
            return execute(sql, params, many, context)

        with connection.execute_wrapper(watch):
            answer = self.client.get(address)
            body = b"".join(answer) if answer.streaming else answer.content
        if written:
            self.faults.append(f"GET {address} wrote: {written[0]}")
        if answer.status_code not in (200, 301, 302, 286):
            self.faults.append(f"GET {address} answered {answer.status_code}")
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            self.look(address, body.decode())
            self.follow(address, body.decode())

    def look(self, address: str, body: str) -> None:
        """A status is a word and a glyph, never a colour alone."""
        for inner in TAG.findall(body):
            self.tags += 1
            if "<svg" not in inner or not re.sub(r"<[^>]+>", "", inner).strip():
                self.faults.append(f"GET {address} has a tag of colour alone: {inner[:80]}")

    def follow(self, address: str, body: str) -> None:
        for target in LINK.findall(body):
            target = urldefrag(target.replace("&amp;", "&"))[0]
            if not target or target.startswith(("mailto:", "tel:", "data:")):
                continue
            full = urljoin(address, target)
            parts = urlsplit(full)
            outside = parts.netloc and parts.netloc != "127.0.0.1:8000"
            full = parts.path + ("?" + parts.query if parts.query else "")
            if outside or full in self.known or unquote(parts.path).startswith(SKIPPED):
                continue
            self.known.add(full)
            self.waiting.append(full)
