"""Opening and changing a recall, its scope rules, and what people sign."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from batches.models import Batch, Location, Product
from batches.templatetags.wording import site_zone
from recalls.forms.dress import DressedForm
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
    batch = forms.ModelMultipleChoiceField(
        queryset=Batch.objects.none(),
        required=False,
        error_messages={"invalid_choice": "Batch %(value)s is not known any more."},
    )
    field_order = ["mode"]

    def __init__(self, *args, batches=(), **kwargs):
        super().__init__(*args, **kwargs)
        ids = [text for text in batches if text.isdecimal()][:MAX_BATCHES]
        self.batches = Batch.objects.filter(pk__in=ids).select_related("product", "origin")
        self.fields["batch"].queryset = self.batches

    def details(self) -> dict:
        """The fields of the recall, for the operation."""
        extra = {"mode", "batch", "title"}
        return {key: value for key, value in self.cleaned_data.items() if key not in extra}


class BatchesRuleForm(DressedForm):
    """“These batches”, by the numbers printed on them."""

    numbers = forms.CharField(
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Batch numbers",
        help_text="One per line, or with commas. Spaces and hyphens do not matter.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.candidates: list[Batch] = []
        self.batches: list[int] = []

    def clean(self):
        numbers = [n.strip() for n in re.split(r"[\n,;\t]+", self.cleaned_data.get("numbers", ""))]
        numbers = list(dict.fromkeys(filter(None, numbers)))[:MAX_BATCHES]
        if not numbers:
            raise ValidationError({"numbers": "Enter at least one batch number."})
        # What can be chosen follows from the numbers, so there is no field to declare it.
        chosen = {int(pk) for pk in self.data.getlist("choice") if pk.isdecimal()}
        for number in numbers:
            self._find(number, chosen)
        return self.cleaned_data

    def _find(self, number: str, chosen: set[int]) -> None:
        found = list(Batch.objects.numbered(number).select_related("product", "origin")[:50])
        picked = [batch.pk for batch in found if batch.pk in chosen]
        if not found:
            self.add_error("numbers", f"No batch has the number {number}. Check the label.")
        elif len(found) == 1 or picked:
            self.batches += picked or [found[0].pk]
        else:
            self.candidates += found
            self.add_error("numbers", f"{len(found)} batches have the number {number}. Choose.")

    def parameters(self) -> dict:
        return {"batches": sorted(set(self.batches))}


class ProductionRuleForm(DressedForm):
    """“Product made between two dates”, at one origin or at all of them."""

    product = forms.CharField(
        max_length=40,
        label="Product code",
        widget=forms.TextInput(attrs={"list": "products", "autocomplete": "off"}),
        error_messages={"required": "Enter the product code."},
    )
    origin = forms.CharField(
        max_length=40,
        required=False,
        label="Made at (empty: anywhere)",
        widget=forms.TextInput(attrs={"list": "origins", "autocomplete": "off"}),
    )
    made_from = forms.DateField(
        required=False, label="From", widget=forms.DateInput(attrs={"type": "date"})
    )
    made_to = forms.DateField(
        required=False, label="To", widget=forms.DateInput(attrs={"type": "date"})
    )

    def clean_product(self):
        return self._known(Product, self.cleaned_data["product"], "product")

    def clean_origin(self):
        code = self.cleaned_data["origin"].strip()
        return self._known(Location, code, "location") if code else None

    @staticmethod
    def _known(model, code: str, word: str):
        found = model.objects.filter(code__iexact=code.strip()).first()
        if found is None:
            raise ValidationError(f"No {word} has the code {code}. Choose one from the list.")
        return found

    def clean(self):
        start, end = self.cleaned_data.get("made_from"), self.cleaned_data.get("made_to")
        if start and end and end < start:
            self.add_error("made_to", "This day is before the first one. Swap the two days.")
        return self.cleaned_data

    def parameters(self) -> dict:
        data = self.cleaned_data
        return {
            "product": data["product"].pk,
            "origin": data["origin"].pk if data["origin"] else None,
            "from": data["made_from"].isoformat() if data["made_from"] else None,
            "to": data["made_to"].isoformat() if data["made_to"] else None,
            "line": "",
        }


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
        max_length=200, widget=forms.Textarea(attrs={"rows": 2}), label="I sign that"
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
