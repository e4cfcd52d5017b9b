from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import select

from bot.core.errors import BadInput, NotAllowed, Stale
from bot.core.figures import FigureKind
from bot.core.states import ChangeState
from bot.db import figures as figure_queries
from bot.db import people as queries
from bot.db.tables import ChangeMeasurement, Team
from bot.services import changes, overload
from bot.services.changes import ChangeDraft, ChangeView
from tests.cast import Stage

ACTIVE, PAUSED, FINISHED = ChangeState.ACTIVE, ChangeState.PAUSED, ChangeState.FINISHED


async def groups_of(stage: Stage) -> dict[str, int]:
    async with stage.deps.database.read() as session:
        team = await session.get_one(Team, stage.team)
        return {group.name: group.id for group in await queries.workgroups(session, team.focal_process_id)}


async def draft(stage: Stage, title: str = "Discharge by eleven") -> ChangeDraft:
    book = stage.deps.content.playbooks[0]
    groups = await groups_of(stage)
    return ChangeDraft(
        title, "Home before noon", book.id, book.stages[0].id, (stage.team,), (groups["Nurses"],),
        owner="ULEAD", measure_name="hours",
    )  # fmt: skip


async def register(stage: Stage, given: ChangeDraft | None = None) -> int:
    return await changes.save(stage.deps, stage.ws, "ULEAD", given or await draft(stage))


async def the_change(stage: Stage) -> ChangeView:
    (found,) = await changes.list_changes(stage.deps, stage.ws, "ULEAD")
    return found


async def test_a_change_is_registered_started_moved_and_finished_with_its_history(stage: Stage) -> None:
    change = await register(stage)
    second = stage.deps.content.playbooks[0].stages[1].id
    for state, to in ((ACTIVE, None), (None, second), (FINISHED, None)):
        await changes.move(stage.deps, stage.ws, "ULEAD", change, state=state, stage=to, why="It is time")
    found = await the_change(stage)
    assert (found.state, found.started_at, found.stage) == (FINISHED, stage.now, second)
    assert [state for _, state, _, _ in found.history] == [ChangeState.DRAFT, ACTIVE, ACTIVE, FINISHED]
    with pytest.raises(Stale):
        await changes.move(stage.deps, stage.ws, "ULEAD", change, state=ACTIVE)


async def test_a_change_starts_with_a_measure_or_a_reason_why_it_has_none(quick_stage: Stage) -> None:
    given = replace(await draft(quick_stage), measure_name="")
    change = await register(quick_stage, given)
    with pytest.raises(BadInput) as refused:
        await changes.move(quick_stage.deps, quick_stage.ws, "ULEAD", change, state=ACTIVE)
    assert refused.value.field == "no_measure_reason"
    assert quick_stage.deps.content.has(refused.value.subject)
    given = replace(given, no_measure_reason="Nobody counts it yet")
    await changes.save(quick_stage.deps, quick_stage.ws, "ULEAD", given, change)
    await changes.move(quick_stage.deps, quick_stage.ws, "ULEAD", change, state=ACTIVE)
    assert (await the_change(quick_stage)).state is ACTIVE


