"""The page of a recall: its open step while it is prepared, the war room once it is active."""

from datetime import timedelta

from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.utils import timezone

from batches.lists.access import needs
from batches.templatetags.wording import percent
from recalls.forms.recalls import CloseForm, SubscribeForm
from recalls.message.languages import LANGUAGES
from recalls.models import Recall, ScopeLine, Subscription
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
from recalls.reports.targets import late_ones, spoken_to, targets
from recalls.reports.todo import todo
from recalls.reports.unaware import unaware
from recalls.reports.updates import update_due
from recalls.views.cases import Refusal, find
from recalls.views.covered import batches_in, batches_of, by_unit, covered, seeds_of
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
# What the tab of a recall shows while nobody looks at it.
ICONS = {
    "stuck": "icons/favicon-stuck.svg",
    "live": "icons/favicon-live.svg",
    "drill": "icons/favicon-drill.svg",
    "over": "icons/favicon.svg",
}
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
    spoken = spoken_to([recall])
    rows = [*targets(recall, state, now, spoken), *update_due(recall, now)]
    return {
        "state": state,
        "now": now,
        "targets": rows,
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
        **(covered(batches_of(state.version)) if request.htmx else {}),
        **_marked(recall, state, rows),
        "drift": _drift(state.draft),
        "sending": sending(recall, now),
        "entries": entries_seen(request, recall, state),
        "milestones": "milestones" in request.GET,
        "may_act": recall.status == Status.ACTIVE
        and request.user.has_perm("recalls.remind_recipients"),
        **_recipients(
            request, state, silences(recall, state) if state.version else [], theirs, spoken
        ),
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


def _recipients(request, state, silent, theirs, spoken) -> dict:
    called = to_call(silent)
    return {
        **recipients(request.GET, state, called, spoken.get(state.recall.pk, {})),
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
    waiting, batches = narrowed["waiting"], batches_in(lines, balance.batches)
    trade = _languages(state)
    files = recall.files.defer("content").order_by("-pk")[:5]
    return {
        "batches": batches,
        **covered(lines),
        "batch_sums": by_unit(batches),
        "seeds": seeds_of(lines),
        "balance": balance,
        "missing": linked(recall, missing(recall, state, checks, balance, waiting), waiting),
        "costs": costs(recall),
        **narrowed,
        "flag": flag_of(recall, timezone.now()),
        "versions": versions_in_words(recall),
        "files": files,
        "documents": [OUTPUTS[kind] for kind in DOCUMENTS],
        "trade_languages": trade,
        "document_count": len(state.versions) + len(DOCUMENTS) + len(files) + 1 + bool(trade),
        "subscriptions": Subscription.objects.filter(
            Q(recall=recall) | Q(recall__isnull=True), active=True
        ).select_related("user"),
        "signatures": recall.signatures.select_related("user"),
    }


def _marked(recall: Recall, state: RecallStatus, rows) -> dict:
    """What the tab of the browser says: its icon, and how many places were not reached."""
    unreached = sum(place.key == "not_delivered" for place in state.places)
    if recall.closed_at:
        mark = ICONS["over"]
    elif recall.is_drill:
        mark = ICONS["drill"]
    else:
        mark = ICONS["stuck" if unreached or late_ones(rows) else "live"]
    return {"mark": mark, "unreached": unreached}


def _languages(state: RecallStatus) -> str:
    """Those in which its places are told."""
    codes = {one.language for place in state.places for one in place.recipients}
    return ", ".join(name for code, name in LANGUAGES.items() if code in codes)
