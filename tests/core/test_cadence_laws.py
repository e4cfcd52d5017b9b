"""The laws of time, over all zones and from 2000 to 2040: one opening per period, inside the band, in order."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from bot.core.cadence import (
    Calendar,
    DueAt,
    Hours,
    MonthlyByDate,
    MonthlyByWeekday,
    NotAsked,
    Opening,
    PersonTime,
    Reason,
    RRule,
    Rule,
    Shift,
    Weekday,
    Weekly,
    ZoneMode,
    due_at,
    openings,
    reminder_times,
    round_window,
    window_in,
)

ZONES = sorted(available_timezones())
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
LAWS = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Zones and days on which clocks do something unusual are drawn as often as all others together.
STRANGE = [
    ("Pacific/Apia", date(2011, 12, 26)),
    ("Pacific/Fakaofo", date(2011, 12, 26)),
    ("Europe/Berlin", date(2026, 3, 24)),
    ("Europe/Berlin", date(2026, 10, 20)),
    ("Australia/Lord_Howe", date(2026, 9, 30)),
    ("Australia/Lord_Howe", date(2026, 4, 1)),
    ("America/Sao_Paulo", date(2018, 11, 1)),
    ("America/Nuuk", date(2024, 3, 27)),
    ("Asia/Pyongyang", date(2015, 8, 11)),
    ("Antarctica/Troll", date(2026, 3, 25)),
    ("Africa/Casablanca", date(2026, 2, 10)),
    ("America/Caracas", date(2007, 12, 5)),
]
minutes = st.times().map(lambda t: t.replace(second=0, microsecond=0))
hours = st.builds(Hours, minutes, minutes)
weekdays = st.sets(st.sampled_from(list(Weekday)), min_size=1).map(frozenset)
recurrences = st.one_of(
    st.builds(Weekly, weekdays, st.integers(1, 3)),
    st.builds(MonthlyByDate, st.integers(1, 31), st.integers(1, 3)),
    st.builds(MonthlyByWeekday, st.sampled_from([1, 2, 3, 4, -1]), st.sampled_from(list(Weekday))),
    st.sampled_from([RRule("FREQ=DAILY;INTERVAL=2"), RRule("FREQ=WEEKLY;BYDAY=MO,TH"), RRule("FREQ=DAILY")]),
)
calendars = st.builds(
    Calendar,
    country=st.sampled_from(["", "DE", "US", "SA"]),
    closures=st.sets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=5).map(frozenset),
)
shifts = st.sampled_from(list(Shift))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    zone, start_on = draw(
        st.one_of(
            st.sampled_from(STRANGE), st.tuples(st.sampled_from(ZONES), st.dates(date(2000, 1, 1), date(2040, 1, 1)))
        )
    )
    return Rule(
        recurrence=draw(recurrences),
        at=draw(minutes),
        start_on=start_on,
        zone=zone,
        zone_mode=draw(st.sampled_from(list(ZoneMode))),
        band_minutes=draw(st.sampled_from([0, 30, 240])),
        seed=draw(st.text(max_size=3)),
        working_days=draw(weekdays),
        hours=draw(hours),
        quiet=draw(st.none() | hours),
        calendar=draw(calendars),
        on_day_off=draw(shifts),
        on_holiday=draw(shifts),
        on_closure=draw(shifts),
        window_hours=draw(st.integers(1, 100)),
    )


@st.composite
def rules_and_people(draw: st.DrawFn) -> tuple[Rule, PersonTime]:
    rule = draw(rules())
    person = PersonTime(
        person="U1",
        zone=draw(st.just(rule.zone) | st.sampled_from(ZONES)),
        hours=draw(st.none() | hours),
        quiet=draw(st.none() | hours),
        working_days=draw(st.none() | weekdays),
        preferred_at=draw(st.none() | minutes),
    )
    return rule, person


def first_openings(rule: Rule, count: int = 6) -> list[Opening]:
    return list(islice(openings(rule, rule.start_on, date.max), count))


def is_open(rule: Rule, person: PersonTime, at: datetime) -> bool:
    """Whether one minute is inside the person's working band: said again, on the wall clock alone."""
    local = at.astimezone(ZoneInfo(person.zone))
    span, quiet = person.hours or rule.hours, person.quiet or rule.quiet
    if quiet is not None and _within(quiet, local.time()):
        return False
    if not _within(span, local.time()):
        return False
    began_yesterday = span.end <= span.start and local.time() < span.start
    on = local.date() - _DAY if began_yesterday else local.date()
    if on in rule.calendar.closures:
        return False
    return on.weekday() in (rule.working_days if person.working_days is None else person.working_days)


