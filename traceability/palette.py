"""What the palette offers: pages and acts by name, and records by the one resolver."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from batches.reports.resolver import Hit, resolve

# Of one letter nearly everything has a name with it.
SHORTEST = 2
SHOWN = 6


class Action(NamedTuple):
    """`words` are what people also call it; `permission` is what its page asks for."""

    title: str
    icon: str
    url_name: str
    permission: str = "batches.view_batch"
    words: str = ""


ACTS = [
    Action("Start a recall", "recall", "recall-open", "recalls.add_recall", "open new withdrawal"),
    Action("Trace a code", "trace", "batch-trace", "batches.view_holding", "follow find where"),
    Action("Scan codes", "scan", "scan", words="collect pile camera"),
    Action("Import a file", "download", "import-list", "batches.import_data", "upload csv xlsx"),
    Action("Move batches", "truck", "scan-move", "batches.add_shipment", "ship transfer"),
    Action("Add a batch", "box", "admin:batches_batch_add", "batches.add_batch", "new enter"),
    Action(
        "Add a shipment", "truck", "admin:batches_shipment_add", "batches.add_shipment", "new enter"
    ),
    Action("Add a run", "factory", "admin:batches_run_add", "batches.add_run", "new production"),
    Action(
        "Add a complaint", "chat", "admin:batches_complaint_add", "batches.add_complaint", "new"
    ),
    Action("Ask about a customer’s pack", "phone", "service", "batches.add_complaint", "service"),
    Action("Test contacts", "mail", "contact-tests", "recalls.add_contacttest", "e-mail address"),
    Action("Print labels", "print", "batch-labels", words="barcode datamatrix"),
    Action("Make an API token", "link", "api-tokens", "batches.add_apitoken", "program key"),
]
PAGES = [
    Action("Overview", "grid", "overview", words="start home dashboard"),
    Action("Recalls", "recall", "recall-list", "recalls.view_recall"),
    Action("Holds", "hold", "hold-list", "batches.view_hold", "stop blocked"),
    Action("Batches", "box", "batch-list", words="lot"),  # may say lot
    Action("Shipments", "truck", "shipment-list", "batches.view_shipment", "delivery dispatch"),
    Action("Runs", "factory", "run-list", "batches.view_run", "production"),
    Action("Locations", "pin", "location-list", "batches.view_location", "places stores sites"),
    Action("Products", "layers", "product-list", "batches.view_product", "items gtin"),
    Action("Complaints", "chat", "complaint-list", "batches.view_complaint"),
    Action("Inspections", "okc", "inspection-list", "batches.view_inspection", "quality results"),
    Action("Audit", "audit", "audit", "batches.view_finding", "findings gaps"),
    Action("Log of all changes", "shield", "audit-log", "batches.view_event", "audit history"),
    Action("Drills", "drill", "drill-list", "recalls.view_drill", "mock exercise"),
    Action("Analytics", "chart", "analytics", "recalls.view_recall", "charts figures"),
    Action("Notifications", "bell", "notifications", words="alarms jobs"),
    Action("Reminders", "bell", "reminder-plans", "recalls.view_reminderplan", "plan"),
    Action("Targets", "clock", "target-plans", "recalls.view_targetplan", "plan"),
    Action("Preferences", "sliders", "preferences", words="theme dark zone keys settings"),
    Action("Help", "help", "help", words="manual keys"),
    Action("Crisis card", "doc", "help-crisis", words="print emergency"),
]


@dataclass(frozen=True)
class Entry:
    """One line: what it is called, where it leads, and for a record why it matched."""

    word: str
    url: str
    icon: str
    more: str = ""
    why: str = ""
    is_code: bool = False


class Group(NamedTuple):
    title: str
    entries: list[Entry]


def palette(text: str, *, user, today: date) -> list[Group]:
    """What `text` may mean for this person: records first, then acts and pages."""
    found = resolve(text, user=user, today=today) if len(text) >= SHORTEST else None
    groups = [
        Group(group.kind.title, _records(group.hits, group.kind.icon))
        for group in (found.groups if found else [])
    ]
    if found and found.near:
        groups.append(Group("Did you mean", _records(found.near, "box")))
    groups.append(Group("Do", _actions(ACTS, text, user)))
    groups.append(Group("Go to", _actions(PAGES, text, user)))
    if text:
        groups.append(Group("Search", [_search(text)]))
    return [group for group in groups if group.entries]


def _records(hits: list[Hit], icon: str) -> list[Entry]:
    return [Entry(hit.code, hit.url, icon, hit.name, hit.why, True) for hit in hits[:SHOWN]]


def _actions(actions: list[Action], text: str, user) -> list[Entry]:
    wanted = text.lower().split()
    return [
        Entry(action.title, url, action.icon)
        for action in actions
        if all(word in f"{action.title} {action.words}".lower() for word in wanted)
        and user.has_perm(action.permission)
        and (url := _address(action, user))
    ]


def _address(action: Action, user) -> str:
    """Empty while the page does not exist, or is the admin's and the person is not let in."""
    if action.url_name.startswith("admin:") and not user.is_staff:
        return ""
    try:
        return reverse(action.url_name)
    except NoReverseMatch:
        return ""


def _search(text: str) -> Entry:
    return Entry(f"Search for “{text}”", f"{reverse('search')}?{urlencode({'q': text})}", "search")
