"""How often the public check answers, and that guessing and timing tell nothing."""

import logging
import random
import statistics
import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from batches.codes.units import new_code, read_code
from batches.models import Batch, Finding, RateWindow, UnitCheck
from batches.operations import units
from batches.tests.factory import NOON
from recalls import tasks
from recalls.tests import factory
from recalls.tests.public import GTIN, OTHER_GTIN, ask, ask_unit, text, two_batches
from recalls.tests.test_races import at_once


@pytest.fixture
def nodes(db):
    return two_batches()


@pytest.fixture
def pack(nodes, otto):
    """The code of one pack of the clean batch."""
    clean = Batch.objects.get(number="CLEAN-1")
    return units.issue_unit_codes(batch=clean, count=1, by=otto, at=NOON)[0]


@pytest.fixture
def recalled(nodes, quinn, paula):
    return factory.active(quinn, paula, nodes["BAR@PLANT1"])


def test_the_limit_is_told_plainly_and_logged_without_codes(client, pack, settings, caplog):
    settings.VERIFY_PER_CLIENT = 2
    caplog.set_level(logging.DEBUG)
    answers = [client.post(f"/01/{GTIN}/10/CLEAN-1?91={pack}") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "Please try again in a minute." in text(answers[-1])
    assert answers[-1]["Retry-After"] == "60" and "no-store" in answers[-1]["Cache-Control"]
    client.post(f"/01/{GTIN}/10/CLEAN-1?91=x{pack}")
    said = "\n".join(record.getMessage() for record in caplog.records if "SELECT" not in record.msg)
    assert "A public check was refused" in said
    assert pack not in said and read_code(pack) not in said and "CLEAN-1" not in said


def test_each_client_has_its_own_limit_and_of_ipv6_a_block_is_one(client, nodes, settings):
    settings.VERIFY_PER_CLIENT = 1

    def status(address):
        return ask(client, "x", REMOTE_ADDR=address).status_code

    assert [status(a) for a in ("10.0.0.1", "10.0.0.2", "10.0.0.1")] == [200, 200, 429]
    assert [status(a) for a in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")] == [200, 429, 200]
    assert status("::ffff:10.0.0.2") == 429


def test_no_address_is_kept(client, pack):
    ask_unit(client, pack, REMOTE_ADDR="203.0.113.77")
    kept = [*RateWindow.objects.values_list("key", flat=True), UnitCheck.objects.get().network]
    assert not [value for value in kept if "203.0" in value]


def test_a_product_has_a_limit_that_many_clients_share_and_no_recall_waits_for(
    client, recalled, settings
):
    settings.VERIFY_PER_PRODUCT = 2

    def status(number, n):
        return ask(client, number, REMOTE_ADDR=f"10.0.0.{n}").status_code

    assert [status("x", n) for n in range(3)] == [200, 200, 429]
    assert status("BAR", 9) == 200
    assert ask(client, "x", OTHER_GTIN, REMOTE_ADDR="10.0.0.8").status_code == 200


@pytest.mark.parametrize(("proxies", "limited"), [(0, True), (1, False)])
def test_a_forwarded_address_counts_only_behind_a_trusted_proxy(
    client, nodes, settings, proxies, limited
):
    settings.VERIFY_PER_CLIENT, settings.TRUSTED_PROXIES = 1, proxies
    answers = [
        ask(client, "x", headers={"x-forwarded-for": f"1.2.3.{n}"}).status_code for n in range(3)
    ]
    assert (429 in answers) is limited


@pytest.mark.parametrize(
    ("proxies", "header", "kept"),
    [
        (0, "CF-IPCountry", ["", "", "", ""]),
        (1, "", ["", "", "", ""]),
        (1, "CF-IPCountry", ["DE", "", "", ""]),
    ],
)
def test_a_country_is_believed_of_a_trusted_proxy_only(
    client, pack, settings, proxies, header, kept
):
    settings.TRUSTED_PROXIES, settings.COUNTRY_HEADER = proxies, header
    for said in ("de", "XX", "T1", "<b>"):
        ask_unit(client, pack, headers={"cf-ipcountry": said})
    assert list(UnitCheck.objects.order_by("pk").values_list("country", flat=True)) == kept


def test_the_clock_forgets_counters_that_are_over(client, nodes):
    ask(client, "x")
    tasks.tick(now=timezone.now())
    assert RateWindow.objects.count() == 2
    tasks.tick(now=timezone.now() + timedelta(hours=2))
    assert not RateWindow.objects.exists()


def storm(count, threads=20, **headers) -> list[int]:
    """Statuses of so many checks, sent by threads that start together."""

    def send(part):
        client = Client()
        return [
            ask(client, "x", **{name: make(part, n) for name, make in headers.items()}).status_code
            for n in range(count // threads)
        ]

    results = at_once(*[lambda part=part: send(part) for part in range(threads)])
    return [status for part in results for status in part]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("spoofs", [False, True], ids=["plain", "with forged addresses"])
@pytest.mark.slow
def test_of_300_checks_at_once_30_are_answered(spoofs):
    forged = {"HTTP_X_FORWARDED_FOR": lambda part, n: f"198.51.{part}.{n}"} if spoofs else {}
    statuses = storm(300, **forged)
    assert len(statuses) == 300 and set(statuses) == {200, 429}
    assert statuses.count(200) == 30


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_the_storm_would_notice_a_limit_that_reads_before_it_counts(monkeypatch):
    """The control of the test above: counted in two steps, as a cache would."""

    def leaky(*, key, at):
        row = RateWindow.objects.filter(key=key).first()
        seen = row.count if row else 0
        time.sleep(0.01)
        RateWindow.objects.update_or_create(key=key, defaults={"since": 0, "count": seen + 1})
        return seen + 1

    monkeypatch.setattr("recalls.views.check.limits.count", leaky)
    assert storm(300).count(200) > 30


@pytest.mark.slow
def test_no_guess_hits_and_guessing_is_reported(client, pack, settings):
    settings.VERIFY_PER_CLIENT = 10**9
    for _ in range(2_000):
        assert "Unknown unit code" in text(ask_unit(client, new_code()))
    finding = Finding.objects.get(kind="unit_codes_guessed")
    assert timezone.now() - finding.found_at < timedelta(minutes=10)
    # A million guesses at a billion issued codes: one chance in 10^22.
    assert 10**6 * 10**9 / 32**27 < 1e-22


@pytest.mark.slow
def test_the_time_of_an_answer_tells_nothing(client, recalled):
    """The median difference of neighbours, so that a busy machine slows both alike."""
    toss = random.Random(7)
    differences = []
    for _ in range(2_000):
        taken = {}
        for number in toss.sample(["CLEAN1", "XLEAN1"], 2):
            began = time.perf_counter()
            client.get(f"/01/{GTIN}/10/{number}")
            taken[number] = time.perf_counter() - began
        differences.append(taken["CLEAN1"] - taken["XLEAN1"])
    median = statistics.median(differences[100:])
    assert abs(median) < 0.0003, f"{median * 1e3:.3f} ms"
