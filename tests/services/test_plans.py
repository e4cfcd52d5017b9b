from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlmodel import select

from bot.core.errors import UnknownTeam
from bot.core.states import DeliveryKind, DeliveryState
from bot.db.tables import Delivery, Person, Round
from bot.services import people, plans, rounds, schedules
from tests.cast import TEAM, Stage

FIRST, LAST = date(2026, 3, 2), date(2026, 4, 5)  # the clocks change on the last Sunday of March


async def happens(stage: Stage) -> set[tuple[str, str, datetime]]:
    """What the rounds of five weeks really planned: period, person, time."""
    end = datetime(2026, 4, 5, 12, tzinfo=UTC)
    while stage.now < end:
        await rounds.open_due(stage.deps, stage.now)
        async with stage.deps.database.read() as session:
            again = await rounds.next_opening_at(session)
        await stage.clock.set(min(again or end, end))
    async with stage.deps.database.read() as session:
        query = (
            select(Round.period, Person.slack_user_id, Delivery.due_at)
            .join(Delivery, Delivery.round_id == Round.id)  # type: ignore[arg-type]  # a column comparison
            .join(Person, Person.id == Delivery.person_id)  # type: ignore[arg-type]  # as above
            .where(Delivery.kind == DeliveryKind.PULSE, Delivery.state == DeliveryState.PLANNED)
        )
        return set((await session.exec(query)).all())


def planned(rows: list[dict[str, str | None]]) -> set[tuple[str | None, str | None, datetime]]:
    return {
        (row["period"], row["person"], datetime.fromisoformat(row["utc"]))
        for row in rows
        if row["status"] == "planned" and row["utc"]
    }


async def test_the_dry_run_equals_what_happens(stage: Stage) -> None:
    await stage.schedule(band_minutes=45, zone_mode="recipient")
    async with stage.deps.database.write() as session:
        (await people.require(session, stage.ws, "UNUR1")).timezone = "America/New_York"
        (await people.require(session, stage.ws, "UNUR2")).preferred_hour = 14
    await people.opt_out(stage.deps, stage.ws, "UNUR3")
    before = planned(await plans.who_gets_what_when(stage.deps, stage.ws, None, FIRST, LAST))
    assert before == await happens(stage)
    assert planned(await plans.who_gets_what_when(stage.deps, stage.ws, None, FIRST, LAST)) == before


async def test_who_opted_out_is_personal_before_and_after(stage: Stage) -> None:
    await stage.schedule()
    await people.opt_out(stage.deps, stage.ws, "UNUR3")
    for _ in range(2):
        rows = await plans.who_gets_what_when(stage.deps, stage.ws, TEAM.upper(), FIRST, FIRST)
        assert [row["reason"] for row in rows if row["person"] == "UNUR3"] == ["personal"]
        assert len(rows) == 15
        await stage.clock.set(datetime(2026, 3, 2, 9, tzinfo=UTC))
        await rounds.open_due(stage.deps, stage.now)


async def test_a_missed_round_is_shown_with_its_reason(stage: Stage) -> None:
    await stage.schedule()
    await stage.clock.set(datetime(2026, 3, 4, 6, tzinfo=UTC))
    await rounds.open_due(stage.deps, stage.now)
    rows = await plans.who_gets_what_when(stage.deps, stage.ws, None, FIRST, FIRST)
    assert {row["reason"] for row in rows} == {"missed"}
    assert len(rows) == 15


async def test_a_paused_schedule_plans_nothing(stage: Stage) -> None:
    await stage.schedule()
    await schedules.pause(stage.deps, stage.ws, "UCOACH", stage.team)
    assert {row["reason"] for row in await plans.who_gets_what_when(stage.deps, stage.ws, None, FIRST, LAST)} == {
        "paused"
    }


async def test_an_unknown_team_is_named(stage: Stage) -> None:
    with pytest.raises(UnknownTeam, match="Ward 9"):
        await plans.who_gets_what_when(stage.deps, stage.ws, "Ward 9", FIRST, LAST)
