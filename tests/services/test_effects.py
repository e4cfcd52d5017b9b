from __future__ import annotations

import pytest
from sqlmodel import select

from bot.core.effects import Effect, Verdict, suffered
from bot.core.errors import NotAllowed
from bot.core.states import ChangeState, DebriefState
from bot.db.tables import Debrief
from bot.services import changes, effects
from bot.services.changes import ChangeDraft
from bot.slack.blocks.change import effects as told
from bot.slack.words import Words
from tests.cast import Stage, words

SPONSOR = "UPHA4"


async def start(stage: Stage) -> int:
    book = stage.deps.content.playbooks[0]
    draft = ChangeDraft(
        "Discharge by eleven", "Home before noon", book.id, book.stages[0].id, (stage.team,), (1,),
        owner="ULEAD", sponsor=SPONSOR, measure_name="hours",
    )  # fmt: skip
    change = await changes.save(stage.deps, stage.ws, "ULEAD", draft)
    await changes.move(stage.deps, stage.ws, "ULEAD", change, state=ChangeState.ACTIVE)
    return change


async def maps(stage: Stage, count: int, option: int) -> None:
    for _ in range(count):
        await stage.a_map(option)
        await stage.clock.advance(days=4)


async def share_all(stage: Stage) -> None:
    async with stage.deps.database.write() as session:
        for debrief in (await session.exec(select(Debrief))).all():
            debrief.state = DebriefState.TEAM


async def test_a_change_that_helped_is_seen_as_such_and_by_its_sponsor_once_the_team_has_looked(
    quick_stage: Stage,
) -> None:
    await maps(quick_stage, 3, option=3)
    change = await start(quick_stage)
    assert await effects.of_change(quick_stage.deps, quick_stage.ws, SPONSOR, change) is None
    await maps(quick_stage, 3, option=4)
    found = await effects.of_change(quick_stage.deps, quick_stage.ws, "UCOACH", change)
    assert found is not None
    assert (found.overall.verdict, found.suffered, found.complies) == (Verdict.IMPROVED, (), False)
    assert "clearly better" in str(told([found], Words(words())).blocks)
    assert await effects.of_change(quick_stage.deps, quick_stage.ws, SPONSOR, change) is None
    await share_all(quick_stage)
    assert await effects.of_change(quick_stage.deps, quick_stage.ws, SPONSOR, change) == found
    with pytest.raises(NotAllowed):
        await effects.of_change(quick_stage.deps, quick_stage.ws, "UNUR0", change)


def test_one_of_many_ties_must_fall_further_before_it_is_said_to_have_suffered() -> None:
    fell = Effect(Verdict.DECLINED, -0.5, -0.9, -0.1, 0)
    unclear = Effect(Verdict.CANNOT_TELL, None, None, None, None)
    still = Effect(Verdict.CANNOT_TELL, 0.0, -0.4, 0.4, 0)
    assert suffered({"a": fell, "b": unclear}) == ["a"]
    assert suffered({"a": fell, **{str(number): still for number in range(20)}}) == []


@pytest.mark.parametrize(
    ("overall", "says"),
    [
        (Effect(Verdict.DECLINED, -0.4, -0.7, -0.1, 0), "by −0.4 (most likely between −0.7 and −0.1)"),
        (Effect(Verdict.CANNOT_TELL, 0.1, -0.4, 0.6, 5), "about 5 more maps"),
        (Effect(Verdict.CANNOT_TELL, 0.0, -0.1, 0.1, 0), "would have shown by now"),
        (Effect(Verdict.CANNOT_TELL, None, None, None, None), "more maps alone will not settle it"),
        (Effect(Verdict.CANNOT_TELL, 0.4, 0.1, 0.7, 0, drifting=True), "moving already"),
    ],
)
def test_each_verdict_is_told_with_its_uncertainty(overall: Effect, says: str) -> None:
    found = effects.ChangeEffect("Discharge by eleven", overall, (), "", None, complies=False)
    assert says in str(told([found], Words(words())).blocks)
