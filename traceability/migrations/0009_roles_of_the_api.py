from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

from traceability.roles import set_up_roles


def forwards(apps, schema_editor):
    # The roles name permissions of both, and a site may come from an earlier release.
    for app in ("batches", "recalls"):
        create_permissions(installed.get_app_config(app), verbosity=0)
    set_up_roles(installed)


class Migration(migrations.Migration):
    dependencies = [
        ("traceability", "0008_roles_of_the_war_room"),
        ("batches", "0012_api_tokens"),
    ]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
