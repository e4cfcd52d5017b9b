from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.allocation import Companion, Past, Question, Rater, allocate
from bot.core.instrument import DIMENSIONS, Block, Item, Option, Target

OPTIONS = tuple(Option(str(score), score) for score in range(1, 6))
ITEMS = tuple(Item(d.value, Target.TIE, "?", OPTIONS, dimension=d) for d in DIMENSIONS)
BLOCK = {item.id: item.block for item in ITEMS}


def team(*sizes: int) -> list[Rater]:
    groups = [workgroup for workgroup, size in enumerate(sizes) for _ in range(size)]
    return [Rater(person, workgroup) for person, workgroup in enumerate(groups)]


Plan = dict[int, tuple[Question, ...]]


def plan_wave(raters: Sequence[Rater], rounds: int = 4, items: int = 3, *, one_workgroup: bool = False) -> list[Plan]:
    history: dict[int, list[Past]] = {rater.person: [] for rater in raters}
    rated = sorted({rater.workgroup for rater in raters})
    plans = []
    for number in range(rounds):
        plan = allocate(
            raters,
            rated,
            ITEMS,
            items=items,
            min_respondents=5,
            seed=7,
            round_number=number,
            history=history,
            one_workgroup=one_workgroup,
        )
        for person, questions in plan.items():
            history[person] += [Past(question, answered=(person + number) % 4 != 0) for question in questions]
        plans.append(plan)
    return plans


def test_every_pulse_has_both_blocks_and_three_different_workgroups() -> None:
    for plan in plan_wave(team(6, 5, 4, 4, 3)):
        for questions in plan.values():
            assert len(questions) == 3
            assert {BLOCK[question.item] for question in questions} == set(Block)
            assert len({question.rated for question in questions}) == 3


def test_the_same_arguments_give_the_same_plan_in_any_order_of_people() -> None:
    raters = team(5, 4, 3)
    for one, other in zip(plan_wave(raters), plan_wave(raters[::-1]), strict=True):
        assert one == other


def test_another_seed_gives_another_plan() -> None:
    plans = [
        allocate(team(8, 8, 8), [0, 1, 2], ITEMS, items=3, min_respondents=5, seed=seed, round_number=0, history={})
        for seed in (1, 2)
    ]
    assert plans[0] != plans[1]


@settings(max_examples=25, deadline=None)
@given(sizes=st.lists(st.integers(1, 7), min_size=1, max_size=5), items=st.integers(1, 5), rounds=st.integers(1, 6))
def test_nobody_gets_an_item_about_a_group_again_while_another_is_left(
    sizes: list[int], items: int, rounds: int
) -> None:
    raters = team(*sizes)
    asked: dict[tuple[int, int | None], Counter[str]] = {}
    for plan in plan_wave(raters, rounds, items):
        for person, questions in plan.items():
            for question in questions:
                seen = asked.setdefault((person, question.rated), Counter())
                seen[question.item] += 1
                assert seen[question.item] <= min(seen[item.id] for item in ITEMS) + 1


def test_a_person_is_not_asked_about_groups_they_do_not_work_with() -> None:
    raters = [Rater(0, 0, skips=frozenset({1})), *team(3, 3, 3, 3)[1:]]
    plan = allocate(raters, range(4), ITEMS, items=3, min_respondents=5, seed=3, round_number=0, history={})
    assert 1 not in {question.rated for question in plan[0]}


def test_a_person_who_works_with_nobody_asked_about_gets_no_tie_question() -> None:
    only = [Rater(0, 9, skips=frozenset({1, 2}))]
    plan = allocate(only, [1, 2], ITEMS, items=3, min_respondents=5, seed=3, round_number=0, history={})
    assert plan == {0: ()}


def test_the_own_group_comes_at_a_lower_rate() -> None:
    raters = team(12, 12, 12, 12)
    group = {rater.person: rater.workgroup for rater in raters}
    rated = Counter(
        question.rated == group[person]
        for plan in plan_wave(raters, 8)
        for person, questions in plan.items()
        for question in questions
    )
    assert 0.01 < rated[True] / rated.total() < 0.08


