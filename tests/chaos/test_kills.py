"""The process is ended at each named step, as a power cut would end it, and started again."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import col, func, select

from bot.db.tables import ReleasedFigure
from tests.cast import words
from tests.chaos.witness import broken_promises
from tests.launcher import Launcher
from tests.rehearsal import KILLED, Rehearsal, rehearsal

GROUPS = {"Nurses": 5, "Physicians": 5}


@pytest.mark.chaos
async def test_a_bot_killed_at_every_named_step_loses_no_answer_and_sends_nothing_twice(
    database_url: str, tmp_path: Path
) -> None:
    async with (
        Launcher() as launcher,
        rehearsal(database_url, tmp_path, groups=GROUPS, launcher=launcher, log_level="DEBUG") as ward,
    ):
        await ward.set_up()
        await _killed_while_asking(ward)
        await _killed_while_people_answer(ward)
        await _killed_after_the_sealing(ward)
        await _killed_after_the_release(ward)
        _the_logs_say_nothing_about_anybody(ward)


async def _killed_while_asking(ward: Rehearsal) -> None:
    bot = await ward.start(stop_at="round.opened")
    await ward.advance(hours=3)
    assert await bot.gone() == KILLED
    for step in ("delivery.claimed", "delivery.sent:3"):
        bot = await ward.start(stop_at=step)
        assert await bot.gone() == KILLED


async def _killed_while_people_answer(ward: Rehearsal) -> None:
    bot = await ward.start(stop_at="answers.stored:4")
    await ward.settled()
    assert await broken_promises(ward) == []
    for user in ward.people[:2]:
        await ward.answer(user, 2)
    assert await bot.gone() == KILLED
    assert [tap.acked for tap in ward.taps] == [True, True, True, False]


async def _killed_after_the_sealing(ward: Rehearsal) -> None:
    bot = await ward.start(stop_at="round.sealed")
    for user in ward.people:
        await ward.answer(user, 4)
    assert await broken_promises(ward) == []
    await ward.advance(days=2)
    assert await bot.gone() == KILLED
    assert await broken_promises(ward) == []


async def _killed_after_the_release(ward: Rehearsal) -> None:
    bot = await ward.start(stop_at="wave.released")
    assert await bot.gone() == KILLED
    assert ward.vault.names()
    await ward.start()
    await ward.settled()
    assert ward.vault.names() == set()
    assert await broken_promises(ward) == []
    async with ward.database.read() as session:
        figures = await session.exec(select(func.count(col(ReleasedFigure.value))))
        assert figures.one() > 0


def _the_logs_say_nothing_about_anybody(ward: Rehearsal) -> None:
    """At DEBUG: no person, no token, no button's id, no question, no option."""
    said = "\n".join(replica.said for replica in ward.replicas)
    items = words().instrument("rc_pulse").items
    options = {option.label for item in items for option in item.options}
    secrets = {ward.sandbox.bot.bot_token, ward.sandbox.app.app_token, "tap_answer"}
    texts = {item.text.partition("{")[0] for item in items} - {""}
    assert "serve.ready" in said
    assert not [word for word in {*ward.people, *options, *secrets, *texts} if word in said]
