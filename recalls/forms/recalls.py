"""Opening and changing a recall, and what people sign. Its rules have a module of their own."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from batches.lists.ticked import keys
from batches.models import Batch, Complaint
from batches.templatetags.wording import site_zone
from recalls.forms.dress import DressedForm
from recalls.forms.ticked import TickedField
from recalls.models import Recall

REASONS = [
    ("", "Choose what it is about"),
    ("allergen", "Allergen not declared"),
    ("pathogen", "Germs or toxins"),
    ("foreign_body", "Foreign body"),
    ("chemical", "Chemical or residue"),
    ("labelling", "Label or date wrong"),
    ("packaging", "Packaging leaks or breaks"),
    ("safety", "Can injure, burn or shock"),
    ("quality", "Quality only"),
    ("other", "Something else"),
]
MAX_BATCHES = 500
MAX_COMPLAINTS = 200


class SiteMoment(forms.DateTimeField):
    """A moment typed and shown in the site's time zone."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def prepare_value(self, value):
        with timezone.override(site_zone()):
            return super().prepare_value(value)

    def to_python(self, value):
        with timezone.override(site_zone()):
            return super().to_python(value)


class DetailsForm(DressedForm):
    """What the notice says: the fields of a recall that people write."""

    title = forms.CharField(
        max_length=200,
        label="What is wrong with which product",
        help_text="For example: Undeclared peanut in granola and bars.",
        error_messages={"required": "Enter a title, so that everyone knows what this is about."},
    )
    kind = forms.ChoiceField(choices=Recall.Kind, initial=Recall.Kind.RECALL, label="Kind")
    classification = forms.ChoiceField(
        choices=Recall.Classification,
        initial=Recall.Classification.UNCLASSIFIED,
        label="Classification",
        help_text="Class I: can do serious harm. II: can do passing harm. III: not likely to harm.",
    )
    reason_code = forms.ChoiceField(choices=REASONS, required=False, label="Reason")
    hazard = forms.CharField(
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="What it can do to people",
        help_text="One or two plain sentences. They open every notice.",
    )
    discovery = forms.CharField(
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="How it was found",
        help_text="By a complaint, a laboratory, a supplier, an authority or a check of your own? "
        "Only authorities are told.",
    )
    instructions = forms.CharField(
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="What recipients must do",
        help_text="One step per line. Empty: take it off the shelf, lock it away, mark it.",
    )
    remedy = forms.CharField(
        required=False,
        max_length=200,
        label="What happens with the goods",
        help_text="For example: We collect them and credit the full price.",
    )
    deadline = SiteMoment(required=False, label="Answers are due by")

    def clean_deadline(self):
        deadline = self.cleaned_data["deadline"]
        if deadline and deadline <= timezone.now():
            raise ValidationError("This time has passed. Choose one that lies ahead.")
        return deadline


class OpenForm(DetailsForm):
    mode = forms.ChoiceField(
        choices=[("live", "Live recall"), ("drill", "Drill")],
        error_messages={"required": "Choose whether this is live or a drill."},
    )
    batch = TickedField(
        queryset=Batch.objects.none(),
        required=False,
        error_messages={"invalid_choice": "Batch %(value)s is not known any more."},
    )
    complaint = TickedField(
        queryset=Complaint.objects.none(),
        required=False,
        error_messages={"invalid_choice": "Complaint %(value)s is not known any more."},
    )
    field_order = ["mode"]

    def __init__(self, *args, batches=(), complaints=(), **kwargs):
        """`batches` start the scope; `complaints` are what led to them. Both as typed."""
        super().__init__(*args, **kwargs)
        ids = keys(batches)
        self.left_out = max(len(ids) - MAX_BATCHES, 0)
        wanted = Batch.objects.filter(pk__in=ids[:MAX_BATCHES])
        self.batches = wanted.select_related("product", "origin")
        self.fields["batch"].queryset = self.batches
        self.complaints = Complaint.objects.filter(pk__in=keys(complaints)[:MAX_COMPLAINTS])
        self.fields["complaint"].queryset = self.complaints

    def details(self) -> dict:
        """The fields of the recall, for the operation."""
        extra = {"mode", "batch", "complaint", "title"}
        return {key: value for key, value in self.cleaned_data.items() if key not in extra}


class ReasonForm(DressedForm):
    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Reason",
        error_messages={"required": "Say why; it is kept with the recall."},
    )


class SignForm(DressedForm):
    """A signature: the password again, and what it means."""

    meaning = forms.CharField(
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="I sign that",
        error_messages={"required": "Say what your signature means."},
    )
    password = forms.CharField(
        max_length=200,
        strip=False,
        label="Your password, again",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password; it is your signature."},
    )


class ApproveForm(SignForm):
    """The signature under an activation."""

    at_once = forms.BooleanField(
        required=False,
        label="Send at once, without the time in which it can be stopped",
        widget=forms.CheckboxInput(attrs={"class": "check"}),
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class CloseForm(SignForm):
    statement = forms.CharField(
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="How the balance is explained",
        help_text="Needed when not everything was accounted for.",
    )
    field_order = ["statement", "meaning", "password"]


class SubscribeForm(DressedForm):
    email = forms.EmailField(
        max_length=254,
        label="Address",
        error_messages={"required": "Enter an e-mail address."},
    )


class AddressForm(DressedForm):
    address = forms.EmailField(
        max_length=254,
        label="Send its notice to this address",
        help_text="A link of its own, and only what this place is asked about.",
        error_messages={"required": "Enter an e-mail address."},
    )
