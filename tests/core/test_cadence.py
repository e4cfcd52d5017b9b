"""Cadence by example: what a coach would expect, case by case."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from bot.core.cadence import (
    Budget,
    Calendar,
    DueAt,
    Hours,
    InvalidRule,
    NotAsked,
    Opening,
    PersonTime,
    Reason,
    Rule,
    Weekday,
    due_at,
    later,
    next_openings,
    openings,
    parse_days,
    parse_rule,
    reminder_times,
    round_window,
    rule_fields,
    rule_from,
    week_of,
    window_in,
    within_budget,
)

BERLIN = PersonTime(person="U1", zone="Europe/Berlin")
MONDAY = date(2026, 9, 7)


def rule(**fields: Any) -> Rule:
    given = {"cadence": "weekly", "days": ["mon"], "at": "09:30", "start": MONDAY.isoformat(), "zone": "Europe/Berlin"}
    return parse_rule(**given | fields)


def days_of(found: Rule, *, to_on: date = date(2027, 12, 31)) -> list[str]:
    return [opening.on.isoformat() for opening in openings(found, MONDAY, to_on)][:4]


def first(found: Rule) -> Opening:
    return next(iter(openings(found, MONDAY, date(2027, 12, 31))))


def due(found: Rule, person: PersonTime) -> DueAt:
    asked = due_at(found, first(found), person)
    assert isinstance(asked, DueAt), asked
    return asked


def why_not(found: Rule, person: PersonTime) -> Reason:
    asked = due_at(found, first(found), person)
    assert isinstance(asked, NotAsked), asked
    return asked.reason


@pytest.mark.parametrize(
    ("fields", "days"),
    [
        ({"days": ["mon", "thu"]}, ["2026-09-07", "2026-09-10", "2026-09-14", "2026-09-17"]),
        ({"every": 2}, ["2026-09-07", "2026-09-21", "2026-10-05", "2026-10-19"]),
        ({"days": ["wed"], "every": 3}, ["2026-09-09", "2026-09-30", "2026-10-21", "2026-11-11"]),
        (
            {"cadence": "monthly", "month_day": 31, "working_days": "mon-sun"},
            ["2026-09-30", "2026-10-31", "2026-11-30", "2026-12-31"],
        ),
        (
            {"cadence": "monthly", "month_week": -1, "days": ["fri"]},
            ["2026-09-25", "2026-10-30", "2026-11-27", "2026-12-25"],
        ),
        (
            {"cadence": "monthly", "month_week": 1, "days": ["tue"], "every": 2},
            ["2026-11-03", "2027-01-05", "2027-03-02", "2027-05-04"],
        ),
        (
            {"cadence": "rrule", "rrule": "RRULE:FREQ=MONTHLY;BYDAY=2TH;UNTIL=20261231T000000Z"},
            ["2026-09-10", "2026-10-08", "2026-11-12", "2026-12-10"],
        ),
        ({"end": "2026-09-20"}, ["2026-09-07", "2026-09-14"]),
    ],
)
def test_rounds_open_on_the_days_that_the_rule_names(fields: dict[str, Any], days: list[str]) -> None:
    assert days_of(rule(**fields)) == days


@pytest.mark.parametrize(
    ("shift", "on", "skipped"),
    [("skip", "2026-12-25", Reason.HOLIDAY), ("before", "2026-12-24", None), ("after", "2026-12-28", None)],
)
def test_a_public_holiday_skips_the_round_or_moves_it(shift: str, on: str, skipped: Reason | None) -> None:
    found = rule(days=["fri"], country="DE", on_holiday=shift, start="2026-12-20")
    assert (first(found).on.isoformat(), first(found).skipped) == (on, skipped)
    assert first(found).period == "2026-12-25"


def test_a_regional_holiday_counts_only_in_its_region() -> None:
    epiphany = {"start": "2027-01-06", "days": ["wed"], "country": "DE", "on_holiday": "skip"}
    assert first(rule(**epiphany, region="BY")).skipped is Reason.HOLIDAY
    assert first(rule(**epiphany, region="BE")).skipped is None


def test_a_closure_day_follows_its_own_rule() -> None:
    found = rule(closures=["2026-09-07"], on_closure="skip", on_holiday="after")
    assert first(found).skipped is Reason.CLOSURE


def test_a_saturday_round_of_a_team_that_rests_at_weekends_opens_on_monday() -> None:
    found = rule(days=["sat"], start="2026-09-12")
    assert (first(found).period, first(found).on) == ("2026-09-12", date(2026, 9, 14))


def test_a_moved_round_never_meets_its_neighbour() -> None:
    found = rule(days=["mon", "tue"], closures=["2026-09-07"])
    monday, tuesday = openings(found, MONDAY, date(2026, 9, 8))
    assert monday.skipped is Reason.CLOSURE
    assert tuesday.skipped is None


def test_a_pause_says_so_and_ends() -> None:
    found = rule(pauses=[["2026-09-10", "2026-09-21"]])
    assert [opening.skipped for opening in openings(found, MONDAY, date(2026, 9, 28))] == [
        None,
        Reason.PAUSED,
        Reason.PAUSED,
        None,
    ]


def test_a_rule_that_is_paused_without_end_has_no_next_openings() -> None:
    assert next_openings(rule(pauses=[["2026-09-01", None]]), datetime(2026, 9, 1, tzinfo=UTC), 3) == []


def test_the_next_three_openings_begin_today() -> None:
    found = next_openings(rule(), datetime(2026, 9, 14, 6, tzinfo=UTC), 3)
    assert [opening.on.isoformat() for opening in found] == ["2026-09-14", "2026-09-21", "2026-09-28"]


def test_recipients_are_asked_at_the_same_time_on_their_own_clocks() -> None:
    tokyo = PersonTime(person="U2", zone="Asia/Tokyo")
    assert due(rule(), BERLIN).local.time() == due(rule(), tokyo).local.time() == time(9, 30)
    assert due(rule(), BERLIN).utc - due(rule(), tokyo).utc == timedelta(hours=7)


def test_the_teams_clock_asks_everybody_at_one_moment_inside_their_hours() -> None:
    found = rule(zone_mode="team")
    helsinki, new_york = (PersonTime(person="U2", zone=zone) for zone in ("Europe/Helsinki", "America/New_York"))
    assert due(found, helsinki).utc == due(found, BERLIN).utc
    assert due(found, new_york).local.time() == time(8)


def test_the_minute_is_drawn_per_person_and_period_and_stays() -> None:
    found = rule(band_minutes=30, seed="s")
    times = {due(found, PersonTime(person=f"U{n}", zone="Europe/Berlin")).local.time() for n in range(40)}
    assert len(times) > 15
    assert all(time(9, 30) <= at < time(10) for at in times)
    assert due(found, BERLIN) == due(found, BERLIN)


def test_a_band_that_runs_over_the_end_of_work_is_drawn_back_into_it() -> None:
    found = rule(at="17:50", band_minutes=60)
    times = [due(found, PersonTime(person=f"U{n}", zone="Europe/Berlin")).local for n in range(30)]
    assert {at.date() for at in times} == {MONDAY}
    assert all(time(17, 50) <= at.time() < time(18) for at in times)


def test_somebody_off_on_the_day_is_asked_on_their_next_working_day() -> None:
    part_timer = PersonTime(person="U2", zone="Europe/Berlin", working_days=frozenset({Weekday.TUE}))
    assert due(rule(), part_timer).local.isoformat() == "2026-09-08T08:00:00+02:00"
    assert why_not(rule(window_hours=8), part_timer) is Reason.OWN_HOURS
    assert why_not(rule(on_day_off="skip"), part_timer) is Reason.OWN_HOURS


def test_a_night_shift_is_asked_at_night() -> None:
    nurse = PersonTime(person="U2", zone="Europe/Berlin", hours=Hours(time(22), time(6)))
    assert due(rule(), nurse).local.isoformat() == "2026-09-07T22:00:00+02:00"


def test_hours_that_quiet_hours_leave_nothing_of_are_a_reason() -> None:
    assert why_not(rule(quiet="07:00-19:00"), BERLIN) is Reason.NO_OPEN_HOUR


def test_quiet_hours_inside_working_hours_are_kept() -> None:
    assert due(rule(quiet="09:00-11:00"), BERLIN).local.time() == time(11)


def test_a_preferred_hour_counts_when_the_round_is_open_then() -> None:
    def prefers(at: time) -> PersonTime:
        return PersonTime(person="U1", zone="Europe/Berlin", preferred_at=at)

    assert due(rule(), prefers(time(15))).local.isoformat() == "2026-09-07T15:00:00+02:00"
    assert due(rule(), prefers(time(8))).local.isoformat() == "2026-09-08T08:00:00+02:00"
    assert due(rule(window_hours=24), prefers(time(8))).local.isoformat() == "2026-09-07T09:30:00+02:00"


@pytest.mark.parametrize(
    ("absence", "reason"),
    [
        ({"opted_out": True}, Reason.OPTED_OUT),
        ({"away": True}, Reason.STATUS),
        ({"away": True, "away_until": datetime(2026, 10, 1, tzinfo=UTC)}, Reason.STATUS),
        ({"snoozed_until": datetime(2026, 10, 1, tzinfo=UTC)}, Reason.SNOOZED),
        ({"dnd_until": datetime(2026, 10, 1, tzinfo=UTC)}, Reason.DND),
    ],
)
def test_absences_beyond_the_window_are_personal_reasons(absence: dict[str, Any], reason: Reason) -> None:
    assert why_not(rule(), PersonTime(person="U1", zone="Europe/Berlin", **absence)) is reason
    assert reason.personal
    assert reason.shown == "personal"


def test_a_short_absence_only_delays() -> None:
    snoozed = PersonTime(person="U1", zone="Europe/Berlin", snoozed_until=datetime(2026, 9, 7, 12, tzinfo=UTC))
    assert due(rule(), snoozed).utc == datetime(2026, 9, 7, 12, tzinfo=UTC)


def test_the_reasons_of_the_calendar_and_the_roster_are_shown_by_name() -> None:
    for reason in (Reason.HOLIDAY, Reason.CLOSURE, Reason.PAUSED, Reason.LEFT, Reason.NO_WORKGROUP, Reason.MISSED):
        assert reason.shown == reason.value


def test_a_round_is_open_from_the_first_zone_to_the_last() -> None:
    found = rule()
    window = round_window(found, first(found), ["Asia/Tokyo", "America/New_York"])
    assert window.opens_at == datetime(2026, 9, 7, 0, 30, tzinfo=UTC)
    assert window.closes_at == datetime(2026, 9, 9, 13, 30, tzinfo=UTC)


def test_no_round_outlasts_the_next_ones_opening() -> None:
    found = rule(days=["mon", "tue"])
    assert window_in(found, first(found), "Europe/Berlin").closes_at == datetime(2026, 9, 8, 7, 30, tzinfo=UTC)


def test_reminders_come_at_other_hours_within_the_working_band() -> None:
    found = rule()
    ask = due(found, BERLIN)
    times = reminder_times(found, ask, BERLIN, window_in(found, first(found), BERLIN.zone).closes_at)
    assert [at.isoformat() for at in times] == ["2026-09-08T06:00:00+00:00", "2026-09-08T15:30:00+00:00"]
    assert reminder_times(rule(reminders=0), ask, BERLIN, times[-1]) == ()


def test_a_message_for_now_waits_for_the_morning() -> None:
    evening = datetime(2026, 9, 7, 19, tzinfo=UTC)
    found = later(rule(), BERLIN, evening, evening + timedelta(days=2))
    assert isinstance(found, DueAt)
    assert found.local.isoformat() == "2026-09-08T08:00:00+02:00"


def test_a_person_with_their_own_calendar_is_not_asked_on_their_holiday() -> None:
    nurse = PersonTime(person="U2", zone="Europe/Berlin", calendar=Calendar(country="US"))
    assert why_not(rule(on_holiday="skip"), nurse) is Reason.HOLIDAY  # Labor Day


def test_the_budget_keeps_places_for_what_matters_more() -> None:
    assert within_budget(Budget(3), 2)
    assert not within_budget(Budget(3), 3)
    assert not within_budget(Budget(3), 2, reserved=1)


def test_a_persons_week_begins_on_their_own_monday() -> None:
    week = week_of(datetime(2026, 9, 6, 18, tzinfo=UTC), "Asia/Tokyo")
    assert week.opens_at == datetime(2026, 9, 6, 15, tzinfo=UTC)
    assert week.closes_at == datetime(2026, 9, 13, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"cadence": "monthly", "month_day": 12, "quiet": "20:00-07:00", "country": "DE", "region": "BY"},
        {"cadence": "monthly", "month_week": -1, "days": ["fri"], "closures": ["2026-12-24"], "end": "2027-01-01"},
        {"cadence": "rrule", "rrule": "FREQ=WEEKLY;BYDAY=MO", "pauses": [["2026-10-01", None]], "hours": "00:00-24:00"},
    ],
)
def test_a_rule_survives_being_written_down(fields: dict[str, Any]) -> None:
    found = rule(**fields)
    assert rule_from(rule_fields(found)) == found


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"cadence": "hourly"}, "cadence", "choice"),
        ({"days": []}, "days", "missing"),
        ({"days": ["moonday", "xyz"]}, "days", "weekday"),
        ({"at": "25:00"}, "at", "time"),
        ({"start": "soon"}, "start", "date"),
        ({"end": "2026-09-01"}, "end", "end_before_start"),
        ({"end": "2026-09-08", "start": "2026-09-08"}, "end", "never"),
        ({"every": 0}, "every", "out_of_range"),
        ({"cadence": "monthly"}, "month_day", "missing"),
        ({"cadence": "monthly", "month_day": 32}, "month_day", "out_of_range"),
        ({"cadence": "monthly", "month_week": 5}, "month_week", "out_of_range"),
        ({"cadence": "monthly", "month_week": 1, "days": ["mon", "tue"]}, "days", "one_weekday"),
        ({"cadence": "rrule", "rrule": "FREQ=HOURLY"}, "rrule", "frequency"),
        ({"cadence": "rrule", "rrule": "FREQ=DAILY;BYDAY=XX"}, "rrule", "not_understood"),
        ({"cadence": "rrule", "rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "rrule", "never"),
        ({"zone": "Europe/Atlantis"}, "zone", "zone"),
        ({"zone": "../etc"}, "zone", "zone"),
        ({"zone_mode": "both"}, "zone_mode", "choice"),
        ({"hours": "8 to 5"}, "hours", "hours"),
        ({"country": "XX"}, "country", "country"),
        ({"country": "DE", "region": "XX"}, "region", "region"),
        ({"region": "BY"}, "region", "region_without_country"),
        ({"pauses": [["2026-09-10", "2026-09-01"]]}, "pauses", "end_before_start"),
        ({"window_hours": 0}, "window_hours", "out_of_range"),
        ({"reminders": 3}, "reminders", "out_of_range"),
        ({"band_minutes": -1}, "band_minutes", "out_of_range"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(InvalidRule) as caught:
        rule(**fields)
    assert (caught.value.field, caught.value.code) == (field, code)
    assert str(caught.value).startswith(f"{field}: ")


def test_an_unknown_field_in_stored_text_is_named() -> None:
    with pytest.raises(InvalidRule, match="moon"):
        rule_from(rule_fields(rule()) | {"moon": "full"})


def test_days_are_read_as_people_write_them() -> None:
    assert parse_days("days", "Sat-Mon, wed") == {Weekday.SAT, Weekday.SUN, Weekday.MON, Weekday.WED}
