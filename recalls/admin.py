"""The admin shows recalls and changes nothing but the standing subscribers of new ones."""

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.utils import timezone

from batches.admin.base import ReadOnlyAdmin
from batches.admin.master import LocationAdmin
from batches.models import Contact
from recalls.models import (
    Attempt,
    Bounce,
    Disposition,
    Escalation,
    Narrowing,
    Notice,
    Recall,
    ReminderPlan,
    Response,
    ScopeExclusion,
    ScopeLine,
    ScopeVersion,
    Signature,
    Subscription,
    Waiver,
)
from recalls.operations.contact_tests import ask_contacts
from recalls.operations.subscriptions import check_default, save_default


class ReadOnly(ReadOnlyAdmin):
    """Looked at by who may view it. Nothing counts a big table for its page."""

    # Fields that only people with this permission see.
    private: tuple[str, ...] = ()
    private_needs = "recalls.view_recipient"

    def get_exclude(self, request, obj=None):
        hidden = () if request.user.has_perm(self.private_needs) else self.private
        return [*(self.exclude or ()), *hidden]

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        """A record of a drill carries the band of a drill."""
        recall = _recall_of(obj)
        context["is_drill"] = recall is not None and recall.is_drill
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)


def _recall_of(record) -> Recall | None:
    """The recall that a record belongs to, by way of the one that it hangs on."""
    if record is None or isinstance(record, Recall):
        return record
    ways = (getattr(record, name, None) for name in ("recall", "version", "notice", "line"))
    return _recall_of(next(filter(None, ways), None))


@admin.register(Recall)
class RecallAdmin(ReadOnly):
    list_display = ["reference", "title", "classification", "status", "lead", "opened_at"]
    list_filter = ["status", "is_drill", "classification"]
    list_select_related = ["lead"]
    search_fields = ["reference", "title"]
    date_hierarchy = "opened_at"


@admin.register(ScopeVersion)
class ScopeVersionAdmin(ReadOnly):
    list_display = ["recall", "number", "cause", "frozen_at", "complete", "sha256"]
    list_select_related = ["recall"]
    search_fields = ["recall__reference", "sha256"]


@admin.register(ScopeLine)
class ScopeLineAdmin(ReadOnly):
    list_display = [
        "version", "batch_number", "product_name", "location_name", "role", "change", "due", "unit",
    ]  # fmt: skip
    list_filter = ["role", "change"]
    list_select_related = ["version__recall"]
    search_fields = ["version__recall__reference", "batch_number", "location_code"]


@admin.register(ScopeExclusion)
class ScopeExclusionAdmin(ReadOnly):
    list_display = ["recall", "holding", "reason", "by", "at"]
    list_select_related = ["recall", "holding__batch", "holding__location", "by"]
    search_fields = ["recall__reference"]


@admin.register(Narrowing)
class NarrowingAdmin(ReadOnly):
    list_display = ["recall", "number", "state", "reason", "proposed_by", "decided_by"]
    list_filter = ["state"]
    list_select_related = ["recall", "proposed_by", "decided_by"]
    search_fields = ["recall__reference"]
    exclude = ["rules"]


@admin.register(Disposition)
class DispositionAdmin(ReadOnly):
    list_display = ["recall", "number", "kind", "holding", "quantity", "unit", "cost", "by", "at"]
    list_filter = ["kind"]
    list_select_related = ["recall", "holding__batch__product", "holding__location", "by"]
    search_fields = ["recall__reference", "certificate"]
    private = ("witness_name",)


@admin.register(Notice)
class NoticeAdmin(ReadOnly):
    list_display = ["pk", "recall", "kind", "round", "address", "state", "attempts_made"]
    list_filter = ["state", "kind"]
    list_select_related = ["recall"]
    search_fields = ["recall__reference", "address_key"]
    exclude = ["html", "attachment", "lines", "lease_token"]
    private = ("address", "address_key", "recipient", "text")

    def get_list_display(self, request):
        may = request.user.has_perm(self.private_needs)
        return [name for name in self.list_display if may or name not in self.private]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("html", "attachment")


