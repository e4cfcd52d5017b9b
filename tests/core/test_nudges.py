from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content import Content
from bot.core.figures import Figure, FigureKey, FigureKind, Withheld
from bot.core.instrument import DIMENSIONS, Dimension
from bot.core.library import Nudge, Side
from bot.core.nudges import HELD_OUT_SHARE, PastNudge, Silence, Situation, Suggestion, Why, arm_of, choose
from bot.core.states import NudgeArm, NudgeFeedback
from tests.core.released_figures import BETWEEN, PROCESS, TEAM, wave_figures

LIBRARY = Content.load(Path(__file__).parents[2] / "prompts").nudges
NURSES, DOCTORS, PHARMACY = 11, 12, 13
MONDAY = date(2026, 6, 1)
WEAK_TIE = wave_figures(1, tie_dimensions={(NURSES, PHARMACY, Dimension.TIMELY): 2.8})


def situation(figures: Sequence[Figure] = WEAK_TIE, *history: PastNudge, on: date = MONDAY) -> Situation:
    return Situation(team=TEAM, on=on, figures=figures, bands=BETWEEN, seed="seven", history=history)


def past(entry: str, *, days_ago: int, feedback: NudgeFeedback | None = None) -> PastNudge:
    answers = frozenset({feedback}) if feedback else frozenset[NudgeFeedback]()
    return PastNudge(entry, MONDAY - timedelta(days=days_ago), NudgeArm.SENT, answers)


def suggested(decision: Suggestion | Silence) -> Suggestion:
    assert isinstance(decision, Suggestion)
    return decision


def test_a_weak_tie_invites_the_side_whose_behaviour_it_is_about() -> None:
    found = suggested(choose(situation(), LIBRARY))

    assert found.why is Why.WEAK_TIE
    assert (found.workgroup, found.other) == (PHARMACY, NURSES)
    assert found.nudge.dimension is Dimension.TIMELY
    assert found.nudge.side in {Side.RATED, Side.BOTH}


def test_an_uneven_tie_invites_the_more_content_side_to_ask() -> None:
    figures = wave_figures(1, people=20, ties={(NURSES, DOCTORS): 2.4, (DOCTORS, NURSES): 4.4})

    found = suggested(choose(situation(figures), LIBRARY))

    assert found.why is Why.ASYMMETRIC
    assert (found.workgroup, found.other) == (DOCTORS, NURSES)


def test_a_weak_dimension_of_a_small_team_goes_to_everybody_without_naming_a_tie() -> None:
    figures = wave_figures(1, dimensions={Dimension.MUTUAL_RESPECT: 3.1})

    found = suggested(choose(situation(figures), LIBRARY))

    assert found.why is Why.WEAK_DIMENSION
    assert (found.workgroup, found.other, found.rater, found.rated) == (None, None, None, None)
    assert found.nudge.side is Side.BOTH


def test_the_same_week_gives_the_same_idea_however_often_it_is_asked() -> None:
    assert choose(situation(), LIBRARY) == choose(situation(), LIBRARY)


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ([], Silence.NOTHING_RELEASED),
        (wave_figures(1, dimensions=dict.fromkeys(DIMENSIONS, 4.5)), Silence.NOTHING_RELEASED),
    ],
)
def test_without_a_weak_released_figure_nothing_is_said(figures: list[Figure], expected: Silence) -> None:
    assert choose(situation(figures), LIBRARY) is expected


def test_one_idea_a_week_at_most() -> None:
    assert choose(situation(WEAK_TIE, past("frequent.drop_one_message", days_ago=6)), LIBRARY) is Silence.WEEKLY_CAP
    later = situation(WEAK_TIE, past("frequent.drop_one_message", days_ago=7))
    assert isinstance(choose(later, LIBRARY), Suggestion)


def test_a_held_out_idea_counts_for_the_cap_and_not_as_ignored() -> None:
    held = [replace(past(f"x{n}", days_ago=7 * n), arm=NudgeArm.HELD_OUT) for n in range(1, 5)]

    assert isinstance(choose(situation(WEAK_TIE, *held), LIBRARY), Suggestion)


def test_three_ideas_without_an_answer_end_them_until_somebody_asks_again() -> None:
    ignored = [past(f"x{n}", days_ago=7 * n) for n in range(1, 4)]
    silent = situation(WEAK_TIE, *ignored)

    assert choose(silent, LIBRARY) is Silence.IGNORED
    assert isinstance(choose(replace(silent, resumed_on=MONDAY), LIBRARY), Suggestion)


def test_not_now_is_an_answer() -> None:
    history = [past("x1", days_ago=7, feedback=NudgeFeedback.NOT_NOW), *(past(f"x{n}", days_ago=7 * n) for n in (2, 3))]

    assert isinstance(choose(situation(WEAK_TIE, *history), LIBRARY), Suggestion)


