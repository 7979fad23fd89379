"""The public check: five answers, two questions, nothing that a competitor or a copyist can use."""

import re
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings as site
from django.db import connection
from django.test.utils import CaptureQueriesContext

from batches.codes.numbering import number_key, printed_keys
from batches.codes.units import new_code
from batches.models import Batch, Finding, Product, RateWindow, UnitCheck, UnitCode, UnitSeries
from batches.operations import units
from batches.tests.factory import NOON
from recalls.models import Recall
from recalls.tests import factory
from recalls.tests.public import GTIN, OTHER_GTIN, ask, ask_unit, body, text, two_batches

LOCALE = Path(site.BASE_DIR) / "recalls/locale"


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


def test_a_recalled_batch_says_so_and_what_to_do(client, recalled):
    page = text(ask(client, "BAR"))
    for said in (
        "Recalled: do not use it",
        "May contain peanut.",
        recalled.reference,
        "Almond bar",
    ):
        assert said in page
    assert "Do not eat, use, sell or give it away." in page


def test_digits_of_another_script_are_the_same_number(client, recalled):
    Batch.objects.filter(number="BAR").update(number="2631-7", number_key=number_key("2631-7"))
    assert "Recalled" in text(ask(client, "٢٦٣١-٧", "٠٩٥٢٠١٢٣٤٥٦٧٨٨"))
    # As it is copied from an Arabic mail.
    assert "Recalled" in text(ask(client, "التشغيلة \u20682631-7\u2069", "\u200e09520123456788"))


@pytest.mark.parametrize("number", ["bar", " BAR ", "B-A-R", "ＢＡＲ", "ВAR"])
def test_a_number_is_understood_however_it_is_typed(client, recalled, number):
    assert "Recalled" in text(ask(client, number))


@pytest.mark.parametrize(
    ("product", "number"),
    [
        ("9520123456788", "BAR"),
        ("P-bar", "BAR"),
        ("", f"(01){GTIN}(10)BAR"),
        ("", f"https://id.gs1.org/01/{GTIN}/10/BAR?17=271231"),
    ],
)
def test_the_product_is_named_by_gtin_code_or_scanned_text(client, recalled, product, number):
    assert "Recalled" in text(ask(client, number, product))


@pytest.mark.parametrize(
    ("recorded", "read"),
    [
        ("LOT-2231", "LOT-2231"),  # may say lot
        ("Charge 7", "charge 7"),
        ("26311A", "L26311A"),
        ("L26311A", "Lot 26311A"),  # may say lot
        ("АВ-123", "АВ-123"),  # Cyrillic, as typed by who reads it so, and by who does not.
        ("АВ-123", "AB-123"),
    ],
)
def test_no_form_of_a_recalled_number_is_told_that_no_recall_is_listed(
    client, nodes, quinn, paula, recorded, read
):
    key = number_key(recorded)
    Batch.objects.filter(number="BAR").update(number=recorded, number_key=key)
    factory.active(quinn, paula, nodes["BAR@PLANT1"])
    assert "Recalled" in text(ask(client, read))
    assert "Recalled" in text(client.get(f"/01/{GTIN}/10/{quote(recorded)}"))


def test_a_product_code_that_looks_like_a_gtin_names_its_product(client, recalled):
    Product.objects.filter(gtin=GTIN).update(gtin=None, code=OTHER_GTIN)
    assert "Recalled" in text(ask(client, "BAR", OTHER_GTIN))


def test_unknown_and_clean_batches_get_the_same_answer_byte_for_byte(client, recalled):
    bodies = {
        body(ask(client, number, product))
        for number, product in [
            ("CLEAN-1", GTIN),
            ("NEVER", GTIN),
            ("CLEAN-1", OTHER_GTIN),
            ("BAR", OTHER_GTIN),
            ("x", "NO-SUCH-PRODUCT"),
        ]
    }
    assert len(bodies) == 1 and "No recall is listed" in bodies.pop()


def test_unknown_and_clean_batches_take_the_same_queries(client, recalled):
    def asked(number):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(f"/01/{GTIN}/10/{number}")
        said = "|".join(sorted(printed_keys(number), key=len, reverse=True))
        return [re.sub(f"'({said})'", "?", query["sql"]) for query in queries]

    assert asked("CLEAN-1".replace("-", "")) == asked("NEVER")


def test_a_held_rejected_or_draft_recalled_batch_is_no_news(client, nodes, quinn):
    factory.submitted(quinn, nodes["BAR@PLANT1"])
    assert "No recall is listed" in text(ask(client, "BAR"))


def test_a_drill_is_never_shown(client, recalled):
    Recall.objects.update(is_drill=True)
    assert "No recall is listed" in text(ask(client, "BAR"))


