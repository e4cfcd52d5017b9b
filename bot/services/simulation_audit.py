"""What an outside auditor needs of a simulated year: everything that was answered, the truth, and every figure.

An auditor should need nothing of ours to check us: plain CSV, JSON and JSON lines, names instead of database ids.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.core.disclosure import Considered
from bot.core.estimation import dimension_effects, estimate_ties, reading
from bot.core.figures import Figure, FigureKey, FigureKind, Shown
from bot.core.instrument import DIMENSIONS, Bands
from bot.core.simulation import PlayedWave, Year

PROCESS_NAME = "process"
BETWEEN = Bands(3.5, 4.0)
WITHIN = Bands(4.1, 4.6)
ESTIMATED_FROM = frozenset(
    {FigureKind.DIMENSION, FigureKind.TIE_DIMENSION, FigureKind.TIE, FigureKind.POOLED_TIE, FigureKind.SPREAD}
)
CONFIDENCE = 1.96

Line = dict[str, Any]


def write_audit(year: Year, folder: Path) -> None:
    """Write ``answers.csv``, ``members.csv``, ``truth.json``, ``releases.jsonl`` into ``folder``, made if missing."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_csv(folder / "answers.csv", _answer_rows(year))
    _write_csv(folder / "members.csv", _member_rows(year))
    (folder / "truth.json").write_text(json.dumps(_truth(year), indent=1) + "\n", encoding="utf-8")
    with (folder / "releases.jsonl").open("w", encoding="utf-8") as file:
        for line in _releases(year):
            file.write(json.dumps(line) + "\n")


