from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.core.cadence import Budget, PersonTime, parse_rule
from bot.core.plan import Member, Planned, Scheduled, who_gets_what_when
from bot.core.reasons import Reason

MONDAY = date(2026, 9, 7)
SUNDAY = date(2026, 9, 13)
EARLIER = datetime(2026, 1, 1, tzinfo=UTC)


def member(user: str, **time: Any) -> Member:
    return Member(PersonTime(person=user, **{"zone": "Europe/Berlin", **time}), EARLIER)


def schedule(*members: Member, **fields: Any) -> Scheduled:
    given: dict[str, Any] = {
        "cadence": "weekly",
        "days": ["mon"],
        "at": "09:30",
        "start": MONDAY,
        "zone": "Europe/Berlin",
    }
    return Scheduled("Ward 3", parse_rule(**given | fields), members)


def rows(*schedules: Scheduled, to_on: date = SUNDAY, **more: Any) -> list[dict[str, str | None]]:
    return [one.row() for one in who_gets_what_when(schedules, MONDAY, to_on, **more)]


def test_a_row_says_who_when_and_in_whose_time() -> None:
    assert rows(schedule(member("U1"))) == [
        {
            "schedule": "Ward 3",
            "period": "2026-09-07",
            "person": "U1",
            "timezone": "Europe/Berlin",
            "local": "2026-09-07T09:30:00+02:00",
            "utc": "2026-09-07T07:30:00+00:00",
            "status": "planned",
            "reason": None,
        }
    ]


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (member("U1", opted_out=True), "personal"),
        (member("U1", away=True), "personal"),
        (member("U1", snoozed_until=datetime(2027, 1, 1, tzinfo=UTC)), "personal"),
        (replace(member("U1"), deactivated=True), "deactivated"),
        (replace(member("U1"), left_at=EARLIER), "left"),
        (replace(member("U1"), joined_at=datetime(2026, 9, 7, 8, tzinfo=UTC)), "joined_later"),
    ],
)
def test_reasons_have_names_unless_they_are_personal(who: Member, reason: str) -> None:
    (row,) = rows(schedule(who))
    assert (row["status"], row["reason"], row["local"], row["utc"]) == ("skipped", reason, None, None)


def test_a_holiday_is_named_for_everybody() -> None:
    christmas = schedule(member("U1"), days=["fri"], start="2026-12-25", country="DE", on_holiday="skip")
    (found,) = who_gets_what_when([christmas], date(2026, 12, 25), date(2026, 12, 25))
    assert found.reason is Reason.HOLIDAY


def test_a_paused_schedule_says_so() -> None:
    (row,) = rows(replace(schedule(member("U1")), paused=True))
    assert row["reason"] == "paused"


def test_days_are_the_recipients_own_and_both_ends_count() -> None:
    auckland = schedule(member("U1", zone="Pacific/Auckland"), zone_mode="team", at="17:00", window_hours=24)
    found = who_gets_what_when([auckland], date(2026, 9, 8), date(2026, 9, 8))
    assert [one.due.local.date() for one in found if one.due] == [date(2026, 9, 8)]
    assert who_gets_what_when([auckland], MONDAY, MONDAY) == []


def test_pulses_beyond_a_persons_weekly_budget_are_personal() -> None:
    both = [schedule(member("U1"), days=["mon", "tue"]), schedule(member("U1"), days=["wed"])]
    assert [row["reason"] for row in rows(*both, budget=Budget(2))] == [None, None, "personal"]


def test_what_was_decided_is_shown_as_it_was_and_not_planned_again() -> None:
    held = Planned("Ward 3", "2026-09-07", "U1", "Europe/Berlin", MONDAY, due=None, reason=Reason.ANSWERED)
    later = replace(schedule(member("U1")), decided="2026-09-07")
    assert [row["reason"] for row in rows(later, decided=[held])] == ["personal"]


def test_a_range_without_an_opening_is_empty() -> None:
    assert who_gets_what_when([schedule(member("U1"))], MONDAY + timedelta(1), SUNDAY) == []
