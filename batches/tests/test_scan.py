"""The scan page: what a pile of codes is understood as, and what is done with it together."""

import hashlib
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from batches.models import Event, Hold, Run, RunOutput, Shipment, ShipmentLine
from batches.reports.labels import content
from batches.reports.scanning import scanned, tidy
from batches.tests import factory
from batches.tests.factory import NOON

BACKEND = "django.contrib.auth.backends.ModelBackend"
GTIN = "09520123456788"
TODAY = NOON.date()
SSCC = "123456789012345675"


@pytest.fixture
def goods(db):
    """Two batches; both are on the pallet, one more is only on the shipment."""
    factory.product("GRANOLA", name="Oat granola", gtin=GTIN)
    one, two, three = (factory.batch(number) for number in ("AB-1", "AB-2", "S 3"))
    sent = Shipment.objects.create(
        reference="SH-77",
        origin=one.origin,
        destination=factory.location("STORE1", kind="store"),
        shipped_at=NOON,
    )
    for made, sscc in ((one, SSCC), (two, SSCC), (three, "")):
        ShipmentLine.objects.create(shipment=sent, batch=made, quantity=1, sscc=sscc)
    run = Run.objects.create(reference="PO-9", location=one.origin, ran_at=NOON)
    RunOutput.objects.create(run=run, batch=two, quantity=1)
    return one, two, three


@pytest.fixture
def post(client, otto):
    client.force_login(otto, backend=BACKEND)

    def send(status=200, **fields):
        response = client.post("/scan/", fields)
        assert response.status_code == status, response.content.decode()[-600:]
        return " ".join(response.content.decode().split()) if status in (200, 422) else response

    return send


def ticked(row) -> list[str]:
    return [choice.batch.number for choice in row.choices if choice.is_ticked]


@pytest.mark.parametrize(
    "code, numbers",
    [
        ("AB-1", ["AB-1"]),
        ("ab1", ["AB-1"]),
        (f"]d201{GTIN}1527010510AB-1", ["AB-1"]),
        (f"(01){GTIN}(10)AB-2", ["AB-2"]),
        (f"01{GTIN}3748\x1d10AB-2", ["AB-2"]),
        (f"https://elsewhere.example/x/01/{GTIN}/10/AB-2", ["AB-2"]),
        (f"(00){SSCC}", ["AB-1", "AB-2"]),
        (SSCC, ["AB-1", "AB-2"]),
        ("SH-77", ["AB-1", "AB-2", "S 3"]),
        ("PO-9", ["AB-2"]),
    ],
)
def test_each_code_stands_for_its_batches(code, numbers, goods, otto):
    assert ticked(scanned(tidy([code])[0], otto, TODAY)) == numbers


def test_the_plain_qr_of_a_label_leads_to_its_batch_whatever_host_it_was_printed_for(
    goods, otto, client, settings
):
    settings.SITE_URL = "https://old-host.example"
    printed = content.of_batch(goods[2]).address
    assert printed.startswith("https://old-host.example/batches/GRANOLA/S%203/")
    assert ticked(scanned(printed, otto, TODAY)) == ["S 3"]
    client.force_login(otto, backend=BACKEND)
    assert client.get("/search/", {"q": printed})["Location"] == goods[2].get_absolute_url()


@pytest.mark.parametrize(
    "address", ["https://x.example/nowhere/", "https://x.example/batches/NO/NE/", "http://x/%zz"]
)
def test_another_address_leads_nowhere(address, goods, otto):
    row = scanned(address, otto, TODAY)
    assert row.choices == []


@pytest.mark.parametrize("code, offered", [("SH-7", 3), ("LONG-2", 1)])
def test_what_only_begins_like_a_number_is_offered_and_never_ticked(code, offered, goods, otto):
    factory.batch("LONG-26311")
    row = scanned(code, otto, TODAY)
    assert len(row.choices) == offered and ticked(row) == []


def test_a_supplier_s_number_is_a_number_too(goods, otto):
    goods[0].supplier_number = "VN-8"
    goods[0].save()
    assert ticked(scanned("vn-8", otto, TODAY)) == ["AB-1"]


def test_a_number_of_two_places_is_asked_about(goods, otto):
    factory.batch("AB-1", at="PLANT2")
    row = scanned("AB-1", otto, TODAY)
    assert len(row.choices) == 2
    assert ticked(row) == []


def test_what_leads_to_no_batch_is_shown_as_what_it_is(goods, post):
    text = post(codes=f"{GTIN}\nSTORE1")
    assert text.count("leads to no batch") == 2
    assert 'name="batch"' not in text


def test_what_is_not_recorded_says_what_was_understood_and_what_may_be_meant(goods, post):
    text = post(codes=f"(01){GTIN}(10)AB-l")
    assert "Not recorded for this product; nearest AB-1" in text
    assert "Did you mean one of these?" in text
    assert "checked" not in text
    assert "expected 5" in post(codes="123456789012345670")


def test_the_pile_grows_newest_first_and_takes_nothing_twice(goods, post):
    text = post(codes="AB-2\n\nAB-1\n", code=["SH-77", "AB-1"])
    at = [text.index(f'name="code" value="{code}"') for code in ("AB-1", "AB-2", "SH-77")]
    assert at == sorted(at)
    assert text.count('name="code"') == 3


def test_what_was_unticked_stays_unticked(goods, post):
    text = post(codes="AB-2", code=["AB-1"], batch=[])
    assert f'value="{goods[0].pk}">' in text
    assert f'value="{goods[1].pk}" checked>' in text


