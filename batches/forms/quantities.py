"""The field in which our own people type a quantity, with decimal comma or decimal point."""

from decimal import Decimal

from django import forms
from django.db import models

from batches.intake.quantities import plainly, read_quantity


class QuantityField(forms.DecimalField):
    """Of things that are counted (`whole`) `1,520` are thousands; else the writer is asked. A
    minus is read, so that whoever judges the quantity can say what is wrong with it."""

    whole = False

    def __init__(self, **kwargs):
        worn = forms.TextInput(attrs={"class": "input num", "inputmode": "decimal"})
        super().__init__(**{"max_digits": 18, "decimal_places": 6, "widget": worn} | kwargs)

    def to_python(self, value):
        if value is None or isinstance(value, Decimal):
            return value
        return read_quantity(str(value), whole=self.whole, signed=True)

    def prepare_value(self, value):
        return plainly(value) if isinstance(value, Decimal) else value


# For an admin whose decimal fields are all quantities.
IN_DATA_ENTRY = {
    models.DecimalField: {
        "form_class": QuantityField,
        "widget": forms.TextInput(attrs={"inputmode": "decimal"}),
    }
}
