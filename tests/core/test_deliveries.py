from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.cadence import Budget, PersonTime, Reason, parse_rule
from bot.core.deliveries import (
    MAX_ATTEMPTS,
    REQUESTED,
    Absent,
    Accepted,
    Context,
    GiveUp,
    Lost,
    Outcome,
    Refusal,
    Send,
    SlowedDown,
    Trouble,
    Verdict,
    Wait,
    after,
    backoff,
    decide,
)
from bot.core.states import DeliveryKind, DeliveryState

NOON = datetime(2026, 9, 7, 12, tzinfo=UTC)  # a Monday
NIGHT = datetime(2026, 9, 7, 23, tzinfo=UTC)
RULE = parse_rule(cadence="weekly", days=["mon"], at="09:30", start=date(2026, 9, 7))
ANNA = PersonTime(person="U1", zone="UTC")


def context(**known: Any) -> Context:
    given_so_far: dict[str, Any] = {"kind": DeliveryKind.PULSE, "due_at": NOON, "person": ANNA, "rule": RULE}
    return Context(**given_so_far | known)


def test_a_delivery_that_is_due_in_working_hours_goes() -> None:
    assert decide(context(), NOON) == Send()


def test_one_that_is_not_due_waits_for_its_time() -> None:
    assert decide(context(), NOON - timedelta(hours=1)) == Wait(NOON)


def test_at_night_it_waits_for_the_morning() -> None:
    assert decide(context(), NIGHT) == Wait(datetime(2026, 9, 8, 8, tzinfo=UTC))


@pytest.mark.parametrize(
    "known",
    [{"kind": DeliveryKind.REPORT}, {"kind": DeliveryKind.NOTICE}, {"variant": REQUESTED}, {"person": None}],
)
def test_what_somebody_waits_for_goes_at_any_hour(known: dict[str, Any]) -> None:
    assert decide(context(**known), NIGHT) == Send()


@pytest.mark.parametrize("reason", [Reason.CLOSED, Reason.ANSWERED, Reason.LEFT, Reason.DEACTIVATED, Reason.WITHDRAWN])
def test_what_is_over_is_not_sent_even_when_asked_for(reason: Reason) -> None:
    assert decide(context(over=reason, variant=REQUESTED), NOON) == GiveUp(reason)


def test_what_comes_too_late_is_missed() -> None:
    assert decide(context(not_after=NOON), NOON) == GiveUp(Reason.MISSED)


def test_opting_out_ends_questions_but_not_what_a_person_took_on() -> None:
    gone = replace(ANNA, opted_out=True)
    assert decide(context(person=gone), NOON) == GiveUp(Reason.OPTED_OUT)
    assert decide(context(person=gone, kind=DeliveryKind.FOLLOW_UP), NOON) == Send()


@pytest.mark.parametrize(
    ("absence", "until"),
    [
        ({"snoozed_until": NOON + timedelta(hours=1)}, NOON + timedelta(hours=1)),
        ({"dnd_until": NOON + timedelta(hours=2)}, NOON + timedelta(hours=2)),
        ({"away": True, "away_until": NIGHT}, datetime(2026, 9, 8, 8, tzinfo=UTC)),
    ],
)
def test_an_absence_is_waited_for(absence: dict[str, Any], until: datetime) -> None:
    assert decide(context(person=replace(ANNA, **absence)), NOON) == Wait(until)


def test_an_absence_beyond_the_window_is_the_reason() -> None:
    snoozed = replace(ANNA, snoozed_until=NIGHT)
    assert decide(context(person=snoozed, not_after=NIGHT), NOON) == GiveUp(Reason.SNOOZED)


def test_the_weekly_budget_covers_pulses_reminders_nudges_and_huddle_prompts() -> None:
    spent = {"spent": 3, "budget": Budget(3)}
    for kind in DeliveryKind:
        counted = kind in {DeliveryKind.PULSE, DeliveryKind.REMINDER, DeliveryKind.NUDGE, DeliveryKind.HUDDLE}
        assert decide(context(kind=kind, **spent), NOON) == (GiveUp(Reason.BUDGET) if counted else Send())


def test_a_nudge_leaves_room_for_the_pulse_that_is_still_to_come() -> None:
    assert decide(context(kind=DeliveryKind.NUDGE, spent=2, reserved=1, budget=Budget(3)), NOON) == GiveUp(
        Reason.BUDGET
    )


def test_a_team_without_a_schedule_is_not_written_to_at_night_either() -> None:
    bare = Context(kind=DeliveryKind.NUDGE, due_at=NOON, person=replace(ANNA, hours=None))
    assert decide(bare, NIGHT) == Wait(datetime(2026, 9, 8, 8, tzinfo=UTC))
    assert decide(bare, NOON) == Send()


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (Accepted("D1", "1.0"), Verdict(state=DeliveryState.SENT, attempts=1)),
        (SlowedDown(30), Verdict(state=DeliveryState.PLANNED, attempts=0, due_at=NOON + timedelta(seconds=30))),
        (Refusal("is_archived"), Verdict(state=DeliveryState.FAILED, attempts=1, reason="is_archived")),
        (
            Trouble("internal_error"),
            Verdict(
                state=DeliveryState.PLANNED, attempts=1, due_at=NOON + timedelta(seconds=5), reason="internal_error"
            ),
        ),
        (Lost(), Verdict(state=DeliveryState.UNCONFIRMED, attempts=1)),
        (Absent(), Verdict(state=DeliveryState.PLANNED, attempts=0, due_at=NOON)),
    ],
)
def test_each_outcome_has_its_next_state(outcome: Outcome, verdict: Verdict) -> None:
    assert after(outcome, attempts=0, now=NOON) == verdict


def test_trouble_while_looking_for_a_lost_message_never_makes_it_sendable() -> None:
    for attempts in range(MAX_ATTEMPTS):
        for outcome in (Trouble("internal_error"), SlowedDown(3)):
            found = after(outcome, attempts=attempts, now=NOON, looked_up=True)
            assert found.state in {DeliveryState.UNCONFIRMED, DeliveryState.FAILED}


def test_a_poison_row_is_pushed_on_and_fails_in_the_open() -> None:
    attempts, now = 0, NOON
    while (found := after(Trouble("poison"), attempts=attempts, now=now)).state is DeliveryState.PLANNED:
        assert found.due_at is not None
        assert found.due_at > now
        attempts, now = found.attempts, found.due_at
    assert (found.state, found.attempts, found.reason) == (DeliveryState.FAILED, MAX_ATTEMPTS, "poison")


def test_a_message_that_is_lost_again_and_again_fails_only_after_it_was_looked_for() -> None:
    assert after(Lost(), attempts=MAX_ATTEMPTS, now=NOON).state is DeliveryState.UNCONFIRMED
    found = after(Absent(), attempts=MAX_ATTEMPTS, now=NOON, looked_up=True)
    assert (found.state, found.reason) == (DeliveryState.FAILED, "never_confirmed")


@given(st.integers(1, 60))
def test_backing_off_grows_up_to_ten_minutes(attempts: int) -> None:
    assert backoff(attempts) <= backoff(attempts + 1) <= timedelta(minutes=10)


def test_hours_of_a_rule_are_the_teams() -> None:
    early = parse_rule(cadence="weekly", days=["mon"], at="06:00", start=date(2026, 9, 7), hours="05:00-07:00")
    assert decide(context(rule=early), datetime.combine(date(2026, 9, 7), time(12, 30), UTC)) == Wait(
        datetime(2026, 9, 8, 5, tzinfo=UTC)
    )
