"""How much of the server the public check leaves: each of its pages beside a bare Django view.

    python benchmarks/verify.py [--seconds 10] [--connections 16] [--keep FOLDER]

Serves the demo's story with the site's own server on a fresh SQLite database, or on
DATABASE_URL when that is set (the database must then be empty), and sends requests with wrk.
Prints requests per second, the 99th percentile, errors, and the ratio to the bare view, which
passes the same middleware and returns two bytes. The rate limit is lifted, so that checks that
write are measured and not their refusal.
"""

import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

SETTINGS = """
from traceability.settings import *
ROOT_URLCONF = "bench_urls"
"""
URLS = """
from django.http import HttpResponse
from django.urls import path
from traceability.urls import urlpatterns as site
urlpatterns = [path("bare/", lambda request: HttpResponse("ok")), *site]
"""
# Addresses and forms as the printer's labels have them: recalled, not recalled, one pack.
STORY = """
from django.contrib.auth.models import User
from django.utils import timezone
from urllib.parse import quote
from batches.models import Batch
from batches.operations.units import issue_unit_codes
from recalls.models import ScopeLine
recalled = ScopeLine.objects.filter(version__release__isnull=False).exclude(gtin="").first()
clean = Batch.objects.exclude(product__gtin=None).exclude(
    pk__in=ScopeLine.objects.values("batch")).select_related("product").first()
code = issue_unit_codes(
    batch=clean, count=1, by=User.objects.first(), at=timezone.now())[0]
print(f"/01/{recalled.gtin}/10/{quote(recalled.batch_number)}")
print(f"/01/{clean.product.gtin}/10/{quote(clean.number)}")
print(f"product={clean.product.gtin}&number={quote(clean.number)}")
print(f"code={code}")
"""
POST = """
wrk.method, wrk.body = "POST", "{body}"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
"""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def manage(*words: str, env) -> str:
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *words], env=env, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
    return done.stdout


def serve(folder: Path, env, port: int) -> subprocess.Popen:
    (folder / "bench_settings.py").write_text(SETTINGS)
    (folder / "bench_urls.py").write_text(URLS)
    env = env | {
        "DJANGO_SETTINGS_MODULE": "bench_settings",
        "PYTHONPATH": f"{folder}:{ROOT}",
        "VERIFY_PER_CLIENT": str(10**9),
        "VERIFY_PER_PRODUCT": str(10**9),
    }
    words = ["serve", "--no-migrate", "--bind", f"127.0.0.1:{port}"]
    server = subprocess.Popen([sys.executable, str(ROOT / "manage.py"), *words], env=env)
    for _ in range(150):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/bare/", timeout=1).read()
            return server
        except OSError:
            time.sleep(0.2)
    server.terminate()
    raise SystemExit("The server did not start.")


def wrk(url: str, options, script: Path | None = None) -> tuple[float, str, int]:
    """Requests per second, the 99th percentile as wrk writes it, and what went wrong."""
    words = ["wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}s", "--latency"]
    words += ["-s", str(script)] if script else []
    said = subprocess.run([*words, url], capture_output=True, text=True, check=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])
    slow = re.search(r"99%\s+(\S+)", said)[1]
    wrong = re.findall(r"Non-2xx or 3xx responses: (\d+)|(?:read|write|timeout) (\d+)", said)
    return rate, slow, sum(int(a or b) for a, b in wrong)


def measure(folder: Path, options, env) -> None:
    manage("migrate", "-v0", env=env)
    manage("demo", env=env)
    told = manage("shell", "-v0", "-c", STORY, env=env).split("\n")
    recalled, clean, batch, code = [line for line in told if line][-4:]
    port = free_port()
    server = serve(folder, env, port)
    asked = [("bare view", "/bare/", ""), ("GET /verify/, the form", "/verify/", "")]
    asked += [("GET /01/…, not recalled", clean, ""), ("GET /01/…, recalled", recalled, "")]
    asked += [("POST a batch", "/verify/", batch), ("POST a unit code", "/verify/", code)]
    try:
        print(f"{'':26}{'req/s':>9}{'p99':>11}{'errors':>8}{'ratio':>8}")
        bare = 0.0
        for name, path, body in asked:
            script = folder / "post.lua" if body else None
            if script:
                script.write_text(POST.format(body=body))
            rate, slow, wrong = wrk(f"http://127.0.0.1:{port}{path}", options, script)
            bare = bare or rate
            print(f"{name:26}{rate:9,.0f}{slow:>11}{wrong:8}{rate / bare:8.2f}", flush=True)
    finally:
        server.terminate()
        server.wait(30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--keep", type=Path, help="Put the database here.")
    options = parser.parse_args()
    if not shutil.which("wrk"):
        raise SystemExit("wrk is not on the PATH: apt install wrk, then try again.")
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        env = os.environ | {"LOTLINE_DATA": str(folder / "data"), "LOTLINE_DEMO": "1"}
        measure(folder, options, env)


if __name__ == "__main__":
    main()