def test_nothing_is_suggested_while_the_team_talks_about_its_map() -> None:
    assert choose(replace(situation(), in_debrief=True), LIBRARY) is Silence.DEBRIEF


def test_no_idea_comes_twice_within_a_season_and_then_they_are_used_up() -> None:
    history: list[PastNudge] = []
    seen = []
    for week in range(12):
        now = MONDAY + timedelta(weeks=week)
        decision = choose(situation(WEAK_TIE, *history, on=now), LIBRARY)
        if isinstance(decision, Suggestion):
            seen.append(decision.nudge.id)
            history.append(PastNudge(decision.nudge.id, now, NudgeArm.SENT, frozenset({NudgeFeedback.TRY})))

    fitting = [nudge.id for nudge in LIBRARY if nudge.dimension is Dimension.TIMELY]
    assert sorted(seen) == sorted(fitting)
    assert choose(situation(WEAK_TIE, *history, on=MONDAY + timedelta(weeks=12)), LIBRARY) is Silence.USED_UP


def test_what_was_not_for_the_team_never_comes_back() -> None:
    long_ago = [
        past(nudge.id, days_ago=400 + 7 * number, feedback=NudgeFeedback.NOT_FOR_US)
        for number, nudge in enumerate(n for n in LIBRARY if n.dimension is Dimension.TIMELY)
    ]

    assert choose(situation(WEAK_TIE, *long_ago), LIBRARY) is Silence.USED_UP


def test_among_equals_the_idea_that_was_liked_elsewhere_is_taken() -> None:
    liked = "timely.first_call"

    found = suggested(choose(replace(situation(), appeal={liked: 1.0}), LIBRARY))

    assert found.nudge.id == liked


def test_about_a_tenth_is_held_out_the_same_on_every_day_of_a_week() -> None:
    weeks = [MONDAY + timedelta(weeks=week) for week in range(3000)]

    share = sum(arm_of("seven", TEAM, week) is NudgeArm.HELD_OUT for week in weeks) / len(weeks)

    assert share == pytest.approx(HELD_OUT_SHARE, abs=0.02)
    assert all(arm_of("seven", TEAM, w) is arm_of("seven", TEAM, w + timedelta(days=6)) for w in weeks[:50])


def test_the_arm_does_not_depend_on_what_would_be_suggested() -> None:
    other = wave_figures(1, dimensions={Dimension.ACCURATE: 2.1})

    assert suggested(choose(situation(), LIBRARY)).arm is suggested(choose(situation(other), LIBRARY)).arm


@settings(max_examples=25)
@given(
    released=st.dictionaries(
        st.tuples(st.sampled_from([11, 12, 13]), st.sampled_from([11, 12, 13]), st.sampled_from(list(Dimension))),
        st.integers(13, 47).map(lambda tenths: tenths / 10),
        max_size=8,
    ),
    seed=st.integers(0, 10_000),
)
def test_the_set_of_nudges_is_the_same_whatever_withheld_figures_hold(
    released: dict[tuple[int, int, Dimension], float], seed: int
) -> None:
    """Two worlds that differ in what is withheld only: the same half-year of nudges."""
    halves = [_half_year(released, hidden=random.Random(f"{seed}/{world}")) for world in ("one", "other")]

    assert halves[0] == halves[1]


def _half_year(released: dict[tuple[int, int, Dimension], float], *, hidden: random.Random) -> list[object]:
    others = [(a, b, d) for a in (11, 12, 13) for b in (11, 12, 13) for d in Dimension if (a, b, d) not in released]
    withheld = [
        Figure(FigureKey(FigureKind.TIE_DIMENSION, PROCESS, 1, TEAM, *other), Withheld())
        for other in hidden.sample(others, k=hidden.randint(0, len(others)))
    ]
    figures = [*wave_figures(1, tie_dimensions=released), *withheld]
    hidden.shuffle(figures)
    history: list[PastNudge] = []
    decisions: list[object] = []
    for week in range(26):
        on = MONDAY + timedelta(weeks=week)
        decision = choose(situation(figures, *history, on=on), LIBRARY)
        decisions.append(decision)
        if isinstance(decision, Suggestion):
            history.append(PastNudge(decision.nudge.id, on, decision.arm, frozenset({NudgeFeedback.TRY})))
    return decisions


def test_the_other_side_of_a_weak_tie_is_invited_when_there_is_nothing_left_for_the_first() -> None:
    only_raters = [Nudge("n", Dimension.TIMELY, Side.RATER, 1, "Say it.", "It helps.")]

    found = suggested(choose(situation(), only_raters))

    assert (found.workgroup, found.other) == (NURSES, PHARMACY)
    assert (found.rater, found.rated) == (NURSES, PHARMACY)
