from __future__ import annotations

import pytest
from sqlmodel import select

from bot.content import Library
from bot.core.errors import BadInput, NotAllowed, Stale
from bot.core.instrument import Dimension
from bot.core.library import HuddleKind, Side
from bot.db.tables import AuditEvent, LibraryEdit
from bot.services import library
from bot.services.library import HUDDLES, IDEAS, Origin
from tests.cast import Stage

IDEA = "timely.half_news"
COACH = "UCOACH"


async def in_use(stage: Stage) -> Library:
    async with stage.deps.database.read() as session:
        return await library.of_workspace(stage.deps, session, stage.ws)


async def seen(stage: Stage, entry: str = IDEA) -> library.Entry:
    return await library.entry(stage.deps, stage.ws, COACH, entry)


async def test_a_coach_rewords_an_idea_and_takes_the_original_back(stage: Stage) -> None:
    shipped = await seen(stage)
    await library.reword(stage.deps, stage.ws, COACH, IDEA, {"why": "Half news is better than late news."})
    own = await seen(stage)
    assert (own.origin, own.words["why"]) == (Origin.REWORDED, "Half news is better than late news.")
    assert own.words["action"] == shipped.words["action"]
    assert next(one for one in (await in_use(stage)).nudges if one.id == IDEA).why == own.words["why"]
    await library.restore(stage.deps, stage.ws, COACH, IDEA)
    assert await seen(stage) == shipped
    async with stage.deps.database.read() as session:
        versions = (await session.exec(select(LibraryEdit.version).where(LibraryEdit.entry == IDEA))).all()
        traces = (await session.exec(select(AuditEvent).where(AuditEvent.action == "library.edited"))).all()
    assert (sorted(versions), len(traces)) == ([1, 2], 2)


async def test_what_is_switched_off_is_not_suggested_and_still_stands_on_its_shelf(quick_stage: Stage) -> None:
    await library.switch_off(quick_stage.deps, quick_stage.ws, COACH, IDEA)
    assert IDEA not in {one.id for one in (await in_use(quick_stage)).nudges}
    shelf = await library.shelf(quick_stage.deps, quick_stage.ws, COACH, IDEAS)
    assert next(one for one in shelf if one.id == IDEA).origin is Origin.OFF


async def test_an_entry_is_read_with_a_teams_real_names(quick_stage: Stage) -> None:
    shelf = await library.shelf(quick_stage.deps, quick_stage.ws, COACH, IDEAS)
    assert any("Nurses" in text for one in shelf for text in one.preview.values())
    assert not any("{{" in text for one in shelf for text in one.preview.values())
    for book in quick_stage.deps.content.playbooks:
        assert len(await library.shelf(quick_stage.deps, quick_stage.ws, COACH, book.id)) == len(book.prompts)


async def test_a_wording_that_the_files_would_not_pass_is_refused_with_its_field(quick_stage: Stage) -> None:
    with pytest.raises(BadInput) as refused:
        await library.reword(quick_stage.deps, quick_stage.ws, COACH, IDEA, {"action": "Tell {{ somebody }}."})
    assert refused.value.field == "action"
    assert (await seen(quick_stage)).origin is Origin.SHIPPED


async def test_an_idea_and_a_prompt_of_our_own_can_be_added_reworded_and_taken_out(quick_stage: Stage) -> None:
    deps, ws = quick_stage.deps, quick_stage.ws
    idea = await library.add_idea(
        deps, ws, COACH, dimension=Dimension.TIMELY, side=Side.BOTH, minutes=5,
        action="Call {{ other }} first.", why="So.",
    )  # fmt: skip
    prompt = await library.add_prompt(
        deps, ws, COACH, theme=Dimension.TIMELY, kind=HuddleKind.BRIEF, focus="The door of the ward.",
        questions=("Who waits?", "What for?", "Who could call?"),
    )  # fmt: skip
    await library.reword(deps, ws, COACH, idea, {"why": "Because it is quick."})
    now = await in_use(quick_stage)
    assert next(one for one in now.nudges if one.id == idea).why == "Because it is quick."
    assert next(one for one in now.huddles if one.id == prompt).focus == "The door of the ward."
    assert (await library.shelf(deps, ws, COACH, HUDDLES))[-1].origin is Origin.ADDED
    await library.switch_off(deps, ws, COACH, idea)
    assert idea not in {one.id for one in (await in_use(quick_stage)).nudges}
    with pytest.raises(Stale):
        await seen(quick_stage, idea)


@pytest.mark.parametrize("user", ["ULEAD", "UNUR0"])
async def test_the_library_is_the_coaches(quick_stage: Stage, user: str) -> None:
    for refused in (
        library.shelf(quick_stage.deps, quick_stage.ws, user, IDEAS),
        library.switch_off(quick_stage.deps, quick_stage.ws, user, IDEA),
        library.reword(quick_stage.deps, quick_stage.ws, user, IDEA, {"why": "No."}),
    ):
        with pytest.raises(NotAllowed):
            await refused
    assert (await seen(quick_stage)).origin is Origin.SHIPPED
