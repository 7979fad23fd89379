from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

from traceability.roles import set_up_roles


def forwards(apps, schema_editor):
    # Permissions are otherwise made after the last migration, too late for this one.
    for label in ("batches", "recalls"):
        create_permissions(installed.get_app_config(label), verbosity=0)
    set_up_roles(installed)


class Migration(migrations.Migration):
    dependencies = [
        ("batches", "0001_initial"),
        ("recalls", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
