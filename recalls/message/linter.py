"""What is wrong with a text before it is sent: what the law wants in it, and what it does not.

Nothing here keeps anybody from saving. A consumer notice with softening words is not submitted
unless somebody says why the words stay.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import override

from recalls.message.reading import Reading, reading
from recalls.message.softening import advertising, softening
from recalls.message.texts import Audience, Text, Texts, headline, is_urgent
from recalls.models import Recall

# Art. 37(1) GPSR: at least two of repair, replacement and refund.
_REMEDIES = {
    "en": ("repair|mend", "replac|exchang|new one", "refund|money back|credit"),
    "de": ("reparatur|reparier", "ersatz|umtausch|austausch|ersetz", "erstatt|geld zurück|gutschr"),
    "es": ("repar", "sustitu|cambi|reempla", "reembols|devol.{0,20}dinero|abon"),
    "fr": ("répar", "rempla|échang", "rembours|avoir"),
    "ar": ("إصلاح|نصلح", "استبدال|نستبدل|بديل", "استرداد|استرجاع|نعيد|نرد|ردّ"),
}
_STOP = {
    "en": r"\b(stop|do not|don't|never)\b",
    "de": r"\b(nicht|kein\w*|sofort|stopp\w*)\b",
    "es": r"\b(deje|no|nunca)\b",
    "fr": r"\b(ne|n’|cessez|arrêtez|jamais)",
    "ar": r"\b(لا|توقفوا|أوقفوا|ممنوع)\b",
}
_URGENT = {"en": "urgent", "de": "dringend", "es": "urgente", "fr": "urgent", "ar": "عاجل"}
_WRITTEN = ("subject", "order", "wrong", "todo", "remedy", "answer")
_CONTACT = re.compile(r"\+?\d[\d /().-]{5,}\d|\S+@\S+\.\S+|https?://\S+")


@dataclass(frozen=True)
class Remark:
    """`field` is the field it is about; `blocks` keeps a consumer notice from being submitted."""

    field: str
    text: str
    blocks: bool = False


@dataclass(frozen=True)
class Report:
    remarks: list[Remark]
    reading: Reading | None

    @property
    def blocks(self) -> bool:
        return any(remark.blocks for remark in self.remarks)


def lint(recall: Recall, text: Text, audience: str, language: str, facts: "Facts") -> Report:
    """All remarks on one text, and how hard it is to read."""
    said = "\n".join([text.order, text.wrong, text.todo, text.remedy, text.answer])
    found = [
        *_softening(text, audience, language),
        *_missing(text, audience, facts),
        *_headline(recall, text, audience, language),
        *_public(text, audience, language),
        *_promotion(said, language),
    ]
    ease = reading(said, language)
    if ease and ease.is_hard:
        found.append(Remark("wrong", f"Hard to read ({ease.label}). Use shorter sentences."))
    return Report(found, ease)


@dataclass(frozen=True)
class Facts:
    """What a text may rely on: the batches in scope, how people can call, and the deadline."""

    batches: int
    has_phone: bool
    has_deadline: bool


def softened(text: Text, language: str) -> list[str]:
    """The words of a consumer notice that nobody gave a reason for."""
    if text.wording_reason:
        return []
    return [f"“{w}”" for name in _WRITTEN for w in softening(getattr(text, name), language)]


def kept_back(texts: Texts) -> dict[str, list[str]]:
    """By language, the words of saved consumer notices for which a recall is not submitted."""
    languages = sorted(code for who, code in texts.saved() if who == Audience.CONSUMER)
    found = {code: softened(texts.text(Audience.CONSUMER, code), code) for code in languages}
    return {code: words for code, words in found.items() if words}


def _softening(text: Text, audience: str, language: str) -> Iterator[Remark]:
    for name in _WRITTEN:
        if words := softening(getattr(text, name), language):
            named = ", ".join(f"“{word}”" for word in words)
            is_notice = audience == Audience.CONSUMER
            law = " GPSR Art. 36 forbids it in a consumer notice." if is_notice else ""
            blocks = is_notice and not text.wording_reason
            yield Remark(name, f"{named} makes the risk look smaller.{law}", blocks)


def _missing(text: Text, audience: str, facts: Facts) -> Iterator[Remark]:
    if not facts.batches:
        yield Remark("subject", "The scope has no batch yet, so the text names none.")
    if not text.wrong.strip():
        yield Remark("wrong", "Say what is wrong and what it can do to people.")
    if not text.steps:
        yield Remark("todo", "Say what to do, one step in each line.")
    if not facts.has_phone and not _CONTACT.search(f"{text.answer} {text.todo}"):
        # The site's mail address stands in every notice; a number that people can call does not.
        yield Remark("answer", "Give a phone number, or set SITE_PHONE.")
    if audience in (Audience.TRADE, Audience.STORE) and not facts.has_deadline:
        yield Remark("answer", "The recall has no time by which to answer.")


def _headline(recall: Recall, text: Text, audience: str, language: str) -> Iterator[Remark]:
    if audience == Audience.CONSUMER and recall.kind == Recall.Kind.RECALL:
        with override(language):
            wanted = headline()
        if text.subject.strip() != wanted:
            yield Remark("subject", f"The headline must read exactly “{wanted}” (GPSR Art. 36).")
    elif (
        audience in (Audience.TRADE, Audience.STORE)
        and is_urgent(recall)
        and _URGENT[language] not in text.subject.lower()
    ):
        yield Remark("subject", "A serious recall says that it is urgent (21 CFR 7.49).")


def _public(text: Text, audience: str, language: str) -> Iterator[Remark]:
    if audience != Audience.CONSUMER:
        return
    named = sum(bool(re.search(p, text.remedy.lower())) for p in _REMEDIES[language])
    if named < 2:
        yield Remark(
            "remedy",
            "Offer at least two of repair, replacement and refund (GPSR Art. 37). "
            "One is enough only where the others are impossible or out of proportion.",
        )
    if not re.search(_STOP[language], f"{text.order} {text.todo}".lower()):
        yield Remark("todo", "Tell people to stop using it at once (GPSR Art. 36).")
    if not text.sold.strip():
        yield Remark("sold", "Say where and when it was sold, and by whom, if you know it.")


def _promotion(said: str, language: str) -> Iterator[Remark]:
    if words := advertising(said, language):
        named = ", ".join(f"“{word}”" for word in words)
        yield Remark("wrong", f"{named} advertises. A recall notice must not (21 CFR 7.49).")
