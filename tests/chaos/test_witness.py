"""The witness notices each rule that is turned off: else its silence would mean nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy.exc import IntegrityError

from tests.cast import member
from tests.chaos.weakened import ACK_FIRST, NO_LOOK_UP
from tests.chaos.witness import broken_promises
from tests.launcher import Launcher
from tests.rehearsal import Rehearsal, rehearsal

GROUPS = {"Nurses": 3, "Physicians": 3}
NURSE = member("Nurses", 0)
PLAN_AGAIN = """
    INSERT INTO delivery (id, workspace_id, dedupe_key, kind, state, person_id, team_id, round_id, ask_id, variant,
                          due_at, not_after, attempts, created_at)
    SELECT id || '-again', workspace_id, dedupe_key, kind, 'planned', person_id, team_id, round_id, ask_id, variant,
           due_at, not_after, 0, created_at
    FROM delivery WHERE kind = 'pulse'
"""
"""What a replica would do that does not look at what is planned already."""


@pytest.mark.chaos
async def test_without_the_look_up_a_lost_reply_is_seen_to_send_twice_and_without_storing_first_a_crash_to_lose(
    sqlite_template: Path, tmp_path: Path
) -> None:
    async with Launcher() as launcher:
        for rule, crime in ((NO_LOOK_UP, _a_lost_reply), (ACK_FIRST, _a_crash_after_the_thanks)):
            folder = tmp_path / rule
            folder.mkdir()
            shutil.copy(sqlite_template, folder / "rc-pulse.db")
            url = f"sqlite:///{folder / 'rc-pulse.db'}"
            async with rehearsal(url, folder, groups=GROUPS, launcher=launcher) as ward:
                await ward.set_up()
                await ward.start(program=("tests.chaos.weakened", rule))
                await crime(ward)


async def _a_lost_reply(ward: Rehearsal) -> None:
    await ward.fault("reply_lost", method="chat.postMessage")
    await ward.advance(hours=3)
    await ward.settled()
    found = await broken_promises(ward)
    assert len(found) == 2, found
    assert "was seen 2 times" in found[0]
    assert "was asked 2 times" in found[1]


async def _a_crash_after_the_thanks(ward: Rehearsal) -> None:
    await ward.advance(hours=3)
    await ward.settled()
    (tap,) = await ward.answer(NURSE, only=1)
    assert tap.acked
    await ward.replicas[0].kill()
    await ward.start()
    (found,) = await broken_promises(ward)
    assert "was acknowledged and is lost" in found


@pytest.mark.chaos
@pytest.mark.postgres
async def test_without_the_unique_key_a_careless_planner_is_seen_to_ask_twice(
    postgres_url: str, tmp_path: Path
) -> None:
    async with (
        Launcher() as launcher,
        rehearsal(postgres_url, tmp_path, groups=GROUPS, launcher=launcher) as ward,
    ):
        await ward.set_up()
        await ward.start()
        await ward.advance(hours=3)
        await ward.settled()
        with pytest.raises(IntegrityError):
            await _sql(ward, PLAN_AGAIN)
        assert await broken_promises(ward) == []
        await _sql(ward, "ALTER TABLE delivery DROP CONSTRAINT uq_delivery_dedupe_key")
        await _sql(ward, PLAN_AGAIN)
        await ward.advance(minutes=10)
        await ward.settled()
        found = await broken_promises(ward)
        assert len(found) == len(ward.people), found
        assert all("was asked 2 times" in one for one in found)


async def _sql(ward: Rehearsal, statement: str) -> None:
    async with ward.database.engine.begin() as connection:
        await connection.execute(sqlalchemy.text(statement))
