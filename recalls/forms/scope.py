"""The forms of the six kinds of rules. What is typed or scanned is read as everywhere else."""

import re
from datetime import UTC, datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from batches.codes.reading import read
from batches.lists.ticked import keys
from batches.models import Batch, Complaint, Location
from batches.reports import resolver
from recalls.forms.dress import DressedForm
from recalls.models import ScopeRule

MAX_TYPED, OFFERED = 500, 30
Kind = ScopeRule.Kind


class LocalMoment(forms.DateTimeField):
    """A moment as a clock on a wall shows it; whose wall, the form decides."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value) -> datetime | None:
        with timezone.override(UTC):
            at = super().to_python(value)
        return at and at.astimezone(UTC).replace(tzinfo=None)


class CodeField(forms.CharField):
    """A code or name that means one thing of a kind; `offers` is the page's list of some."""

    def __init__(self, *, of: resolver.Kind, word: str, offers: str = "", **kwargs):
        attrs = {"autocomplete": "off"} | ({"list": offers} if offers else {})
        super().__init__(max_length=200, widget=forms.TextInput(attrs=attrs), **kwargs)
        self.of, self.word = of, word


class RuleForm(DressedForm):
    """A rule of `kind`. `wide` fields take the whole width, the others half of it."""

    kind: Kind
    wide: frozenset[str] = frozenset()

    def __init__(self, *args, user=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.candidates: list[Batch] = []

    def _clean_fields(self):
        super()._clean_fields()
        for name, field in self.fields.items():
            if isinstance(field, CodeField) and self.cleaned_data.get(name):
                try:
                    self.cleaned_data[name] = self.meant(field.of, field.word, name)
                except ValidationError as error:
                    self.add_error(name, error)

    def meant(self, of: resolver.Kind, word: str, name: str):
        """The one thing that the text of a field names."""
        text = self.cleaned_data[name].strip()
        found = self.resolved(text, of)
        if found.only:
            return found.only.obj
        if not found.hits:
            raise ValidationError(f"No {word} has the code {text}. Choose one from the list.")
        codes = ", ".join(hit.code for hit in found.hits[:6])
        raise ValidationError(f"“{text}” can mean more than one {word}: {codes}. Enter its code.")

    def resolved(self, text: str, of: resolver.Kind) -> resolver.Found:
        today = timezone.now().date()
        return resolver.resolve(text, user=self.user, today=today, kinds=[of])

    def key(self, name: str) -> int | None:
        thing = self.cleaned_data.get(name)
        return thing.pk if thing else None

    def parameters(self) -> dict:
        raise NotImplementedError


def typed(text: str) -> list[str]:
    """What was typed one per line or with commas, each once. Refuses more than can be looked up
    at once: what is left out in silence is not recalled."""
    parts = (part.strip() for part in re.split(r"[\n,;\t]+", text))
    found = list(dict.fromkeys(filter(None, parts)))
    if len(found) > MAX_TYPED:
        raise ValidationError(
            f"These are {len(found):,}; {MAX_TYPED} can be added at once. "
            "Add the others as another rule."
        )
    return found


class BatchesRuleForm(RuleForm):
    """“These batches”, by the numbers printed on them, or by what a scanner reads there."""

    kind = Kind.BATCHES
    wide = frozenset({"numbers"})
    numbers = forms.CharField(
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Batch numbers",
        help_text="One per line, or with commas. Spaces and hyphens do not matter.",
    )

    def clean(self):
        self.batches: list[int] = []
        numbers = typed(self.cleaned_data.get("numbers", ""))
        if not numbers:
            raise ValidationError({"numbers": "Enter at least one batch number."})
        # What can be chosen follows from the numbers, so there is no field to declare it.
        chosen = set(keys(self.data.getlist("choice")))
        for number in numbers:
            self._find(number, chosen)
        return self.cleaned_data

    def _find(self, number: str, chosen: set[int]) -> None:
        hits = self.resolved(number, resolver.BATCHES)
        exact = [hit.obj for hit in hits.hits if hit.is_exact]
        close = [hit.obj for hit in (*hits.hits, *hits.near)]
        picked = [batch.pk for batch in (exact or close) if batch.pk in chosen]
        if picked or len(exact) == 1:
            self.batches += picked or [exact[0].pk]
        elif exact:
            self.candidates += exact
            many = f"{len(exact)} or more" if len(exact) == resolver.SHOWN else len(exact)
            self.add_error("numbers", f"{many} batches have the number {number}. Choose.")
        elif close:
            self.candidates += close
            self.add_error("numbers", f"No batch has the number {number}. Choose what comes close.")
        else:
            several = " If these are several, give each a line." if " " in number else ""
            said = f"No batch has the number {number}. Check the label.{several}"
            self.add_error("numbers", said)

    def parameters(self) -> dict:
        return {"batches": sorted(set(self.batches))}


class ProductionRuleForm(RuleForm):
    """“Product made between two dates”, at one origin and on one line, or at all of them."""

    kind = Kind.PRODUCTION
    product = CodeField(
        of=resolver.PRODUCTS,
        word="product",
        offers="products",
        label="Product",
        error_messages={"required": "Enter the product code."},
    )
    origin = CodeField(
        of=resolver.LOCATIONS,
        word="location",
        offers="origins",
        required=False,
        label="Made at (empty: anywhere)",
    )
    made_from = forms.DateField(
        required=False, label="From", widget=forms.DateInput(attrs={"type": "date"})
    )
    made_to = forms.DateField(
        required=False, label="To", widget=forms.DateInput(attrs={"type": "date"})
    )
    line = forms.CharField(required=False, max_length=40, label="Line (empty: any)")

    def clean(self):
        start, end = self.cleaned_data.get("made_from"), self.cleaned_data.get("made_to")
        if start and end and end < start:
            self.add_error("made_to", "This day is before the first one. Swap the two days.")
        return self.cleaned_data

    def parameters(self) -> dict:
        data = self.cleaned_data
        return {
            "product": self.key("product"),
            "origin": self.key("origin"),
            "from": data["made_from"].isoformat() if data["made_from"] else None,
            "to": data["made_to"].isoformat() if data["made_to"] else None,
            "line": data["line"],
        }


class SupplierRuleForm(RuleForm):
    """“A supplier's batch number”, as it stands on the supplier's papers."""

    kind = Kind.SUPPLIER
    wide = frozenset({"number"})
    number = forms.CharField(
        max_length=60,
        label="Number that the supplier gave it",
        error_messages={"required": "Enter the number that the supplier gave the batch."},
    )
    supplier = CodeField(
        of=resolver.LOCATIONS,
        word="location",
        offers="origins",
        required=False,
        label="Supplier (empty: any)",
    )
    product = CodeField(
        of=resolver.PRODUCTS,
        word="product",
        offers="products",
        required=False,
        label="Product (empty: any)",
    )

    def parameters(self) -> dict:
        number = self.cleaned_data["number"]
        return {
            "number": number,
            "supplier": self.key("supplier"),
            "product": self.key("product"),
        }


class WindowRuleForm(RuleForm):
    """“What was at a place”: a line, a silo, a cold store, a truck, in a span of time."""

    kind = Kind.WINDOW
    location = CodeField(
        of=resolver.LOCATIONS,
        word="location",
        offers="places",
        label="Place",
        error_messages={"required": "Enter the code or the GLN of the place."},
    )
    product = CodeField(
        of=resolver.PRODUCTS,
        word="product",
        offers="products",
        required=False,
        label="Product (empty: any)",
    )
    start = LocalMoment(required=False, label="From (its time)")
    end = LocalMoment(required=False, label="To (its time)")

    def clean(self):
        start, end = self.cleaned_data.get("start"), self.cleaned_data.get("end")
        if start and end and end < start:
            self.add_error("end", "The end is before the beginning. Swap the two.")
        return self.cleaned_data

    def parameters(self) -> dict:
        place = self.cleaned_data["location"]
        return {
            "location": place.pk,
            "product": self.key("product"),
            "from": self._moment("start", place),
            "to": self._moment("end", place),
        }

    def _moment(self, name: str, place: Location) -> str | None:
        at = self.cleaned_data.get(name)
        return at and at.replace(tzinfo=place.zone).isoformat()


class ShipmentRuleForm(RuleForm):
    """“A shipment or pallet”: everything on it, since it arrived."""

    kind = Kind.SHIPMENT
    wide = frozenset({"shipments", "sscc", "left"})
    shipments = forms.CharField(
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Shipments",
        help_text="Reference or dispatch note, one per line. An SSCC can be scanned here too.",
    )
    sscc = forms.CharField(required=False, max_length=60, label="Only the pallet with this SSCC")
    left = forms.BooleanField(
        required=False,
        label="Also what stayed where it left from",
        widget=forms.CheckboxInput(attrs={"class": "check"}),
    )

    def clean(self):
        self.shipments: list[int] = []
        self.pallet = read(self.cleaned_data.get("sscc", "")).sscc or self.cleaned_data.get("sscc")
        for text in typed(self.cleaned_data.get("shipments", "")):
            self._find(text)
        if not self.errors and not self.shipments and not self.pallet:
            self.add_error("shipments", "Name a shipment, or the SSCC of a pallet.")
        return self.cleaned_data

    def _find(self, text: str) -> None:
        if (sscc := read(text).sscc) and not self.pallet:
            self.pallet = sscc
            return
        found = self.resolved(text, resolver.SHIPMENTS)
        if found.exact:
            self.shipments.append(found.exact.obj.pk)
        elif not found.hits:
            self.add_error("shipments", f"No shipment is recorded as {text}. Check the document.")
        else:
            codes = ", ".join(hit.code for hit in found.hits[:6])
            self.add_error("shipments", f"“{text}” can mean {codes}. Enter one of them in full.")

    def parameters(self) -> dict:
        return {
            "shipments": sorted(set(self.shipments)),
            "sscc": self.pallet or "",
            "left": self.cleaned_data["left"],
        }


class ComplaintRuleForm(RuleForm):
    """“What complaints are about”: open ones to tick, any one by its number."""

    kind = Kind.COMPLAINT
    wide = frozenset({"complaints", "numbers"})
    complaints = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        label="Open complaints",
        widget=forms.CheckboxSelectMultiple(attrs={"class": "check"}),
    )
    numbers = forms.CharField(
        required=False, max_length=2_000, label="Others, by their numbers", help_text="With commas."
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        rows = Complaint.objects.filter(status=Complaint.Status.OPEN).order_by("-at", "-pk")
        rows = rows.select_related("batch", "product")[:OFFERED]
        self.fields["complaints"].choices = [(row.pk, _complaint_words(row)) for row in rows]

    def clean(self):
        numbers = typed(self.cleaned_data.get("numbers", ""))
        wanted = {int(text) for text in numbers if text.isdecimal() and len(text) < 10}
        there = set(Complaint.objects.filter(pk__in=wanted).values_list("pk", flat=True))
        for text in numbers:
            if not text.isdecimal() or int(text) not in there:
                self.add_error("numbers", f"There is no complaint {text}.")
        self.chosen = there | set(self.cleaned_data.get("complaints", ()))
        if not self.errors and not self.chosen:
            self.add_error("complaints", "Choose a complaint, or enter its number.")
        return self.cleaned_data

    def parameters(self) -> dict:
        return {"complaints": sorted(self.chosen)}


def _complaint_words(row: Complaint) -> str:
    about = row.batch or row.product or "product not known"
    text = row.text if len(row.text) <= 60 else row.text[:59] + "…"
    return f"{row.pk}: {about}, {row.at.day} {row.at:%b}: {text}"


FORMS: dict[str, type[RuleForm]] = {
    form.kind: form
    for form in (
        BatchesRuleForm,
        ProductionRuleForm,
        SupplierRuleForm,
        WindowRuleForm,
        ShipmentRuleForm,
        ComplaintRuleForm,
    )
}
