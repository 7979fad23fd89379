"""The demo's figures add up before anything is written."""

from collections import Counter

from traceability.demo import figures

STORY = figures.almond_story()
PLACES = [place for _, places in STORY for place in places]


def test_recipients_add_up_to_the_states_of_the_story():
    assert len(PLACES) == len({p.code for p in PLACES}) == 126
    assert Counter(p.state for p in PLACES) == {
        "undelivered": 2, "silent": 27, "acknowledged": 26, "responded": 71,
    }  # fmt: skip


def test_every_case_that_a_batch_made_is_somewhere():
    shipped = Counter()
    for place in PLACES:
        shipped.update(place.batches)
        assert sum(place.batches.values()) == place.cases
    for batch, made in figures.BATCHES.items():
        assert made == shipped[batch] + figures.ON_SITE[batch] + figures.SAMPLES[batch]
    assert sum(shipped.values()) == 4699


def test_bars_found_later_add_seven_recipients_and_are_told_to_twenty_four_more():
    """The centres are told too: they sent all of theirs on."""
    told = [place for place in PLACES if figures.BARS in place.batches]
    alone = [place for place in told if len(place.batches) == 1]
    assert (len(alone), len(told) - len(alone)) == (7, 24 - 3)


def test_answers_add_up_to_the_story():
    totals = [0, 0, 0, 0]
    for place in PLACES:
        assert bool(place.answers) == (place.state == "responded")
        for batch, parts in place.answers.items():
            assert all(part >= 0 for part in parts)
            assert sum(parts) <= place.batches[batch]
            totals = [t + p for t, p in zip(totals, parts, strict=True)]
    assert totals == [2918, 412, 96, 611]
    assert 4699 - sum(totals) == 662
