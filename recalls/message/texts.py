"""The text for an audience in a language: as people saved it, else filled in from the recall.

What a text says is the same in mail, on the phone page and in a letter. The batches are never
part of it: they are generated for each place.
"""

from dataclasses import dataclass, fields

from django.conf import settings
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from recalls.message.languages import FALLBACK, known
from recalls.models import Recall, RecallMessage, ScopeLine

Audience = RecallMessage.Audience
Kind = Recall.Kind
URGENT = {Recall.Classification.I, Recall.Classification.II}
# To whom a text is written, not by whom it is sent.
PUBLIC = frozenset({Audience.CONSUMER, Audience.PRESS})


@dataclass(frozen=True)
class Text:
    """`order` is the first line, `todo` has one step in each line. `revision` 0: nobody saved."""

    subject: str
    order: str
    wrong: str
    todo: str
    remedy: str = ""
    answer: str = ""
    sold: str = ""
    wording_reason: str = ""
    revision: int = 0

    @property
    def steps(self) -> list[str]:
        return [line.strip() for line in self.todo.splitlines() if line.strip()]


FIELDS = tuple(field.name for field in fields(Text) if field.name != "revision")


class Texts:
    """All texts of one recall, read in one query."""

    def __init__(self, recall: Recall):
        self.recall = recall
        self._saved = {(row.audience, row.language): row for row in recall.messages.all()}

    def text(self, audience: str, language: str) -> Text:
        language = known(language)
        if row := self._saved.get((audience, language)):
            return Text(**{name: getattr(row, name) for name in FIELDS}, revision=row.revision)
        return draft(self.recall, audience, language)

    def only(self, audience: str, language: str) -> "Fixed":
        """This text whoever is told, for previews."""
        return Fixed(self.text(audience, language))

    def saved(self) -> set[tuple[str, str]]:
        return set(self._saved)

    def is_saved(self, audience: str, language: str) -> bool:
        return (audience, language) in self._saved

    def is_there(self, audience: str, language: str) -> bool:
        """Whether it says all of it in its language: what the recall itself says is English,
        so of any other language somebody must have written the text."""
        return language == FALLBACK or self.is_saved(audience, language)


class Fixed(Texts):
    """One text for everybody."""

    def __init__(self, text: Text):
        self._text = text

    def text(self, audience: str, language: str) -> Text:
        return self._text


def audience_of(lines: list[ScopeLine]) -> str:
    """Stores get the text for stores. A mailbox of several kinds of place gets the trade letter,
    which says what to do with what was passed on."""
    kinds = {line.location.kind for line in lines}
    return Audience.STORE if kinds == {"store"} else Audience.TRADE


def draft(recall: Recall, audience: str, language: str) -> Text:
    """The template text, filled in from the recall. What people typed there is not translated."""
    with override(language):
        write = _public if audience in PUBLIC else _trade
        return write(recall, audience)


def _trade(recall: Recall, audience: str) -> Text:
    return Text(
        subject=_subject(recall),
        order=_order(recall),
        wrong=recall.hazard or recall.title,
        todo=recall.instructions or "\n".join(_steps(recall, audience)),
        remedy=recall.remedy,
        answer=_("Count what you find and answer. Answer also if you have none: enter 0."),
    )


def is_urgent(recall: Recall) -> bool:
    """Class I and II say so; a recall nobody has classified yet may be either (21 CFR 7.49)."""
    unclassified = recall.classification == Recall.Classification.UNCLASSIFIED
    return recall.classification in URGENT or (unclassified and recall.kind == Kind.RECALL)


def _subject(recall: Recall) -> str:
    urgent = is_urgent(recall)
    if recall.kind == Kind.RECALL:
        return _("URGENT product recall") if urgent else _("product recall")
    if recall.kind == Kind.WITHDRAWAL:
        return _("URGENT product withdrawal") if urgent else _("product withdrawal")
    if recall.kind == Kind.STOCK_RECOVERY:
        return _("URGENT stock recovery") if urgent else _("stock recovery")
    return _("URGENT safety alert") if urgent else _("safety alert")


def _order(recall: Recall) -> str:
    """The one thing to do, as the first line says it."""
    if recall.kind == Kind.SAFETY_ALERT:
        return _("Read this before you sell or use it.")
    return _("Stop selling and using it. Take it off the shelf now.")


def _steps(recall: Recall, audience: str) -> list[str]:
    if recall.kind == Kind.SAFETY_ALERT:
        return [_("Set it aside, locked away and marked, until you hear from us.")]
    steps = [
        _("Take it off shelves and out of the stock room."),
        _("Lock it away and mark it “Do not sell”."),
    ]
    if audience == Audience.STORE and recall.depth == Recall.Depth.CONSUMER:
        steps.append(_("Put up the notice for customers where they pay."))
    return steps


def _public(recall: Recall, audience: str) -> Text:
    """The elements of Art. 36(2) GPSR; remedies under Art. 37 are the maker's to name."""
    title = headline() if recall.kind == Kind.RECALL else _capital(_subject(recall))
    return Text(
        subject=title if audience == Audience.CONSUMER else f"{_('Press release')}: {title}",
        order=_("Stop using it now."),
        wrong=recall.hazard or recall.title,
        todo="\n".join(
            [
                _("Do not eat, use, sell or give it away."),
                _("Take it back to the shop where you got it, or call us."),
            ]
        ),
        remedy=recall.remedy,
        answer=_("Questions? Call us, or write to us.") if settings.SITE_PHONE else "",
    )


def headline() -> str:
    """The headline that Art. 36(2)(a) GPSR prescribes, in the language in force.

    English and German are as in the regulation; the others can be set.
    """
    return settings.CONSUMER_HEADLINES.get(get_language() or "", "") or _("Product safety recall")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
