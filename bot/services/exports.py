"""Released figures as files: CSV, XLSX and JSON. What is withheld is an empty cell, exactly as in every report.

A name may begin with a sign that a spreadsheet takes for a formula: in CSV it gets an apostrophe, in XLSX it is
marked as text. Respondents are the released bands; counts behind a figure stay out, since no report shows them.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.content import ORIGINAL, Content
from bot.core.errors import BadInput
from bot.core.figures import Figure, FigureKey, FigureKind, Shown
from bot.core.instrument import DIMENSIONS
from bot.core.pictures import HIGHEST_SHOWN, LOWEST_SHOWN

COLUMNS = (
    "figure", "released_on", "team", "round", "rater", "rated", "dimension", "measure", "change", "value", "bound",
    "respondents_low", "respondents_high",
)  # fmt: skip
"""Stable names: programs read them too. ``value`` of a spread is a standard deviation, of all else a score 1 to 5."""
WIDTHS = {"team": 28, "rater": 28, "rated": 28, "dimension": 20, "figure": 18, "round": 14, "measure": 24}
README_LINES = 8
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
KIND_ORDER = tuple(FigureKind)

Value = str | float | int | date | None
Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """Names in place of ids. ``rounds``: the period of each. ``sheets``: titles of the two sheets of a workbook."""

    teams: Mapping[int, str]
    workgroups: Mapping[int, str]
    waves: Mapping[int, date]
    rounds: Mapping[int, str]
    changes: Mapping[int, str] | None = None
    sheets: tuple[str, str] = ("readme", "figures")
    readme: tuple[str, ...] = ()


def sheet_words(content: Content, language: str = ORIGINAL) -> tuple[tuple[str, str], tuple[str, ...]]:
    """``Names.sheets`` and ``Names.readme`` in a language."""
    titles = (content.words("export.sheet.readme", language), content.words("export.sheet.figures", language))
    return titles, tuple(content.words(f"export.readme.{line}", language) for line in range(1, README_LINES + 1))


def file(fmt: str, figures: Sequence[Figure], names: Names) -> tuple[str, bytes]:
    """Name and bytes of the file in the format ``csv``, ``xlsx`` or ``json``. Raises BadInput for any other."""
    writers = {"csv": to_csv, "xlsx": to_xlsx, "json": to_json}
    if fmt not in writers:
        raise BadInput(", ".join(writers), field="format")
    return f"rc-pulse-figures.{fmt}", writers[fmt](figures, names)


def to_csv(figures: Sequence[Figure], names: Names) -> bytes:
    """UTF-8 with a byte order mark, so that spreadsheets read accents; comma, point, dates as YYYY-MM-DD."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(COLUMNS)
    for row in _rows(figures, names):
        writer.writerow([neutral(value) if isinstance(value, str) else value for value in row])
    return target.getvalue().encode("utf-8-sig")


def to_json(figures: Sequence[Figure], names: Names) -> bytes:
    """One object per figure with the columns as keys; null where there is nothing."""
    records = [
        {column: value.isoformat() if isinstance(value, date) else value for column, value in _named(row)}
        for row in _rows(figures, names)
    ]
    return json.dumps({"version": 1, "figures": records}, ensure_ascii=False, indent=1).encode()


def to_xlsx(figures: Sequence[Figure], names: Names) -> bytes:
    """A workbook of two sheets: what the figures mean, and the figures with filters and a fixed header."""
    from bot.services import workbooks  # openpyxl is slow to import, and most processes never write a workbook

    return workbooks.write(names.sheets, names.readme, COLUMNS, list(_rows(figures, names)), WIDTHS)


def neutral(text: str) -> str:
    """``text`` such that no spreadsheet takes it for a formula, however it is padded."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) or text.lstrip().startswith(FORMULA_SIGNS) else text


def _rows(figures: Iterable[Figure], names: Names) -> Iterable[Row]:
    """By wave, then in the gate's own order of kinds; never by value."""
    return (_row(figure, names) for figure in sorted(figures, key=lambda figure: _place(figure.key, names)))


def _place(key: FigureKey, names: Names) -> tuple[date, int, int, int, int, int, int, str, int]:
    dimension = DIMENSIONS.index(key.dimension) if key.dimension else -1
    parts = (key.team or 0, key.round or 0, key.rater or 0, key.rated or 0, dimension)
    return (names.waves[key.wave], KIND_ORDER.index(key.kind), *parts, key.construct or "", key.change or 0)


def _row(figure: Figure, names: Names) -> Row:
    key, cell = figure.key, figure.cell
    measured: Row = (None, None, None, None)
    if isinstance(cell, Shown):
        measured = (cell.value, _bound(key.kind, cell.value), *cell.respondents)
    return (
        key.kind.value,
        names.waves[key.wave],
        _name(names.teams, key.team),
        _name(names.rounds, key.round),
        _name(names.workgroups, key.rater),
        _name(names.workgroups, key.rated),
        key.dimension.value if key.dimension else None,
        key.construct,
        _name(names.changes or {}, key.change),
        *measured,
    )


def _name(names: Mapping[int, str], wanted: int | None) -> str | None:
    """The name without control characters, which no workbook takes; an id that has lost its name stays a number."""
    if wanted is None:
        return None
    name = names.get(wanted, str(wanted))
    return "".join(letter for letter in name if letter.isprintable())


def _bound(kind: FigureKind, value: float) -> str | None:
    if kind is FigureKind.SPREAD:
        return None
    if value >= HIGHEST_SHOWN - 1e-9:
        return "at_least"
    return "at_most" if value <= LOWEST_SHOWN + 1e-9 else None


def _named(row: Row) -> Iterable[tuple[str, Value]]:
    return zip(COLUMNS, row, strict=True)
