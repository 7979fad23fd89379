"""What to say on the phone to a place that no mail reached, in its language."""

from django.conf import settings
from django.utils.translation import gettext, override

from recalls.message.amounts import quantity
from recalls.message.languages import known
from recalls.message.texts import Texts, audience_of
from recalls.message.words import batch_word
from recalls.models import Recall, ScopeLine


def script(recall: Recall, lines: list[ScopeLine], language: str, texts: Texts) -> list[str]:
    """The sentences in their order. It ends with the questions whose answers are entered."""
    with override(known(language)):
        text = texts.text(audience_of(lines), language)
        opening = gettext("Good day. I am calling for %(site)s about a recall, number %(number)s.")
        said = (
            [gettext("This is a drill. Please act as if it were real.")] if recall.is_drill else []
        )
        return [
            *said,
            opening % {"site": settings.SITE_NAME, "number": recall.reference},
            text.order,
            text.wrong,
            *(_line(line) for line in lines),
            *text.steps,
            gettext("Please count it while I wait, or tell me when I may call again."),
            gettext("How much of each batch have you set aside, sent back, destroyed or sold?"),
            gettext("Did you pass any of it on? To whom?"),
            gettext("May I have your name, and an e-mail address for the next time?"),
        ]


def _line(line: ScopeLine) -> str:
    said = gettext("%(product)s, batch %(batch)s: you have or had %(amount)s.")
    amount = quantity(line.due, line.unit)
    return said % {
        "product": line.product_name,
        "batch": batch_word(line.batch_number),
        "amount": amount,
    }
