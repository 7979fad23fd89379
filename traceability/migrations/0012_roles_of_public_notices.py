from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

from traceability.roles import set_up_roles


def forwards(apps, schema_editor):
    create_permissions(installed.get_app_config("recalls"), verbosity=0)
    set_up_roles(installed)


class Migration(migrations.Migration):
    dependencies = [
        ("traceability", "0011_roles_of_added_files"),
        ("recalls", "0020_public_notices"),
    ]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
