"""Acts on the rows that were ticked: a page that asks, then one operation per row."""

from collections.abc import Callable

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import ValidationError
from django.template.response import TemplateResponse
from django.utils import timezone

from batches.forms.acts import ReasonForm
from batches.models import Location

_AT_ONCE = 200


class HoldForm(ReasonForm):
    location = forms.CharField(
        label="Where",
        required=False,
        help_text="Code of a location. Empty: everywhere, which also stops what is on its way.",
    )
    field_order = ["location", "reason"]

    def clean_location(self):
        code = self.cleaned_data["location"].strip()
        if not code:
            return None
        location = Location.objects.filter(code__iexact=code).first()
        if location is None:
            raise ValidationError(f"There is no location “{code}”. Check the code.")
        return location


def act(
    operation: Callable,
    argument: str,
    *,
    label: str,
    done: str,
    permission: str,
    form_class=ReasonForm,
    is_grave=False,
    describe: Callable = str,
):
    """An admin action that asks and then calls `operation` for every row.

    `argument` is the operation's name for the row, `done` what has become of the rows.
    Each row is an act of its own: what one is refused does not undo the others.
    """

    @admin.action(description=label, permissions=[permission])
    def run(modeladmin, request, queryset):
        # What came later may rest on what came before: made in order, taken back in reverse.
        rows = list(queryset.order_by("-pk" if is_grave else "pk")[: _AT_ONCE + 1])
        if len(rows) > _AT_ONCE:
            modeladmin.message_user(
                request, f"Choose at most {_AT_ONCE} at once.", messages.WARNING
            )
            return None
        form = form_class(request.POST if "confirmed" in request.POST else None)
        if form.is_valid():
            _call(modeladmin, request, rows, form, operation, argument, done)
            return None
        page = {"label": label, "form": form, "action": run.__name__, "is_grave": is_grave}
        return _ask(modeladmin, request, page | {"rows": [(row.pk, describe(row)) for row in rows]})

    run.__name__ = f"{operation.__name__}_each"
    return run


def _call(modeladmin, request, rows, form, operation, argument, done) -> None:
    count = 0
    for row in rows:
        try:
            operation(**{argument: row}, **form.cleaned_data, by=request.user, at=timezone.now())
        except ValidationError as refusal:
            for sentence in refusal.messages:
                said = sentence if str(row) in sentence else f"{row}: {sentence}"
                modeladmin.message_user(request, said, messages.ERROR)
        else:
            count += 1
    if count:
        modeladmin.message_user(request, f"{_counted(modeladmin, count)} {done}.")


def _ask(modeladmin, request, page):
    context = {
        **modeladmin.admin_site.each_context(request),
        **page,
        "title": f"{page['label']}: {_counted(modeladmin, len(page['rows']))}",
        "opts": modeladmin.opts,
        "checkbox": helpers.ACTION_CHECKBOX_NAME,
        "media": modeladmin.media,
    }
    return TemplateResponse(request, "admin/batches/act.html", context)


def _counted(modeladmin, count: int) -> str:
    opts = modeladmin.opts
    return f"{count} {opts.verbose_name if count == 1 else opts.verbose_name_plural}"
