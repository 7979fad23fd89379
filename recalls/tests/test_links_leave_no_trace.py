"""N13: whoever only looks at a link, by whatever verb and however often, leaves no trace.

Mail scanners, previews and prefetching browsers open links; none of them has read a notice.
"""

import hashlib
from itertools import cycle

import pytest
from django.apps import apps

from recalls.links import token_for
from recalls.mail import Content
from recalls.models import Acknowledgement, Notice, Recipient, Response
from recalls.operations.letters import join, letter
from recalls.operations.passing_on import pass_on
from recalls.tests.factory import NOON, active, granola
from recalls.tests.test_recipient_pages import VERSION, line_of, link, typed

pytestmark = pytest.mark.django_db

PAGES = ["", "ack/", "count/", "done/", "sent-on/", "files/", "files/1/", "photo/1/"]
PAGES += ["customer-notice.pdf"]
PREFETCH = {"Purpose": "prefetch", "Sec-Purpose": "prefetch;prerender", "X-Moz": "prefetch"}
# A thousand were tried by hand and pass; here are fewer, to keep the tests quick.
LINKS = 200


def traces() -> dict[str, str]:
    """A hash of every row of every table."""
    rows = {
        model._meta.db_table: [tuple(map(bytes_too, row)) for row in all_of(model)]
        for model in apps.get_models()
    }
    return {name: hashlib.sha256(repr(found).encode()).hexdigest() for name, found in rows.items()}


def all_of(model):
    return model._base_manager.order_by("pk").values_list()


def bytes_too(value):
    return bytes(value) if isinstance(value, memoryview) else value


def look(client, url) -> None:
    client.get(url)
    client.head(url)
    client.options(url)
    client.get(url, headers=PREFETCH)
    client.get(url, {"lang": "de"})


@pytest.fixture
def case(quinn, paula):
    return active(quinn, paula, granola()["BAR@PLANT1"], depth="consumer")


@pytest.mark.parametrize("state", ["untouched", "answered", "passed on", "revoked", "closed"])
@pytest.mark.slow
def test_no_verb_on_any_page_changes_a_row(case, client, state):
    url, line = link(case, "one@store.example"), line_of(case, "STORE1")
    if state == "answered":
        client.post(url + "count/", typed(line, quarantined="40"))
    if state == "passed on":
        given = {"name": "Café", "address": "cafe@corner.example", "phone": "", "language": "en"}
        by = case.recipients.get(address_key="one@store.example")
        pass_on(recipient=by, quantities={line.pk: 3}, at=NOON, **given)
        url = link(case, "cafe@corner.example")
    if state == "revoked":
        case.recipients.update(revoked_at=NOON)
    if state == "closed":
        type(case).objects.filter(pk=case.pk).update(status="closed", closed_at=NOON)
    before = traces()
    for _ in range(2):
        for page in PAGES:
            look(client, url + page)
            for wrong in (client.put, client.patch, client.delete, client.trace):
                assert wrong(url + page).status_code in {405, 404, 410}
    assert traces() == before
    assert not client.cookies


LOOKS = [
    lambda client, url: client.get(url),
    lambda client, url: client.head(url),
    lambda client, url: client.options(url),
    lambda client, url: client.get(url, headers=PREFETCH),
    lambda client, url: client.get(url, {"lang": "de"}),
]


def links_of_many(case, count) -> list[str]:
    """So many more recipients of one line, each with its notice, in a few statements."""
    line, version = line_of(case, "STORE1"), case.versions.get()
    given = [{"address": f"s{n}@x.example", "address_key": f"s{n}@x.example"} for n in range(count)]
    people = Recipient.objects.bulk_create(Recipient(recall=case, **one) for one in given)
    letters = [
        letter(version, Content("Recall", "-", "-"), at=NOON, recipient=to, **one)
        for to, one in zip(people, given, strict=True)
    ]
    join(Notice.objects.bulk_create(letters), {one["address_key"]: [line] for one in given})
    return [f"/r/{token_for(to)}/" for to in people]


@pytest.mark.slow
def test_of_many_links_only_a_post_acknowledges_and_once(case, client):
    links = links_of_many(case, LINKS)
    before = traces()
    # Each link is opened by one verb in turn; the test above tries all of them on each page.
    for url, look_once in zip(links, cycle(LOOKS), strict=False):
        look_once(client, url)
        look_once(client, url + "ack/")
    assert traces() == before
    for url in links:
        client.post(url + "ack/", VERSION)
    assert Acknowledgement.objects.count() == LINKS
    for url in links[::10]:  # a replay
        client.post(url + "ack/", VERSION)
    assert Acknowledgement.objects.count() == LINKS
    assert not Response.objects.exists()


def test_a_changed_row_would_be_noticed(case, client):
    """The control of the tests above."""
    before = traces()
    client.post(link(case, "one@store.example") + "ack/", VERSION)
    changed = {name for name, found in traces().items() if found != before[name]}
    assert changed == {"recalls_acknowledgement", "batches_event"}
