"""``rc-pulse analyze``: every number against a second, naive computation, and every bad file with line and column."""

from __future__ import annotations

import itertools
import json
import random
from collections import defaultdict
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np
import pytest

from bot.core.errors import BadFile
from bot.core.instrument import DIMENSIONS, Bands, Dimension, Instrument, Item, Option, Target
from bot.core.reliability import cronbach_alpha, icc1, icc2, rwg_j
from bot.services.analysis import analyse

HEADER = "team,round,respondent,rater_group,rated_group,dimension,score"
GROUPS = {"nurse": 9, "doctor": 6, "clerk": 5}
FREQUENCY = (1, 3, 5, 4, 2)


def _item(dimension: Dimension) -> Item:
    scores = FREQUENCY if dimension is Dimension.FREQUENT else (1, 2, 3, 4, 5)
    return Item(dimension, Target.TIE, "…", tuple(Option(str(score), score) for score in scores), dimension)


INSTRUMENT = Instrument(
    id="small",
    version="1",
    language="en",
    provenance="tests",
    licence="Apache-2.0",
    items=tuple(_item(dimension) for dimension in DIMENSIONS),
    between=Bands(3.5, 4.0),
    within=Bands(4.1, 4.6),
)
Row = tuple[str, str, str, str, str, str, str]


def _survey(seed: int, *, missing: float = 0.0, teams: tuple[str, ...] = ("north", "south")) -> list[Row]:
    rng = random.Random(seed)
    rows: list[Row] = []
    for team, (group, size) in itertools.product(teams, GROUPS.items()):
        for number, turn, rated in itertools.product(range(size), ("1", "2"), GROUPS):
            habit = rng.gauss(0, 0.6)
            for dimension in DIMENSIONS:
                score = round(min(5, max(1, rng.gauss(3.6, 0.8) + habit)))
                value = "" if rng.random() < missing else str(score)
                rows.append((team, turn, f"{team}-{group}-{number}", group, rated, dimension, value))
    return rows


def _write(path: Path, rows: list[Row], header: str = HEADER) -> Path:
    file = path / "ANSWERS.csv"
    file.write_text("\n".join([header, *(",".join(row) for row in rows)]) + "\n", encoding="utf-8")
    return file


def _json(file: Path, min_respondents: int = 5) -> Any:
    return json.loads(analyse(file, INSTRUMENT, min_respondents=min_respondents).to_json())


def _between(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row[3] != row[4] and row[6]]


def _dimension_mean(rows: list[Row], dimension: str) -> float:
    people = defaultdict(list)
    for row in _between(rows):
        if row[5] == dimension:
            people[row[2]].append(int(row[6]))
    return fmean(fmean(own) for own in people.values())


def _wide(rows: list[Row]) -> dict[tuple[str, str, str], dict[str, int]]:
    wide: dict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
    for row in _between(rows):
        wide[row[2], row[1], row[4]][row[5]] = int(row[6])
    return wide


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_index_and_dimensions_are_those_of_the_definition(tmp_path: Path, missing: float) -> None:
    rows = _survey(1, missing=missing)
    found = _json(_write(tmp_path, rows))
    means = [_dimension_mean(rows, dimension) for dimension in DIMENSIONS]
    assert [found["dimensions"][d]["mean"] for d in DIMENSIONS] == pytest.approx(means)
    assert found["index"] == pytest.approx(fmean(means))
    assert found["communication"] == pytest.approx(fmean(means[:4]))
    assert found["relationship"] == pytest.approx(fmean(means[4:]))
    assert all(one["low"] < one["mean"] < one["high"] for one in found["dimensions"].values())
    assert all(
        one["n"] == len({row[2] for row in _between(rows) if row[5] == d}) for d, one in found["dimensions"].items()
    )


def test_complete_cases_and_alpha_are_over_rows_with_all_seven(tmp_path: Path) -> None:
    rows = _survey(2, missing=0.1)
    found = _json(_write(tmp_path, rows))
    table = np.array([[row[d] for d in DIMENSIONS] for row in _wide(rows).values() if len(row) == 7])
    assert found["index_complete_cases"] == pytest.approx(table.mean())
    assert found["reliability"]["n_complete"] == len(table)
    assert found["reliability"]["alpha"] == pytest.approx(cronbach_alpha(table))


def test_blocks_have_their_own_alpha(tmp_path: Path) -> None:
    rows = _survey(3)
    reliability = _json(_write(tmp_path, rows))["reliability"]
    table = np.array([[row[d] for d in DIMENSIONS] for row in _wide(rows).values()])
    assert reliability["alpha_communication"] == pytest.approx(cronbach_alpha(table[:, :4]))
    assert reliability["alpha_relationship"] == pytest.approx(cronbach_alpha(table[:, 4:]))


