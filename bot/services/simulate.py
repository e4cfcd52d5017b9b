"""``rc-pulse simulate``: play a made-up organisation through our own measurement, open to an auditor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.core.figures import FigureKind, Shown
from bot.core.simulation import play
from bot.services.simulation_audit import write_audit


@dataclass(frozen=True, slots=True)
class Summary:
    """What the command prints. ``released`` and ``considered`` count figures by kind over all finished waves."""

    people: int
    answers: int
    waves: int
    released: Mapping[FigureKind, int]
    considered: Mapping[FigureKind, int]


def simulate(seed: int, weeks: int, sizes: Sequence[int], teams: int = 3, audit: Path | None = None) -> Summary:
    """Play ``weeks`` weekly rounds of ``teams`` teams with workgroups of these ``sizes`` that share one focal process.

    With ``audit`` the folder receives ``answers.csv``, ``members.csv``, ``truth.json`` and ``releases.jsonl``. Raises
    ValueError for a design without weeks, teams or people.
    """
    if weeks < 1 or teams < 1 or not sizes or min(sizes) < 1:
        raise ValueError("a simulation needs at least one week, one team, and workgroups of at least one person")
    year = play(seed, weeks, sizes, teams=teams)
    if audit is not None:
        write_audit(year, audit)
    figures = [considered.figure for wave in year.waves for considered in wave.considered]
    return Summary(
        people=len(year.organisation.leniency),
        answers=sum(len(wave.answers) for wave in year.waves) + len(year.open_answers),
        waves=len(year.waves),
        released=Counter(figure.key.kind for figure in figures if isinstance(figure.cell, Shown)),
        considered=Counter(figure.key.kind for figure in figures),
    )
