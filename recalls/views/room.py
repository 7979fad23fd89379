"""The page of a recall: its open step while it is prepared, the war room once it is active."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode

from batches.lists.access import needs
from batches.templatetags.wording import percent
from recalls.forms.recalls import CloseForm, SubscribeForm
from recalls.models import Recall, ScopeLine, ScopeVersion, Subscription
from recalls.operations.activation import needs_two
from recalls.operations.notices import reminders_owed
from recalls.reports.checking import Checking, checking
from recalls.reports.costs import costs
from recalls.reports.customers import counted, customers, customers_to_call
from recalls.reports.missing import missing
from recalls.reports.outputs import OUTPUTS
from recalls.reports.reconciliation import reconciliation
from recalls.reports.sending import sending
from recalls.reports.silence import silences, to_call
from recalls.reports.status import RecallStatus
from recalls.reports.status import status as status_of
from recalls.reports.targets import targets
from recalls.reports.todo import todo
from recalls.reports.unaware import unaware
from recalls.reports.updates import update_due
from recalls.views.cases import Refusal, find
from recalls.views.curve import curve_of
from recalls.views.doors import linked
from recalls.views.flag import flag_forms, flag_of, narrowings_of
from recalls.views.following import coming
from recalls.views.phases import phases
from recalls.views.place_list import exported, recipients
from recalls.views.timeline import entries_seen
from recalls.views.versions import versions_in_words
from recalls.views.wizard.looking import look_at
from recalls.views.wizard.pages import refused_page
from recalls.views.wizard.scope import choices, rule_entries
from recalls.views.wizard.steps import PREPARED, address, open_step

Status = Recall.Status
# The outputs that its page names; all of them are on the page of its documents.
DOCUMENTS = ("status", "firm", "closing")
PARTS = ("on_site", "shipped")
# An address of more seeds than this is too long for a browser.
SEEDS = 50
CLOSURE = "Every place answered or was waived, and the balance is explained."


@needs("recalls.view_recall")
def recall_detail(request, reference):
    """Of a recall that is prepared, the way to the step where work goes on."""
    recall = find(reference)
    if recall.status in PREPARED:
        return redirect(address(recall, open_step(recall, look_at(request, recall).seen)))
    if "export" in request.GET:
        return exported(request, recall)
    return recall_page(request, recall)


@needs("recalls.view_recall")
def recall_part(request, reference, part):
    """The address of a part of the page, such as its recipients."""
    return redirect(f"{find(reference).get_absolute_url()}#{part}")


def recall_page(request, recall: Recall, refusal: Refusal | None = None):
    """The page as it stands; with a refusal it is 422 and shows the summary on top."""
    if recall.status in PREPARED:
        return refused_page(request, recall, refusal or Refusal([]))
    context = {
        "recall": recall,
        "faults": refusal.faults if refusal else [],
        "waits_for_another": recall.completed_by_id == request.user.pk and needs_two(recall),
        "forms": _forms(recall, refusal),
        "phases": phases(recall),
        "now": timezone.now(),
    }
    code = 422 if refusal else 200
    if recall.status == Status.CANCELLED:
        context["entries"] = entries_seen(request, recall)
        return render(request, "recalls/recall_cancelled.html", context, status=code)
    context |= _live(request, recall)
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "recalls/room/live.html", context | {"is_poll": True})
    if recall.status == Status.ACTIVE and request.user.has_perm("recalls.change_recall"):
        context |= {"rule_entries": rule_entries(request, recall, refusal), **choices()}
    context |= _room(recall, context["state"], context["checking"])
    return render(request, "recalls/recall_room.html", context, status=code)


def _forms(recall: Recall, refusal: Refusal | None) -> dict:
    forms = {
        "close": CloseForm(
            auto_id="close_%s",
            initial={"meaning": CLOSURE, "statement": recall.closing_statement},
        ),
        "subscribe": SubscribeForm(auto_id="sub_%s"),
        **flag_forms(refusal),
    }
    if refusal and refusal.slot:
        forms[refusal.slot] = refusal.form
    return forms


def _live(request, recall: Recall) -> dict:
    """What moves while the page is open."""
    now = timezone.now()
    state = status_of(recall)
    main = max(state.totals, key=lambda amounts: amounts.due, default=None)
    end = recall.closed_at or now
    checks = checking(recall, state.version, {place.location_id for place in state.places})
    theirs = customers(recall) if state.has_customers else []
    return {
        "state": state,
        "now": now,
        "targets": [*targets(recall, state, now), *update_due(recall, now)],
        "checking": checks,
        "customers": counted(theirs),
        **todo(recall, state, now),
        "phases": phases(recall, state, checks),
        "recovered": percent(main.recovered, main.due) if main else "",
        "running": end - recall.opened_at,
        "is_running": recall.closed_at is None,
        "sums": [_sum(amounts) for amounts in state.totals],
        "curve": _curve(recall, state, main, end),
        "one_unit": main.unit if main and len(state.totals) == 1 else "",
        "batch_count": _batch_count(state.version) if request.htmx else 0,
        "drift": _drift(state.draft),
        "sending": sending(recall, now),
        "entries": entries_seen(request, recall, state),
        "milestones": "milestones" in request.GET,
        "may_act": recall.status == Status.ACTIVE
        and request.user.has_perm("recalls.remind_recipients"),
        **_recipients(request, state, silences(recall, state) if state.version else [], theirs),
    }


def _curve(recall: Recall, state, main, end):
    start, rows = recall.opened_at, [row for own in state.notices.values() for row in own]
    return curve_of(
        state.curve,
        places=state.conservation.total,
        due=main.due if main else None,
        back=main.recovered if main else None,
        unit=main.unit if main else "",
        start=start,
        now=max(end, start + timedelta(minutes=1)),
        sent=min((row["accepted_at"] for row in rows if row["accepted_at"]), default=None),
    )


def _recipients(request, state, silent, theirs) -> dict:
    called = to_call(silent)
    return {
        **recipients(request.GET, state, called),
        "to_remind": reminders_owed(state.recall, state),
        "to_call": len(called.keys() | unaware(state.recall, state.versions).keys())
        + len(customers_to_call(theirs)),
        "coming": coming(silent),
    }


def _sum(amounts) -> dict:
    due = amounts.due + amounts.over
    return {
        "amounts": amounts,
        "of": due,
        "parts": [
            ("Quarantined", "hold", "", amounts.quarantined),
            ("Returned", "ok", "", amounts.returned),
            ("Destroyed", "ok", "dots", amounts.destroyed),
            ("Sold or used", "none", "lines", amounts.sold),
            ("No answer yet", "crit", "hatch", amounts.no_answer),
        ],
    }


def _drift(version) -> dict | None:
    """What an addition brings, in places to be told and in holdings."""
    if version is None:
        return None
    lines = version.lines.exclude(change=ScopeLine.Change.SAME)
    told = Count("location", distinct=True, filter=Q(role=ScopeLine.Role.RECIPIENT))
    return {"version": version, **lines.aggregate(places=told, holdings=Count("pk"))}


def _room(recall: Recall, state: RecallStatus, checks: Checking) -> dict:
    """What stands still between two answers."""
    lines = list(state.version.lines.defer("path", "contacts")) if state.version else []
    balance, narrowed = reconciliation(recall, state, lines), narrowings_of(recall)
    waiting, batches = narrowed["waiting"], _batches(lines)
    return {
        "batches": batches,
        "batch_count": len(batches),
        "batch_sums": _by_unit(batches),
        "seeds": _seeds(lines),
        "balance": balance,
        "missing": linked(recall, missing(recall, state, checks, balance, waiting), waiting),
        "costs": costs(recall),
        **narrowed,
        "flag": flag_of(recall, timezone.now()),
        "versions": versions_in_words(recall),
        "files": recall.files.defer("content").order_by("-pk")[:5],
        "documents": [OUTPUTS[kind] for kind in DOCUMENTS],
        "subscriptions": Subscription.objects.filter(
            Q(recall=recall) | Q(recall__isnull=True), active=True
        ).select_related("user"),
        "signatures": recall.signatures.select_related("user"),
    }


def _batch_count(version: ScopeVersion | None) -> int:
    return version.lines.order_by().values("batch").distinct().count() if version else 0


def _batches(lines: list[ScopeLine]) -> list[dict]:
    """Per batch of the newest released version: on our sites and asked of recipients."""
    by_batch: dict[int, list[ScopeLine]] = defaultdict(list)
    for line in lines:
        by_batch[line.batch_id].append(line)
    rows = [_batch(own) for own in by_batch.values()]
    return sorted(rows, key=lambda row: (row["line"].product_code, row["line"].batch_number))


def _by_unit(batches: list[dict]) -> list[tuple[str, Decimal, Decimal]]:
    """On our sites and with others, in each unit that more than one batch is counted in."""
    units = [row["line"].unit for row in batches]
    return [
        (unit, *(sum(row[part] for row in batches if row["line"].unit == unit) for part in PARTS))
        for unit in dict.fromkeys(units)
        if units.count(unit) > 1
    ]


def _seeds(lines: list[ScopeLine]) -> str:
    """What the trace of this scope begins with, for the address of the explorer; empty if that
    were too long."""
    first = dict.fromkeys(line.batch_id for line in lines if line.depth == 0)
    fits = 0 < len(first) <= SEEDS
    return urlencode({"seed": list(first), "dir": "fwd"}, doseq=True) if fits else ""


def _batch(own: list[ScopeLine]) -> dict:
    on_site = [line.on_hand for line in own if line.role == ScopeLine.Role.OWN_SITE]
    told = [line for line in own if line.role == ScopeLine.Role.RECIPIENT]
    shipped = [line.due for line in told]
    return {
        "line": own[0],
        "on_site": sum(filter(None, on_site), Decimal(0)),
        "unknown_on_site": on_site.count(None),
        "shipped": sum(filter(None, shipped), Decimal(0)),
        "unknown_shipped": shipped.count(None),
        "places": len({line.location_id for line in told}),
    }
