"""The notice as a letter, for places that no mail reaches: address in the window, batches, phone.

It carries no link and no code with which somebody could answer: a place without an address has
no recipient yet, and a letter is read by whoever opens the post. The place answers by phone.
"""

from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, override
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, PageBreak, Spacer

from recalls.mail import places_of, zone_of
from recalls.message.amounts import day, moment, quantity
from recalls.message.languages import known, on_paper
from recalls.message.texts import Text, Texts, audience_of
from recalls.message.words import batch_word, class_word, kind_word
from recalls.models import Recall, ScopeLine, ScopeVersion
from recalls.reports import paper

# DIN 5008, form B: the window of a C6/5 or C5 envelope begins 45 mm below the top edge and ends
# 90 mm below it. The page's own head ends at 28 mm.
_TO_WINDOW, _WINDOW = 19 * mm, 43 * mm
_INDENT = 9 * mm
IN_ENGLISH = (
    "This letter is in English because letters cannot be printed in your language. "
    "Call us, and we say it to you in your language."
)


class Letter(NamedTuple):
    """To the places of `lines`. A removal says that those lines were taken out; the places `keep`
    others or not."""

    lines: list[ScopeLine]
    language: str
    is_removal: bool = False
    keeps: bool = False


def letter_pdf(
    recall: Recall, version: ScopeVersion, letters: Iterable[Letter], texts: Texts
) -> bytes:
    """One PDF of all letters, each with its own page numbers.

    In a language that no PDF can be written in the letter is English, and says so.
    """
    story: list[Flowable] = []
    first = None
    for letter in letters:
        written = on_paper(letter.language)
        with override(written):
            sheet = _sheet(recall, version, letter.lines, written)
            first = first or sheet
            story += [PageBreak()] if story else []
            story.append(paper.Part(sheet))
            if letter.is_removal:
                story += _removal(recall, letter)
            else:
                story += _letter(recall, letter.lines, written, texts)
            if written != known(letter.language):
                story += [Spacer(0, 3 * mm), paper.note(IN_ENGLISH)]
    return paper.write(first, story)


def _sheet(recall: Recall, version: ScopeVersion, lines, language: str) -> paper.Sheet:
    return paper.Sheet(
        title=kind_word(recall),
        reference=recall.reference,
        right=gettext("scope version %(number)s") % {"number": version.number},
        foot=f"{settings.SITE_NAME}, {_codes(lines)}",
        is_drill=recall.is_drill,
        language=language,
        author=settings.SITE_NAME,
        words=paper.Words(
            gettext("Page {number} of {total}"),
            gettext("DRILL. Answer as if this were real; no product is affected."),
            gettext("DRILL"),
        ),
    )


def _codes(lines: list[ScopeLine]) -> str:
    return ", ".join(sorted({line.location_code for line in lines}))


def _letter(recall: Recall, lines, language: str, texts: Texts) -> list[Flowable]:
    text = texts.text(audience_of(lines), language)
    places = places_of(lines)
    risk = f" ({class_word(recall)})" if class_word(recall) else ""
    return [
        *_head(places, lines),
        paper.title(f"{text.subject}{risk}"),
        Spacer(0, 3 * mm),
        paper.text(text.order, bold=True),
        Spacer(0, 2 * mm),
        paper.callout(text.wrong),
        *[part for place in places for part in _batches(place)],
        paper.heading(gettext("What to do")),
        *_steps(recall, text, lines),
        *_answer(recall, text, lines),
    ]


def _removal(recall: Recall, letter: Letter) -> list[Flowable]:
    """What the mail says of it, see emails/removal."""
    places = places_of(letter.lines)
    over = gettext("These batches are no longer part of %(reference)s.")
    named = {"reference": recall.reference}
    left = gettext("Everything else that we told you of still holds.")
    return [
        *_head(places, letter.lines),
        paper.title(gettext("No longer part of %(reference)s") % named),
        Spacer(0, 3 * mm),
        paper.text(over % named, bold=True),
        *[part for place in places for part in _batches(place, is_counted=False)],
        Spacer(0, 3 * mm),
        paper.text(
            gettext(
                "You need not keep them aside for this any more, and need not answer about them. "
                "What you have answered stays on record."
            )
        ),
        paper.text(left if letter.keeps else gettext("Nothing else is asked of you.")),
        paper.facts(_ways_to_us(recall, letter.lines)),
    ]


def _head(places, lines) -> list[Flowable]:
    return [*_address(places), paper.text(_now_here(lines)), Spacer(0, 3 * mm)]


def _now_here(lines) -> str:
    return day(timezone.now().astimezone(zone_of(lines)))


def _address(places) -> list[Flowable]:
    """The first place in the window; who is told of more reads them below."""
    place = places[0]
    parts = [settings.SITE_NAME, place.name, *place.address.split(", ")]
    rows = "\n".join(part for part in parts[1:] if part)
    return [
        Spacer(0, _TO_WINDOW),
        paper.window(parts[0], rows, _INDENT, _WINDOW),
    ]


def _batches(place, *, is_counted: bool = True) -> list[Flowable]:
    """With room to write down what was found, for the call."""
    heads = [gettext("Batch, as printed"), gettext("Product"), gettext("You have or had")]
    rows = [
        [batch_word(line.batch_number), _product(line), quantity(line.due, line.unit), ""]
        for line in place.lines
    ]
    widths = (3, 6, 3, 3)
    if is_counted:
        heads = [*heads, gettext("Found")]
    else:
        rows, widths = [row[:-1] for row in rows], (3, 8, 4)
    table = paper.big_table(heads, rows, widths, code={0}, right={2})
    return [paper.heading(place.name), table]


def _product(line: ScopeLine) -> str:
    if not line.expires_on:
        return line.product_name
    until = gettext("best before %(day)s") % {"day": day(line.expires_on)}
    return f"{line.product_name}, {until}"


def _steps(recall: Recall, text: Text, lines) -> list[Flowable]:
    steps = [text.order, *text.steps]
    if recall.deadline:
        deadline = moment(recall.deadline, zone_of(lines))
        steps.append(gettext("Count it, and call us by %(deadline)s.") % {"deadline": deadline})
    else:
        steps.append(gettext("Count it, and call us."))
    steps.append(gettext("If you passed any of it on, tell those customers now."))
    numbered = [paper.text(f"{n}. {step}") for n, step in enumerate(steps, 1)]
    return [*numbered, paper.note(gettext("Cannot read the code? Treat it as recalled."))]


def _answer(recall: Recall, text: Text, lines) -> list[Flowable]:
    said = gettext("Tell us the number of each batch and how much of it you found, also if none.")
    remedy = [(gettext("Remedy:"), text.remedy)] if text.remedy else []
    return [
        paper.heading(gettext("How to answer")),
        paper.text(said),
        paper.facts([*_ways_to_us(recall, lines), *remedy]),
    ]


def _ways_to_us(recall: Recall, lines) -> list[tuple[str, str]]:
    pairs = [
        (gettext("Call us:"), settings.SITE_PHONE),
        (gettext("Write to us:"), settings.REPLY_TO_EMAIL),
        (gettext("Say this reference:"), f"{recall.reference}, {_codes(lines)}"),
    ]
    return [pair for pair in pairs if pair[1]]