def _within(span: Hours, at: time) -> bool:
    if span.start < span.end:
        return span.start <= at < span.end
    return at >= span.start or at < span.end


def minutes_between(start: datetime, end: datetime) -> list[datetime]:
    whole = start.astimezone(UTC)
    return [whole + n * _MINUTE for n in range(int((end - whole) / _MINUTE))]


@LAWS
@given(rules())
def test_every_period_has_one_opening_and_no_two_share_a_day(rule: Rule) -> None:
    found = first_openings(rule, 12)
    assert len({opening.period for opening in found}) == len(found)
    held = [opening for opening in found if opening.skipped is None]
    assert all(was.on < now.on for was, now in pairwise(held))
    assert all(opening.on >= rule.start_on for opening in found)


@LAWS
@given(rules(), st.integers(0, 40), st.integers(0, 40))
def test_the_openings_of_a_range_do_not_depend_on_where_one_begins_to_look(rule: Rule, skip: int, length: int) -> None:
    from_on = rule.start_on + skip * _DAY
    to_on = from_on + length * _DAY
    whole = openings(rule, rule.start_on, to_on)
    assert list(openings(rule, from_on, to_on)) == [o for o in whole if o.period >= from_on.isoformat()]


@LAWS
@given(rules_and_people())
def test_an_ask_lies_in_its_round_and_in_the_working_band(drawn: tuple[Rule, PersonTime]) -> None:
    rule, person = drawn
    for opening in first_openings(rule, 4):
        due = due_at(rule, opening, person)
        event(type(due).__name__)
        if isinstance(due, DueAt):
            assert window_in(rule, opening, person.zone).holds(due.utc)
            assert round_window(rule, opening, [person.zone]).holds(due.utc)
            assert is_open(rule, person, due.utc)
            assert due.local == due.utc


@LAWS
@given(rules_and_people())
def test_nobody_is_left_out_while_the_first_day_or_the_rest_of_the_window_has_an_open_minute(
    drawn: tuple[Rule, PersonTime],
) -> None:
    rule, person = drawn
    assume(not rule.calendar.country)
    for opening in first_openings(rule, 3):
        due = due_at(rule, opening, person)
        window = window_in(rule, opening, person.zone)
        if isinstance(due, NotAsked) and due.reason in {Reason.NO_OPEN_HOUR, Reason.OWN_HOURS, Reason.DAY_OFF}:
            if opening.skipped or Shift.SKIP in {rule.on_day_off, rule.on_closure}:
                continue
            late = window.opens_at + rule.band_minutes * _MINUTE
            assert not any(is_open(rule, person, at) for at in minutes_between(late, window.closes_at)[::7])


@LAWS
@given(rules_and_people())
def test_an_ask_stays_on_its_day_unless_that_day_has_no_open_minute(drawn: tuple[Rule, PersonTime]) -> None:
    rule, person = drawn
    assume(person.preferred_at is None and rule.band_minutes == 0)
    for opening in first_openings(rule, 3):
        due = due_at(rule, opening, person)
        window = window_in(rule, opening, person.zone)
        if isinstance(due, NotAsked):
            continue
        zone = ZoneInfo(person.zone)
        first_on = window.opens_at.astimezone(zone).date()
        if due.local.date() > first_on:
            day = [
                at
                for at in minutes_between(window.opens_at, window.closes_at)[:1500]
                if at.astimezone(zone).date() == first_on
            ]
            assert not any(is_open(rule, person, at) for at in day)


@LAWS
@given(rules_and_people())
def test_the_asks_of_one_person_keep_the_order_of_the_periods(drawn: tuple[Rule, PersonTime]) -> None:
    rule, person = drawn
    dues = [due_at(rule, opening, person) for opening in first_openings(rule, 10)]
    times = [due.utc for due in dues if isinstance(due, DueAt)]
    assert all(was < now for was, now in pairwise(times))


@LAWS
@given(rules_and_people())
def test_reminders_come_after_the_ask_before_the_end_and_never_twice_at_an_hour(drawn: tuple[Rule, PersonTime]) -> None:
    rule, person = drawn
    for opening in first_openings(rule, 3):
        due = due_at(rule, opening, person)
        if isinstance(due, NotAsked):
            continue
        window = window_in(rule, opening, person.zone)
        found = reminder_times(rule, due, person, window.closes_at)
        assert len(found) <= 2
        instants = [due.utc, *found]
        assert all(was < now for was, now in pairwise([*instants, window.closes_at]))
        shown = [at.astimezone(ZoneInfo(person.zone)).hour for at in instants]
        assert len(set(shown)) == len(shown)
        assert all(is_open(rule, person, at) for at in found)