def test_ties_and_dimensions_are_asked_about_equally_often() -> None:
    raters = team(20, 20, 20, 20)
    group = {rater.person: rater.workgroup for rater in raters}
    ties: Counter[tuple[int, int | None]] = Counter()
    dimensions: Counter[str] = Counter()
    for plan in plan_wave(raters):
        for person, questions in plan.items():
            for question in questions:
                dimensions[question.item] += 1
                if question.rated != group[person]:
                    ties[group[person], question.rated] += 1
    assert max(ties.values()) < 1.25 * min(ties.values())
    assert max(dimensions.values()) < 1.25 * min(dimensions.values())


def test_a_small_group_finishes_some_ties_instead_of_none() -> None:
    raters = team(*[6] * 12)
    plan = allocate(raters, range(12), ITEMS, items=3, min_respondents=5, seed=2, round_number=0, history={})
    ties = Counter(question.rated for person, questions in plan.items() if person < 6 for question in questions)
    assert sorted(ties.values(), reverse=True)[:2] >= [5, 5]


def test_those_who_did_not_answer_are_asked_about_the_same_tie_again() -> None:
    raters = team(5, 5, 5, 5, 5, 5)
    first = allocate(raters, range(6), ITEMS, items=2, min_respondents=5, seed=2, round_number=0, history={})
    history = {person: [Past(q, answered=person % 5 != 0) for q in questions] for person, questions in first.items()}
    second = allocate(raters, range(6), ITEMS, items=2, min_respondents=5, seed=2, round_number=1, history=history)
    for person in (0, 5, 10):
        mine = {question.rated for question in first[person]} - {person // 5}
        assert mine & {question.rated for question in second[person]}


def test_a_pulse_about_one_workgroup_stays_with_it() -> None:
    for plan in plan_wave(team(6, 5, 4), one_workgroup=True):
        for questions in plan.values():
            assert len({question.rated for question in questions}) == 1
            assert {BLOCK[question.item] for question in questions} == set(Block)


def companion(name: str, every: int, target: Target = Target.TEAM) -> Item:
    return Item(name, target, "?", OPTIONS, construct=name, every_rounds=every)


def test_each_companion_comes_once_in_its_rhythm_and_two_tie_items_remain() -> None:
    running = [Companion(companion(f"safety_{i}", 12)) for i in range(7)]
    running.append(Companion(companion("loss", 4, Target.CHANGE), change=31))
    raters = team(4, 4, 4)
    seen: Counter[tuple[int, str]] = Counter()
    for number in range(12):
        plan = allocate(
            raters,
            range(3),
            ITEMS,
            items=3,
            min_respondents=5,
            seed=1,
            round_number=number,
            history={},
            companions=running,
        )
        for person, questions in plan.items():
            assert len(questions) == 3
            extra = [question for question in questions if question.item not in BLOCK]
            assert len(extra) <= 1
            assert {BLOCK[question.item] for question in questions if question not in extra} == set(Block)
            for question in extra:
                assert question.change == (31 if question.item == "loss" else None)
                seen[person, question.item] += 1
    assert all(seen[person, f"safety_{i}"] == 1 for person in range(12) for i in range(7))


def test_a_short_pulse_keeps_both_tie_blocks_beside_a_companion() -> None:
    plan = allocate(
        team(3, 3),
        [0, 1],
        ITEMS,
        items=2,
        min_respondents=5,
        seed=1,
        round_number=0,
        history={},
        companions=[Companion(companion("belief", 1))],
    )
    assert all([question.item in BLOCK for question in questions] == [True, True, False] for questions in plan.values())


def test_no_items_or_no_questions_is_refused() -> None:
    for items, asked in ((0, ITEMS), (3, ())):
        with pytest.raises(ValueError, match="at least one question"):
            allocate([], [], asked, items=items, min_respondents=5, seed=1, round_number=0, history={})
