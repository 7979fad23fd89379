"""Public notices: only what a person published, without customers and quantities, never a drill."""

import json
import re
from xml.etree import ElementTree

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recalls.models import PublicNotice
from recalls.operations.public_notices import end_notice, publish_notice
from recalls.tests import factory
from recalls.tests.factory import NOON

pytestmark = pytest.mark.django_db
PAGES = ["/notices/", "/notices/feed.json", "/notices/feed.atom", "/notices/feed.rss"]
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def recall(quinn, paula):
    nodes = factory.granola()
    return factory.active(quinn, paula, nodes["ALM@SIERRA"])


@pytest.fixture
def notice(recall, paula):
    return publish_notice(recall=recall, by=paula, at=NOON)


def refused(sentence):
    return pytest.raises(ValidationError, match=sentence)


def everywhere(client) -> str:
    pages = [*PAGES, "/notices/rc-2026-0001/"]
    return "\n".join(client.get(page).content.decode() for page in pages)


def test_nothing_is_public_before_a_person_publishes_it(recall, client):
    for page in PAGES:
        assert "peanut" not in client.get(page).content.decode()
    assert client.get("/notices/rc-2026-0001/").status_code == 404


def test_what_was_published_stands_on_the_page_and_in_each_feed_at_once(notice, client):
    for page in [*PAGES, "/notices/rc-2026-0001/"]:
        response = client.get(page)
        said = response.content.decode()
        assert "May contain peanut." in said, page
        assert not response.cookies, page
    page = client.get("/notices/rc-2026-0001/")
    assert "Product safety recall" in page.content.decode() and "BAR" in page.content.decode()
    assert "<script" not in page.content.decode()
    assert len(page.content) <= 10_000
    assert "no-store" in page["Cache-Control"]


def test_a_search_engine_may_find_what_was_published_and_nothing_else(notice, client):
    for page in ("/notices/", "/notices/rc-2026-0001/"):
        response = client.get(page)
        said = response.content.decode()
        assert "X-Robots-Tag" not in response and "noindex" not in said, page
        assert f'{page}?lang=de"' in said and said.count('rel="canonical"') == 1
        [about] = re.findall(r'<meta name="description" content="([^"]+)">', said)
        assert "P-Bar" in about, page
    assert "noindex" in client.get("/verify/").content.decode()


def test_no_customer_no_quantity_and_no_batch_that_never_left_us(notice, client):
    said = everywhere(client)
    for secret in ("Store", "Northgate", "Sierra", "store.example", "quinn", "paula", ">40", " 90"):
        assert secret not in said, secret
    assert "ALM" not in said, "the almonds never left us"


def test_a_drill_is_never_told_and_cannot_be_published(quinn, client):
    nodes = factory.granola()
    case = factory.submitted(quinn, nodes["ALM@SIERRA"], is_drill=True)
    case = factory.activate(case, quinn, password="quinn").recall
    with refused("The public is never told of one"):
        publish_notice(recall=case, by=quinn, at=NOON)
    PublicNotice.objects.create(
        recall=case, slug="dr", texts={}, published_by=quinn, published_at=NOON, changed_at=NOON
    )
    assert client.get("/notices/dr/").status_code == 404
    assert "DR-2026" not in client.get("/notices/feed.json").content.decode()


def test_a_draft_is_refused(quinn, paula):
    case = factory.draft(quinn, factory.granola()["ALM@SIERRA"])
    with refused("cannot be published"):
        publish_notice(recall=case, by=paula, at=NOON)


def test_ending_marks_it_and_publishing_again_makes_it_live(notice, recall, paula, client):
    with refused("Say why the notice ends"):
        end_notice(recall=recall, reason=" ", by=paula, at=NOON)
    end_notice(recall=recall, reason="All came back.", by=paula, at=NOON)
    with refused("is live. Load the page again"):
        end_notice(recall=recall, reason="Again.", by=paula, at=NOON)
    page = client.get("/notices/rc-2026-0001/").content.decode()
    assert "This notice has ended" in page and "All came back" not in page
    [row] = json.loads(client.get("/notices/feed.json").content)["notices"]
    assert row["live"] is False and row["ended"]
    again = publish_notice(recall=recall, by=paula, at=NOON)
    assert (again.revision, again.ended_at) == (2, None)
    assert PublicNotice.objects.count() == 1


def test_the_json_has_the_shape_that_is_documented_and_any_site_may_read_it(notice, client):
    response = client.get("/notices/feed.json")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "max-age=60" in response["Cache-Control"]
    told = json.loads(response.content)
    assert set(told) == {"version", "language", "notices"}
    [row] = told["notices"]
    assert set(row) == {
        "id", "reference", "url", "live", "published", "updated", "ended", "headline", "hazard",
        "steps", "remedies", "products",
    }  # fmt: skip
    [product] = row["products"]
    assert set(product) == {"name", "brand", "gtin", "batches"}
    assert product["batches"] == [{"number": "BAR", "best_before": None}]
    assert client.post("/notices/feed.json").status_code == 405


@pytest.mark.parametrize("name", ["atom", "rss"])
def test_a_feed_is_well_formed_and_leads_to_the_page(notice, client, name):
    response = client.get(f"/notices/feed.{name}")
    ElementTree.fromstring(response.content)
    assert "/notices/rc-2026-0001/" in response.content.decode()
    assert "testserver" not in response.content.decode()


@pytest.mark.parametrize(
    ("language", "word"),
    [("de", "Rückruf"), ("es", "Retirado"), ("fr", "Rappelé"), ("ar", "استدعاء")],
)
def test_the_page_speaks_the_language_that_was_chosen(notice, client, language, word):
    page = client.get(f"/notices/rc-2026-0001/?lang={language}")
    assert word in page.content.decode()
    assert page["Content-Language"] == language


def test_a_notice_from_before_a_language_was_spoken_is_read_in_english(notice, client):
    del notice.texts["ar"]
    notice.save(update_fields=["texts"])
    page = client.get("/notices/rc-2026-0001/?lang=ar").content.decode()
    assert "Product safety recall" in page and "الخطر" in page


def test_as_many_queries_with_many_notices_as_with_one(notice, quinn, paula, client):
    def asked():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/notices/")
        return len(queries)

    one = asked()
    nodes = notice.recall.versions.get().lines.filter(role="recipient").first()
    for _ in range(5):
        publish_notice(recall=factory.active(quinn, paula, nodes.holding), by=paula, at=NOON)
    assert asked() == one


def test_an_approver_publishes_and_ends_it_with_buttons(recall, client, paula, quinn):
    client.force_login(quinn, backend=BACKEND)
    assert (
        "role Approver publishes it"
        in client.get(page := f"/recalls/{recall}/consumer/").content.decode()
    )
    assert client.post(f"/recalls/{recall}/publish/").status_code == 403
    client.force_login(paula, backend=BACKEND)
    assert "Publish the consumer texts" in client.get(page).content.decode()
    assert client.post(f"/recalls/{recall}/publish/").status_code == 302
    assert "Live" in client.get(page).content.decode()
    assert client.post(f"/recalls/{recall}/publish/end/", {"reason": ""}).status_code == 422
    assert client.post(f"/recalls/{recall}/publish/end/", {"reason": "Done."}).status_code == 302
    assert PublicNotice.objects.get().ended_because == "Done."
