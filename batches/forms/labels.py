"""How labels are printed: symbol, paper, copies. Its state is the address of the page."""

from dataclasses import dataclass

from django import forms

from batches.codes.symbols import Kind
from batches.lists.pages import Refused
from batches.reports.labels.sizes import SIZES, Size

SYMBOLS = [
    (Kind.DATAMATRIX, "GS1 DataMatrix"),
    (Kind.GS1_128, "GS1-128 bar code"),
    (Kind.QR, "QR with GS1 Digital Link"),
]
EXPORTS = ("pdf", "svg", "png")
PARTS = ("", "symbol")


@dataclass(frozen=True)
class Wanted:
    """`export` is empty for the page itself; `part` is `symbol` for the symbol alone."""

    symbol: Kind
    size: Size
    copies: int
    first: int
    export: str = ""
    part: str = ""


class LabelForm(forms.Form):
    symbol = forms.ChoiceField(
        choices=SYMBOLS, label="Symbol", widget=forms.Select(attrs={"class": "select"})
    )
    size = forms.ChoiceField(
        choices=[(size.name, size.word) for size in SIZES.values()],
        label="Paper",
        widget=forms.Select(attrs={"class": "select"}),
    )
    copies = forms.IntegerField(
        min_value=1,
        max_value=1000,
        label="Copies of each",
        widget=forms.NumberInput(attrs={"class": "input"}),
    )
    first = forms.IntegerField(
        min_value=1,
        max_value=30,
        label="First label on the sheet",
        help_text="For a sheet that has been begun.",
        widget=forms.NumberInput(attrs={"class": "input"}),
    )


OWN = {*LabelForm.base_fields, "export", "part"}
_DEFAULTS = {"symbol": Kind.DATAMATRIX, "size": "100x50", "copies": "1", "first": "1"}


def read(params) -> tuple[LabelForm, Wanted]:
    """What an address asks for; raises Refused with a sentence for what there is not."""
    given = {name: params.get(name) or value for name, value in _DEFAULTS.items()}
    form = LabelForm(given)
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise Refused(f"“{form.fields[name].label}” does not understand its value. {errors[0]}")
    export, part = params.get("export", ""), params.get("part", "")
    if export and export not in EXPORTS:
        raise Refused("Labels are exported as pdf, svg or png.")
    if part not in PARTS or (part and export == "pdf"):
        raise Refused("Only the symbol can be exported by itself, as svg or png.")
    chosen = form.cleaned_data
    size = SIZES[chosen["size"]]
    if size.is_sheet and chosen["first"] > size.per_page:
        raise Refused(f"That sheet has {size.per_page} labels.")
    return form, Wanted(
        Kind(chosen["symbol"]), size, chosen["copies"], chosen["first"], export, part
    )
