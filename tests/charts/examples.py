"""Pictures of invented teams for the tests of what is drawn and said about it."""

from __future__ import annotations

import random

from bot.core.figures import Cell, Shown, Withheld
from bot.core.instrument import Bands
from bot.core.pictures import (
    EventMark,
    HeatMap,
    HistoryChart,
    Interval,
    IntervalChart,
    IntervalRow,
    Line,
    LineChart,
    NetworkMap,
    PictureWords,
    Point,
    TieMatrix,
)

WORDS = PictureWords(
    withheld="not shown",
    all_others="All others: not shown.",
    within="within the group",
    weaker="weaker",
    stronger="stronger",
    rater_axis="these say …",
    rated_axis="… about these",
    corner="says ↓, about →",
    how_to_read="The half of a line beside a group is what that group says about the other.",
    median="Median",
    score_axis="Score from 1 to 5",
    period="Period",
    events="What happened",
    at_most="{value} or less",
    at_least="{value} or more",
    tie="{rater} about {rated}: {value}.",
    within_tie="{group} about themselves: {value}.",
    interval="{value} (between {low} and {high})",
    event="{label}, {when}.",
    key="{number} {name}",
)

SMALL_TEAM = ("Nurses", "Doctors", "Pharmacy", "Transport")
LONG_NAMES = (
    "Physiotherapists and occupational therapists",
    "Bed management and patient flow office",
    "Nurses",
    "Hospital pharmacy $5 night_service",
    "Reinigungs- und Bettenaufbereitungsdienst",
    "IT",
    "Labour & delivery: midwives",
)


def shown(value: float) -> Cell:
    return Shown(value=value, respondents=(5, 7), counts={})


def matrix(names: tuple[str, ...], *, seed: int = 1, withheld: float = 0.2) -> TieMatrix:
    """Invented cells; ``withheld`` is the share of cells that are not shown."""
    chance = random.Random(seed)

    def cell() -> Cell:
        return Withheld() if chance.random() < withheld else shown(round(chance.uniform(1.8, 4.7), 1))

    return TieMatrix(names, tuple(tuple(cell() for _ in names) for _ in names))


def many(size: int) -> tuple[str, ...]:
    return tuple(f"Workgroup {'of the long ward ' if at % 3 == 0 else ''}{at + 1}" for at in range(size))


def heat_map(names: tuple[str, ...] = SMALL_TEAM) -> HeatMap:
    return HeatMap("Discharge of patients: who says what about working with whom", matrix(names), WORDS)


def network_map(names: tuple[str, ...] = SMALL_TEAM) -> NetworkMap:
    return NetworkMap("Discharge of patients: ties", matrix(names), WORDS)


def history() -> HistoryChart:
    values = (3.4, 3.5, 3.3, 3.6, None, 3.5, 3.7, 3.9, 3.8, 4.0, 3.9, 4.1)
    points = tuple(
        Point(f"{3 + at // 4} / {1 + at % 4}", Withheld() if value is None else shown(value))
        for at, value in enumerate(values)
    )
    events = (EventMark(5, "Call at 2 p.m. before the hand-over"), EventMark(8, "Bed huddle moved to the ward"))
    return HistoryChart("Index, round by round", points, 3.7, events, WORDS)


def intervals() -> IntervalChart:
    rows = (
        IntervalRow("Frequent communication", Interval(3.4, 2.9, 3.9)),
        IntervalRow("Timely communication", Interval(2.8, 2.2, 3.4)),
        IntervalRow("Accurate communication", None),
        IntervalRow("Problem-solving communication that looks for solutions", Interval(4.2, 3.8, 4.6)),
        IntervalRow("Mutual respect", Interval(4.5, 4.1, 4.9)),
    )
    return IntervalChart("How sure we are, dimension by dimension", rows, WORDS, Bands(3.5, 4.0))


def changes() -> IntervalChart:
    rows = (
        IntervalRow("Timely communication", Interval(-0.3, -0.8, 0.2)),
        IntervalRow("Accurate communication", Interval(0.6, 0.1, 1.1)),
        IntervalRow("Mutual respect", None),
    )
    return IntervalChart("What changed since the last map", rows, WORDS, differences=True)


def lines() -> LineChart:
    return LineChart(
        "Index, communication and relationship",
        ("Feb", "Mar", "Apr", "May", "Jun"),
        (
            Line("Index", (shown(3.4), shown(3.5), Withheld(), shown(3.7), shown(3.8))),
            Line("Communication", (shown(3.2), shown(3.3), Withheld(), shown(3.6), shown(3.7))),
            Line("Relationship", (shown(3.7), shown(3.8), shown(3.8), shown(3.8), shown(3.9))),
        ),
        WORDS,
    )
