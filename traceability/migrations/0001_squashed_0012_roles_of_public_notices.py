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
    replaces = [
        ("traceability", "0001_roles"),
        ("traceability", "0002_roles_of_unit_codes"),
        ("traceability", "0003_roles_of_numbers"),
        ("traceability", "0004_roles_of_the_audit"),
        ("traceability", "0005_roles_of_following_up"),
        ("traceability", "0006_roles_of_narrowing_and_break_glass"),
        ("traceability", "0007_roles_of_recovery"),
        ("traceability", "0008_roles_of_the_war_room"),
        ("traceability", "0009_roles_of_the_api"),
        ("traceability", "0010_roles_of_drills"),
        ("traceability", "0011_roles_of_added_files"),
        ("traceability", "0012_roles_of_public_notices"),
    ]
    dependencies = [
        ("batches", "0001_squashed_0014_preferences"),
        ("recalls", "0001_squashed_0027_updates_are_reminded_of"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
