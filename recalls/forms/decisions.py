"""What people sign and decide: activating alone, looking at it afterwards, narrowing."""

from django import forms
from django.core.exceptions import ValidationError

from batches.lists.ticked import keys
from recalls.forms.dress import DressedForm
from recalls.forms.recalls import ReasonForm, SignForm
from recalls.forms.ticked import TickedField

# What a signature says unless its person writes something else, by act.
MEANINGS = {
    "break_glass": "I activate this recall alone. I have checked scope, recipients and text.",
    "countersign": "I have checked what was activated alone, and I agree.",
    "narrow": "I have checked that these goods are not affected.",
}
_BOX = {"class": "check"}


def _presets(form, act: str) -> None:
    form.fields["meaning"].initial = MEANINGS[act]


class BreakGlassForm(SignForm):
    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Why it cannot wait for a second person",
        error_messages={"required": "Say why this cannot wait for a second person."},
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    field_order = ["reason", "meaning", "password"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _presets(self, "break_glass")


class CountersignForm(SignForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _presets(self, "countersign")


class ObjectForm(DressedForm):
    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="What is wrong with it",
        error_messages={"required": "Say what is wrong with this recall."},
    )
    password = SignForm.base_fields["password"]


class ApproveNarrowingForm(SignForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _presets(self, "narrow")


class NarrowForm(ReasonForm):
    """What is to be taken out: whole rules, whole batches or single holdings of a version."""

    rule = TickedField(
        queryset=None,
        required=False,
        error_messages={"invalid_choice": "A rule does not count any more. Load the page again."},
    )
    releases_holds = forms.BooleanField(
        required=False,
        label="Release the holds of this recall on them when it is approved",
        widget=forms.CheckboxInput(attrs=_BOX),
    )

    def __init__(self, *args, recall, version, chosen=None, **kwargs):
        """`chosen` is what was ticked and typed so far, of which nothing is asked yet."""
        super().__init__(*args, initial=self._initial(chosen), **kwargs)
        self.version, self.given = version, chosen or self.data
        self.fields["rule"].queryset = recall.rules.filter(withdrawn_at__isnull=True)
        self.fields["reason"].label = "Why these goods are not affected"
        self.batches, self.holdings = self._ids("batch"), self._ids("line")

    @staticmethod
    def _initial(chosen) -> dict:
        if chosen is None:
            return {}
        names = {"reason": chosen.get("reason", ""), "rule": chosen.getlist("rule")}
        return {**names, "releases_holds": "releases_holds" in chosen}

    def _ids(self, name: str) -> set[int]:
        return set(keys(self.given.getlist(name))) if self.given else set()

    def clean(self):
        if not (self.cleaned_data.get("rule") or self.batches or self.holdings):
            raise ValidationError("Choose what is not affected: a rule, batches or places.")
        return self.cleaned_data

    def values(self) -> dict:
        """What the operation takes; a whole batch is all its holdings in the version."""
        of_batches = self.version.lines.filter(batch__in=self.batches)
        return {
            "holdings": self.holdings | set(of_batches.values_list("holding_id", flat=True)),
            "rules": list(self.cleaned_data["rule"]),
            "releases_holds": self.cleaned_data["releases_holds"],
            "reason": self.cleaned_data["reason"],
        }
