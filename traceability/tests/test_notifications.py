"""The bell: alarms that wait, and what became of a person's own long work."""

import pytest
from django.utils import timezone

from batches.models import ImportRun
from batches.operations.audits import JOB as AUDIT
from batches.operations.findings import raise_finding
from batches.operations.imports.uploads import JOB as IMPORT
from batches.operations.jobs import enqueue
from batches.tests import factory
from recalls.operations.records import SHEET
from recalls.packaging import JOB as PACKAGE
from traceability.notifications import work_of

pytestmark = pytest.mark.django_db


def page(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.get("/notifications/").content.decode()


def test_the_bell_counts_alarms_alone_and_its_page_leads_to_what_they_are_about(client, vera):
    now, almonds = timezone.now(), factory.batch("L1")
    assert "No alarm waits for anybody." in page(client, vera)
    for severity in ("alarm", "warning", "gap"):
        raise_finding(kind=severity, severity=severity, obj=almonds, text=f"An {severity}.", at=now)
    said = page(client, vera)
    assert 'aria-label="Notifications, 1 alarm"' in said
    assert "An alarm." in said and "An warning." not in said and "An gap." not in said
    assert f'href="{almonds.get_absolute_url()}"' in said


def test_each_kind_of_work_leads_to_its_result_and_only_to_whom_it_belongs(client, quinn, otto):
    at = timezone.now()
    made = [
        enqueue(kind=kind, parameters={"reference": "RC-2026-0001"}, by=quinn)
        for kind in (IMPORT, "labels", AUDIT, PACKAGE, SHEET)
    ]
    run = ImportRun.objects.create(
        kind="products", file_name="products.csv", sha256="0", job=made[0], by=quinn, at=at
    )
    works = work_of(quinn, timezone.now())
    assert {work.word: work.url for work in works} == {
        "Import of products.csv": run.get_absolute_url(),
        "Labels": f"/labels/{made[1].pk}/",
        "Audit": "/audit/",
        "24 h package of RC-2026-0001": "/recalls/RC-2026-0001/package/",
        "Sheet of RC-2026-0001": "/requests/RC-2026-0001/",
    }
    assert "24 h package of RC-2026-0001" in page(client, quinn)
    assert "You have asked for no import" in page(client, otto)
