from django.db import migrations

from recalls.operations.plans import set_up_plans


def forwards(apps, schema_editor):
    set_up_plans(apps)


class Migration(migrations.Migration):
    dependencies = [("recalls", "0004_following_up_and_returns")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
