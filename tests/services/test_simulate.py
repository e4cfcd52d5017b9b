from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.core.figures import FigureKind
from bot.core.organisation import draw_organisation
from bot.services.simulate import simulate

FIGURE = {"kind", "process", "team", "rater_group", "rated_group", "dimension", "round"}
LINE = {
    "release_id",
    "wave",
    "round_published",
    "audience",
    "figure",
    "value_shown",
    "low",
    "high",
    "band_shown",
    "n_shown",
    "answer_ids",
    "derived_from",
}


def audited(folder: Path, weeks: int = 9) -> tuple[list[dict[str, str]], list[dict[str, str]], Any, list[Any]]:
    simulate(4, weeks, [6, 4, 3, 2], 2, folder)
    tables = []
    for name in ("answers", "members"):
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            tables.append(list(csv.DictReader(file)))
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    lines = [json.loads(line) for line in (folder / "releases.jsonl").read_text(encoding="utf-8").splitlines()]
    return tables[0], tables[1], truth, lines


def test_the_same_seed_writes_the_same_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        simulate(4, 5, [4, 3], 2, tmp_path / name)
    for file in ("answers.csv", "members.csv", "truth.json", "releases.jsonl"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_the_summary_counts_people_answers_and_figures() -> None:
    summary = simulate(1, 8, [4, 4], 1)
    assert summary.waves == 2
    assert summary.answers > 0
    assert summary.people >= 8
    assert summary.considered[FigureKind.DIMENSION] == 14
    assert 0 < summary.released[FigureKind.INDEX] <= summary.considered[FigureKind.INDEX] == 8


@pytest.mark.parametrize(("weeks", "sizes", "teams"), [(0, [4], 1), (4, [], 1), (4, [4, 0], 1), (4, [4], 0)])
def test_a_design_without_weeks_teams_or_people_is_refused(weeks: int, sizes: list[int], teams: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        simulate(1, weeks, sizes, teams)


def test_files_have_the_promised_columns_and_every_line_the_same_fields(tmp_path: Path) -> None:
    answers, members, truth, lines = audited(tmp_path)
    assert list(answers[0]) == [
        "answer_id",
        "person",
        "team",
        "round",
        "rater_group",
        "rated_group",
        "dimension",
        "score",
    ]
    assert list(members[0]) == ["person", "team", "workgroup", "joined_round", "left_round"]
    assert truth["k"] == {"team-1": 5, "team-2": 5}
    assert all(set(line) == LINE and set(line["figure"]) == FIGURE for line in lines)
    assert len({line["release_id"] for line in lines}) == len(lines)
    assert len({answer["answer_id"] for answer in answers}) == len(answers)


def test_everybody_answers_only_while_they_are_members(tmp_path: Path) -> None:
    answers, members, _, _ = audited(tmp_path, weeks=30)
    seats = {
        (row["person"], row["team"], row["workgroup"]): (int(row["joined_round"]), int(row["left_round"] or 10**6))
        for row in members
    }
    for answer in answers:
        joined, left = seats[answer["person"], answer["team"], answer["rater_group"]]
        assert joined <= int(answer["round"]) <= left


def test_released_values_are_the_rounded_clamped_means_of_their_answers(tmp_path: Path) -> None:
    answers, _, _, lines = audited(tmp_path)
    score = {answer["answer_id"]: int(answer["score"]) for answer in answers}
    people = {answer["answer_id"]: answer["person"] for answer in answers}
    sums = [line for line in lines if line["answer_ids"] and line["figure"]["kind"] != "spread"]
    assert sums
    for line in sums:
        scores = [score[answer] for answer in line["answer_ids"]]
        mean = min(4.7, max(1.3, sum(scores) / len(scores)))
        assert abs(line["value_shown"] - mean) <= 0.0501
        assert len({people[answer] for answer in line["answer_ids"]}) >= 5
        assert line["derived_from"] == []


def test_withheld_lines_carry_nothing(tmp_path: Path) -> None:
    _, _, _, lines = audited(tmp_path)
    withheld = [line for line in lines if line["value_shown"] is None]
    assert withheld
    for line in withheld:
        assert (line["low"], line["high"], line["band_shown"], line["n_shown"]) == (None, None, None, None)
        assert line["answer_ids"] == line["derived_from"] == []


def test_estimates_are_derived_from_lines_that_were_released(tmp_path: Path) -> None:
    _, _, _, lines = audited(tmp_path)
    released = {line["release_id"]: line for line in lines if line["answer_ids"]}
    estimates = [line for line in lines if line["figure"]["kind"] == "estimate"]
    assert estimates
    for line in estimates:
        assert line["answer_ids"] == []
        assert line["derived_from"]
        assert all(released[source]["round_published"] <= line["round_published"] for source in line["derived_from"])
        assert line["low"] <= line["value_shown"] <= line["high"]


def test_an_unfinished_wave_is_answered_but_not_released(tmp_path: Path) -> None:
    answers, _, _, lines = audited(tmp_path, weeks=9)
    assert {int(answer["round"]) for answer in answers} == set(range(1, 10))
    assert {line["round_published"] for line in lines} == {4, 8}


def test_the_truth_is_what_answers_average_to() -> None:
    rng = np.random.default_rng(2)
    organisation = draw_organisation(rng, [3, 3], teams=1, rounds=1)
    spread = np.hypot(organisation.variation.rater, organisation.variation.answer)
    drawn = organisation.scores[0, 0, 1, 0] + rng.normal(0, spread, 200_000)
    assert np.clip(np.rint(drawn), 1, 5).mean() == pytest.approx(organisation.expected()[0, 0, 1, 0], abs=0.01)


def test_some_people_sit_in_two_teams_and_some_leave() -> None:
    organisation = draw_organisation(np.random.default_rng(1), [12, 8, 6, 5], teams=3, rounds=52)
    teams = {
        seat.person: {s.team for s in organisation.seats if s.person == seat.person} for seat in organisation.seats
    }
    assert any(len(of_person) == 2 for of_person in teams.values())
    assert any(seat.left_round is not None for seat in organisation.seats)
