"""Wording of a notice becomes rules: what is shown, what a person confirms, what is kept."""

from datetime import date

import pytest
from django.urls import reverse

from batches.models import Batch
from batches.tests import factory
from batches.tests.factory import NOON
from recalls.models import ScopeRule, ScopeVersion
from recalls.operations.recalls import submit_recall
from recalls.operations.scope import add_rule, add_rules
from recalls.reports.printed import as_text
from recalls.scope import newest
from recalls.scope.rules import described, found
from recalls.tests.factory import activate, active, draft
from recalls.tests.test_pages_recall import door, page, text_of

__all__ = ["door"]
pytestmark = pytest.mark.django_db
GTIN = "09520123400064"


@pytest.fixture
def batches():
    product = factory.product("MUESLI", name="Fruit muesli", gtin=GTIN)
    made = {
        number: factory.batch(number, of="MUESLI", expires_on=date(2027, 6, day), produced_at=NOON)
        for number, day in (("M26298A", 26), ("M26299A", 27), ("M26302A", 30))
    }
    made["112"] = factory.batch("112", of="MUESLI", at="PLANT1", expires_on=date(2027, 8, 1))
    factory.batch("112", of="OTHER", at="PLANT1")
    return made | {"product": product}


@pytest.fixture
def case(quinn):
    return draft(quinn)


@pytest.fixture
def paste(quinn, door, case):
    def post(text, do="read", **more):
        address = reverse("recall-scope-text", args=[case.reference])
        return door(quinn).post(address, {"text": text, "do": do, **more}, follow=True)

    return post


def offers_of(response) -> list:
    return [row["offer"] for row in response.context["rows"]]


@pytest.mark.slow
def test_a_reading_changes_nothing_and_shows_what_matches_and_what_does_not(paste, case, batches):
    response = paste("with lot codes M26298A, M26299A and M2629BB.")
    assert response.status_code == 200
    [offer] = offers_of(response)
    assert [b.number for b in offer.matches.all] == ["M26298A", "M26299A"]
    assert offer.matches.missing == ["M2629BB"]
    text = text_of(response)
    assert "lot codes M26298A, M26299A and M2629BB" in text and "Matches nothing" in text
    assert not case.rules.exists()


def test_what_looks_alike_is_offered_and_never_ticked(paste, batches):
    response = paste("lot M2629BA")
    [row] = response.context["rows"]
    assert [(b.number, number, ticked) for b, number, _, ticked in row["alike"]] == [
        ("M26298A", "M2629BA", False)
    ]


def test_what_is_ticked_becomes_a_rule_that_keeps_the_text(paste, case, batches):
    text = "Recall!\nLot codes M26298A and M26299A, see “label”."
    ticked = {"batch-0": [batches["M26298A"].pk, batches["M26299A"].pk]}
    response = paste(text.replace("\n", "\r\n"), do="add", **ticked)
    rule = case.rules.get()
    assert rule.kind == "batches" and rule.source_text == text
    assert "1 rule added." in text_of(response) and "Where it comes from" in text_of(response)


def test_only_batches_that_the_text_named_can_be_ticked(paste, case, batches):
    response = paste("lot M26298A", do="add", **{"batch-0": [batches["M26302A"].pk]})
    assert response.status_code == 422
    assert not case.rules.exists()


def test_nothing_ticked_adds_nothing_and_keeps_what_was_pasted(paste, case, batches):
    response = paste("lot M26298A", do="add", product="muesli")
    assert response.status_code == 422
    assert "Tick what is to be recalled." in text_of(response)
    html = response.content.decode()
    assert html.count("lot M26298A") >= 2 and 'value="muesli"' in html
    assert not case.rules.exists()


def test_an_empty_text_and_an_unknown_product_are_refused_with_what_to_do(paste, batches):
    response = paste(" ", product="NIX")
    assert response.status_code == 422
    text = text_of(response)
    assert "Paste the text" in text and "No product has the code NIX" in text


def test_a_number_of_two_batches_is_not_ticked_for_the_person(paste, batches):
    [row] = paste("lot 112").context["rows"]
    assert len(row["boxes"]) == 2 and not any(ticked for *_, ticked in row["boxes"])
    assert any("More than one batch has 112" in text for text in row["offer"].cautions)
    [row] = paste("lot 112", product="MUESLI").context["rows"]
    assert [ticked for *_, ticked in row["boxes"]] == [True]


def test_a_range_finds_what_is_recorded_of_it(paste, batches):
    [offer] = offers_of(paste("lots M26298A through M26301A"))
    assert [b.number for b in offer.matches.all] == ["M26298A", "M26299A"]


def test_a_range_too_long_to_list_asks_for_the_product(paste, batches):
    text = "serial numbers 100 to 999999"
    assert not offers_of(paste(text))
    text = "lots M00000A through M99999A"
    [offer] = offers_of(paste(text))
    assert "Choose the product" in offer.cautions[0] and not offer.may_be_added
    [offer] = offers_of(paste(text, product="MUESLI"))
    assert len(offer.matches.all) == 3


def test_days_need_a_product_and_become_one_rule(paste, case, batches):
    text = "best before dates June 26, 2027 and June 30, 2027"
    [offer] = offers_of(paste(text))
    assert not offer.may_be_added and "Of which product?" in offer.cautions[0]
    paste(text, do="add", product="MUESLI", pick="0")
    rule = case.rules.get()
    assert rule.kind == "expiry"
    assert rule.parameters["spans"] == [["2027-06-26"] * 2, ["2027-06-30"] * 2]


