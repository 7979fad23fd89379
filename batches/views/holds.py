"""What people do with a hold: decide, give it to somebody, put it off."""

from django.shortcuts import get_object_or_404
from django.urls import reverse

from batches.forms.acts import DecideForm, DeciderForm, ExtendForm
from batches.models import Hold
from batches.operations import decisions, holds
from batches.operations.changes import fingerprint
from batches.templatetags.lotline import person
from batches.templatetags.wording import day
from batches.views.acts import Act
from batches.views.lists import HoldList
from batches.views.picked import ActOnRows


class OnHold(Act):
    permission = "batches.change_hold"
    template_name = "batches/hold_act.html"

    def find(self):
        related = ("batch__product", "batch__origin", "location", "owner", "placed_by")
        return get_object_or_404(Hold.objects.select_related(*related), pk=self.kwargs["pk"])

    def back(self):
        return reverse("hold-list")

    def details(self):
        hold = self.object
        named = [
            ("Held because", hold.reason),
            ("Where", hold.location or "Everywhere"),
            ("Owner", person(hold.owner)),
            ("Decide by", hold.due_on and day(hold.due_on, self.by_now["at"])),
            ("Decided", hold.decision and f"{hold.get_decision_display()}: {hold.decision_reason}"),
        ]
        return [(word, str(value)) for word, value in named if value]


class DecideHold(OnHold):
    permission = "batches.release_hold"
    form_class = DecideForm
    title, button = "Decide on the hold of {0.batch}", "Save the decision"
    says = "What becomes of {0.batch}, as far as this hold is concerned?"
    DONE = {
        "release": "The hold on {0.batch} is released.",
        "scrap": "What was there of {0.batch} is scrapped. The hold stays.",
        "rework": "{0.batch} is held for rework.",
    }
    ACTS = {
        "release": holds.release_hold,
        "scrap": decisions.scrap_hold,
        "rework": decisions.rework_hold,
    }

    def form(self, data=None):
        return DecideForm(data, initial={"decision": self.request.GET.get("decision")})

    @property
    def stock(self):
        stock = self.object.stock().select_related("batch__product", "location")
        return list(stock.order_by("pk"))

    @property
    def seen(self) -> str:
        return fingerprint(self.object, self.stock)

    def act(self, form):
        decision, reason = form.cleaned_data["decision"], form.cleaned_data["reason"]
        seen = {"seen": self.request.POST.get("seen", "")} if decision == "scrap" else {}
        self.ACTS[decision](hold=self.object, reason=reason, **seen, **self.by_now)
        self.done = self.DONE[decision]


class AssignHold(OnHold):
    title, button = "Assign the hold on {0.batch}", "Assign the hold"
    says = "Who is to decide about {0.batch}? Those are offered who may."
    done = "The hold on {0.batch} is assigned."

    def form(self, data=None):
        return DeciderForm(data, initial={"owner": self.object.owner or self.request.user})

    def act(self, form):
        owner = form.cleaned_data["owner"]
        decisions.assign_hold(hold=self.object, owner=owner, **self.by_now)


class ExtendHold(OnHold):
    form_class = ExtendForm
    title, button = "Extend the hold on {0.batch}", "Extend the hold"
    says = "{0.batch} stays on hold. Say by when somebody decides, and why that can wait."
    done = "The hold on {0.batch} is extended."

    def act(self, form):
        decisions.extend_hold(hold=self.object, **form.cleaned_data, **self.by_now)


class OnHolds(ActOnRows):
    permission = "batches.change_hold"
    parameter, noun, list_page = "hold", ("hold", "holds"), HoldList

    def back(self):
        return reverse("hold-list")


class ReleaseHolds(OnHolds):
    permission = "batches.release_hold"
    title, button = "Release {}", "Release them"
    says = "These batches can be shipped and used again, as far as these holds are concerned."
    done = "Released: {}."

    def act_on_rows(self, form):
        holds.release_holds(holds=self.ids, **form.cleaned_data, **self.by_now)


class AssignHolds(OnHolds):
    form_class = DeciderForm
    title, button = "Assign {}", "Assign them"
    says = "Who is to decide about these? Those are offered who may."
    done = "Assigned: {}."

    def form(self, data=None):
        return DeciderForm(data, initial={"owner": self.request.user})

    def act_on_rows(self, form):
        decisions.assign_holds(holds=self.ids, **form.cleaned_data, **self.by_now)


class ExtendHolds(OnHolds):
    form_class = ExtendForm
    title, button = "Extend {}", "Extend them"
    says = "These stay on hold. Say by when somebody decides, and why that can wait."
    done = "Extended: {}."

    def act_on_rows(self, form):
        decisions.extend_holds(holds=self.ids, **form.cleaned_data, **self.by_now)
