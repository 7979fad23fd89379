"""Drills that were opened as recalls, without being planned, get the row that keeps their score."""

import hashlib

from django.db import migrations

# That of an empty list: nothing was planted.
NOTHING = hashlib.sha256(b"[]").hexdigest()


def forwards(apps, schema_editor):
    """Those that have ended stay without: nobody knows what they would have scored."""
    Drill = apps.get_model("recalls", "Drill")
    Recall = apps.get_model("recalls", "Recall")
    left = Recall.objects.filter(is_drill=True, drill__isnull=True)
    for recall in left.exclude(status__in=["closed", "cancelled"]).order_by("pk"):
        at = recall.opened_at
        Drill.objects.create(
            recall=recall,
            lead_id=recall.lead_id,
            window_from=at,
            window_until=at,
            starts_at=at,
            planted_sha256=NOTHING,
            planned_by_id=recall.lead_id,
            planned_at=at,
            started_at=max(at, recall.planned_at or at),
        )


class Migration(migrations.Migration):
    dependencies = [("recalls", "0022_drill_calendar")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