async def test_pausing_leaves_the_stage_and_saying_twice_what_is_true_changes_nothing(quick_stage: Stage) -> None:
    change = await register(quick_stage)
    following = quick_stage.deps.content.playbooks[0].stages[1].id
    await changes.move(quick_stage.deps, quick_stage.ws, "ULEAD", change, state=ACTIVE)
    for _ in range(2):
        await changes.move(quick_stage.deps, quick_stage.ws, "ULEAD", change, state=PAUSED, stage=following)
    found = await the_change(quick_stage)
    assert (found.state, len(found.history)) == (PAUSED, 3)
    assert found.stage != following
    await changes.move(quick_stage.deps, quick_stage.ws, "ULEAD", change, state=ACTIVE, stage=following)
    assert (await the_change(quick_stage)).stage == following


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " "}, "title"),
        ({"team_ids": ()}, "teams"),
        ({"measure_direction": "sideways"}, "measure_direction"),
        ({"playbook": "astrology"}, "playbook"),
        ({"stage": "nowhere"}, "stage"),
    ],
)
async def test_a_wrong_field_is_named_with_words_that_exist(
    quick_stage: Stage, wrong: dict[str, object], field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        await register(quick_stage, replace(await draft(quick_stage), **wrong))  # type: ignore[arg-type]  # a table of cases
    assert refused.value.field == field
    assert quick_stage.deps.content.has(refused.value.subject)


async def test_only_those_who_lead_coach_or_own_it_change_a_change(quick_stage: Stage) -> None:
    change = await register(quick_stage)
    with pytest.raises(NotAllowed):
        await changes.save(quick_stage.deps, quick_stage.ws, "UNUR0", await draft(quick_stage))
    with pytest.raises(NotAllowed):
        await changes.move(quick_stage.deps, quick_stage.ws, "UNUR0", change, state=ACTIVE)
    assert await changes.list_changes(quick_stage.deps, quick_stage.ws, "UNUR0") == []


async def test_a_second_value_for_a_day_replaces_the_first(stage: Stage) -> None:
    change = await register(stage)
    for value in (4.0, 3.5):
        await changes.measure(stage.deps, stage.ws, "ULEAD", change, date(2026, 3, 2), value)
    async with stage.deps.database.read() as session:
        assert [one.value for one in (await session.exec(select(ChangeMeasurement))).all()] == [3.5]


async def test_the_third_change_at_once_is_warned_of_and_loads_are_shown_by_workgroup(quick_stage: Stage) -> None:
    await quick_stage.schedule()
    first, second, third = [await register(quick_stage, await draft(quick_stage, f"Change {n}")) for n in range(3)]
    for change in (first, second):
        assert await overload.overloaded(quick_stage.deps, quick_stage.ws, change) == ()
        await changes.move(quick_stage.deps, quick_stage.ws, "ULEAD", change, state=ACTIVE)
    assert await overload.overloaded(quick_stage.deps, quick_stage.ws, third) == ("Nurses",)
    (load,) = await overload.loads(quick_stage.deps, quick_stage.ws, "ULEAD")
    assert (load.workgroup, load.changes, load.asks) == ("Nurses", 2, 4)


async def test_a_stages_items_are_asked_of_whom_the_change_touches_and_come_out_by_change(quick_stage: Stage) -> None:
    book, stage_id = next(
        (book, one.id)
        for book in quick_stage.deps.content.playbooks
        for one in book.stages
        if "commitment_affective" in one.items
    )
    given = replace(await draft(quick_stage), playbook=book.id, stage=stage_id)
    change = await register(quick_stage, given)
    await changes.move(quick_stage.deps, quick_stage.ws, "ULEAD", change, state=ACTIVE)
    asked: dict[str, set[str]] = {}
    for _ in range(4):
        asked_of = await _asked_about_the_change(quick_stage, given.title)
        for user, items in asked_of.items():
            asked.setdefault(user, set()).update(items)
        await quick_stage.clock.advance(days=4)
    assert asked
    assert all(user.startswith("UNUR") for user in asked)
    async with quick_stage.deps.database.read() as session:
        figures = await figure_queries.of_waves(session, [1])
    companions = {(one.key.construct, one.key.change) for one in figures if one.key.kind is FigureKind.COMPANION}
    assert ("commitment_affective", change) in companions


async def _asked_about_the_change(stage: Stage, title: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}

    async def look() -> None:
        for number in range(5):
            for group in ("NUR", "PHY", "PHA"):
                pulse = await stage.pulse_of(f"U{group}{number}")
                about = {one.item for one in pulse.questions if title in one.text}
                assert len(pulse.questions) <= 3
                if about:
                    found.setdefault(f"U{group}{number}", set()).update(about)

    await stage.a_map(look=look)
    return found
