"""What to say on the phone to a place that no mail reached, in its language."""

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext, override

from recalls.message.amounts import quantity
from recalls.message.languages import known
from recalls.message.texts import Text, Texts, audience_of
from recalls.message.words import batch_word
from recalls.models import Recall, ScopeLine


def script(
    recall: Recall,
    lines: list[ScopeLine],
    language: str,
    texts: Texts,
    *,
    news: Sequence[ScopeLine] = (),
    gone: Sequence[ScopeLine] = (),
    keeps: bool = False,
    more: Sequence[ScopeLine] = (),
) -> list[str]:
    """The sentences in their order. It ends with the questions whose answers are entered.

    With `news` the place was told of the rest of its lines before. `gone` is what it was told of
    and is not affected after all; it `keeps` other goods that are. `more` its supplier got too:
    whether any of it came here, nobody knows.
    """
    with override(known(language)):
        text = texts.text(audience_of(lines), language)
        opening = gettext("Good day. I am calling for %(site)s about a recall, number %(number)s.")
        said = (
            [gettext("This is a drill. Please act as if it were real.")] if recall.is_drill else []
        )
        return [
            *said,
            opening % {"site": settings.SITE_NAME, "number": recall.reference},
            *(_taken_out(recall, gone, keeps) if gone else ()),
            *(_asked(text, news or lines, news) if lines else ()),
            *(_maybe(recall, more) if more else ()),
            gettext("May I have your name, and an e-mail address for the next time?"),
        ]


def _asked(text: Text, lines: Sequence[ScopeLine], news: Sequence[ScopeLine]) -> list[str]:
    added = gettext(
        "This adds to what you were told before. What is listed here is new or has changed."
    )
    return [
        text.order,
        text.wrong,
        *([added] if news else []),
        *(_line(line) for line in lines),
        *text.steps,
        gettext("Please count it while I wait, or tell me when I may call again."),
        gettext("How much of each batch have you set aside, sent back, destroyed or sold?"),
        gettext("Did you pass any of it on? To whom?"),
    ]


def _maybe(recall: Recall, lines: Sequence[ScopeLine]) -> list[str]:
    """What the mail says of it, see emails/widened. How much it was, only the place knows."""
    said = {(line.product_name, batch_word(line.batch_number)): None for line in lines}
    return [
        gettext("%(reference)s now covers more batches.") % {"reference": recall.reference},
        gettext(
            "A place that sent you goods got these batches too. We do not know whether any of it "
            "came to you: look for it."
        ),
        *(f"{name}, {gettext('batch %(number)s') % {'number': number}}." for name, number in said),
        gettext("If you find any of it, set it aside and call us, or answer this mail."),
    ]


def _taken_out(recall: Recall, gone: Sequence[ScopeLine], keeps: bool) -> list[str]:
    """What the mail says of it, see emails/removal."""
    over = gettext("These batches are no longer part of %(reference)s.")
    left = gettext("Everything else that we told you of still holds.")
    return [
        over % {"reference": recall.reference},
        *(_line(line) for line in gone),
        gettext(
            "You need not keep them aside for this any more, and need not answer about them. "
            "What you have answered stays on record."
        ),
        left if keeps else gettext("Nothing else is asked of you."),
    ]


def _line(line: ScopeLine) -> str:
    said = gettext("%(product)s, batch %(batch)s: you have or had %(amount)s.")
    amount = quantity(line.due, line.unit)
    return said % {
        "product": line.product_name,
        "batch": batch_word(line.batch_number),
        "amount": amount,
    }
