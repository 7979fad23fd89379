"""How hard a text is to read, by a formula made for its language. Pure.

en  Flesch-Kincaid grade: Kincaid et al., Research Branch Report 8-75, 1975
de  Erste Wiener Sachtextformel: Bamberger and Vanecek, Lesen, Verstehen, Lernen, Schreiben, 1984
es  Fernández Huerta, Medidas sencillas de lecturabilidad, Consigna 214, 1959
fr  Kandel and Moles, Application de l'indice de Flesch à la langue française, 1958

Of Arabic, which is written without most of its vowels, nothing is said.

The first two give a school grade, the others an ease from 0 (hard) to 100 (easy). Syllables
are counted as groups of vowels, which is what the formulas can bear: a guide, not a measure.
"""

import re
from dataclasses import dataclass

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_END = re.compile(r"[.!?:;…\n]+")
_VOWELS = {
    "en": re.compile(r"[aeiouy]+"),
    "de": re.compile(r"aa|ee|ie|oo|äu|[ae][iuy]|[aeiouyäöü]"),
    "es": re.compile(r"[aeoáéó][iuy]?|[iu][aeoáéó]?|[íúü]|y\b"),
    "fr": re.compile(r"[aeiouyàâäéèêëîïôöùûüœ]+"),
}
# Fewer words say nothing about the reader.
LEAST_WORDS = 8
GRADE, EASE = 9, 60


@dataclass(frozen=True)
class Reading:
    """`score` is a grade (high is hard) or an ease (low is hard)."""

    score: float
    is_grade: bool
    words: int
    sentences: int

    @property
    def is_hard(self) -> bool:
        return self.score > GRADE if self.is_grade else self.score < EASE

    @property
    def label(self) -> str:
        if self.is_grade:
            return f"grade {max(round(self.score), 1)}"
        return f"ease {min(max(round(self.score), 0), 100)} of 100"


def reading(text: str, language: str) -> Reading | None:
    """None when there are too few words to say, and of a language without a formula."""
    sentences = [part for part in _END.split(text) if _WORD.search(part)]
    words = _WORD.findall(text)
    if len(words) < LEAST_WORDS or language not in _FORMULAS:
        return None
    syllables = [count_syllables(word, language) for word in words]
    length, weight = len(words) / len(sentences), sum(syllables) / len(words)
    score = _FORMULAS[language](length, weight, words, syllables)
    return Reading(score, language in {"en", "de"}, len(words), len(sentences))


def count_syllables(word: str, language: str) -> int:
    word = word.lower()
    count = len(_VOWELS[language].findall(word))
    # A last e is silent in English, but for -le; in French with its plural and verb endings.
    if language == "en" and re.search(r"[^aeiouyl]e$|[aeiouy]le$", word):
        count -= 1
    if language == "fr" and re.search(r"[^aeiouyéèê]e(?:s|nt)?$", word):
        count -= 1
    return max(count, 1)


def _kincaid(length, weight, words, syllables) -> float:
    return 0.39 * length + 11.8 * weight - 15.59


def _vienna(length, weight, words, syllables) -> float:
    share = 100 / len(words)
    many = sum(count >= 3 for count in syllables) * share
    long = sum(len(word) > 6 for word in words) * share
    one = sum(count == 1 for count in syllables) * share
    return 0.1935 * many + 0.1672 * length + 0.1297 * long - 0.0327 * one - 0.875


def _huerta(length, weight, words, syllables) -> float:
    return 206.84 - 60 * weight - 1.02 * length


def _kandel(length, weight, words, syllables) -> float:
    return 207 - 1.015 * length - 73.6 * weight


_FORMULAS = {"en": _kincaid, "de": _vienna, "es": _huerta, "fr": _kandel}
