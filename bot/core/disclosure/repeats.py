"""Guarantee two: where everybody is asked everything, a figure repeats only over the same people or over k others."""

from __future__ import annotations

from collections.abc import Iterable

from bot.core.disclosure.answers import WaveRules


def repeats_safely(wave: WaveRules, groups: Iterable[tuple[int, int]]) -> bool:
    """May a figure over these (team, workgroup) of raters be shown again, given who took part in earlier waves?

    Where answers are a sample, chance decides whose answers are behind a figure, and this rule does not apply.
    """
    behind = [group for group in groups if wave.teams[group[0]].in_full is not None]
    if not behind:
        return True
    k = max(wave.teams[team].min_respondents for team, _ in behind)
    nobody: frozenset[int] = frozenset()
    for panel in wave.earlier:
        moves = (wave.panel.get(group, nobody) ^ panel.get(group, nobody) for group in behind)
        # People, not moves: who changed the workgroup, or sits in two of the teams, is still one person.
        if 0 < len(frozenset().union(*moves)) < k:
            return False
    return True
