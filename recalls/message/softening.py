"""Words that make a risk look smaller, and words that advertise, by language. Pure.

Art. 36(2)(c) of Regulation (EU) 2023/988 forbids in the description of the hazard whatever may
lower the consumers' perception of risk, such as "voluntary", "precautionary", "discretionary",
"in rare situations", "in specific situations", or that no accidents were reported. The words of
the other languages are their equivalents as texts use them. 21 CFR 7.49(c)(2) forbids promotion.
"""

import re

_SOFT = {
    "en": [
        "voluntar(?:y|ily)",
        "precaution(?:s|ary)?",
        "abundance of caution",
        "discretion(?:ary)?",
        "in (?:very )?rare (?:situations?|cases?|circumstances)",
        "rarely",
        "in (?:specific|certain|particular) (?:situations?|cases?|circumstances)",
        "no (?:known |reported )?(?:accidents?|incidents?|injur(?:y|ies)|illness(?:es)?) "
        "(?:(?:have|has) been |were |was )?(?:reported|known|occurred)",
    ],
    "de": [
        r"freiwillig\w*",
        r"vorsorglich\w*",
        "vorsorge",
        "vorsichtshalber",
        r"vorbeugend\w*",
        "kulanz",
        "nach (?:eigenem )?ermessen",
        "in (?:sehr )?(?:seltenen|wenigen) (?:fällen|situationen|einzelfällen)",
        "in (?:bestimmten|besonderen|einzelnen) (?:fällen|situationen)",
        "(?:bisher |noch )?keine (?:unfälle|vorfälle|verletzungen|erkrankungen)",
    ],
    "es": [
        "voluntari(?:[oa]s?|amente)",
        "preventiv[oa]s?",
        "precautori[oa]s?",
        "(?:por|como medida de) precaución",
        "discrecional(?:es)?",
        "en (?:muy )?raras (?:ocasiones|situaciones)",
        "en casos (?:raros|excepcionales|aislados)",
        "en (?:casos|situaciones|circunstancias) (?:concret|específic|determinad)[oa]s",
        "(?:no se han? (?:notificado|registrado|producido)|sin) (?:ningún )?"
        "(?:accidentes?|incidentes?|lesiones|heridos)",
    ],
    "fr": [
        "volontaire(?:s|ment)?",
        "préventi(?:f|ve)s?",
        "(?:par|mesure de|de) précaution",
        "discrétionnaires?",
        "dans de (?:très )?rares (?:cas|situations)",
        "dans des (?:cas|situations) (?:rares|précis(?:es)?|spécifiques|particuli(?:ers|ères))",
        "dans certaine?s (?:cas|situations)",
        "aucune? (?:accident|incident|blessure|blessé|maladie)",
    ],
    # With the article, and with the words for and, by, in that are written to the next one.
    "ar": [
        r"[وبفكل]*(?:ال)?(?:طوعي|طوعا|اختياري)\w*",
        r"[وبفكل]*(?:ال)?(?:احترازي|وقائي|احتياطي)\w*",
        r"من باب (?:ال)?(?:احتياط|حيطة|حرص)",
        r"في (?:حالات|ظروف|مواقف) (?:نادرة|محددة|معينة|خاصة)",
        r"نادر[اً]?",
        r"لم (?:تُسجل|تسجل|تُسجّل|يُبلغ عن|يبلغ عن|تقع|تحدث) (?:أي )?(?:حوادث|إصابات|حالات)",
    ],
}
_ADVERTISES = {
    "en": "best quality|premium|award[- ]winning|delicious|special offer|discount|voucher|loyal",
    "de": "beste qualität|premium|preisgekrönt|köstlich|sonderangebot|rabatt|gutschein|treue kund",
    "es": "mejor calidad|premium|premiad[oa]|delicios[oa]|oferta especial|descuento|vale de compra",
    "fr": "meilleure qualité|premium|primé|délicieu|offre spéciale|remise|bon d[’']achat|fidélité",
    "ar": "أفضل جودة|جودة عالية|فاخر|لذيذ|عرض خاص|خصم|قسيمة|حائز على جائزة",
}


def _compiled(words: list[str]) -> re.Pattern:
    pattern = "|".join(words).replace(" ", r"\s+")
    return re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)


_SOFT_RE = {language: _compiled(words) for language, words in _SOFT.items()}
_ADVERTISES_RE = {
    language: re.compile(rf"\b(?:{words})", re.IGNORECASE)
    for language, words in _ADVERTISES.items()
}


def softening(text: str, language: str) -> list[str]:
    """The words in `text` that lower the perception of risk, as they stand there."""
    return _found(_SOFT_RE[language], text)


def advertising(text: str, language: str) -> list[str]:
    return _found(_ADVERTISES_RE[language], text)


def _found(pattern: re.Pattern, text: str) -> list[str]:
    """Each once, in one line."""
    return list(dict.fromkeys(" ".join(match[0].split()) for match in pattern.finditer(text)))
