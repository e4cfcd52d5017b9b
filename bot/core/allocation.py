"""Who is asked what in one round of one team.

A tie becomes visible when k different people have rated it, so what counts is how many *distinct raters* a tie will
have at the end of the wave, not how many answers. The plan of a round is therefore made tie by tie:

1. Each workgroup's ties are ranked once for everybody in it. First come ties that can still reach k distinct raters,
the
   nearest to k first among those that need the round's help, so that a small group finishes some ties instead of none.
2. People choose in a seeded order. Each gets as many different workgroups as the pulse has tie items: one they have
not rated
   in this wave where it is still needed, else the one that was rated least.
3. For each workgroup an item not yet asked of this person about it: alternating blocks so that both are in every
pulse, then
   the dimension this person, this tie and this team have been asked least.

The own group takes part at a lower rate. Whoever knows the seed and the history knows who was asked what, which would
re-link most sealed answers: both live, encrypted, only as long as the wave.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.core.instrument import Block, Item, Target

OWN_GROUP_RATE = 0.1
OWN_GROUP_RATE_WITH_ROOM = 0.25
"""Share of pulses in which one item is about the person's own workgroup; the second where there are fewer other
workgroups than tie items, so that it displaces none."""

NEAR_ENOUGH = 0.5
"""A tie that expects k raters less this many is left to chance while others are further off."""

EXPECTED_RESPONSE = 0.7
"""How much an ask that may still be answered counts as a rater (response rates in studies: 44-89 %)."""


@dataclass(frozen=True, slots=True)
class Rater:
    """A member who is asked. ``skips``: workgroups this person said they do not work with."""

    person: int
    workgroup: int
    skips: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Question:
    """One item of a pulse: about a workgroup (``rated``), a named change (``change``), or the team (neither)."""

    item: str
    rated: int | None = None
    change: int | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """A question asked earlier in this wave, and whether it was answered."""

    question: Question
    answered: bool


@dataclass(frozen=True, slots=True)
class Companion:
    """A companion item that is running now; ``change`` for one about a named change.

    ``workgroups``: who is asked it, None for everybody.
    """

    item: Item
    change: int | None = None
    workgroups: frozenset[int] | None = None


def allocate(
    raters: Sequence[Rater],
    rated: Sequence[int],
    tie_items: Sequence[Item],
    *,
    items: int,
    min_respondents: int,
    seed: int | bytes,
    round_number: int,
    history: Mapping[int, Sequence[Past]],
    companions: Sequence[Companion] = (),
    one_workgroup: bool = False,
) -> dict[int, tuple[Question, ...]]:
    """The questions of one round for every rater, by person id. The same arguments always give the same plan.

    ``rated``: workgroups asked about. ``items``: questions per pulse (a companion item that is due takes the place of
    one, as long as two tie items remain). ``seed``: of the wave. ``round_number``: counts on over waves; it spreads
    the companions. ``history``: what each person was asked earlier in this wave. ``one_workgroup``: all tie items of
    a pulse are about one workgroup; easier to answer, but a tie then waits for up to ``items`` times as many rounds
    for its raters. Raises ValueError without tie items or when ``items`` is under 1.
    """
    if items < 1 or not tie_items:
        raise ValueError("an allocation needs at least one question and one tie item")
    plan = _Plan(tuple(rated), tuple(tie_items), min_respondents, random.Random(repr((seed, round_number))))
    ordered = sorted(raters, key=lambda rater: rater.person)
    for rater in ordered:
        plan.remember(rater, history.get(rater.person, ()))
    plan.rng.shuffle(ordered)
    questions: dict[int, tuple[Question, ...]] = {}
    for rater in ordered:
        running = [one for one in companions if one.workgroups is None or rater.workgroup in one.workgroups]
        extra = _companion_due(rater.person, round_number, running)
        ties = max(min(items, 2), items - 1) if extra else items
        asked = plan.tie_questions(rater, ties, one_workgroup=one_workgroup)
        questions[rater.person] = (*asked, extra) if extra else asked
    return {rater.person: questions[rater.person] for rater in sorted(raters, key=lambda rater: rater.person)}


def _companion_due(person: int, round_number: int, companions: Sequence[Companion]) -> Question | None:
    """At most one companion a pulse; each comes to everybody once in its rhythm, spread over people and rounds."""
    by_rhythm: dict[int, list[Companion]] = {}
    for companion in companions:
        by_rhythm.setdefault(companion.item.every_rounds or 1, []).append(companion)
    due: list[Companion] = []
    for rhythm, running in sorted(by_rhythm.items(), reverse=True):
        step = (round_number + person) % rhythm
        mine = [one for i, one in enumerate(running) if i * rhythm // len(running) == step]
        due += [mine[(round_number + person) // rhythm % len(mine)]] if mine else []
    if not due:
        return None
    one = due[0]
    return Question(one.item.id, change=one.change if one.item.target is Target.CHANGE else None)


@dataclass(slots=True)
class _Person:
    """What a person was asked in this wave: by (workgroup, item) and by item, and the workgroups already rated."""

    asked: Counter[tuple[int, str]] = field(default_factory=Counter)
    items: Counter[str] = field(default_factory=Counter)
    blocks: Counter[Block | None] = field(default_factory=Counter)
    rated: set[int] = field(default_factory=set)
    answering: float = EXPECTED_RESPONSE


class _Plan:
    """The round under construction: how many raters each tie may expect, how often each cell has been asked."""

    def __init__(self, rated: tuple[int, ...], items: tuple[Item, ...], k: int, rng: random.Random) -> None:
        self.rated, self.items, self.k, self.rng = rated, items, k, rng
        self.people: dict[int, _Person] = {}
        self.raters: Counter[tuple[int, int]] = Counter()
        self.expected: dict[tuple[int, int], float] = {}
        self.cells: Counter[tuple[int, int, str]] = Counter()
        self.totals: Counter[str] = Counter()
        self.block_of = {item.id: item.block for item in items}
        self.draw = {item.id: rng.random() for item in items}
        self.rank: dict[tuple[int, int], float] = {}

    def remember(self, rater: Rater, past: Sequence[Past]) -> None:
        person = self.people[rater.person] = _Person()
        answered = 0
        for one in past:
            question = one.question
            if question.rated is None or question.item not in self.block_of:
                continue
            answered += one.answered
            self._count(rater.workgroup, question.rated, question.item, person)
            if one.answered and question.rated not in person.rated:
                person.rated.add(question.rated)
                self._expect(rater.workgroup, question.rated, 1.0)
        total = sum(person.items.values())
        person.answering = (answered + 6 * EXPECTED_RESPONSE) / (total + 6)
        for workgroup in self.rated:
            if workgroup not in rater.skips:
                self.raters[rater.workgroup, workgroup] += 1

    def tie_questions(self, rater: Rater, wanted: int, *, one_workgroup: bool) -> tuple[Question, ...]:
        person = self.people[rater.person]
        workgroups = self._workgroups(rater, person, 1 if one_workgroup else wanted)
        if not workgroups:
            return ()
        questions: list[Question] = []
        for turn in range(wanted):
            workgroup = workgroups[turn % len(workgroups)]
            item = self._item(rater.workgroup, workgroup, person, self._block_due(person, questions))
            self._count(rater.workgroup, workgroup, item, person)
            questions.append(Question(item, rated=workgroup))
        for workgroup in set(workgroups) - person.rated:
            self._expect(rater.workgroup, workgroup, person.answering)
        return tuple(questions)

    def _workgroups(self, rater: Rater, person: _Person, wanted: int) -> list[int]:
        others = [b for b in self.rated if b != rater.workgroup and b not in rater.skips]
        others.sort(key=lambda b: self._urgency(rater.workgroup, b, person))
        rate = OWN_GROUP_RATE if len(others) >= wanted else OWN_GROUP_RATE_WITH_ROOM
        own = rater.workgroup in self.rated and rater.workgroup not in rater.skips
        if own and (not others or self.rng.random() < rate):
            others.insert(min(wanted - 1, len(others)), rater.workgroup)
        return others[:wanted]

    def _urgency(self, mine: int, rated: int, person: _Person) -> tuple[int, float, float]:
        """Smaller is sooner: unrated and short of k (nearest to k first), unrated, rated by this person already."""
        tie = (mine, rated)
        expected = self.expected.get(tie, 0.0)
        if tie not in self.rank:
            self.rank[tie] = self.rng.random()
        if rated in person.rated:
            return 2, expected, self.rank[tie]
        if self.raters[tie] >= self.k > expected + NEAR_ENOUGH:
            return 0, -expected, self.rank[tie]
        return 1, expected, self.rank[tie]

    def _block_due(self, person: _Person, questions: Sequence[Question]) -> Block | None:
        """The block this pulse lacks; for its first question, the one this person has been asked less, by its size."""
        present = {self.block_of[question.item] for question in questions}
        if len(present) == 1:
            return next((block for block in Block if block not in present), None)
        if present:
            return None
        return min(Block, key=lambda block: person.blocks[block] / (4 if block is Block.COMMUNICATION else 3))

    def _item(self, mine: int, rated: int, person: _Person, block: Block | None) -> str:
        return min(
            (item.id for item in self.items),
            key=lambda item: (
                person.asked[rated, item],
                block is not None and self.block_of[item] is not block,
                person.items[item],
                self.cells[mine, rated, item],
                self.totals[item],
                self.draw[item],
            ),
        )

    def _count(self, mine: int, rated: int, item: str, person: _Person) -> None:
        person.asked[rated, item] += 1
        person.items[item] += 1
        person.blocks[self.block_of[item]] += 1
        self.cells[mine, rated, item] += 1
        self.totals[item] += 1

    def _expect(self, mine: int, rated: int, raters: float) -> None:
        self.expected[mine, rated] = self.expected.get((mine, rated), 0.0) + raters