def _write_csv(path: Path, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def _answer_rows(year: Year) -> Iterator[Sequence[object]]:
    yield "answer_id", "person", "team", "round", "rater_group", "rated_group", "dimension", "score"
    waves = [(str(wave.wave), wave.answers) for wave in year.waves] + [("open", year.open_answers)]
    for wave, answers in waves:
        for position, answer in enumerate(answers):
            seat = answer.seat
            yield (
                _answer_id(wave, position),
                _person(seat.person),
                _team(seat.team),
                answer.round_number,
                _group(seat.workgroup),
                _group(answer.rated),
                DIMENSIONS[answer.dimension].value,
                answer.score,
            )


def _member_rows(year: Year) -> Iterator[Sequence[object]]:
    yield "person", "team", "workgroup", "joined_round", "left_round"
    for seat in year.organisation.seats:
        left = "" if seat.left_round is None else seat.left_round
        yield _person(seat.person), _team(seat.team), _group(seat.workgroup), seat.joined_round, left


def _truth(year: Year) -> Line:
    """Ties: mean over the dimensions; dimensions: mean over the team's ties between groups."""
    expected = year.organisation.expected()
    groups = range(year.organisation.workgroups)
    between = [(a, b) for a in groups for b in groups if a != b]
    cells = [(t, a, b) for t in range(year.organisation.teams) for a in groups for b in groups]
    return {
        "k": {_team(team): year.design.min_respondents for team in range(year.organisation.teams)},
        "ties": [
            {"team": _team(t), "rater_group": _group(a), "rated_group": _group(b), "expected": _mean(expected[t, a, b])}
            for t, a, b in cells
        ],
        "dimensions": [
            {
                "team": _team(team),
                "dimension": dimension.value,
                "expected": _mean([expected[team, a, b, position] for a, b in between]),
            }
            for team in range(year.organisation.teams)
            for position, dimension in enumerate(DIMENSIONS)
            if between
        ],
    }


def _mean(values: Iterable[float]) -> float:
    found = [float(value) for value in values]
    return round(sum(found) / len(found), 6)


def _releases(year: Year) -> Iterator[Line]:
    """One line per figure and wave: first what left the gate, then what is computed from it."""
    before: list[Figure] = []
    ids_before: list[str] = []
    for wave in year.waves:
        ids: dict[FigureKey, str] = {}
        for number, considered in enumerate(wave.considered):
            ids[considered.figure.key] = f"w{wave.wave}-f{number}"
            yield _released(wave, ids[considered.figure.key], considered)
        shown = [one.figure for one in wave.considered if isinstance(one.figure.cell, Shown)]
        yield from _tie_estimates(wave, shown, ids)
        yield from _index_estimates(wave, shown, ids, before, ids_before)
        dimensions = [figure for figure in shown if figure.key.kind is FigureKind.DIMENSION]
        before += dimensions
        ids_before += [ids[figure.key] for figure in dimensions]


def _released(wave: PlayedWave, release_id: str, considered: Considered) -> Line:
    key, cell = considered.figure.key, considered.figure.cell
    line = _line(wave, release_id, key.kind.value, key)
    if isinstance(cell, Shown):
        low, high = cell.respondents
        line |= {
            "value_shown": cell.value,
            "band_shown": None if key.kind is FigureKind.SPREAD else _bands(key).of(cell.value).value,
            "n_shown": f"{low}+" if high is None else f"{low}-{high}",
            "answer_ids": [_answer_id(str(wave.wave), wave.sealed[row]) for row in considered.rows.tolist()],
        }
    return line


def _tie_estimates(wave: PlayedWave, shown: Sequence[Figure], ids: Mapping[FigureKey, str]) -> Iterator[Line]:
    sources = [ids[figure.key] for figure in shown if figure.key.kind in ESTIMATED_FROM]
    for number, (key, estimate) in enumerate(estimate_ties(shown).items()):
        line = _line(wave, f"w{wave.wave}-e{number}", "estimate", key)
        yield line | {
            "value_shown": round(estimate.value, 2),
            "low": round(estimate.low, 2),
            "high": round(estimate.high, 2),
            "band_shown": _bands(key).of(estimate.value).value,
            "derived_from": sources,
        }


def _index_estimates(
    wave: PlayedWave,
    shown: Sequence[Figure],
    ids: Mapping[FigureKey, str],
    before: Sequence[Figure],
    ids_before: Sequence[str],
) -> Iterator[Line]:
    """A round's index as if every dimension had been asked equally often, by dimension effects released before."""
    effects = dimension_effects(before)
    indices = [figure for figure in shown if figure.key.kind is FigureKind.INDEX]
    for number, figure in enumerate(indices):
        if not isinstance(figure.cell, Shown):
            continue
        adjusted = reading(figure.cell, effects)
        half = CONFIDENCE * adjusted.variance**0.5
        line = _line(wave, f"w{wave.wave}-i{number}", "estimate", figure.key)
        yield line | {
            "value_shown": round(adjusted.value, 2),
            "low": round(adjusted.value - half, 2),
            "high": round(adjusted.value + half, 2),
            "band_shown": BETWEEN.of(adjusted.value).value,
            "derived_from": [ids[figure.key], *ids_before],
        }


def _line(wave: PlayedWave, release_id: str, kind: str, key: FigureKey) -> Line:
    """A withheld figure: what it is about, and nothing else."""
    return {
        "release_id": release_id,
        "wave": wave.wave,
        "round_published": wave.rules.rounds[-1],
        "audience": "process" if key.team is None else _team(key.team),
        "figure": {
            "kind": kind,
            "process": PROCESS_NAME,
            "team": None if key.team is None else _team(key.team),
            "rater_group": None if key.rater is None else _group(key.rater),
            "rated_group": None if key.rated is None else _group(key.rated),
            "dimension": None if key.dimension is None else key.dimension.value,
            "round": key.round,
        },
        "value_shown": None,
        "low": None,
        "high": None,
        "band_shown": None,
        "n_shown": None,
        "answer_ids": [],
        "derived_from": [],
    }


def _bands(key: FigureKey) -> Bands:
    return WITHIN if key.rater is not None and key.rater == key.rated else BETWEEN


def _answer_id(wave: str, position: int) -> str:
    return f"w{wave}-a{position}"


def _person(person: int) -> str:
    return f"person-{person}"


def _team(team: int) -> str:
    return f"team-{team + 1}"


def _group(workgroup: int) -> str:
    return f"group-{workgroup + 1}"
