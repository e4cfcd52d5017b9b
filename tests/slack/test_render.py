from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.instrument import DIMENSIONS
from bot.core.library import HuddleKind
from bot.core.messages import (
    FollowUp,
    HuddleNote,
    Message,
    NudgeNote,
    Progress,
    Pulse,
    PulseStage,
    Question,
    Reminder,
    ReportReady,
    WhatCameOfIt,
)
from bot.core.nudges import Why
from bot.sandbox.blockkit import check_message
from bot.slack.blocks.pulse import seconds_for
from bot.slack.blocks.render import render
from bot.slack.words import Words
from tests.cast import words

IN_ENGLISH = Words(words())
NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=300).filter(str.strip)
LONG = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=4000).filter(str.strip)
IDS = st.integers(min_value=1, max_value=2**63 - 1)
DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
PROMPTS = [*words().huddles, *(prompt for book in words().playbooks for prompt in book.prompts)]

QUESTIONS = st.builds(
    Question,
    item=st.just("timely"),
    text=LONG,
    options=st.tuples(*([NAMES] * 5)),
    workgroup=st.none() | NAMES,
)
PULSES = st.lists(QUESTIONS, min_size=1, max_size=7).flatmap(
    lambda questions: st.builds(
        Pulse,
        ask=IDS,
        team=NAMES,
        stage=st.sampled_from(PulseStage),
        questions=st.just(tuple(questions)),
        position=st.integers(0, len(questions) - 1),
        min_respondents=st.integers(4, 50),
        closes_at=INSTANTS,
        map_on=DAYS,
        came_of_it=st.none()
        | st.builds(
            WhatCameOfIt,
            progress=st.sampled_from(Progress),
            heard=LONG | st.just(""),
            tried=LONG,
            since=st.none() | DAYS,
            learned=LONG,
            process=NAMES,
        ),
    )
)
NUDGES = st.builds(
    NudgeNote,
    nudge=IDS,
    team=NAMES,
    process=NAMES,
    entry=st.sampled_from(words().nudges),
    why=st.sampled_from(Why),
    rater=NAMES | st.just(""),
    rated=NAMES | st.just(""),
    dimension=st.sampled_from(DIMENSIONS),
    map_on=DAYS,
    respondents=st.tuples(st.integers(4, 50), st.none() | st.integers(50, 90)),
    min_respondents=st.integers(4, 50),
)
HUDDLES = st.builds(
    HuddleNote,
    huddle=IDS,
    team=NAMES,
    process=NAMES,
    prompt=st.sampled_from(PROMPTS),
    kind=st.sampled_from(HuddleKind),
    happens_at=INSTANTS,
    rater=NAMES | st.just(""),
    rated=NAMES | st.just(""),
    dimension=st.none() | st.sampled_from(DIMENSIONS),
    change=st.none() | NAMES,
    stage=st.none() | NAMES,
    facilitator=st.none() | NAMES,
    missing=st.lists(NAMES, max_size=20).map(tuple),
    last_commitment=st.none() | LONG,
    recorded=st.booleans(),
    still_useful=st.booleans(),
)
MESSAGES: st.SearchStrategy[Message] = st.one_of(
    PULSES,
    NUDGES,
    HUDDLES,
    st.builds(Reminder, ask=IDS, team=NAMES, left=st.integers(1, 7), closes_at=INSTANTS),
    st.builds(
        FollowUp,
        commitment=IDS,
        team=NAMES,
        what=LONG,
        prediction=LONG | st.just(""),
        due_on=DAYS,
        occasion=st.sampled_from(["day_before", "on_the_day"]),
    ),
    st.builds(ReportReady, team=IDS, wave=IDS, person=IDS, stage=st.sampled_from(["coach", "lead", "team"])),
)


@settings(max_examples=60, deadline=None)
@given(MESSAGES)
def test_slack_takes_every_message_whatever_the_names_in_it(message: Message) -> None:
    shown = render(message, IN_ENGLISH)

    assert check_message(shown.blocks) == []
    assert 0 < len(shown.text) <= 4000


@settings(max_examples=60, deadline=None)
@given(MESSAGES)
def test_the_buttons_of_a_message_never_share_an_id(message: Message) -> None:
    shown = render(message, IN_ENGLISH)
    ids = [one["action_id"] for block in shown.blocks if block["type"] == "actions" for one in block["elements"]]

    assert len(ids) == len(set(ids))


def test_a_name_never_becomes_a_link_or_a_mention() -> None:
    note = FollowUp(1, "T", "<!channel> & <https://x.example|click>", "", date(2026, 3, 2), "on_the_day")
    shown = str(render(note, IN_ENGLISH).blocks)

    assert "&lt;!channel&gt;" in shown
    assert "<!channel>" not in shown


def test_three_questions_take_about_twenty_seconds() -> None:
    assert [seconds_for(number) for number in (1, 2, 3, 5, 7)] == [10, 10, 20, 40, 50]
