from __future__ import annotations

from dataclasses import replace

from bot.core.figures import Shown, Withheld
from bot.core.picture_texts import describe, tables
from bot.core.pictures import HeatMap, Interval, IntervalChart, IntervalRow, TieMatrix
from tests.charts import examples
from tests.charts.examples import WORDS, shown


def test_every_shown_tie_is_a_sentence_and_the_rest_is_one() -> None:
    ties = TieMatrix(("Nurses", "Doctors"), ((shown(4.2), shown(3.1)), (Withheld(), Withheld())))
    assert describe(HeatMap("Ties", ties, WORDS)).splitlines() == [
        "Ties",
        "1 Nurses · 2 Doctors",
        "Nurses about themselves: 4.2.",
        "Nurses about Doctors: 3.1.",
        "All others: not shown.",
    ]


def test_the_twin_of_a_map_says_every_number_on_it() -> None:
    picture = examples.network_map(examples.LONG_NAMES)
    said = describe(picture)
    for row in picture.ties.cells:
        for cell in row:
            if isinstance(cell, Shown):
                assert WORDS.value(cell) in said


def test_clamped_values_say_or_more_and_or_less() -> None:
    assert WORDS.value(shown(4.7)) == "4.7 or more"
    assert WORDS.value(shown(1.3)) == "1.3 or less"
    assert WORDS.value(shown(4.6)) == "4.6"


def test_a_decimal_comma_is_a_matter_of_words() -> None:
    assert replace(WORDS, decimal_sign=",").value(shown(3.4)) == "3,4"


def test_a_matrix_wider_than_a_table_block_becomes_two_tables() -> None:
    parts = tables(examples.heat_map(examples.many(20)))
    assert [len(part.header) for part in parts] == [20, 2]
    assert all(len(row) == len(part.header) for part in parts for row in part.rows)
    assert all(len(part.rows) == 20 for part in parts)


def test_the_table_of_a_history_carries_its_events() -> None:
    (table,) = tables(examples.history())
    assert table.header == ("Period", "Score from 1 to 5", "What happened")
    assert table.rows[4] == ("4 / 1", "not shown", "")
    assert table.rows[5] == ("4 / 2", "3.5", "Call at 2 p.m. before the hand-over")


def test_a_history_in_sentences_names_withheld_periods_median_and_events() -> None:
    said = describe(examples.history()).splitlines()
    assert "4 / 1: not shown" in said
    assert "Median: 3.7" in said
    assert said[-1] == "Bed huddle moved to the ward, 5 / 1."


def test_intervals_are_said_with_both_ends() -> None:
    said = describe(examples.intervals())
    assert "Timely communication: 2.8 (between 2.2 and 3.4)" in said
    assert "Accurate communication: not shown" in said


def test_differences_carry_their_sign() -> None:
    rows = (IntervalRow("Timely", Interval(-0.3, -0.8, 0.2)),)
    (table,) = tables(IntervalChart("Change", rows, WORDS, differences=True))
    assert table.rows == (("Timely", "−0.3 (between −0.8 and +0.2)"),)


def test_the_lines_of_a_chart_are_columns_and_sentences() -> None:
    picture = examples.lines()
    (table,) = tables(picture)
    assert table.header == ("Period", "Index", "Communication", "Relationship")
    assert table.rows[2] == ("Apr", "not shown", "not shown", "3.8")
    assert "Index: Feb 3.4, Mar 3.5, Apr not shown, May 3.7, Jun 3.8" in describe(picture)