@pytest.mark.parametrize(
    ("status", "shown"), [("completed", True), ("closed", True), ("cancelled", False)]
)
def test_a_recall_stays_listed_after_its_close(client, recalled, status, shown):
    Recall.objects.update(status=status)
    assert ("Recalled" in text(ask(client, "BAR"))) is shown


def test_a_recall_shows_in_the_first_answer_after_its_activation(client, nodes, quinn, paula):
    address = f"/01/{GTIN}/10/BAR"
    before = client.get(address)
    assert "No recall is listed" in text(before)
    factory.active(quinn, paula, nodes["BAR@PLANT1"])
    after = client.get(address)
    assert "Recalled" in text(after)
    assert "no-store" in before["Cache-Control"] and "no-store" in after["Cache-Control"]


def test_a_pack_is_genuine_only_by_its_own_code(client, pack):
    page = text(ask_unit(client, pack))
    assert "Genuine, and not recalled" in page and "Almond bar" in page and "Granary" in page
    assert "Genuine" not in text(ask(client, "CLEAN-1"))


def test_a_code_that_was_never_issued_is_unknown(client, pack):
    assert "Unknown unit code" in text(ask_unit(client, new_code()))


def test_a_withdrawn_code_looks_like_one_that_was_never_issued(client, pack, quinn):
    series = UnitSeries.objects.get()
    units.void_unit_codes(series=series, reason="Stolen.", by=quinn, at=NOON)
    assert body(ask_unit(client, pack)) == body(ask_unit(client, new_code()))


def test_a_genuine_pack_of_a_recalled_batch_is_recalled(client, nodes, recalled, otto):
    batch = nodes["BAR@PLANT1"].batch
    code = units.issue_unit_codes(batch=batch, count=1, by=otto, at=NOON)[0]
    page = text(ask_unit(client, code))
    assert "Recalled: do not use it" in page and "Genuine" not in page


def test_a_genuine_pack_past_its_date_says_so(client, pack):
    Batch.objects.filter(number="CLEAN-1").update(expires_on=date(2020, 1, 1))
    assert "Genuine, but past its date" in text(ask_unit(client, pack))


def test_a_pack_checked_unusually_often_is_told_apart_and_reported(client, pack):
    pages = [text(ask_unit(client, pack)) for _ in range(units.USUAL_PER_HOUR + 1)]
    assert "Genuine" in pages[-2] and "Checked unusually often" in pages[-1]
    assert Finding.objects.filter(kind="unit_checked_often").count() == 1


def test_no_answer_shows_customers_or_quantities(client, nodes, recalled, pack, otto):
    code = units.issue_unit_codes(batch=nodes["BAR@PLANT1"].batch, count=1, by=otto, at=NOON)[0]
    pages = [ask(client, "BAR"), ask(client, "CLEAN-1"), ask_unit(client, pack)]
    for page in [*pages, ask_unit(client, code)]:
        for secret in ("Store", "STORE1", "DC", "Northgate", "PLANT1", "case", "40", "1400"):
            assert secret not in re.sub(r"<svg.*?</svg>", "", body(page)), secret


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("", "Enter the unit code."),
        ("ABCD", "A unit code has 28 characters"),
        ("O" * 28, "A unit code has no 0, 1, I or O."),
    ],
)
def test_what_is_no_unit_code_is_said(client, code, said):
    response = ask_unit(client, code)
    assert response.status_code == 422 and said in text(response)


def test_a_wrong_check_character_is_said_before_anything_is_looked_up(
    client, db, django_assert_num_queries
):
    code = new_code()
    wrong = ("2" if code[0] != "2" else "3") + code[1:]
    with django_assert_num_queries(0):
        response = ask_unit(client, wrong)
        bar_code = ask(client, "L1", "9520123456789")
    assert response.status_code == bar_code.status_code == 422
    assert "The unit code has a typing error." in text(response)
    assert "The number under the bar code has a typing error." in text(bar_code)


def test_both_fields_of_a_batch_are_asked_for(client):
    page = text(ask(client, "", ""))
    assert "Enter the batch number." in page and "Enter the number under the bar code." in page
    assert "Enter the batch number." in text(ask(client, "---"))


def test_what_was_typed_cannot_become_part_of_the_page(client):
    page = text(ask(client, "", '"><script>alert(1)</script>'))
    assert "<script" not in page and "&lt;script&gt;" in page


@pytest.mark.parametrize(
    "address",
    ["/verify/", f"/01/{GTIN}", f"/01/{GTIN}/10/BAR", f"/01/{GTIN}/10/CLEAN-1/21/CODE?91=CODE"],
)
def test_looking_writes_nothing_and_sets_no_cookie(client, recalled, pack, address):
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address.replace("CODE", pack))
    assert response.status_code == 200 and not response.cookies
    assert [q for q in queries if not q["sql"].startswith("SELECT")] == []
    assert not UnitCheck.objects.exists() and not RateWindow.objects.exists()


