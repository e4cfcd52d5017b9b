from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from bot.content import Content
from bot.core.errors import BadInput
from bot.core.figures import Figure, FigureKey, FigureKind, Shown, Withheld
from bot.core.instrument import Dimension
from bot.services.exports import COLUMNS, Names, file, neutral, sheet_words, to_csv, to_json, to_xlsx

NAMES = Names(
    teams={1: "Ward 12"},
    workgroups={11: "Nurses", 12: '=HYPERLINK("http://evil")'},
    waves={5: date(2026, 3, 30), 4: date(2026, 3, 2)},
    rounds={50: "2026-03-23"},
    sheets=("Read me", "Figures"),
    readme=("First line.", "=second line"),
)


def key(kind: FigureKind, **parts: object) -> FigureKey:
    return replace(FigureKey(kind, 3, 5, 1), **parts)  # type: ignore[arg-type] # a test's shorthand


FIGURES = [
    Figure(key(FigureKind.TIE, rater=11, rated=12), Shown(4.7, (5, 7), {Dimension.TIMELY: 6})),
    Figure(key(FigureKind.TIE, rater=12, rated=11), Withheld()),
    Figure(key(FigureKind.INDEX, round=50), Shown(3.6, (12, None), {Dimension.TIMELY: 13})),
    Figure(key(FigureKind.DIMENSION, dimension=Dimension.TIMELY), Shown(1.3, (8, 9), {Dimension.TIMELY: 9})),
    Figure(key(FigureKind.SPREAD), Shown(0.65, (12, None), {})),
    Figure(key(FigureKind.INDEX, wave=4, round=40), Shown(3.5, (12, None), {})),
]


def read_csv(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def figures_sheet(data: bytes) -> Worksheet:
    sheet = load_workbook(io.BytesIO(data)).worksheets[1]
    assert isinstance(sheet, Worksheet)
    return sheet


def test_csv_has_a_row_for_every_figure_oldest_wave_first() -> None:
    rows = read_csv(to_csv(FIGURES, NAMES))
    assert [row["figure"] for row in rows] == ["index", "index", "dimension", "tie", "tie", "spread"]
    assert [row["released_on"] for row in rows][:2] == ["2026-03-02", "2026-03-30"]
    assert rows[1]["value"] == "3.6"
    assert (rows[1]["respondents_low"], rows[1]["respondents_high"]) == ("12", "")


def test_values_at_the_ends_of_the_scale_say_that_they_are_bounds() -> None:
    bounds = {row["figure"]: row["bound"] for row in read_csv(to_csv(FIGURES[:1] + FIGURES[2:], NAMES))}
    assert bounds == {"index": "", "dimension": "at_most", "tie": "at_least", "spread": ""}


def test_a_withheld_figure_is_an_empty_cell_in_every_format() -> None:
    withheld = [FIGURES[1]]
    (row,) = read_csv(to_csv(withheld, NAMES))
    assert (row["value"], row["respondents_low"], row["respondents_high"]) == ("", "", "")
    (record,) = json.loads(to_json(withheld, NAMES))["figures"]
    assert (record["value"], record["respondents_low"], record["bound"]) == (None, None, None)
    sheet = figures_sheet(to_xlsx(withheld, NAMES))
    assert sheet.cell(2, COLUMNS.index("value") + 1).value is None


def test_counts_behind_a_figure_are_in_no_file() -> None:
    for fmt in ("csv", "json"):
        _, data = file(fmt, [replace(FIGURES[0], cell=Shown(4.0, (5, 7), {Dimension.TIMELY: 424242}))], NAMES)
        assert b"424242" not in data


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@cmd", "\t=1", "\r=1", " =1", "＝1+1"])
def test_no_name_is_a_formula(name: str) -> None:
    names = replace(NAMES, teams={1: name})
    (row,) = read_csv(to_csv(FIGURES[:1], names))
    assert row["team"].startswith("'")
    sheet = figures_sheet(to_xlsx(FIGURES[:1], names))
    assert sheet.cell(2, COLUMNS.index("team") + 1).data_type == "s"


def test_ordinary_names_stay_as_they_are() -> None:
    assert neutral("Labour & delivery - midwives") == "Labour & delivery - midwives"


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=30))
def test_whatever_a_team_is_called_no_cell_of_a_workbook_becomes_a_formula(name: str) -> None:
    sheet = figures_sheet(to_xlsx(FIGURES[:1], replace(NAMES, teams={1: name})))
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_a_workbook_has_a_read_me_a_fixed_header_and_filters() -> None:
    book = load_workbook(io.BytesIO(to_xlsx(FIGURES, NAMES)))
    assert book.sheetnames == ["Read me", "Figures"]
    readme, figures = book.worksheets
    assert isinstance(readme, Worksheet)
    assert isinstance(figures, Worksheet)
    assert [cell.value for cell in readme["A"]] == ["First line.", "=second line"]
    assert all(cell.data_type == "s" for cell in readme["A"])
    assert figures.freeze_panes == "A2"
    assert figures.auto_filter.ref == f"A1:M{len(FIGURES) + 1}"
    assert [cell.value for cell in figures[1]] == list(COLUMNS)
    value = figures.cell(3, COLUMNS.index("value") + 1)
    assert (value.value, value.number_format) == (3.6, "0.0#")
    assert isinstance(figures.cell(2, 2).value, datetime)


def test_the_three_formats_hold_the_same_figures() -> None:
    records = json.loads(to_json(FIGURES, NAMES))["figures"]
    rows = read_csv(to_csv(FIGURES, NAMES))
    cells = figures_sheet(to_xlsx(FIGURES, NAMES))
    at = COLUMNS.index("value")
    from_sheet = [row[at] for row in cells.iter_rows(min_row=2, values_only=True)]
    assert [record["value"] for record in records] == from_sheet
    assert ["" if record["value"] is None else str(record["value"]) for record in records] == [
        row["value"] for row in rows
    ]


def test_the_same_figures_give_the_same_text_in_whatever_order_they_come() -> None:
    assert to_csv(FIGURES, NAMES) == to_csv(FIGURES[::-1], NAMES)
    assert to_json(FIGURES, NAMES) == to_json(FIGURES[::-1], NAMES)


def test_a_format_is_chosen_by_name_and_an_unknown_one_is_refused() -> None:
    assert file("json", FIGURES, NAMES) == ("rc-pulse-figures.json", to_json(FIGURES, NAMES))
    with pytest.raises(BadInput, match="csv, xlsx, json"):
        file("pdf", FIGURES, NAMES)


def test_the_read_me_comes_from_the_prompts() -> None:
    content = Content.load(Path(__file__).parents[2] / "prompts")
    (readme, figures), lines = sheet_words(content)
    assert (readme, figures) == ("Read me", "Figures")
    assert len(lines) == 8
