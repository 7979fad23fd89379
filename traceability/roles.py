"""The five roles and what each may do."""

VIEW = [
    "batches.view_" + name
    for name in (
        "product location batch holding link shipment shipmentline run runinput runoutput "
        "adjustment hold inspection complaint finding importrun job unitseries "
        "numberblock issuednumber"
    ).split()
] + [
    "recalls.view_" + name
    for name in (
        "recall scoperule scopeversion scopeline scopeexclusion narrowing response waiver "
        "reminderplan escalation disposition drill "
        "targetplan targetchange handover task checksample checkplace checkresult recallfile"
    ).split()
]
PEOPLE = ["batches.view_contact", "recalls.view_recipient", "recalls.view_notice"]
ENTER = (
    [
        f"batches.{act}_{name}"
        for act in ("add", "change")
        for name in (
            "product location contact batch shipment shipmentline run runinput runoutput "
            "adjustment inspection complaint"
        ).split()
    ]
    + [f"batches.delete_{name}" for name in ("shipmentline", "runinput", "runoutput")]
    + ["batches.import_data", "batches.add_hold", "batches.issue_unit_codes"]
    + ["batches.add_numberblock", "batches.add_voidednumber", "recalls.add_contacttest"]
    + ["recalls.change_task", "recalls.add_checkresult"]
)
QUALITY = [
    "batches.release_hold",
    "batches.change_hold",
    "batches.change_finding",
    "batches.void_unit_codes",
    "batches.add_apitoken",
    "recalls.add_recall",
    "recalls.change_recall",
    "recalls.submit_recall",
    "recalls.run_drill",
    "recalls.break_glass",
    "recalls.remind_recipients",
    "recalls.waive_location",
    "recalls.complete_recall",
    "recalls.change_subscription",
    "recalls.add_subscription",
    "recalls.view_subscription",
    "recalls.add_disposition",
    "recalls.add_targetchange",
    "recalls.add_handover",
    "recalls.add_task",
    "recalls.add_checksample",
    "recalls.add_recallfile",
]
APPROVE = [
    "recalls.activate_recall",
    "recalls.close_recall",
    "recalls.publish_notice",
    "recalls.change_reminderplan",
    "recalls.approve_disposition",
    "recalls.change_targetplan",
]
AUDIT = [
    "batches.view_event",
    "batches.view_apitoken",
    "batches.run_audit",
    "recalls.view_signature",
    "recalls.view_attempt",
    "recalls.view_bounce",
]

ROLES: dict[str, list[str]] = {
    "Viewer": VIEW,
    "Operator": VIEW + PEOPLE + ENTER,
    "Quality": VIEW + PEOPLE + ENTER + QUALITY + AUDIT,
    "Approver": VIEW + PEOPLE + ENTER + QUALITY + APPROVE + AUDIT,
    "Auditor": VIEW + PEOPLE + AUDIT,
}


def set_up_roles(apps) -> None:
    """Makes the groups and gives each exactly its permissions. `apps` is a model registry.

    In the middle of an upgrade some permissions are not there yet: the migration of the roles
    that comes with their model gives them.
    """
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    ids = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    for role, permissions in ROLES.items():
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set([ids[name] for name in permissions if name in ids])