def test_intraclass_correlations_compare_the_teams_and_agreement_is_the_median_over_ties(tmp_path: Path) -> None:
    rows = _survey(4, missing=0.1)
    reliability = _json(_write(tmp_path, rows))["reliability"]
    people: dict[tuple[str, str], list[int]] = defaultdict(list)
    ties: dict[tuple[str, ...], dict[tuple[str, str], list[float]]] = defaultdict(
        lambda: defaultdict(lambda: [np.nan] * 7)
    )
    for row in _between(rows):
        people[row[0], row[2]].append(int(row[6]))
        ties[row[0], row[3], row[4]][row[2], row[1]][DIMENSIONS.index(Dimension(row[5]))] = int(row[6])
    means, teams = [fmean(own) for own in people.values()], [team for team, _ in people]
    assert (reliability["icc1"], reliability["icc2"]) == pytest.approx((icc1(means, teams), icc2(means, teams)))
    agreement = median(rwg_j(np.array(list(members.values())), 5) for members in ties.values())
    assert reliability["rwg_j"] == pytest.approx(agreement)


def test_one_team_has_no_intraclass_correlation(tmp_path: Path) -> None:
    reliability = _json(_write(tmp_path, _survey(5, teams=("north",))))["reliability"]
    assert (reliability["icc1"], reliability["icc2"]) == (None, None)
    assert reliability["alpha"] is not None


def test_a_tie_carries_its_team_direction_kind_plain_mean_and_band(tmp_path: Path) -> None:
    rows = _survey(6, missing=0.2)
    ties = {(t["team"], t["rater"], t["rated"]): t for t in _json(_write(tmp_path, rows))["ties"]}
    assert len(ties) == 18
    for (team, rater, rated), tie in ties.items():
        scores = [int(row[6]) for row in rows if (row[0], row[3], row[4]) == (team, rater, rated) and row[6]]
        assert tie["estimate"] == pytest.approx(fmean(scores))
        assert tie["kind"] == ("within" if rater == rated else "between")
        bands = INSTRUMENT.within if rater == rated else INSTRUMENT.between
        assert tie["band"] == bands.of(fmean(scores))
        assert tie["low"] < tie["estimate"] < tie["high"]
        assert (tie["respondents"], tie["shown"]) == (GROUPS[rater], True)


def test_below_k_a_tie_has_no_values(tmp_path: Path) -> None:
    ties = _json(_write(tmp_path, _survey(6)), min_respondents=6)["ties"]
    hidden = [tie for tie in ties if tie["rater"] == "clerk"]
    assert len(hidden) == 6
    assert all(tie["shown"] is False and tie["respondents"] == 5 for tie in hidden)
    assert all(tie[name] is None for tie in hidden for name in ("estimate", "low", "high", "band"))


def test_a_tie_that_nobody_answered_looks_like_one_below_k(tmp_path: Path) -> None:
    rows = [(*row[:6], "" if row[3:5] == ("nurse", "doctor") else row[6]) for row in _survey(6)]
    (tie, _) = [t for t in _json(_write(tmp_path, rows))["ties"] if (t["rater"], t["rated"]) == ("nurse", "doctor")]
    assert (tie["shown"], tie["estimate"], tie["respondents"]) == (False, None, 0)


def test_with_fewer_than_k_people_in_all_nothing_has_a_value(tmp_path: Path) -> None:
    found = _json(_write(tmp_path, _survey(6)), min_respondents=41)
    assert found["index"] is found["index_complete_cases"] is found["communication"] is found["relationship"] is None
    assert all(one["mean"] is None for one in found["dimensions"].values())
    assert all(value is None for name, value in found["reliability"].items() if name != "n_complete")


def test_the_document_has_exactly_the_promised_keys(tmp_path: Path) -> None:
    found = _json(_write(tmp_path, _survey(7)))
    assert list(found) == [
        "index",
        "index_complete_cases",
        "communication",
        "relationship",
        "dimensions",
        "ties",
        "asymmetries",
        "reliability",
        "teams",
    ]
    assert list(found["dimensions"]) == list(DIMENSIONS)
    assert [team["team"] for team in found["teams"]] == ["north", "south"]
    assert all(team["index"] is not None and team["respondents"] == 20 for team in found["teams"])


def test_a_lopsided_tie_is_named_with_the_side_that_is_invited_to_ask(tmp_path: Path) -> None:
    rows = _survey(8, teams=("north",))
    bent = [
        (*row[:6], "1" if row[3:5] == ("nurse", "doctor") else "5" if row[3:5] == ("doctor", "nurse") else row[6])
        for row in rows
    ]
    (found,) = [
        a for a in _json(_write(tmp_path, bent))["asymmetries"] if {a["lower"], a["higher"]} == {"nurse", "doctor"}
    ]
    assert (found["team"], found["lower"], found["higher"], found["difference"]) == ("north", "nurse", "doctor", -4)
    assert found["low"] < -4 < found["high"] < 0


