"""What is remarked about a text: softening words, what the law wants, and how hard it reads."""

from dataclasses import replace

import pytest

from recalls.message.linter import Facts, lint
from recalls.message.reading import count_syllables, reading
from recalls.message.softening import advertising, softening
from recalls.message.texts import Text, draft
from recalls.models import Recall

FACTS = Facts(batches=1, has_phone=True, has_deadline=True)
RECALL = Recall(reference="RC-1", title="Peanut", hazard="It can kill.", classification="I")
GOOD = {
    "en": "We refund the full price or replace the product.",
    "de": "Wir erstatten den vollen Preis oder ersetzen das Produkt.",
    "es": "Le reembolsamos el precio completo o sustituimos el producto.",
    "fr": "Nous remboursons le prix complet ou remplaçons le produit.",
    "ar": "نعيد إليكم الثمن كاملًا أو نستبدل المنتج.",
}


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "This Voluntary recall is a precaution.", ["Voluntary", "precaution"]),
        ("en", "A precautionary, discretionary step", ["precautionary", "discretionary"]),
        ("en", "in rare\n situations, in specific situations", None),
        ("en", "No accidents have been reported.", ["No accidents have been reported"]),
        ("en", "Volunteers discreetly rarefied it.", []),
        ("de", "Freiwilliger, vorsorglicher Rückruf", ["Freiwilliger", "vorsorglicher"]),
        ("de", "In seltenen Fällen. Es sind keine Unfälle bekannt.", None),
        ("de", "Nicht essen. Im Laden abgeben.", []),
        ("es", "Retirada voluntaria por precaución", ["voluntaria", "por precaución"]),
        ("es", "en raras ocasiones; no se han notificado accidentes", None),
        ("es", "No lo coma.", []),
        ("fr", "Rappel volontaire à titre préventif", ["volontaire", "préventif"]),
        ("fr", "Dans de rares cas. Aucun accident n’a été signalé.", None),
        ("fr", "Ne le mangez pas.", []),
        ("ar", "استدعاء طوعي من باب الاحتياط", ["طوعي", "من باب الاحتياط"]),
        ("ar", "كإجراء احترازي. في حالات نادرة فقط.", None),
        ("ar", "لا تأكلوه.", []),
    ],
)
def test_words_that_soften_are_found_in_each_language(language, text, found):
    words = softening(text, language)
    assert words == found if found is not None else len(words) == 2


@pytest.mark.parametrize("language", GOOD)
def test_the_template_of_a_consumer_notice_needs_remedies_and_no_more(language):
    text = draft(RECALL, "consumer", language)
    remarks = lint(RECALL, text, "consumer", language, FACTS).remarks
    assert {remark.field for remark in remarks} == {"remedy", "sold"}
    text = replace(text, remedy=GOOD[language], sold="X")
    assert lint(RECALL, text, "consumer", language, FACTS).remarks == []


@pytest.mark.parametrize("language", GOOD)
@pytest.mark.parametrize("audience", ["trade", "store"])
def test_the_templates_for_trade_and_stores_are_clean(audience, language):
    text = draft(RECALL, audience, language)
    assert lint(RECALL, text, audience, language, FACTS).remarks == []


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"subject": "product recall"}, "subject", "must read exactly “Product safety recall”"),
        ({"remedy": "We refund you."}, "remedy", "at least two of repair, replacement"),
        ({"todo": "Bring it back.", "order": "Bring it back."}, "todo", "stop using it at once"),
        ({"wrong": "Our delicious bar contains peanut."}, "wrong", "“delicious” advertises"),
        ({"wrong": ""}, "wrong", "Say what is wrong"),
    ],
)
def test_what_a_consumer_notice_lacks_is_said_at_the_field(changed, field, said):
    good = draft(RECALL, "consumer", "en")
    text = replace(good, **{"remedy": GOOD["en"], "sold": "Shops in Spain", **changed})
    [remark] = lint(RECALL, text, "consumer", "en", FACTS).remarks
    assert remark.field == field and said in remark.text and not remark.blocks


def test_softening_blocks_a_consumer_notice_unless_somebody_says_why():
    text = Text("Product safety recall", "Stop.", "A voluntary step.", "Stop.", GOOD["en"])
    report = lint(RECALL, text, "consumer", "en", FACTS)
    assert report.blocks
    reasoned = replace(text, wording_reason="The authority wants this sentence.")
    report = lint(RECALL, reasoned, "consumer", "en", FACTS)
    assert not report.blocks and any("risk look smaller" in r.text for r in report.remarks)
    # To the trade it is said, and blocks nothing.
    assert not lint(RECALL, text, "trade", "en", FACTS).blocks


def test_no_batch_no_number_to_call_and_no_time_are_said():
    text = draft(RECALL, "trade", "en")
    remarks = lint(RECALL, text, "trade", "en", Facts(0, False, False)).remarks
    assert [remark.field for remark in remarks] == ["subject", "answer", "answer"]
    dull = replace(text, subject="a letter")
    assert "says that it is urgent" in lint(RECALL, dull, "trade", "en", FACTS).remarks[0].text


@pytest.mark.parametrize(
    ("word", "language", "count"),
    [
        ("recall", "en", 2),
        ("table", "en", 2),
        ("make", "en", 1),
        ("people", "en", 2),
        ("Feuer", "de", 2),
        ("Allergie", "de", 3),
        ("Verletzungen", "de", 4),
        ("retirada", "es", 4),
        ("alergia", "es", 3),
        ("rappelle", "fr", 2),
        ("produit", "fr", 2),
    ],
)
def test_syllables_are_counted(word, language, count):
    assert count_syllables(word, language) == count


HARD = {
    "en": "Notwithstanding precautionary considerations, distribution of the aforementioned "
    "manufactured merchandise necessitates immediate discontinuation pending investigation.",
    "de": "Die Inverkehrbringung des gegenständlichen Erzeugnisses ist in Anbetracht der "
    "festgestellten Kontaminationswahrscheinlichkeit unverzüglich einzustellen.",
    "es": "La comercialización del correspondiente producto deberá interrumpirse inmediatamente "
    "considerando la probabilidad de contaminación microbiológica anteriormente determinada.",
    "fr": "La commercialisation du produit susmentionné nécessite une interruption immédiate "
    "considérant la contamination microbiologique antérieurement déterminée.",
}


@pytest.mark.parametrize("language", HARD)
def test_a_hard_sentence_is_hard_and_the_template_is_not(language):
    text = draft(RECALL, "store", language)
    easy = reading("\n".join([text.order, text.todo, text.answer]), language)
    hard = reading(HARD[language], language)
    assert hard.is_hard and not easy.is_hard
    assert reading("Stop.", language) is None
    assert reading(HARD[language], "ar") is None, "no formula is known of it"


def test_a_reading_grade_is_that_of_the_formula():
    # 13 words in 2 sentences, of 16 syllables.
    found = reading("The cat sat on the mat today. The dog ran under a table.", "en")
    assert (found.words, found.sentences) == (13, 2)
    assert round(found.score, 2) == round(0.39 * 6.5 + 11.8 * 16 / 13 - 15.59, 2)
    assert found.label == "grade 1"


def test_promotion_is_found():
    assert advertising("Get 10 % discount and a voucher", "en") == ["discount", "voucher"]
    assert advertising("Dafür gibt es einen Gutschein", "de") == ["Gutschein"]
