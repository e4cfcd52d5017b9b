"""Reading ``ANSWERS.csv``: existing survey data, one answer a row, every fault with its line and column.

Columns ``team, round, respondent, rater_group, rated_group, dimension`` and either ``score`` (1 to 5) or ``option``
(the display position from 1, scored by the instrument: the options of frequency score 1, 3, 5, 4, 2). Other columns
are ignored. A blank score or option is *not answered*. Respondents are the same person wherever their id is the same.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.core.errors import BadFile
from bot.core.instrument import DIMENSIONS, Dimension, Instrument, Item

NAMES = ("team", "round", "respondent", "rater_group", "rated_group", "dimension")
VALUES = ("score", "option")
LOWEST, HIGHEST = 1.0, 5.0


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One row of the file. ``score`` is None where the question was not answered."""

    line: int
    team: str
    round: str
    respondent: str
    rater_group: str
    rated_group: str
    dimension: Dimension
    score: float | None


def read_answers(path: Path, instrument: Instrument) -> list[AnswerRow]:
    """All rows of the file. Raises BadFile at the first fault, also where there is no such file."""
    try:
        content = path.read_bytes()
    except OSError:
        raise BadFile(f"there is no readable file {path.name}", line=1) from None
    reader = csv.DictReader(io.StringIO(_text(content), newline=""), strict=True)
    rows = list(_rows(reader, {item.dimension: item for item in instrument.tie_items if item.dimension}))
    if not rows:
        raise BadFile("expected at least one answer below the header", line=2)
    _refuse_repeats(rows)
    return rows


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile("expected text in UTF-8", line=content.count(b"\n", 0, error.start) + 1) from None


def _rows(reader: csv.DictReader[str], items: Mapping[Dimension, Item]) -> Iterator[AnswerRow]:
    try:
        column = _value_column(reader.fieldnames or ())
        for row in reader:
            yield _row(reader.line_num, row, column, items)
    except csv.Error as error:
        # The reader counts a line once it is whole; a broken one is the next.
        raise BadFile(f"expected comma-separated values ({error})", line=reader.line_num + 1) from None


def _value_column(names: Sequence[str]) -> str:
    """Which of ``VALUES`` the file has; every column must be there, and once."""
    for name in NAMES:
        if names.count(name) != 1:
            raise BadFile(
                f"expected the columns {', '.join(NAMES)} and score or option, each once", line=1, column=name
            )
    found = [name for name in names if name in VALUES]
    if len(found) != 1:
        raise BadFile("expected one column named score or option", line=1, column=" or ".join(VALUES))
    return found[0]


def _row(line: int, row: Mapping[str, str | None], column: str, items: Mapping[Dimension, Item]) -> AnswerRow:
    if None in list(row) + list(row.values()):  # csv's marks for a field too many, and for one too few
        raise BadFile("expected as many fields as the header has", line=line)
    fields = {name: str(row[name]).strip() for name in (*NAMES, column)}
    for name in NAMES:
        if not fields[name]:
            raise BadFile("expected a value, only score and option may be blank", line=line, column=name)
    if fields["dimension"] not in set(DIMENSIONS):
        raise BadFile(f"expected one of {', '.join(DIMENSIONS)}", line=line, column="dimension")
    dimension = Dimension(fields["dimension"])
    value = fields[column]
    if not value:
        score = None
    else:
        score = _score(value, line) if column == "score" else _option(value, line, items.get(dimension))
    return AnswerRow(
        line=line,
        team=fields["team"],
        round=fields["round"],
        respondent=fields["respondent"],
        rater_group=fields["rater_group"],
        rated_group=fields["rated_group"],
        dimension=dimension,
        score=score,
    )


def _score(value: str, line: int) -> float:
    try:
        score = float(value)
    except ValueError:
        score = float("nan")
    if not LOWEST <= score <= HIGHEST:
        raise BadFile("expected a score from 1 to 5, or nothing", line=line, column="score")
    return score


def _option(value: str, line: int, item: Item | None) -> float:
    if item is None:
        raise BadFile("expected a dimension that the instrument asks about", line=line, column="dimension")
    if not value.isdecimal() or not 1 <= int(value) <= len(item.options):
        raise BadFile(f"expected a position from 1 to {len(item.options)}, or nothing", line=line, column="option")
    return float(item.score_of(int(value)))


def _refuse_repeats(rows: list[AnswerRow]) -> None:
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = (row.respondent, row.round, row.rater_group, row.rated_group, row.dimension)
        first = seen.setdefault(key, row.line)
        if first != row.line:
            expected = f"expected one answer per respondent, round, groups and dimension; line {first} has this one"
            raise BadFile(expected, line=row.line, column="respondent")
