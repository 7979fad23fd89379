"""What the bar under a list does with the rows that are ticked, or with all that match."""

from hashlib import sha256
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse

from batches.lists.access import needs
from batches.lists.pages import ListPage, Refused
from batches.lists.ticked import keys
from batches.models import RunOutput, ShipmentLine
from batches.operations import holds
from batches.views.acts import Act
from batches.views.lists import BatchList

MOST = 200
# Each is looked at by itself, in one transaction.
MOST_MATCHING = 1_000
# So many of them stand under the form.
LISTED = 200
_WAYS = {"fwd", "back", "both"}


@needs("batches.view_holding")
def trace_batches(request):
    """Opens the trace with the batches that are ticked, that were on ticked shipments, or that
    ticked runs made. None is left out: too many are refused."""
    found = keys(request.GET.getlist("batch")) + _carried(request.GET)
    way = request.GET.get("dir", "fwd")
    if not found or way not in _WAYS:
        raise Http404("Tick at least one row in the list that has a batch.")
    if len(found) > MOST:
        said = f"A trace starts from at most {MOST} batches, these are more. Tick fewer rows."
        context = {"message": said, "clean_url": reverse("batch-list")}
        return render(request, "400.html", context, status=400)
    pairs = [("seed", key) for key in found]
    return redirect(f"{reverse('batch-trace')}?{urlencode([*pairs, ('dir', way)])}")


def _carried(asked) -> list[int]:
    """The batches of ticked shipments and runs, at most one more than a trace starts from."""
    lines = ShipmentLine.objects.filter(shipment__in=keys(asked.getlist("shipment")))
    made = RunOutput.objects.filter(run__in=keys(asked.getlist("run")))
    return [
        key
        for rows in (lines, made)
        for key in rows.order_by("batch").values_list("batch", flat=True).distinct()[: MOST + 1]
    ]


class ActOnRows(Act):
    """Acts on the rows that are ticked, or, with `all` in the address, on each that the filters of
    the list match. The rows are in the address, so that the page may be reloaded; only the POST
    acts, and only on the rows that the person was shown."""

    parameter = ""
    list_page: type[ListPage]
    noun = ("row", "rows")
    template_name = "batches/act_on_rows.html"

    def dispatch(self, request, *args, **kwargs):
        try:
            return super().dispatch(request, *args, **kwargs)
        except Refused as refusal:
            context = {"message": str(refusal), "clean_url": self.back()}
            return render(request, "400.html", context, status=400)

    def find(self):
        self.is_all = "all" in self.request.GET
        found = self.matching() if self.is_all else self.ticked()
        self.found = found
        one = len(found) == 1
        return f"{len(found):,} {self.noun[0] if one else self.noun[1]}"

    def ticked(self) -> list:
        rows = self.list_page().rows()
        found = list(rows.filter(pk__in=keys(self.request.GET.getlist(self.parameter))))
        if not 0 < len(found) <= MOST:
            raise Http404(f"Tick at least one row in the list, and at most {MOST}.")
        return found

    def matching(self) -> list:
        page = self.list_page()
        page.setup(self.request)
        filters = page.filtered("all")
        self.filters = filters.active()
        found = list(filters.qs.order_by("pk")[: MOST_MATCHING + 1])
        if not found:
            raise Refused("Nothing in the list matches any more.")
        if len(found) > MOST_MATCHING:
            raise Refused(
                f"More than {MOST_MATCHING:,} match. Narrow the filter, and do it in parts."
            )
        return found

    @property
    def ids(self) -> list[int]:
        return [row.pk for row in self.found]

    @property
    def first(self) -> list:
        return self.found[:LISTED]

    @property
    def digest(self) -> str:
        """Says which rows were shown; rows that came or went meanwhile make it another."""
        return sha256(",".join(map(str, sorted(self.ids))).encode()).hexdigest()

    def act(self, form):
        if self.is_all and self.request.POST.get("shown") != self.digest:
            raise ValidationError(
                f"The list has changed since you looked: {self.object} match now. Nothing was "
                "done. Look through them, and confirm again."
            )
        self.act_on_rows(form)

    def act_on_rows(self, form) -> None:
        raise NotImplementedError


class HoldBatches(ActOnRows):
    permission = "batches.add_hold"
    parameter, noun, list_page = "batch", ("batch", "batches"), BatchList
    title, button = "Hold {}", "Hold them"
    says = "Nobody can ship or use these while they are on hold. What is there stays there."
    done = "On hold: {}."

    def back(self):
        return reverse("batch-list")

    def act_on_rows(self, form):
        holds.hold_batches(batches=self.ids, **form.cleaned_data, **self.by_now)
