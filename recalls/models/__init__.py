"""The tables of a recall: the case, its scope, its notices and the answers."""

from recalls.models.checks import CheckPlace, CheckResult, CheckSample
from recalls.models.drills import Drill, DrillDuty
from recalls.models.files import RecallFile
from recalls.models.following import CustomerEscalation, Escalation, ReminderPlan
from recalls.models.handed_in import HandedIn
from recalls.models.messages import (
    Contacted,
    CustomerContacted,
    MessageFile,
    NoticeFile,
    RecallMessage,
)
from recalls.models.narrowing import NarrowedHolding, Narrowing
from recalls.models.notices import (
    Attempt,
    Notice,
    NoticeLine,
    Outcome,
    Recipient,
    SendStop,
    Subscription,
)
from recalls.models.passed_on import PassedAnswer, PassedOn
from recalls.models.public import PublicNotice
from recalls.models.recalls import NumberSeries, Recall, Signature
from recalls.models.recovery import Certificate, Disposition, DispositionDecision
from recalls.models.requests import RecordsRequest, RecordsSheet
from recalls.models.responses import Acknowledgement, Response, Waiver
from recalls.models.returns import Bounce, ContactConfirmation, ContactTest
from recalls.models.scope import (
    ScopeExclusion,
    ScopeLine,
    ScopeRelease,
    ScopeRule,
    ScopeVersion,
)
from recalls.models.targets import Handover, Target, TargetChange, TargetPlan
from recalls.models.tasks import Task

__all__ = [
    "Acknowledgement",
    "Attempt",
    "Bounce",
    "Certificate",
    "CheckPlace",
    "CheckResult",
    "CheckSample",
    "ContactConfirmation",
    "ContactTest",
    "Contacted",
    "CustomerContacted",
    "CustomerEscalation",
    "Disposition",
    "DispositionDecision",
    "Drill",
    "DrillDuty",
    "Escalation",
    "HandedIn",
    "Handover",
    "MessageFile",
    "NarrowedHolding",
    "Narrowing",
    "Notice",
    "NoticeFile",
    "NoticeLine",
    "NumberSeries",
    "Outcome",
    "PassedAnswer",
    "PassedOn",
    "PublicNotice",
    "Recall",
    "RecallFile",
    "RecallMessage",
    "Recipient",
    "RecordsRequest",
    "RecordsSheet",
    "ReminderPlan",
    "Response",
    "ScopeExclusion",
    "ScopeLine",
    "ScopeRelease",
    "ScopeRule",
    "ScopeVersion",
    "SendStop",
    "Signature",
    "Subscription",
    "Target",
    "TargetChange",
    "TargetPlan",
    "Task",
    "Waiver",
]
