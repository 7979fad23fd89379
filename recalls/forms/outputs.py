"""What authorities ask about a recall, and where an output is sent."""

from django import forms

from recalls.forms.dress import DressedForm
from recalls.forms.recalls import SiteMoment
from recalls.models import Recall

_DAY = {"widget": forms.DateInput(attrs={"type": "date"}), "required": False}


def _text(label: str, most: int, hint: str = "", rows: int = 2) -> forms.CharField:
    return forms.CharField(
        required=False,
        max_length=most,
        label=label,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class FactsForm(DressedForm):
    """Facts of 21 CFR 7.41, 7.42 and 7.46; no names of people."""

    discovered_at = SiteMoment(required=False, label="Found on")
    discovery = _text("How it was found", 2000, "For example: a complaint, then our laboratory.", 3)
    injuries = _text("Illness or injury so far", 2000, "Write “none known” if that is so.")
    vulnerable_groups = _text("Who is most at risk", 500, "For example children, or the allergic.")
    seriousness = _text("How serious it can be", 500)
    likelihood = _text("How likely it is", 500)
    consequences = _text("Immediate and long-range consequences", 2000)
    assessed_by = forms.CharField(
        required=False,
        max_length=200,
        label="Evaluated by",
        help_text="An office or a function, not a name.",
    )
    assessed_on = forms.DateField(label="Evaluated on", **_DAY)
    public_warning = _text("Public warning", 500, "Whether the public is warned, and where.")
    effectiveness_level = forms.ChoiceField(
        required=False,
        choices=[("", "Not chosen yet"), *Recall.Effectiveness.choices],
        label="Effectiveness checks",
    )
    expected_end = forms.DateField(label="Expected end", **_DAY)
    authority_reference = forms.CharField(
        required=False, max_length=60, label="Reference of the authority"
    )
    classified_on = forms.DateField(label="Classified by the authority on", **_DAY)
    terminated_on = forms.DateField(label="Terminated by the authority on", **_DAY)

    SECTIONS = (
        ("How it was found", ("discovered_at", "discovery", "injuries")),
        (
            "Health hazard evaluation",
            (
                "vulnerable_groups",
                "seriousness",
                "likelihood",
                "consequences",
                "assessed_by",
                "assessed_on",
            ),
        ),
        ("Strategy", ("public_warning", "effectiveness_level", "expected_end")),
        ("At the authority", ("authority_reference", "classified_on", "terminated_on")),
    )

    @property
    def sections(self) -> list[tuple[str, list]]:
        return [(title, [self[name] for name in names]) for title, names in self.SECTIONS]


class SendForm(DressedForm):
    """An output as kind and format, or a package that was made, and who gets it."""

    output = forms.ChoiceField(label="Output")
    place = forms.CharField(
        required=False, max_length=40, label="Place", help_text="For an evidence sheet only."
    )
    language = forms.ChoiceField(
        required=False, label="Language", help_text="Of a consumer notice only."
    )
    address = forms.ChoiceField(
        label="To", help_text="Those who get the reports of this recall, and you."
    )

    def __init__(self, *args, outputs, packages, languages, addresses, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["output"].choices = [
            *(
                (f"{one.kind}.{format}", f"{one.title}, {format.upper()}")
                for one in outputs
                for format in one.formats
            ),
            *packages,
        ]
        self.fields["language"].choices = languages
        self.fields["address"].choices = [(address, address) for address in addresses]

    @property
    def package(self) -> str:
        """Which package is asked for, as its key; nothing where it is another output."""
        kind, _, key = self.cleaned_data["output"].partition(".")
        return key if kind == "package" else ""

    def wanted(self) -> dict:
        kind, _, format = self.cleaned_data["output"].partition(".")
        return {
            "kind": kind,
            "format": format,
            "place": self.cleaned_data["place"],
            "language": self.cleaned_data["language"],
            "address": self.cleaned_data["address"],
        }
