"""The text for one audience in one language, and the pictures that go out with it."""

from django import forms

from recalls.forms.dress import DressedForm
from recalls.message.texts import PUBLIC, Text
from recalls.models import RecallMessage


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class MessageForm(DressedForm):
    """The batches, the place and the link are no fields: they are put in for each place."""

    subject = forms.CharField(
        max_length=120,
        label="Subject",
        help_text="Product and batch numbers of each place are put behind it.",
        error_messages={"required": "Enter a subject."},
    )
    order = forms.CharField(
        max_length=300,
        label="First line",
        help_text="The one thing to do, now.",
        error_messages={"required": "Enter the first line: the one thing to do."},
    )
    wrong = forms.CharField(
        max_length=4000,
        widget=_area(3),
        label="What is wrong, and what it can do to people",
        error_messages={"required": "Say what is wrong and what it can do to people."},
    )
    todo = forms.CharField(
        max_length=4000,
        widget=_area(4),
        label="What to do",
        help_text="One step in each line. Counting, answering and passing it on follow.",
        error_messages={"required": "Say what to do, one step in each line."},
    )
    remedy = forms.CharField(required=False, max_length=2000, widget=_area(2), label="Remedy")
    answer = forms.CharField(
        required=False, max_length=2000, widget=_area(2), label="How to answer or ask"
    )
    sold = forms.CharField(
        required=False,
        max_length=2000,
        widget=_area(2),
        label="Where, when and by whom it was sold",
    )
    wording_reason = forms.CharField(
        required=False,
        max_length=2000,
        widget=_area(2),
        label="Why softening words stay",
        help_text="Only if they must. Without a reason the recall cannot be submitted.",
    )
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args, audience: str, **kwargs):
        super().__init__(*args, **kwargs)
        for bound in self.visible_fields():
            # The text may be in a language that is written from right to left.
            bound.field.widget.attrs["dir"] = "auto"
        if audience in PUBLIC:
            self.fields["subject"].help_text = ""
            self.fields["todo"].help_text = "One step in each line."
        else:
            del self.fields["sold"]
        if audience != RecallMessage.Audience.CONSUMER:
            del self.fields["wording_reason"]

    def typed(self, before: Text) -> Text:
        """The text as it stands in the form, finished or not."""
        names = set(self.fields) - {"revision"}
        return Text(
            **{
                name: self.data.get(name, "") if name in names else getattr(before, name)
                for name in Text.__dataclass_fields__
                if name != "revision"
            },
            revision=before.revision,
        )


class PictureForm(DressedForm):
    picture = forms.FileField(
        label="Picture",
        help_text="JPEG, PNG or WebP. It is made smaller, and keeps no place where it was taken.",
        error_messages={"required": "Choose a picture."},
    )
    caption = forms.CharField(
        max_length=200,
        label="What it shows",
        help_text="For example: the batch number, at the bottom of the bag.",
        error_messages={"required": "Say what the picture shows, for who cannot see it."},
    )