@pytest.mark.slow
def test_a_pile_of_more_than_200_says_what_was_left_out(db, post):
    text = post(codes="\n".join(f"X{n}" for n in range(203)))
    assert "3 were left out" in text
    assert text.count("data-row") == 200


def test_a_script_gets_the_rows_of_new_codes_alone(goods, client, otto):
    client.force_login(otto, backend=BACKEND)
    text = client.post("/scan/", {"codes": "AB-1"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in text
    assert 'name="code" value="AB-1"' in text


def test_tracing_opens_the_trace_of_all_that_is_ticked(goods, post):
    one, two, _ = goods
    answer = post(302, do="forward", batch=[one.pk, two.pk])
    assert answer["Location"] == f"/trace/?seed={one.pk}&seed={two.pk}&dir=fwd"
    assert post(302, do="back", batch=[one.pk])["Location"] == f"/trace/?seed={one.pk}&dir=back"


def test_recalling_opens_a_new_recall_with_all_that_is_ticked(goods, client, quinn, post):
    client.force_login(quinn, backend=BACKEND)
    answer = post(302, do="recall", batch=[goods[0].pk, goods[1].pk])
    assert answer["Location"] == f"/recalls/new/?batch={goods[0].pk}&batch={goods[1].pk}"
    assert client.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize("do", ["forward", "back", "recall", "hold"])
@pytest.mark.parametrize("batch", [[], ["x"], ["99999999999999999999"], ["0"]])
@pytest.mark.slow
def test_nothing_is_done_with_nothing(do, batch, goods, post):
    assert "Tick at least one batch." in post(422, do=do, batch=batch, reason="x", code="AB-1")


def test_all_that_is_ticked_is_held_by_one_post(goods, post, otto):
    answer = post(302, do="hold", batch=[goods[0].pk, goods[1].pk], reason="Glass found.")
    assert answer["Location"] == "/scan/"
    holds = Hold.objects.order_by("batch")
    assert [hold.batch for hold in holds] == list(goods[:2])
    assert {(h.reason, h.location, h.placed_by) for h in holds} == {("Glass found.", None, otto)}
    assert Event.objects.filter(verb="hold placed").count() == 2


def test_if_one_cannot_be_held_none_is_and_each_refusal_is_said(goods, post):
    one, two, three = goods
    post(302, do="hold", batch=[two.pk], reason="Before.")
    type(three).objects.filter(pk=three.pk).update(status="voided")
    ids = [batch.pk for batch in goods]
    text = post(422, do="hold", batch=ids, reason="Glass.", code=["SH-77"])
    assert "AB-2 is on hold everywhere already. Release that hold first." in text
    assert "S 3 was voided. There is nothing to hold." in text
    assert "Nothing was held." in text
    assert Hold.objects.filter(batch=one).count() == 0
    assert f'value="{one.pk}" checked>' in text
    assert ">Glass.</textarea>" in text


def test_a_hold_without_a_reason_is_refused(goods, post):
    assert "eason" in post(422, do="hold", batch=[goods[0].pk], reason=" ")
    assert Hold.objects.count() == 0


def test_a_viewer_may_look_and_not_hold(goods, client, vera):
    client.force_login(vera, backend=BACKEND)
    text = client.post("/scan/", {"codes": "AB-1"}).content.decode()
    assert "AB-1" in text
    assert "Hold them all" not in text
    answer = client.post("/scan/", {"do": "hold", "batch": goods[0].pk, "reason": "x"})
    assert answer.status_code == 403
    assert Hold.objects.count() == 0


def test_looking_up_a_pile_writes_nothing(goods, post):
    with CaptureQueriesContext(connection) as queries:
        post(codes=f"AB-1\n{SSCC}\nnothing")
    wrote = ("INSERT", "UPDATE", "DELETE", "REPLACE")
    assert [q["sql"] for q in queries if q["sql"].lstrip().startswith(wrote)] == []


def test_a_code_costs_the_same_number_of_questions_in_a_pile_of_1_and_of_10(db, post):
    factory.product("GRANOLA", gtin=GTIN)
    for n in range(11):
        factory.batch(f"LONG-{n:02}")

    def count(numbers):
        with CaptureQueriesContext(connection) as queries:
            post(codes="\n".join(f"(01){GTIN}(10)LONG-{n:02}" for n in numbers))
        return len(queries)

    count([0])
    one, two, ten = count([0]), count(range(2)), count(range(10))
    assert ten - one == 9 * (two - one)
    assert two - one <= 10


def test_webassembly_is_allowed_on_this_page_only(client, otto):
    client.force_login(otto, backend=BACKEND)
    policy = client.get("/scan/")["Content-Security-Policy"]
    assert "script-src 'self' 'wasm-unsafe-eval'" in policy
    assert "'unsafe-eval'" not in policy.replace("'wasm-unsafe-eval'", "")
    assert "wasm" not in client.get("/batches/")["Content-Security-Policy"]


def test_what_is_vendored_is_what_its_manifest_says():
    folder = Path(settings.BASE_DIR) / "static/vendor"
    manifest = json.loads((folder / "MANIFEST.json").read_text())
    listed = set()
    for entry in manifest.values():
        assert entry["version"] and entry["licence"]
        for file, digest in entry["files"].items():
            kept = folder / entry["folder"] / file
            assert hashlib.sha256(kept.read_bytes()).hexdigest() == digest
            listed.add(kept.resolve())
    there = {path.resolve() for path in folder.rglob("*/*") if path.is_file()}
    for_tests = set(Path(settings.BASE_DIR, "traceability/tests/browser/axe-core").iterdir())
    assert there | for_tests == listed
    assert "resolved" not in (folder / "package-lock.json").read_text()