def test_days_beside_numbers_would_widen_and_are_not_ticked(paste, batches):
    response = paste("lot M26298A, best before June 26, 2027", product="MUESLI")
    numbers, days = response.context["rows"]
    assert numbers["boxes"][0][2] and not days["is_picked"]
    assert "this adds all batches" in days["offer"].cautions[-1]


def test_the_product_of_the_text_goes_before_the_one_that_was_chosen(paste, case, batches):
    factory.product("OTHER2")
    text = f"EAN {GTIN}, best before June 26, 2027"
    offers = offers_of(paste(text, product="OTHER2"))
    days = next(offer for offer in offers if offer.rules)
    assert days.rules[0][1]["product"] == batches["product"].pk


def test_the_same_number_of_a_product_that_the_text_does_not_name_is_shown(paste, batches):
    factory.batch("X1", of="OTHER")
    response = paste(f"EAN {GTIN}, lot M26298A. Also lot X1.")
    rows = response.context["rows"]
    why = [why for row in rows for _, _, why, _ in row["alike"]]
    assert "Same number, but of OTHER" in why


def test_a_suppliers_number_finds_the_batch_that_carries_it(paste, batches):
    made = factory.batch("OURS-1", of="RAISINS", supplier_number="RS 118")
    [offer] = offers_of(paste("lot RS-118"))
    assert offer.matches.all == [made]


def test_all_batches_are_offered_and_ticked_only_if_the_text_says_all(paste, batches):
    [_, said] = paste(f"EAN {GTIN}: all lots").context["rows"]
    assert said["is_picked"] and len(said["offer"].meant) == 4
    [_, implied] = paste(f"EAN {GTIN}").context["rows"]
    assert not implied["is_picked"]
    [_, narrowed] = paste(f"EAN {GTIN}: all lots within expiry").context["rows"]
    assert not narrowed["is_picked"] and "within expiry" in narrowed["offer"].cautions[0]


def test_what_was_not_understood_is_handed_back(paste, batches):
    text = text_of(paste("lot M26298A. Lot M26299A is not affected. Case code 71003."))
    assert "Says what is left out." in text and "Case code 71003" in text


def test_a_recall_that_is_no_draft_is_not_read_into(quinn, paula, door, batches):
    case = active(quinn, paula, factory.trace_graph("B1@PLANT1 -1-> B1@SHOP")["B1@PLANT1"])
    response = door(quinn).get(reverse("recall-scope-text", args=[case.reference]), follow=True)
    assert "Only the scope of a draft" in text_of(response)


def test_the_text_is_frozen_with_the_scope_and_printed(quinn, paula, door):
    node = factory.trace_graph("B1@PLANT1 -1-> B1@SHOP")["B1@PLANT1"]
    case = draft(quinn)
    rules = [("batches", {"batches": [node.batch_id]})]
    add_rules(recall=case, rules=rules, source_text="Lot B1, as they wrote.", by=quinn, at=NOON)
    activate(submit_recall(recall=case, by=quinn, at=NOON), paula)
    version = newest(case)
    assert version.rules[0]["source_text"] == "Lot B1, as they wrote."
    assert "OUT OF THIS TEXT\n- Lot B1, as they wrote." in as_text(version)
    shown = door(quinn).get(reverse("recall-scope", args=[case.reference, 1]))
    assert "Lot B1, as they wrote." in text_of(shown)
    printed = door(quinn).get(reverse("recall-version-print", args=[case.reference, 1]))
    assert "Lot B1, as they wrote." in text_of(printed)
    assert ScopeVersion.objects.count() == 1


def test_a_rule_that_nobody_pasted_is_frozen_as_before(quinn, paula):
    case = active(quinn, paula, factory.trace_graph("B1@PLANT1 -1-> B1@SHOP")["B1@PLANT1"])
    assert "source_text" not in newest(case).rules[0]


def test_all_of_a_text_is_added_or_nothing(quinn, case, batches):
    rules = [("batches", {"batches": [batches["112"].pk]}), ("batches", {"batches": []})]
    with pytest.raises(Exception, match="Choose at least one batch"):
        add_rules(recall=case, rules=rules, source_text="x", by=quinn, at=NOON)
    assert not ScopeRule.objects.exists()


def test_an_expiry_rule_takes_unknown_days_as_possible_and_says_so(quinn, case, batches):
    Batch.objects.filter(pk=batches["112"].pk).update(expires_on=None)
    given = {"product": batches["product"].pk, "spans": [["2027-06-27", None]]}
    rule = add_rule(recall=case, kind="expiry", parameters=given, by=quinn, at=NOON)
    result = found(rule)
    wanted = {batches[name].pk for name in ("M26299A", "M26302A", "112")}
    assert result.batches == wanted
    assert "1 batch has no expiry date" in result.notes[0]["text"]
    [(_, words)] = described([rule])
    assert words == "Every batch of Fruit muesli that keeps until 27 Jun 2027 or later"


@pytest.mark.parametrize(
    ("spans", "message"),
    [
        ([], "Say at least one day."),
        ([[None, None]], "Say at least one day."),
        ([["2027-06-27", "2027-06-01"]], "Swap the two."),
        ([["soon", None]], "Enter a day"),
    ],
)
def test_an_expiry_rule_refuses_days_that_are_none(quinn, case, batches, spans, message):
    given = {"product": batches["product"].pk, "spans": spans}
    with pytest.raises(Exception, match=message):
        add_rule(recall=case, kind="expiry", parameters=given, by=quinn, at=NOON)


def test_the_scope_step_leads_to_the_page(quinn, door, case):
    html = door(quinn).get(page("recall-newest-scope", case)).content.decode()
    assert reverse("recall-scope-text", args=[case.reference]) in html
