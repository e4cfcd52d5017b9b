from __future__ import annotations

from datetime import UTC, datetime

from bot.core.states import DeliveryState
from bot.services import closings, deliveries, people, rounds
from bot.services.outbox import Outbox, Timing
from bot.services.ports import Refused
from tests.cast import Stage

HALF_PAST_NINE = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


async def opened(stage: Stage) -> None:
    await stage.schedule()
    await people.opt_out(stage.deps, stage.ws, "UNUR0")
    await stage.clock.set(HALF_PAST_NINE)
    await rounds.open_due(stage.deps, stage.now)


async def test_the_operators_view_shows_what_is_late_and_what_failed(stage: Stage) -> None:
    await opened(stage)
    stage.slack.fail_next(Refused("is_archived"))
    await Outbox(stage.deps, Timing()).send_due(stage.now)
    await stage.clock.advance(minutes=10)
    found = await deliveries.rows(stage.deps, stage.ws, stage.now)
    failed = [row for row in found if row.state == "failed"]
    assert [(row.kind, row.reason, row.attempts, row.late_seconds) for row in failed] == [
        ("pulse", "is_archived", 1, None)
    ]
    assert all(row.late_seconds and row.late_seconds > 300 for row in found if row.state == "planned")
    assert await deliveries.rows(stage.deps, stage.ws, stage.now, limit=2) == found[:2]


async def test_personal_reasons_are_one_word_and_reminders_are_no_rows(stage: Stage) -> None:
    await opened(stage)
    (row,) = await deliveries.rows(stage.deps, stage.ws, stage.now, DeliveryState.SKIPPED)
    assert row.reason == "personal"
    assert {row.kind for row in await deliveries.rows(stage.deps, stage.ws, stage.now)} == {"pulse"}


async def test_reminders_are_counted_only_when_their_round_has_closed(stage: Stage) -> None:
    await opened(stage)
    assert not any(kind == "reminder" for kind, _, _ in await deliveries.counts(stage.deps, stage.ws))
    await stage.clock.advance(days=2)
    await closings.close_due(stage.deps, stage.now)
    counted = await deliveries.counts(stage.deps, stage.ws)
    assert sum(number for (kind, _, _), number in counted.items() if kind == "reminder") == 28
    assert counted["pulse", "skipped", "personal"] == 1