def test_the_form_alone_asks_the_database_nothing(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/verify/").status_code == 200


@pytest.mark.parametrize("gtin", [GTIN, "9520123456788"])
@pytest.mark.parametrize("tail", ["", "/", "?17=271231"])
def test_a_digital_link_answers_for_its_batch(client, recalled, gtin, tail):
    assert "Recalled" in text(client.get(f"/01/{gtin}/10/BAR{tail}"))
    assert "Recalled" in text(client.get(f"/01/{gtin}/22/2A/10/BAR{tail}"))


def test_a_digital_link_may_hold_a_slash_in_its_number(client, nodes, quinn, paula):
    batch = nodes["BAR@PLANT1"].batch
    Batch.objects.filter(pk=batch.pk).update(number="BA/21R", number_key="BA/21R")
    factory.active(quinn, paula, nodes["BAR@PLANT1"])
    assert "Recalled" in text(client.get(f"/01/{GTIN}/10/BA%2F21R"))


def test_a_digital_link_with_a_wrong_check_digit_says_so(client, db):
    response = client.get("/01/09520123456789/10/BAR")
    assert response.status_code == 422
    assert "The number under the bar code has a typing error." in text(response)


@pytest.mark.parametrize("tail", ["/10/CLEAN-1?91={}", "/10/CLEAN-1/21/{}", "/21/{}"])
def test_the_unit_in_a_digital_link_is_checked_by_pressing_the_button(client, pack, tail):
    address = f"/01/{GTIN}{tail.format(pack)}"
    if "/10/" in tail:
        assert '<form method="post"><button' in text(client.get(address))
    assert "Genuine, and not recalled" in text(client.post(address))
    assert UnitCode.objects.get().checks == 1


def test_a_genuine_code_printed_beside_another_batch_is_unknown(client, pack):
    assert "Unknown unit code" in text(client.post(f"/01/{GTIN}/10/BAR?91={pack}"))
    assert "Unknown unit code" in text(client.post(f"/01/{OTHER_GTIN}/21/{pack}"))


def test_a_post_without_a_unit_code_asks_for_one(client, recalled):
    response = client.post(f"/01/{GTIN}/10/BAR")
    assert response.status_code == 422 and "Enter the unit code." in text(response)


def test_other_methods_are_refused(client, db):
    assert client.delete("/verify/").status_code == 405
    assert client.options("/verify/")["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_each_answer_is_never_kept_never_indexed_and_known_by_language(client, recalled):
    for response in (client.get("/verify/"), ask(client, "BAR"), client.get(f"/01/{GTIN}/10/x")):
        assert "no-store" in response["Cache-Control"] and "private" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert (
            response["Vary"] == "Accept-Language, Accept-Encoding"
            and response["Content-Language"] == "en"
        )
        assert "script-src" in response["Content-Security-Policy"] or (
            "default-src 'self'" in response["Content-Security-Policy"]
        )


@pytest.mark.slow
def test_each_page_with_its_style_is_under_ten_kilobytes_and_has_no_script(
    client, recalled, pack, settings
):
    settings.SITE_PHONE = "+49 30 123456"
    style = len((Path(site.BASE_DIR) / "static/css/public.css").read_bytes())
    for lang in ("en", "de", "es", "fr", "ar"):
        pages = [client.get(f"/verify/?lang={lang}"), client.post(f"/verify/?lang={lang}", {})]
        pages += [client.get(f"/01/{GTIN}/10/{number}?lang={lang}") for number in ("BAR", "x")]
        pages += [
            client.post(f"/verify/?lang={lang}", {"code": code}) for code in (pack, new_code())
        ]
        for page in pages:
            assert "<script" not in text(page) and "<style" not in text(page)
            assert text(page).count('rel="stylesheet"') == 1
            assert len(page.content) + style < 10_240, f"{lang}: {len(page.content)} + {style}"


@pytest.mark.parametrize(
    ("header", "query", "lang"),
    [
        ("de-AT,en;q=0.5", "", "de"),
        ("ja,fr;q=0.8,de;q=0.5", "", "fr"),
        ("de", "?lang=es", "es"),
        ("ja", "?lang=xx", "en"),
        ("", "", "en"),
        ("\x00;;q=9", "", "en"),
    ],
)
def test_the_visitor_is_spoken_to_in_a_language_of_the_browser_or_of_choice(
    client, db, header, query, lang
):
    response = client.get(f"/verify/{query}", headers={"accept-language": header})
    titles = {"en": "Check your product", "de": "Produkt prüfen", "es": "Compruebe su producto"}
    assert f'<html lang="{lang}">' in text(response)
    assert titles.get(lang, "Vérifier votre produit") in text(response)


def test_a_chosen_language_stays_chosen(client, recalled):
    page = text(client.post("/verify/?lang=de", {"product": GTIN, "number": "BAR"}))
    assert "Zurückgerufen: nicht verwenden" in page and 'href="/verify/?lang=de"' in page
