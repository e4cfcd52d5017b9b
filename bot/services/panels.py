"""Who took part in a wave, where everybody was asked everything: what guarantee two of the gate needs to know.

The list of who was asked and who finished outlives the answers, so it can be held against every earlier wave.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import fields, replace

import numpy as np
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.disclosure import Answers, WaveRules
from bot.core.disclosure.coverage import asked_in_full
from bot.core.states import AskState, WaveState
from bot.db.tables import Ask, ReleasedFigure, Round, Wave

Panel = dict[tuple[int, int], frozenset[int]]


async def guard(
    session: AsyncSession, wave: Wave, answers: Answers, rules: WaveRules, number_of: Callable[[int], int]
) -> tuple[Answers, WaveRules]:
    """Both with guarantee two set up for the teams that were asked in full; unchanged where there are none.

    ``number_of``: a person's number among the respondents of this wave. Of a team asked in full only those count who
    finished a pulse: who stopped half-way is on no list that a later wave could be compared with.
    """
    full = asked_in_full(answers, rules)
    if not full:
        return answers, rules
    panels = await _panels(session, wave, full)
    panel = panels.pop(wave.id, {})
    shown = await _shown(session, wave)
    earlier = tuple(
        {
            (team, group): people
            for (team, group), people in held.items()
            if shown & {(number, team, 0), (number, 0, group)}
        }
        for number, held in sorted(panels.items())
    )
    teams = {number: replace(team, in_full=full.get(number)) for number, team in rules.teams.items()}
    guarded = replace(rules, teams=teams, panel=panel, earlier=earlier)
    return _of_panel(answers, full, panel, number_of), guarded


def _of_panel(answers: Answers, full: Collection[int], panel: Panel, number_of: Callable[[int], int]) -> Answers:
    keep = ~np.isin(answers.team, list(full))
    for team in full:
        finished = {person for (held, _), people in panel.items() if held == team for person in people}
        numbers = np.array([number_of(person) for person in finished], dtype=np.int64)
        keep |= (answers.team == team) & np.isin(answers.respondent, numbers)
    columns = {one.name: getattr(answers, one.name)[keep] for one in fields(answers) if one.name != "constructs"}
    return replace(answers, **columns)


async def _panels(session: AsyncSession, wave: Wave, teams: Collection[int]) -> dict[int, Panel]:
    """By wave: (team, workgroup) to who finished a pulse, in this wave and every released one before it."""
    query = (
        select(Round.wave_id, Round.team_id, Ask.workgroup_id, Ask.person_id)
        .join(Ask, col(Ask.round_id) == col(Round.id))
        .join(Wave, col(Wave.id) == col(Round.wave_id))
        .where(
            Wave.focal_process_id == wave.focal_process_id,
            (col(Wave.id) == wave.id) | (col(Wave.state) == WaveState.RELEASED),
            col(Round.team_id).in_(teams),
            Ask.state == AskState.FINISHED,
        )
        .distinct()
    )
    found: dict[int, dict[tuple[int, int], set[int]]] = {}
    for number, team, group, person in (await session.exec(query)).all():
        found.setdefault(number or 0, {}).setdefault((team, group), set()).add(person)
    return {number: {key: frozenset(people) for key, people in held.items()} for number, held in found.items()}


async def _shown(session: AsyncSession, wave: Wave) -> set[tuple[int, int, int]]:
    """(wave, team, 0) and, where teams are pooled, (wave, 0, rater) with a figure that is out."""
    query = (
        select(ReleasedFigure.wave_id, ReleasedFigure.team_id, ReleasedFigure.rater_id)
        .where(ReleasedFigure.focal_process_id == wave.focal_process_id, col(ReleasedFigure.value).is_not(None))
        .distinct()
    )
    return {(of, team or 0, 0 if team else rater or 0) for of, team, rater in (await session.exec(query)).all()}
