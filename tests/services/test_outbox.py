from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select, update

from bot.core.deliveries import MAX_ATTEMPTS, REQUESTED
from bot.core.messages import Message, Pulse, PulseStage, Reminder
from bot.core.states import DeliveryKind, DeliveryState
from bot.db import deliveries as queries
from bot.db.session import Database
from bot.db.tables import AskedItems, Delivery, Lease, Workspace
from bot.services import closings, people, rounds
from bot.services.outbox import Outbox, Timing
from bot.services.ports import Disconnected, Refused, Sent, SlackProblem, SlowDown, TryLater, Unconfirmed
from tests.cast import Stage, people_of, staged

HALF_PAST_NINE = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
QUICK = Timing(send_timeout_seconds=5, lease_seconds=60, confirm_after_seconds=0)
GROUPS = {"Nurses": 3, "Physicians": 3}
A_MESSAGE = Reminder(ask=0, team="Ward 3", left=1, closes_at=HALF_PAST_NINE)
USERS = [user for user, _ in people_of(GROUPS)]


@pytest.fixture
async def stage(database_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """A small team on both databases: what is tested here does not depend on its size."""
    async with staged(database_url, tmp_path, GROUPS) as ready:
        yield ready


def outbox(stage: Stage, *, replica: str = "one", timing: Timing = QUICK) -> Outbox:
    return Outbox(replace(stage.deps, replica=replica), timing)


async def opened(stage: Stage) -> None:
    """A round is open and everybody is due. Direct messages are known, so that their opening does not set the pace."""
    await stage.schedule()
    await stage.clock.set(HALF_PAST_NINE)
    await rounds.open_due(stage.deps, stage.now)
    async with stage.deps.database.write() as session:
        for user in USERS:
            person = await people.require(session, stage.ws, user)
            person.dm_channel = f"D{user[1:]}"


async def run_until_quiet(stage: Stage, sender: Outbox, *, minutes: float = 30) -> None:
    """Let time pass from wake-up to wake-up, as the scheduler does."""
    end = stage.now + timedelta(minutes=minutes)
    while (again := await sender.send_due(stage.now)) is not None and again < end:
        await stage.clock.set(max(again, stage.now + timedelta(milliseconds=1)))
    await stage.clock.set(max(end, stage.now))


async def deliveries(stage: Stage, kind: DeliveryKind = DeliveryKind.PULSE) -> list[Delivery]:
    async with stage.deps.database.read() as session:
        return list((await session.exec(select(Delivery).where(Delivery.kind == kind))).all())


async def states(stage: Stage) -> Counter[str]:
    return Counter(one.state.value for one in await deliveries(stage))


def pulses_by_user(stage: Stage) -> Counter[str]:
    return Counter(one.channel for one in stage.slack.posted if isinstance(one.message, Pulse))


async def set_all(stage: Stage, **values: Any) -> None:
    async with stage.deps.database.write() as session:
        await session.exec(update(Delivery).where(Delivery.kind == DeliveryKind.PULSE).values(**values))  # type: ignore[arg-type]  # a column comparison


async def test_everybody_gets_one_pulse_that_names_its_delivery(stage: Stage) -> None:
    await opened(stage)
    await run_until_quiet(stage, outbox(stage))
    assert pulses_by_user(stage) == {f"D{user[1:]}": 1 for user in USERS}
    assert await states(stage) == {"sent": 6}
    sent = {one.id: one for one in await deliveries(stage)}
    for posted in stage.slack.posted:
        row = sent[posted.metadata["delivery"]]
        assert posted.metadata == {"kind": "pulse", "delivery": row.id, "round": row.round_id}
        assert (row.sent_channel, row.sent_ts, row.attempts) == (posted.channel, posted.ts, 1)


async def test_a_second_pass_sends_nothing_more(stage: Stage) -> None:
    await opened(stage)
    await run_until_quiet(stage, outbox(stage))
    await outbox(stage, replica="two").send_due(stage.now)
    assert len(stage.slack.posted) == 6


async def test_reminders_go_only_to_those_who_have_not_finished(stage: Stage) -> None:
    await opened(stage)
    sender = outbox(stage)
    await run_until_quiet(stage, sender)
    for user in USERS[:4]:
        await stage.answer(user)
    await run_until_quiet(stage, sender, minutes=46 * 60)
    reminded = Counter(one.channel for one in stage.slack.posted if isinstance(one.message, Reminder))
    assert reminded == {f"D{user[1:]}": 2 for user in USERS[4:]}
    reasons = Counter(one.reason for one in await deliveries(stage, DeliveryKind.REMINDER))
    assert reasons == {"answered": 8, None: 4}


async def test_a_lost_reply_is_looked_up_and_never_sent_twice(stage: Stage) -> None:
    await opened(stage)
    stage.slack.fail_next(Unconfirmed("lost"), times=3)
    await run_until_quiet(stage, outbox(stage))
    assert set(pulses_by_user(stage).values()) == {1}
    assert await states(stage) == {"sent": 6}
    assert stage.slack.calls["find"] == 3


async def test_a_lost_message_that_slack_does_not_have_is_sent_again(stage: Stage) -> None:
    await opened(stage)
    stage.slack.fail_next(Unconfirmed("lost"), times=2, accepted=False)
    await run_until_quiet(stage, outbox(stage))
    assert pulses_by_user(stage) == {f"D{user[1:]}": 1 for user in USERS}


async def test_a_lost_message_is_not_looked_for_before_a_slow_slack_has_had_its_time(stage: Stage) -> None:
    await opened(stage)
    stage.slack.fail_next(Unconfirmed("lost"))
    await run_until_quiet(stage, outbox(stage, timing=replace(QUICK, confirm_after_seconds=60)), minutes=0.5)
    assert stage.slack.calls["find"] == 0
    assert await states(stage) == {"sent": 5, "unconfirmed": 1}


async def test_what_a_dead_process_was_sending_is_looked_up_first(stage: Stage) -> None:
    await opened(stage)
    pulses = await deliveries(stage)
    went_out, did_not = pulses[0], pulses[1]
    await stage.slack.send(f"D{USERS[0][1:]}", A_MESSAGE, {"delivery": went_out.id})
    past = datetime.now(UTC) - timedelta(hours=1)
    async with stage.deps.database.write() as session:
        for row in (went_out, did_not):
            found = await session.get_one(Delivery, row.id)
            found.state, found.lease_owner, found.lease_until = DeliveryState.SENDING, "dead", past
            person = await people.require(session, stage.ws, USERS[0] if row is went_out else USERS[1])
            found.person_id = person.id
    await run_until_quiet(stage, outbox(stage))
    by_delivery = Counter(one.metadata["delivery"] for one in stage.slack.posted)
    assert by_delivery[went_out.id] == by_delivery[did_not.id] == 1
    assert await states(stage) == {"sent": 6}


async def test_a_row_that_somebody_is_sending_right_now_is_left_alone(stage: Stage) -> None:
    await opened(stage)
    await set_all(stage, state=DeliveryState.SENDING, lease_owner="other", lease_until=datetime.now(UTC) + timedelta(1))
    await outbox(stage).send_due(stage.now)
    assert stage.slack.posted == []
    assert await states(stage) == {"sending": 6}


async def test_a_pause_that_slack_asks_for_is_kept_and_costs_no_try(stage: Stage) -> None:
    await opened(stage)
    stage.slack.fail_next(SlowDown(30))
    sender = outbox(stage)
    again = await sender.send_due(stage.now)
    assert again is not None
    assert again >= stage.now + timedelta(seconds=30)
    sent = len(stage.slack.posted)
    await sender.send_due(stage.now + timedelta(seconds=29))
    assert len(stage.slack.posted) == sent
    await run_until_quiet(stage, sender)
    assert {one.attempts for one in await deliveries(stage)} == {1}


async def test_trouble_pushes_a_row_on_without_stopping_the_others(stage: Stage) -> None:
    await opened(stage)
    stage.slack.fail_next(TryLater("internal_error"))
    await run_until_quiet(stage, outbox(stage))
    assert await states(stage) == {"sent": 6}
    assert sorted(one.attempts for one in await deliveries(stage)) == [1] * 5 + [2]


async def test_a_refused_message_fails_in_the_open_with_slacks_reason(stage: Stage) -> None:
    await opened(stage)
    stage.slack.fail_next(Refused("channel_not_found"))
    await run_until_quiet(stage, outbox(stage))
    assert await states(stage) == {"sent": 5, "failed": 1}
    assert {one.reason for one in await deliveries(stage)} == {None, "channel_not_found"}


async def test_a_poison_row_is_pushed_on_and_then_fails_in_the_open(stage: Stage) -> None:
    await opened(stage)
    poison = (await deliveries(stage))[0].ask_id
    async with stage.deps.database.write() as session:
        (await session.get_one(AskedItems, poison)).sealed = bytes(64)
    await run_until_quiet(stage, outbox(stage), minutes=120)
    assert await states(stage) == {"sent": 5, "failed": 1}
    assert {one.reason for one in await deliveries(stage)} == {None, "poison:VaultMissing"}
    assert {one.attempts for one in await deliveries(stage)} == {1, MAX_ATTEMPTS}


async def test_a_revoked_token_pauses_the_workspace_and_its_return_resumes_it(stage: Stage) -> None:
    await opened(stage)
    sender = outbox(stage)
    stage.slack.fail_next(Disconnected("token_revoked"), times=3)
    await sender.send_due(stage.now)
    assert await paused(stage) == "token_revoked"
    assert (await states(stage))["planned"] == 6
    posted = len(stage.slack.posted)
    await stage.clock.advance(seconds=30)
    await sender.send_due(stage.now)
    assert len(stage.slack.posted) == posted
    for _ in range(4):
        await stage.clock.advance(seconds=61)
        await sender.send_due(stage.now)
    assert await paused(stage) is None
    await run_until_quiet(stage, sender)
    assert pulses_by_user(stage) == {f"D{user[1:]}": 1 for user in USERS}


async def paused(stage: Stage) -> str | None:
    async with stage.deps.database.read() as session:
        return (await session.get_one(Workspace, stage.ws)).paused_reason


async def test_do_not_disturb_is_waited_for(stage: Stage) -> None:
    await opened(stage)
    for user in USERS[1:]:
        await stage.answer(user)
    until = stage.now + timedelta(hours=2)
    stage.directory.quiet[USERS[0]] = until
    sender = outbox(stage)
    await run_until_quiet(stage, sender, minutes=60)
    assert stage.slack.to(USERS[0]) == []
    await stage.clock.set(until)
    await run_until_quiet(stage, sender)
    assert len(stage.slack.to(USERS[0])) == 1


async def test_who_is_deactivated_or_has_left_gets_nothing(stage: Stage) -> None:
    await opened(stage)
    async with stage.deps.database.write() as session:
        (await people.require(session, stage.ws, USERS[0])).deactivated_at = stage.now
    await people.opt_out(stage.deps, stage.ws, USERS[1])
    await run_until_quiet(stage, outbox(stage))
    assert stage.slack.to(USERS[0]) == stage.slack.to(USERS[1]) == []
    assert {one.reason for one in await deliveries(stage)} == {None, "deactivated", "opted_out"}


async def test_a_snooze_is_waited_for(stage: Stage) -> None:
    await opened(stage)
    await people.snooze(stage.deps, stage.ws, USERS[0], stage.now + timedelta(hours=3))
    sender = outbox(stage)
    await run_until_quiet(stage, sender, minutes=170)
    assert stage.slack.to(USERS[0]) == []
    await run_until_quiet(stage, sender, minutes=30)
    assert len(stage.slack.to(USERS[0])) == 1


async def test_whoever_waits_for_a_message_is_served_first(stage: Stage) -> None:
    await opened(stage)
    rows = await deliveries(stage)
    async with stage.deps.database.write() as session:
        (await session.get_one(Delivery, rows[-1].id)).variant = REQUESTED
        order = await queries.queue(session, stage.ws, stage.now, 50)
    assert order[0] == rows[-1].id


async def test_teams_take_turns(stage: Stage) -> None:
    await opened(stage)
    rows = await deliveries(stage)
    async with stage.deps.database.write() as session:
        for row in rows[:3]:
            found = await session.get_one(Delivery, row.id)
            found.team_id, found.due_at = None, stage.now  # three of another team, due later than the rest
        for row in rows[3:]:
            (await session.get_one(Delivery, row.id)).due_at = stage.now - timedelta(minutes=5)
        order = await queries.queue(session, stage.ws, stage.now, 50)
    places = sorted(order.index(row.id) for row in rows[:3])
    assert places == [1, 3, 5]


async def test_the_first_direct_message_is_opened_and_remembered(stage: Stage) -> None:
    await stage.schedule()
    await stage.clock.set(HALF_PAST_NINE)
    await rounds.open_due(stage.deps, stage.now)
    await run_until_quiet(stage, outbox(stage))
    assert stage.slack.calls["open_dm"] == 6
    async with stage.deps.database.read() as session:
        assert (await people.require(session, stage.ws, USERS[0])).dm_channel == f"D{USERS[0][1:]}"


async def test_two_replicas_never_send_for_one_workspace_at_a_time(stage: Stage) -> None:
    await opened(stage)
    first, second = (outbox(stage, replica=name, timing=Timing()) for name in ("one", "two"))
    await first.send_due(stage.now)
    posted = len(stage.slack.posted)
    await second.send_due(stage.now + timedelta(seconds=5))
    assert len(stage.slack.posted) == posted > 0
    await first.stop()
    third = outbox(stage, replica="three", timing=Timing())
    await run_until_quiet(stage, third)
    assert pulses_by_user(stage) == {f"D{user[1:]}": 1 for user in USERS}


async def test_replicas_that_race_send_everything_exactly_once(stage: Stage) -> None:
    await opened(stage)
    brief = Timing(send_timeout_seconds=0.2, lease_seconds=0.6, confirm_after_seconds=0)
    racing = [outbox(stage, replica=f"r{number}", timing=brief) for number in range(4)]
    for _ in range(8):
        await asyncio.gather(*(one.send_due(stage.now) for one in racing))
        await stage.clock.advance(seconds=5)
    assert pulses_by_user(stage) == {f"D{user[1:]}": 1 for user in USERS}


async def test_a_lease_is_taken_over_when_its_time_is_up_and_not_before(database: Database) -> None:
    async with database.write() as session:
        assert await queries.take_lease(session, "x", "one", timedelta(seconds=60))
        assert await queries.take_lease(session, "x", "one", timedelta(seconds=60))
        assert not await queries.take_lease(session, "x", "two", timedelta(seconds=60))
        lease = await session.get_one(Lease, "x")
        lease.until = datetime.now(UTC) - timedelta(seconds=1)
        await session.flush()
        assert await queries.take_lease(session, "x", "two", timedelta(seconds=60))


async def test_the_servers_time_is_read_as_utc(database: Database) -> None:
    async with database.read() as session:
        assert abs(await queries.server_now(session) - datetime.now(UTC)) < timedelta(seconds=5)


async def test_the_named_points_are_reached_in_order(stage: Stage) -> None:
    await opened(stage)
    stage.points.clear()
    await outbox(stage).send_due(stage.now)
    assert stage.points[:2] == ["delivery.claimed", "delivery.sent"]


async def test_somebody_who_moves_to_another_zone_in_mid_round_is_asked_once_in_their_new_hours(stage: Stage) -> None:
    await opened(stage)
    async with stage.deps.database.write() as session:
        (await people.require(session, stage.ws, USERS[0])).timezone = "America/New_York"
    sender = outbox(stage)
    await run_until_quiet(stage, sender)
    assert stage.slack.to(USERS[0]) == []  # it is half past three in New York
    await rounds.open_due(stage.deps, stage.now)
    await run_until_quiet(stage, sender, minutes=24 * 60)
    assert pulses_by_user(stage)[f"D{USERS[0][1:]}"] == 1
    (row,) = [one for one in await deliveries(stage) if one.sent_channel == f"D{USERS[0][1:]}"]
    assert row.due_at == datetime(2026, 3, 2, 13, tzinfo=UTC)  # eight in the morning there


async def test_a_closed_rounds_messages_are_changed_and_not_sent_anew(stage: Stage) -> None:
    await opened(stage)
    sender = outbox(stage)
    await run_until_quiet(stage, sender)
    await stage.clock.advance(days=2)
    await closings.close_due(stage.deps, stage.now)
    stage.slack.fail_next(Unconfirmed("lost"), method="update")
    await run_until_quiet(stage, sender)
    shown = [one.message for one in stage.slack.posted if isinstance(one.message, Pulse)]
    assert [message.stage for message in shown] == [PulseStage.CLOSED] * 6
    assert {one.state for one in await deliveries(stage, DeliveryKind.NOTICE)} == {DeliveryState.SENT}


class _Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("point", ["delivery.claimed", "delivery.sent"])
async def test_a_process_that_dies_at_a_named_point_neither_loses_nor_doubles(stage: Stage, point: str) -> None:
    await opened(stage)

    def die(reached: str) -> None:
        if reached == point:
            raise _Killed

    with pytest.raises(_Killed):
        await Outbox(replace(stage.deps, reached=die), QUICK).send_due(stage.now)
    under_way = await states(stage)
    assert under_way["sending"] > 0
    await _leases_end(stage)
    await run_until_quiet(stage, outbox(stage, replica="next"))
    assert pulses_by_user(stage) == {f"D{user[1:]}": 1 for user in USERS}
    assert await states(stage) == {"sent": 6}


async def test_a_connection_cut_after_the_send_neither_loses_nor_doubles(stage: Stage) -> None:
    await opened(stage)

    def cut(reached: str) -> None:
        if reached == "delivery.sent":
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await Outbox(replace(stage.deps, reached=cut), QUICK).send_due(stage.now)
    await _leases_end(stage)
    await run_until_quiet(stage, outbox(stage))
    assert pulses_by_user(stage) == {f"D{user[1:]}": 1 for user in USERS}


async def _leases_end(stage: Stage) -> None:
    """As if a minute of the server's time had gone by."""
    past = datetime.now(UTC) - timedelta(minutes=1)
    async with stage.deps.database.write() as session:
        await session.exec(update(Lease).values(until=past))
        await session.exec(update(Delivery).values(lease_until=past))


async def test_no_transaction_is_open_while_we_talk_to_slack(stage: Stage) -> None:
    await opened(stage)
    talks = _Witness(stage)
    await outbox(replace_slack(stage, talks)).send_due(stage.now)
    assert talks.wrote > 0


class _Witness:
    """A Slack that takes the database's write lock itself while it is being talked to."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.wrote = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stage.slack, name)

    async def send(self, channel: str, message: Message, metadata: Mapping[str, Any], *, language: str = "en") -> Sent:
        async with self._stage.deps.database.write() as session:
            found = await session.get_one(Delivery, metadata["delivery"])
            assert found.state is DeliveryState.SENDING
            self.wrote += 1
        return await self._stage.slack.send(channel, message, metadata, language=language)


def replace_slack(stage: Stage, slack: Any) -> Stage:
    class Connected:
        def messenger(self, _workspace_id: int) -> Any:
            return slack

        def directory(self, _workspace_id: int) -> Any:
            return stage.directory

    return replace(stage, deps=replace(stage.deps, connections=Connected()))


@pytest.mark.parametrize("problem", [TryLater("internal_error"), SlowDown(1), Unconfirmed("lost")])
async def test_a_lookup_that_fails_is_repeated_and_nothing_is_sent_meanwhile(
    stage: Stage, problem: SlackProblem
) -> None:
    await opened(stage)
    stage.slack.fail_next(Unconfirmed("lost"))
    stage.slack.fail_next(problem, method="find")
    sender = outbox(stage)
    await run_until_quiet(stage, sender, minutes=2)
    assert set(pulses_by_user(stage).values()) == {1}
