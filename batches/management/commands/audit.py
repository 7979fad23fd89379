"""Checks the whole database against itself: exit 0 when all is well, 2 when it is not."""

import json
import sys
from dataclasses import asdict, dataclass

from django.core.management.base import BaseCommand
from django.utils import timezone

from batches.models import Finding
from batches.operations.audits import ask_for_audit, run_audit
from batches.reports.audit import Report, examine


@dataclass(frozen=True)
class Fault:
    """`check` is the rule, or `findings` for one raised elsewhere; `about` names the object."""

    check: str
    about: str
    text: str
    severity: str
    state: str


class Command(BaseCommand):
    help = (
        "Checks numbers, keys, stock, links, times, contacts, frozen scopes and traces, the log "
        "and its triggers; lists what it finds and the open findings. Changes nothing without "
        "--record."
    )
    # The missing trigger is a finding of the audit; it must not keep the audit from running.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="print the faults as JSON")
        parser.add_argument(
            "--record", action="store_true", help="keep what is found, as the nightly run does"
        )

    def handle(self, *, json: bool, record: bool, **options):
        now = timezone.now()
        if record:
            run_audit(run=ask_for_audit(by=None, at=now), at=now)
        faults = found(examine(now))
        self.stdout.write(as_json(faults) if json else as_text(faults))
        if any(fault.state != Finding.State.ACCEPTED for fault in faults):
            sys.exit(2)


def found(report: Report) -> list[Fault]:
    """What the rules find now, then the open findings that no rule looks for."""
    kept = {(row.kind, row.object_type, row.object_id): row for row in Finding.objects.open()}
    faults = []
    for identity, fault in report.found.items():
        row = kept.get(identity)
        state = row.state if row else Finding.State.OPEN
        faults.append(Fault(fault.kind.name, fault.label, fault.text, fault.weight, str(state)))
    for (kind, _, _), row in kept.items():
        if kind not in report.complete:
            state = str(row.state)
            faults.append(Fault("findings", row.label, row.text, row.severity, state))
    return faults


def as_json(faults: list[Fault]) -> str:
    return json.dumps([asdict(fault) for fault in faults], indent=1, ensure_ascii=False)


def as_text(faults: list[Fault]) -> str:
    if not faults:
        return "All is well."
    lines = [f"{fault.check}: {fault.about}: {fault.text}" for fault in faults]
    accepted = sum(fault.state == Finding.State.ACCEPTED for fault in faults)
    end = (
        f"{len(faults)} findings, {accepted} of them accepted."
        if accepted
        else (f"{len(faults)} findings.")
    )
    return "\n".join([*lines, end])
