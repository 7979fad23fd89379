from django.db import migrations

from recalls.operations.targets import set_up_targets


def forwards(apps, schema_editor):
    set_up_targets(apps)


class Migration(migrations.Migration):
    dependencies = [("recalls", "0013_war_room")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