def test_options_are_scored_by_the_instrument_and_frequency_is_not_monotone(tmp_path: Path) -> None:
    scored = _survey(9)
    tapped = [(*row[:6], str(FREQUENCY.index(int(row[6])) + 1) if row[5] == "frequent" else row[6]) for row in scored]
    (tmp_path / "options").mkdir()
    by_option = _json(_write(tmp_path / "options", tapped, HEADER.replace("score", "option")))
    assert by_option == _json(_write(tmp_path, scored))


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    rows = _survey(10, missing=0.2)
    first = _json(_write(tmp_path, rows))
    random.Random(1).shuffle(rows)
    second = _json(_write(tmp_path, rows))
    assert second["index"] == pytest.approx(first["index"])
    assert second["reliability"] == pytest.approx(first["reliability"])


def test_the_text_says_every_number_to_four_decimals_and_what_to_do(tmp_path: Path) -> None:
    analysis = analyse(_write(tmp_path, _survey(11)), INSTRUMENT)
    text = analysis.to_text()
    assert f"{analysis.survey.overall.index:.4f}" in text
    assert "north: nurse → doctor" in text
    assert "alpha, all seven" in text
    assert "nothing is shown below 5" in text


def test_a_byte_order_mark_and_extra_columns_are_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "ANSWERS.csv"
    lines = [HEADER + ",note", *(",".join(row) + ",x" for row in _survey(12))]
    file.write_text("\r\n".join(lines), encoding="utf-8-sig", newline="")
    assert _json(file)["index"] is not None


GOOD = "north,1,p1,nurse,doctor,timely,4"


@pytest.mark.parametrize(
    ("content", "line", "column", "expected"),
    [
        ("", 1, "team", "expected the columns"),
        (HEADER.replace("team,", "") + "\n", 1, "team", "expected the columns"),
        (HEADER.replace(",score", "") + "\n", 1, "score or option", "score or option"),
        (HEADER + ",option\n" + GOOD + ",4\n", 1, "score or option", "one column"),
        (HEADER + "\n", 2, "", "at least one answer"),
        (f"{HEADER}\n{GOOD}\nnorth,1,,nurse,doctor,timely,4\n", 3, "respondent", "expected a value"),
        (f"{HEADER}\n{GOOD}\nnorth,1,p1,nurse,doctor,speed,4\n", 3, "dimension", "expected one of frequent"),
        (f"{HEADER}\nnorth,1,p1,nurse,doctor,timely,6\n", 2, "score", "from 1 to 5"),
        (f"{HEADER}\nnorth,1,p1,nurse,doctor,timely,nan\n", 2, "score", "from 1 to 5"),
        (f"{HEADER}\nnorth,1,p1,nurse,doctor,timely,often\n", 2, "score", "from 1 to 5"),
        (f"{HEADER}\nnorth,1,p1,nurse,doctor,timely\n", 2, "", "as many fields"),
        (f"{HEADER}\n{GOOD},7\n", 2, "", "as many fields"),
        (f"{HEADER}\n{GOOD}\n{GOOD}\n", 3, "respondent", "line 2 has this one"),
        (f'{HEADER}\nnorth,1,"p1"x,nurse,doctor,timely,4\n', 2, "", "comma-separated"),
        (
            HEADER.replace("score", "option") + "\nnorth,1,p1,nurse,doctor,timely,0\n",
            2,
            "option",
            "position from 1 to 5",
        ),
        (
            HEADER.replace("score", "option") + "\nnorth,1,p1,nurse,doctor,timely,2.5\n",
            2,
            "option",
            "position from 1 to 5",
        ),
    ],
)
def test_a_bad_file_is_refused_with_line_column_and_what_was_expected(
    tmp_path: Path, content: str, line: int, column: str, expected: str
) -> None:
    file = tmp_path / "ANSWERS.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(BadFile, match=expected) as caught:
        analyse(file, INSTRUMENT)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_text_in_another_encoding_is_refused_at_its_line(tmp_path: Path) -> None:
    file = tmp_path / "ANSWERS.csv"
    file.write_bytes(f"{HEADER}\n{GOOD}\n".encode() + "Süd,1,p,a,b,timely,4\n".encode("latin-1"))
    with pytest.raises(BadFile, match="UTF-8") as caught:
        analyse(file, INSTRUMENT)
    assert caught.value.line == 3


def test_the_fewest_respondents_are_one(tmp_path: Path) -> None:
    file = _write(tmp_path, [("north", "1", "p1", "nurse", "doctor", "timely", "4")])
    (tie,) = _json(file, min_respondents=1)["ties"]
    assert (tie["estimate"], tie["low"], tie["high"]) == (4, 1, 5)
    with pytest.raises(ValueError, match="at least one"):
        analyse(file, INSTRUMENT, min_respondents=0)
