from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import Stale
from bot.slack.ids import (
    HIGHEST,
    KINDS,
    LONGEST,
    Choose,
    Id,
    ShowReport,
    TalkStep,
    TapAnswer,
    decode,
    decode_as,
    encode,
    pattern,
)

ROWS = st.integers(min_value=0, max_value=HIGHEST)


def _any_of(kind: type[Id]) -> st.SearchStrategy[Id]:
    hints = get_type_hints(kind)
    return st.builds(kind, **{field.name: _value(hints[field.name]) for field in fields(kind)})


def _value(wanted: Any) -> st.SearchStrategy[Any]:
    if type(None) in get_args(wanted):
        return st.none() | ROWS
    if wanted is int:
        return ROWS
    return st.text(max_size=12) if wanted is str else st.sampled_from(wanted)


ANY_ID = st.one_of(*(_any_of(kind) for kind in KINDS))


@given(ANY_ID)
def test_what_is_encoded_is_decoded_the_same(value: Id) -> None:
    assert decode(encode(value)) == value


@given(ANY_ID)
def test_every_id_fits_what_slack_carries(value: Id) -> None:
    assert len(encode(value)) <= LONGEST


@given(ANY_ID, ANY_ID)
def test_two_ids_share_a_text_only_if_they_are_the_same(one: Id, other: Id) -> None:
    assert (encode(one) == encode(other)) == (one == other)


@given(ANY_ID)
def test_a_listener_hears_its_own_kind_and_no_other(value: Id) -> None:
    hearing = [kind for kind in KINDS if pattern(kind).search(encode(value))]

    assert hearing == [type(value)]


@given(st.text(max_size=300))
def test_a_text_that_nobody_of_us_wrote_is_stale_and_no_crash(text: str) -> None:
    try:
        value = decode(text)
    except Stale:
        return
    assert isinstance(value, KINDS)


@pytest.mark.parametrize(
    "text", ["tap_answer", "tap_answer/1/2", "tap_answer/1/2/3/4", "tap_answer/x/2/3", "nothing/1"]
)
def test_a_forged_or_outdated_id_is_stale(text: str) -> None:
    with pytest.raises(Stale):
        decode(text)


def test_an_id_of_another_kind_is_stale() -> None:
    with pytest.raises(Stale):
        decode_as(TapAnswer, encode(Choose(1)))


def test_ids_read_well_in_a_log() -> None:
    assert encode(TapAnswer(12, 0, 3)) == "tap_answer/12/0/3"
    assert encode(TapAnswer(12, 0, None)) == "tap_answer/12/0/"
    assert encode(ShowReport(4, None)) == "show_report/4/"
    assert encode(TalkStep("a/b", "ü")) == "talk_step/a%2Fb/%C3%BC"


def test_no_field_has_a_default_that_a_text_could_leave_out() -> None:
    assert all(field.default is MISSING for kind in KINDS for field in fields(kind))
