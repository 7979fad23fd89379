"""The scan page: many codes in a pile, then trace, move, hold or recall what they stand for."""

from urllib.parse import urlencode

from csp.decorators import csp_update
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from batches.codes.reading import read
from batches.lists.access import check, needs
from batches.lists.ticked import keys
from batches.models import Batch
from batches.operations.holds import hold_batches
from batches.reports.scanning import Choice, Scanned, scanned, tidy
from batches.templatetags.wording import site_zone

MOST = 200
# The camera's decoder is WebAssembly where the browser has none of its own.
_DECODER = {"script-src": ["'self'", "'wasm-unsafe-eval'"]}


@require_http_methods(["GET", "HEAD", "POST"])
@needs("batches.view_batch")
@csp_update(_DECODER)
def scan(request):
    """POST, because a pile is longer than an address may be; only “hold” changes anything.

    `code` are the codes of the pile so far, `codes` new ones, one in a line, `batch` the ids
    ticked, `do` what is asked for. A script asks for the rows of new codes alone.
    """
    if request.method != "POST":
        return _page(request, tidy(request.GET.getlist("code")))
    if request.htmx:
        rows = _pile(tidy(request.POST.get("codes", "").splitlines()), request.user)
        return render(request, "batches/scan_rows.html", {"pile": rows})
    act = ACTS.get(request.POST.get("do", ""))
    return act(request) if act else _page(request, _codes(request))


def _codes(request) -> list[str]:
    """Newest first."""
    new = request.POST.get("codes", "").splitlines()
    return tidy([*reversed(new), *request.POST.getlist("code")])


def _page(request, codes: list[str], refusals: list[str] = ()):
    pile = _kept(request, _pile(codes, request.user))
    context = {
        "pile": pile,
        "left_out": max(0, len(codes) - MOST),
        "most": MOST,
        "refusals": refusals,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "batches/scan.html", context, status=422 if refusals else 200)


def _pile(codes: list[str], user) -> list[Scanned]:
    today = timezone.now().astimezone(site_zone()).date()
    return [scanned(code[:400], user, today) for code in codes[:MOST]]


def _kept(request, pile: list[Scanned]) -> list[Scanned]:
    """The pile with the ticks that it had; new codes come as they are."""
    old = set(tidy(request.POST.getlist("code")))
    ticked = set(request.POST.getlist("batch"))
    return [_ticked(row, ticked) if row.code in old else row for row in pile]


def _ticked(row: Scanned, ticked: set[str]) -> Scanned:
    choices = [Choice(c.batch, c.why, str(c.batch.pk) in ticked) for c in row.choices]
    return Scanned(row.code, row.found, choices, row.others)


def _chosen(request) -> list[int]:
    found = Batch.objects.filter(pk__in=keys(request.POST.getlist("batch")))
    ids = list(found.order_by("pk").values_list("pk", flat=True))
    if not ids:
        raise ValidationError("Tick at least one batch.")
    if len(ids) > MOST:
        raise ValidationError(f"At most {MOST} batches are dealt with together. Untick some.")
    return ids


def _leading(name: str, parameter: str, **more):
    """An act that opens another page with the batches ticked."""

    def act(request):
        try:
            pairs = [(parameter, pk) for pk in _chosen(request)]
        except ValidationError as refusal:
            return _page(request, _codes(request), refusal.messages)
        return redirect(f"{reverse(name)}?{urlencode([*pairs, *more.items()])}")

    return act


def _move(request):
    """Opens the page that moves them; what was scanned as a pallet stays one."""
    try:
        ids = _chosen(request)
    except ValidationError as refusal:
        return _page(request, _codes(request), refusal.messages)
    pallets = dict.fromkeys(read(code).sscc for code in _codes(request)[:MOST])
    pairs = [("batch", pk) for pk in ids] + [("sscc", sscc) for sscc in pallets if sscc]
    return redirect(f"{reverse('scan-move')}?{urlencode(pairs)}")


def _hold(request):
    check(request.user, "batches.add_hold")
    try:
        placed = hold_batches(
            batches=_chosen(request),
            reason=request.POST.get("reason", ""),
            by=request.user,
            at=timezone.now(),
        )
    except ValidationError as refusal:
        return _page(request, _codes(request), refusal.messages)
    count = len(placed)
    messages.success(request, f"{count} batch{'es are' if count > 1 else ' is'} on hold.")
    return redirect("scan")


ACTS = {
    "forward": _leading("batch-trace", "seed", dir="fwd"),
    "back": _leading("batch-trace", "seed", dir="back"),
    "move": _move,
    "recall": _leading("recall-open", "batch"),
    "hold": _hold,
}
