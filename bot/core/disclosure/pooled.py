"""Ties pooled over the teams that share a focal process: what a team cannot show of its own, the process may."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.core.disclosure.answers import Flags, Ints
from bot.core.disclosure.check import Columns, patience, rank_beyond_leaves, scatter, withstands
from bot.core.disclosure.exact import PRIME, ranks, ranks_and_remainders
from bot.core.disclosure.order import accept_in_order
from bot.core.disclosure.team import TeamWave

Tie = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Part:
    """What one team brings to the pool: its columns with the pooled ties after its own wide figures, and their rank."""

    columns: Columns
    own: int
    rank: int
    people: Ints


class Pool:
    """The pooled ties of one focal process and wave.

    The pool's own unknowns are, for every tie, the sum over the teams that do not show the tie themselves; with the
    teams' ties it gives the figure over all teams.
    """

    def __init__(self, teams: Sequence[TeamWave]) -> None:
        self.teams = teams
        self.k = max(team.k for team in teams)
        self.home = self._homes()
        self.ties: list[Tie] = []

    def accept(self, may_repeat: Callable[[Tie], bool]) -> None:
        """Ties with k people among the teams that do not show them, those with most people first."""
        people = {tie: self._people_behind(tie) for tie in self._offered()}
        enough = [tie for tie, count in people.items() if count >= self.k and may_repeat(tie)]
        self.ties = accept_in_order(sorted(enough, key=lambda tie: (-people[tie], tie)), self.holds)

    def rows(self, team: TeamWave, tie: Tie) -> Flags:
        """The team's answers behind a pooled tie."""
        if tie not in team.ties:
            return np.zeros(len(team.rows), dtype=bool)
        mine: Flags = team.tie == team.ties.index(tie)
        return mine & ((team.leaf >= 0) | (tie in self.ties))

    def hidden(self, team: TeamWave) -> Flags:
        """The team's answers that are out in the pool only."""
        taken = np.isin(team.tie, [i for i, tie in enumerate(team.ties) if tie in self.ties])
        return taken & (team.leaf < 0)

    def holds(self, ties: Sequence[Tie]) -> bool:
        """Does every combination in which a pooled tie takes part touch at least k people of the process?

        Per team the wide figures are eliminated first (beyond its leaves); what is left of the pooled ties adds up
        over the teams. A team whose own figures lose rank by a removal is left out of that sum altogether, which can
        only refuse more.
        """
        if not ties:
            return True
        parts = [part for team in self.teams if (part := self._part(team, ties))]
        rank = len(ties) - self._certified_redundancies(parts, ties)
        everyone = np.ones((1, len(self.home)), dtype=bool)
        without_role = [
            [replace(part, columns=part.columns.without_role(role)) for part in parts] for role in self._small_roles()
        ]
        return all(
            ranks(self._left_over(others, everyone, len(ties)))[0] == rank for others in without_role
        ) and withstands(
            self.home,
            self.k - 1,
            lambda kept: ranks(self._left_over(parts, kept, len(ties))) == rank,
            patience(sum(len(part.columns.leaf) for part in parts)),
        )

    def _offered(self) -> list[Tie]:
        return sorted({tie for team in self.teams for tie, may in zip(team.ties, team.may, strict=True) if may})

    def _people_behind(self, tie: Tie) -> int:
        behind = [
            team.person[(team.tie == team.ties.index(tie)) & (team.leaf < 0)] for team in self.teams if tie in team.ties
        ]
        return len(np.unique(np.concatenate(behind))) if behind else 0

    def _part(self, team: TeamWave, ties: Sequence[Tie]) -> Part | None:
        pooled = np.stack(
            [
                (team.tie == team.ties.index(tie)) & (team.leaf < 0)
                if tie in team.ties
                else np.zeros(len(team.rows), bool)
                for tie in ties
            ],
            axis=1,
        )
        if not pooled.any():
            return None
        own = team.columns(team.wide, team.leaf)
        columns = replace(own, wide=np.hstack([own.wide, pooled.astype(np.int64)]))
        return Part(columns, own.wide.shape[1], rank_beyond_leaves(own), np.unique(team.person))

    def _certified_redundancies(self, parts: Sequence[Part], ties: Sequence[Tie]) -> int:
        """1 where the pooled between-ties add up to what the teams' totals say anyway, shown exactly; else 0."""
        between = np.array([a != b for a, b in ties])
        for part in parts:
            total = part.columns.wide[:, part.own :][:, between].sum(axis=1, keepdims=True)
            widened = np.hstack([part.columns.wide[:, : part.own], total])
            if rank_beyond_leaves(replace(part.columns, wide=widened)) != part.rank:
                return 0
        return 1

    def _left_over(self, parts: Sequence[Part], kept: Flags, ties: int) -> Ints:
        """(choices, ties, ties): what the people kept say about pooled ties beyond the teams' own figures."""
        total = np.zeros((len(kept), ties, ties), dtype=np.int64)
        for part in parts:
            patterns, which = np.unique(kept[:, part.people], axis=0, return_inverse=True)
            found, rest = ranks_and_remainders(scatter(part.columns, patterns), part.own)
            rest[found != part.rank] = 0
            total += rest[which.reshape(-1)]
        return total % PRIME

    def _small_roles(self) -> list[int]:
        return sorted({int(role) for team in self.teams for role in np.unique(team.small_role) if role >= 0})

    def _homes(self) -> Ints:
        """For each person of the process the position of the first team they answered in."""
        people = max((int(team.person.max()) + 1 for team in self.teams if len(team.person)), default=0)
        home = np.full(people, len(self.teams), dtype=np.int64)
        for position, team in enumerate(self.teams):
            np.minimum.at(home, team.person, position)
        return home
