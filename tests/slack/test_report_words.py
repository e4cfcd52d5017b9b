from __future__ import annotations

from datetime import date

import pytest

from bot.core.figures import FigureKind, Shown
from bot.core.instrument import Band, Dimension
from bot.core.report_values import Finding, History, Pattern, Question, Report, Takeaway, TakeawayKind, Workgroup
from bot.slack.blocks.report import Speech, shared, talk_guide
from bot.slack.words import Words
from tests.cast import words
from tests.slack.floor import texts

GOALS = Dimension.SHARED_GOALS
IN_ENGLISH = Words(words())


def finding(
    band: Band, *, rater: int | None = None, rated: int | None = None, dimension: Dimension | None = None
) -> Finding:
    return Finding(FigureKind.TIE, Shown(3.6, (5, 9), {}), band, rater, rated, dimension)


def report(strength: Finding | None, curious: Finding | None = None) -> Report:
    return Report(
        team=1, process=1, wave=1, released_on=date(2026, 3, 30),
        workgroups=(Workgroup(1, "Nurses"), Workgroup(2, "Pharmacy")),
        takeaway=Takeaway(TakeawayKind.STEADY), waves=(), rounds=(), events=(),
        history=History(None, signal=False, shifted_since=None), matrix=(), pooled=False, ties=(), rests=(),
        dimensions=(), respondents=None, response=None, certainty=None, strength=strength, curious=curious,
        questions=(Question(Pattern.STRONG),), low=False, organisation={},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (finding(Band.STRONG, rater=1, rated=2), "how Nurses experience Pharmacy"),
        (finding(Band.STRONG, rater=1, rated=2, dimension=GOALS), "*Nurses* say of *Pharmacy*"),
        (finding(Band.STRONG, rater=1, rated=1, dimension=GOALS), "how Nurses work among themselves"),
        (finding(Band.MODERATE, dimension=GOALS), "What makes that work?"),
        (finding(Band.WEAK, rater=1, rated=2), "Nothing stands out as strong yet"),
    ],
)
def test_each_kind_of_strength_has_its_words(found: Finding, told: str) -> None:
    assert told in Speech(report(found), IN_ENGLISH).strength()


def test_a_tie_to_be_curious_about_needs_no_dimension() -> None:
    told = Speech(report(None, finding(Band.WEAK, rater=1, rated=2)), IN_ENGLISH).curious()
    assert told.startswith("*Nurses* with *Pharmacy*.")


@pytest.mark.parametrize("strength", [None, finding(Band.WEAK, rater=1, rated=2)])
def test_what_is_weak_is_not_shared_as_a_strength(strength: Finding | None) -> None:
    value = report(strength)
    assert "that we look at this together" in texts({"blocks": shared(value, "Ward 3", IN_ENGLISH).blocks})
    guide = talk_guide(value, "Ward 3", "lead", IN_ENGLISH)
    assert "What carries you" not in texts({"blocks": guide.blocks})