@admin.register(Bounce)
class BounceAdmin(ReadOnly):
    list_display = ["pk", "notice", "attempt", "kind", "code", "text", "at"]
    list_filter = ["kind"]
    list_select_related = ["notice__recall", "attempt__notice__recall"]
    search_fields = ["notice__recall__reference", "code"]


@admin.register(Escalation)
class EscalationAdmin(ReadOnly):
    list_display = ["recall", "location", "because", "step", "told", "at"]
    list_filter = ["step", "because"]
    list_select_related = ["recall", "location", "told"]
    search_fields = ["recall__reference", "location__code"]


@admin.register(ReminderPlan)
class ReminderPlanAdmin(ReadOnly):
    """Looked at here; changed on its own page, where what it does is said."""

    list_display = [
        "classification",
        "first_hours",
        "every_hours",
        "reminders",
        "escalate_hours",
        "update_days",
    ]


@admin.register(Attempt)
class AttemptAdmin(ReadOnly):
    list_display = ["pk", "notice", "number", "worker", "started_at", "result", "reply"]
    list_select_related = ["notice__recall", "outcome"]
    search_fields = ["notice__recall__reference"]

    @admin.display(empty_value="uncertain")
    def result(self, attempt):
        outcome = getattr(attempt, "outcome", None)
        return outcome.get_result_display() if outcome else None

    @admin.display(empty_value="")
    def reply(self, attempt):
        outcome = getattr(attempt, "outcome", None)
        return outcome.reply if outcome else None


@admin.register(Response)
class ResponseAdmin(ReadOnly):
    list_display = ["recall", "line", "quarantined", "returned", "destroyed", "sold", "at"]
    list_select_related = ["recall", "line"]
    search_fields = ["recall__reference", "line__location_code", "line__batch_number"]
    private = ("recipient", "name", "phone", "remark")


@admin.register(Waiver)
class WaiverAdmin(ReadOnly):
    list_display = ["recall", "location", "reason", "by", "at"]
    list_select_related = ["recall", "location", "by"]
    search_fields = ["recall__reference", "location__code"]


@admin.register(Signature)
class SignatureAdmin(ReadOnly):
    list_display = ["recall", "user", "meaning", "scope_sha256", "at"]
    list_select_related = ["recall", "user"]
    search_fields = ["recall__reference"]


class DefaultForm(ModelForm):
    """A standing subscriber; what the operation would refuse is said beside the field."""

    def clean(self):
        values = super().clean()
        try:
            check_default(
                user=values.get("user"), email=values.get("email") or "", row=self.instance
            )
        except ValidationError as refusal:
            self.add_error(None, refusal)
        return values


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnly):
    """Those who get the reports of every new recall. Of one recall, its own page decides."""

    form = DefaultForm
    fields = ["user", "email", "active"]
    list_display = ["address", "user", "active"]
    list_select_related = ["user"]

    def get_queryset(self, request):
        return super().get_queryset(request).filter(recall=None)

    def has_add_permission(self, request, obj=None):
        return request.user.has_perm("recalls.add_subscription")

    def has_change_permission(self, request, obj=None):
        return request.user.has_perm("recalls.change_subscription")

    def get_exclude(self, request, obj=None):
        return None

    def save_model(self, request, obj, form, change):
        save_default(subscription=obj, by=request.user, at=timezone.now())


@admin.action(description="Test the contacts by mail", permissions=["test_contacts"])
def ask_the_contacts(modeladmin, request, queryset):
    """Owes a test mail to everybody at the ticked locations who gets notices."""
    contacts = Contact.objects.told().filter(location__in=queryset.order_by())
    try:
        asked = ask_contacts(contacts=contacts, by=request.user, at=timezone.now())
    except ValidationError as error:
        modeladmin.message_user(request, error.messages[0], messages.ERROR)
    else:
        modeladmin.message_user(request, asked.said)


# An act of this layer on rows of the one below, which does not know it.
LocationAdmin.actions = [*(LocationAdmin.actions or ()), ask_the_contacts]
LocationAdmin.has_test_contacts_permission = lambda self, request: request.user.has_perm(
    "recalls.add_contacttest"
)
