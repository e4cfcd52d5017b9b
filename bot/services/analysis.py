"""``rc-pulse analyze ANSWERS.csv``: a survey that somebody already has, read, computed, and said as JSON or as text.

An open door for checking us: every number is defined in ``bot.core.survey`` and given with full precision. The words
here are the command line's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.core.instrument import Instrument
from bot.core.reliability import Advice, Advised, advise_alpha, advise_icc1, advise_icc2, advise_rwg
from bot.core.scoring import Rating, Tie
from bot.core.survey import Survey, SurveyAnswer, TieMean, survey
from bot.services.answer_file import AnswerRow, read_answers

ADVICE: dict[Advice, str] = {
    Advice.NOT_KNOWN: "cannot be computed from this file, or rests on too few people",
    Advice.ALPHA_LOW: "the questions do not measure one thing here: read the dimensions one by one, not the index",
    Advice.ALPHA_GOOD: "the questions belong together: the index may be read as one number",
    Advice.ALPHA_REDUNDANT: "the questions are nearly interchangeable: people may be answering all alike",
    Advice.TEAMS_ALIKE: "which team a person is in hardly matters: look at ties, not at teams",
    Advice.TEAMS_DIFFER: "teams differ: look at each one by itself",
    Advice.MEANS_UNSURE: "too few answers per team to set their means side by side",
    Advice.MEANS_RELIABLE: "the teams' means are reliable; still, never rank them",
    Advice.RATERS_DISAGREE: "raters of one tie see it differently: ask which (rotating and fixed staff, shifts)",
    Advice.RATERS_AGREE: "raters of one tie see it alike: its mean speaks for the group",
}


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the file says. ``min_respondents`` decides what is displayed, nothing else."""

    survey: Survey
    min_respondents: int

    def to_json(self) -> str:
        """The documented keys; None where there are too few respondents or nothing to compute."""
        return json.dumps(_document(self.survey), ensure_ascii=False, indent=2, allow_nan=False)

    def to_text(self) -> str:
        return "\n".join(_lines(self.survey, self.min_respondents)) + "\n"


def analyse(path: Path, instrument: Instrument, *, min_respondents: int = 5) -> Analysis:
    """Read and compute. Raises BadFile with line, column and what was expected; ValueError for ``min_respondents`` <
    1.
    """
    if min_respondents < 1:
        raise ValueError("at least one respondent is needed")
    answers = [_answer(row) for row in read_answers(path, instrument)]
    found = survey(answers, bands_between=instrument.between, bands_within=instrument.within, k=min_respondents)
    return Analysis(found, min_respondents)


def _answer(row: AnswerRow) -> SurveyAnswer:
    rating = Rating(row.respondent, Tie(row.rater_group, row.rated_group), row.dimension, row.score)
    return SurveyAnswer(row.team, row.round, rating)


def _document(found: Survey) -> dict[str, Any]:
    return {
        "index": found.overall.index,
        "index_complete_cases": found.index_complete_cases,
        "communication": found.overall.communication,
        "relationship": found.overall.relationship,
        "dimensions": {dimension.value: asdict(mean) for dimension, mean in found.dimensions.items()},
        "ties": [_tie(one) for one in found.ties],
        "asymmetries": [asdict(one) for one in found.asymmetries],
        "reliability": asdict(found.reliability),
        "teams": [{"team": team, **asdict(overall)} for team, overall in found.teams.items()],
    }


def _tie(one: TieMean) -> dict[str, Any]:
    return {
        "team": one.team,
        "rater": one.tie.rater,
        "rated": one.tie.rated,
        "kind": "within" if one.tie.within else "between",
        "estimate": one.estimate,
        "low": one.low,
        "high": one.high,
        "band": one.band,
        "respondents": one.respondents,
        "shown": one.shown,
    }


def _lines(found: Survey, k: int) -> Iterator[str]:
    overall = found.overall
    yield f"Relational coordination, {overall.respondents} respondents; nothing is shown below {k} of them."
    yield ""
    yield f"{'index':<28}{_number(overall.index)}"
    yield f"{'  complete cases only':<28}{_number(found.index_complete_cases)}"
    yield f"{'communication':<28}{_number(overall.communication)}"
    yield f"{'relationship':<28}{_number(overall.relationship)}"
    yield ""
    yield f"{'dimension':<28}{'mean':>7}  {'95 % interval':<17}respondents"
    for dimension, mean in found.dimensions.items():
        yield f"{dimension:<28}{_number(mean.mean)}  {_interval(mean.low, mean.high)}{mean.n}"
    yield ""
    yield f"{'tie (who rates whom)':<40}{'mean':>7}  {'95 % interval':<17}{'band':<10}respondents"
    for one in found.ties:
        name = f"{one.team}: {one.tie.rater} → {one.tie.rated}"
        yield f"{name:<40}{_number(one.estimate)}  {_interval(one.low, one.high)}{one.band or '–':<10}{one.respondents}"
    yield "Bands are provisional. A tie says how the first group experiences the second."
    yield from _asymmetry_lines(found)
    yield ""
    yield from _reliability_lines(found)
    yield ""
    for team, of_team in found.teams.items():
        yield f"team {team}: index {_number(of_team.index).strip()}, {of_team.respondents} respondents"


def _asymmetry_lines(found: Survey) -> Iterator[str]:
    for one in found.asymmetries:
        yield (
            f"{one.team}: {one.lower} experiences {one.higher} as {-one.difference:.4f} lower than the other way round"
            f" ({-one.high:.4f} to {-one.low:.4f}); {one.higher} could ask {one.lower} what they need."
        )


def _reliability_lines(found: Survey) -> Iterator[str]:
    values = found.reliability
    advised: list[tuple[str, Advised]] = [
        ("alpha, all seven", advise_alpha(_or_nan(values.alpha))),
        ("alpha, communication", advise_alpha(_or_nan(values.alpha_communication))),
        ("alpha, relationship", advise_alpha(_or_nan(values.alpha_relationship))),
        ("ICC(1), teams", advise_icc1(_or_nan(values.icc1))),
        ("ICC(2), teams", advise_icc2(_or_nan(values.icc2))),
        ("rwg(j), median over ties", advise_rwg(_or_nan(values.rwg_j))),
    ]
    for name, one in advised:
        number = "–" if one.advice is Advice.NOT_KNOWN else f"{one.value:.4f}"
        yield f"{name:<28}{number:>7}  {ADVICE[one.advice]}"
    yield f"{'complete rows':<28}{values.n_complete:>7}"


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value


def _number(value: float | None) -> str:
    return f"{'–' if value is None else f'{value:.4f}':>7}"


def _interval(low: float | None, high: float | None) -> str:
    return f"{'–' if low is None or high is None else f'{low:.4f}–{high:.4f}':<17}"
