"""Does the effect of a change come out, and only when there is one?

A change between the two largest workgroups of a team, three waves before and three after it. With a step planted in
both of their ties: how often the 95 % interval covers it, and the share of clear improvements against an oracle that
sees the same released figures, knows how they scatter, and tests with that. With none: how often "it helped" is said.
The same with a comparison team that changes nothing, and for nudges of which a tenth is held out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.core.effects import Outcome, Verdict, effect_of_change, effect_of_nudges
from bot.core.series import tie_series
from tests.benchmarks.organisations import expected_answer, organisation, people, released, wave

RUNS = 240
NUDGES = 120
BEFORE, AFTER = 3, 3
SIZES = {30: (12, 8, 6, 4), 60: (24, 14, 10, 7, 5)}
STEPS = (0.0, 0.3, 0.6)
AFFECTED = ((0, 1), (1, 0))


@dataclass(frozen=True, slots=True)
class Run:
    """One team's change: what came out and what was true, in points of the answers' scale."""

    value: float
    covered: bool
    improved: bool
    true: float


def measure() -> dict[str, float | dict[str, float]]:
    runs = {(size, step): [_run(seed, size, step) for seed in range(RUNS)] for size in SIZES for step in STEPS}
    everything = [run for part in runs.values() for run in part]
    without = [run for (_, step), part in runs.items() if not step for run in part]
    figures: dict[str, float | dict[str, float]] = {
        "effects.coverage95": float(np.mean([run.covered for run in everything])),
        "effects.false_positive": float(np.mean([run.improved for run in without])),
    }
    figures["effects.compared_coverage95"] = float(
        np.mean([_run(s, 30, 0.3, compared=True).covered for s in range(RUNS)])
    )
    figures |= _nudges()
    for (size, step), part in runs.items():
        if step:
            oracle = _oracle_power(part, runs[size, 0.0])
            power = float(np.mean([run.improved for run in part]))
            name = f"{size}_{round(step * 10):02d}"
            figures[f"effects.power_{name}"] = power
            figures[f"effects.power_ratio_{name}"] = power / oracle
    return figures


def _oracle_power(part: list[Run], without: list[Run]) -> float:
    """Share of steps found by somebody who knows how the estimate scatters where nothing has changed."""
    scatter = float(np.std([run.value for run in without], ddof=1))
    return float(np.mean([run.value > 1.96 * scatter for run in part]))


def _nudges() -> dict[str, float]:
    """A year of nudges over ten teams, a tenth held out: is the planted effect covered, is none invented?"""
    covered: list[bool] = []
    invented: list[bool] = []
    for seed in range(4 * RUNS):
        rng = np.random.default_rng([seed, 7])
        held = rng.random(NUDGES) < 0.1
        variance = rng.uniform(0.04, 0.12, NUDGES)
        scatter = rng.normal(0, np.sqrt(variance + 0.1**2))
        for effect, tally in ((0.2, covered), (0.0, invented)):
            changes = scatter + effect * ~held
            outcomes = [Outcome(bool(h), float(c), float(v)) for h, c, v in zip(held, changes, variance, strict=True)]
            found = effect_of_nudges(outcomes)
            if found.low is not None and found.high is not None:
                tally.append(found.low <= effect <= found.high if effect else found.verdict is Verdict.IMPROVED)
    return {
        "effects.nudge_coverage95": float(np.mean(covered)),
        "effects.nudge_false_positive": float(np.mean(invented)),
    }


def _run(seed: int, size: int, step: float, *, compared: bool = False) -> Run:
    rng = np.random.default_rng([seed, size])
    org = organisation(rng, sizes=SIZES[size], teams=2 if compared else 1)
    who = people(rng, org)
    touched = np.array([tie in AFFECTED for tie in org.ties])
    figures = []
    for number in range(BEFORE + AFTER):
        shift = np.zeros((4, org.teams, len(org.ties)))
        shift[:, 0, touched] = step if number >= BEFORE else 0.0
        answers = wave(rng, org, who, shift=shift)
        figures += [one.figure for one in released(answers, org, wave_id=number)]
    series = tie_series(figures, team=0, pairs=AFFECTED, waves=range(BEFORE + AFTER), starts_at=BEFORE)
    if compared:
        series += tie_series(figures, team=1, pairs=AFFECTED, waves=range(BEFORE + AFTER), starts_at=None)
    found = effect_of_change(series)
    cells = org.latent[0, touched]
    true = float((expected_answer(cells + step) - expected_answer(cells)).mean())
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    return Run(found.value, found.low <= true <= found.high, found.verdict is Verdict.IMPROVED, true)
