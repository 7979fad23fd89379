"""What the bar under a list does with the rows that are ticked."""

from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse

from batches.lists.access import needs
from batches.lists.ticked import keys
from batches.models import Batch, Hold
from batches.operations import holds
from batches.views.acts import Act

MOST = 200
_WAYS = {"fwd", "back", "both"}


@needs("batches.view_holding")
def trace_batches(request):
    """Opens the trace with the batches that are ticked."""
    pairs = [("seed", key) for key in keys(request.GET.getlist("batch"))[:MOST]]
    way = request.GET.get("dir", "fwd")
    if not pairs or way not in _WAYS:
        raise Http404("Tick at least one batch in the list.")
    return redirect(f"{reverse('batch-trace')}?{urlencode([*pairs, ('dir', way)])}")


class ActOnTicked(Act):
    """The rows are in the address, so that the page may be reloaded; only the POST acts."""

    parameter = ""
    template_name = "batches/act_on_ticked.html"

    def rows(self):
        raise NotImplementedError

    def find(self):
        found = list(self.rows().filter(pk__in=keys(self.request.GET.getlist(self.parameter))))
        if not 0 < len(found) <= MOST:
            raise Http404(f"Tick at least one row in the list, and at most {MOST}.")
        self.ticked = found
        one = len(found) == 1
        return f"{len(found)} {self.noun[0] if one else self.noun[1]}"

    @property
    def ids(self) -> list[int]:
        return [row.pk for row in self.ticked]


class HoldBatches(ActOnTicked):
    permission = "batches.add_hold"
    parameter, noun = "batch", ("batch", "batches")
    title, button = "Hold {}", "Hold them"
    says = "Nobody can ship or use these while they are on hold. What is there stays there."
    done = "On hold: {}."

    def rows(self):
        return Batch.objects.select_related("product", "origin")

    def back(self):
        return reverse("batch-list")

    def act(self, form):
        reason = form.cleaned_data["reason"]
        holds.hold_batches(batches=self.ids, reason=reason, **self.by_now)


class ReleaseHolds(ActOnTicked):
    permission = "batches.release_hold"
    parameter, noun = "hold", ("hold", "holds")
    title, button = "Release {}", "Release them"
    says = "These batches can be shipped and used again, as far as these holds are concerned."
    done = "Released: {}."

    def rows(self):
        return Hold.objects.select_related("batch__product", "batch__origin", "location")

    def back(self):
        return reverse("hold-list")

    def act(self, form):
        reason = form.cleaned_data["reason"]
        holds.release_holds(holds=self.ids, reason=reason, **self.by_now)
