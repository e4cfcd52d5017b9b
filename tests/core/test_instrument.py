"""The instrument: scales, bands and what counts as a change of meaning."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.instrument import (
    BLOCK_OF,
    DIMENSIONS,
    Band,
    Bands,
    Block,
    Dimension,
    Instrument,
    Item,
    Option,
    Target,
)

FREQUENCY = Item(
    id="frequent",
    target=Target.TIE,
    text="How often do they talk to us?",
    options=tuple(Option(label, score) for label, score in zip("abcde", (1, 3, 5, 4, 2), strict=True)),
    dimension=Dimension.FREQUENT,
)
SAFETY = Item(
    "safety", Target.TEAM, "We can say it.", FREQUENCY.options, construct="psychological_safety", every_rounds=4
)
BETWEEN = Bands(3.5, 4.0)
INSTRUMENT = Instrument("small", "1", "en", "tests", "Apache-2.0", (FREQUENCY, SAFETY), BETWEEN, Bands(4.1, 4.6))


def test_four_dimensions_are_communication_and_three_relationship() -> None:
    assert [BLOCK_OF[d] for d in DIMENSIONS] == [Block.COMMUNICATION] * 4 + [Block.RELATIONSHIP] * 3


def test_just_the_right_amount_is_best_and_too_much_better_than_not_enough() -> None:
    assert [FREQUENCY.score_of(option) for option in range(1, 6)] == [1, 3, 5, 4, 2]


@pytest.mark.parametrize("option", [-1, 0, 6])
def test_an_option_outside_the_scale_has_no_score(option: int) -> None:
    with pytest.raises(IndexError):
        FREQUENCY.score_of(option)


@pytest.mark.parametrize(
    ("value", "band"),
    [
        (3.4, Band.WEAK),
        (3.5, Band.MODERATE),
        (sum([3.9, 4.1, 4.0, 4.0, 4.2, 3.8, 4.0]) / 7, Band.MODERATE),
        (28 / 7, Band.MODERATE),
        (0.1 * 35 + 1e-12, Band.MODERATE),
        (4.1, Band.STRONG),
    ],
)
def test_both_cuts_belong_to_moderate_whatever_the_last_bit_says(value: float, band: Band) -> None:
    assert BETWEEN.of(value) is band


def test_companion_items_have_no_dimension_and_no_block() -> None:
    assert (FREQUENCY.block, SAFETY.block) == (Block.COMMUNICATION, None)
    assert INSTRUMENT.tie_items == (FREQUENCY,)
    assert INSTRUMENT.by_id["safety"] is SAFETY


@pytest.mark.parametrize(
    "changed",
    [
        replace(FREQUENCY, text="How often should they talk to us?"),
        replace(FREQUENCY, options=FREQUENCY.options[::-1]),
        replace(FREQUENCY, dimension=Dimension.TIMELY),
        replace(FREQUENCY, id="often"),
    ],
    ids=["words", "order of options", "dimension", "id"],
)
def test_a_change_of_meaning_changes_the_content_hash(changed: Item) -> None:
    assert replace(INSTRUMENT, items=(changed, SAFETY)).content_hash != INSTRUMENT.content_hash


def test_a_new_version_or_rhythm_alone_does_not_change_the_content_hash() -> None:
    same = replace(INSTRUMENT, version="2", items=(FREQUENCY, replace(SAFETY, every_rounds=8)))
    assert same.content_hash == INSTRUMENT.content_hash
