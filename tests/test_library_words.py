"""The coaches' library, read as a careful coach would: plain, open, distinct, about the work and never a person."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest

from bot.content import Content
from bot.core.instrument import DIMENSIONS
from bot.core.library import HuddlePrompt, Playbook

CONTENT = Content.load(Path(__file__).parents[1] / "prompts")
IN_PLAYBOOKS = [prompt for playbook in CONTENT.playbooks for prompt in playbook.prompts]
PROMPTS = [*IN_PLAYBOOKS, *CONTENT.huddles]
TOOLS = [tool for playbook in CONTENT.playbooks for tool in playbook.tools]
TEXTS = [
    *((prompt.id, text) for prompt in PROMPTS for text in (prompt.focus, *prompt.questions)),
    *((nudge.id, text) for nudge in CONTENT.nudges for text in (nudge.action, nudge.why)),
    *((tool.id, text) for tool in TOOLS for text in (tool.relational_use, tool.in_the_room, tool.loss)),
]

BLAMING = (
    r"whose fault|at fault|to blame|blamed?|blames|guilty|culprit|responsible for the (error|mistake)|careless|lazy|"
    r"incompetent|unprofessional|stubborn|resisters?|resistance|difficult people|low performers?|underperform\w*|"
    r"you (failed|should have)|they (failed|should have)|why did(n't)? (you|they)"
)
JARGON = (
    r"stakeholder management|synerg\w*|leverag\w*|alignment|aligned|buy-in|empower\w*|paradigm|holistic|low-hanging|"
    r"utili[sz]e|incentivi[sz]e|actionable|deep dive|best practice|roll-out|KPIs?|relational coordination"
)
SCORES = r"\d+[.,]\d|\d+ ?%|percent|per cent|out of five|\bscores?\b|\brating\b|\branking\b|\bbenchmark score"
CLOSED = r"^(and )?(do|does|did|is|are|was|were|has|have|had|can|could|will|would|should|shall|may|might|am)\b"
PROPER = {
    *("Monday", "Thursday", "I", "PDSA", "SIPOC", "FMEA", "A3", "RC", "IHI"),
}


def runs_of_four(text: str) -> set[tuple[str, ...]]:
    """The four-word runs of a text, names (of the process, the change, a role) masked."""
    words = re.findall(r"[\w']+", re.sub(r"\{\{.*?\}\}", " NAME ", text).lower())
    return {tuple(words[at : at + 4]) for at in range(len(words) - 3)}


def whole(prompt: HuddlePrompt) -> str:
    return " . ".join((prompt.focus, *prompt.questions))


def test_the_six_playbooks_offer_at_least_150_prompts() -> None:
    assert len(CONTENT.playbooks) == 6
    assert len({prompt.id for prompt in IN_PLAYBOOKS}) >= 150


def test_no_two_prompts_share_more_than_half_of_their_four_word_runs() -> None:
    runs = {prompt.id: runs_of_four(whole(prompt)) for prompt in PROMPTS}
    alike = [
        (one, other)
        for one, other in combinations(runs, 2)
        if len(runs[one] & runs[other]) * 2 > min(len(runs[one]), len(runs[other]))
    ]
    assert alike == []


def test_no_question_is_asked_twice() -> None:
    questions = [question for prompt in PROMPTS for question in prompt.questions]

    assert sorted({question for question in questions if questions.count(question) > 1}) == []


@pytest.mark.parametrize(
    ("what", "forbidden"),
    [("blames", BLAMING), ("is jargon", JARGON), ("quotes a score", SCORES)],
)
def test_no_text_of_the_library_does_what_hurts(what: str, forbidden: str) -> None:
    pattern = re.compile(rf"\b({forbidden})\b", re.IGNORECASE)

    assert [(entry, text) for entry, text in TEXTS if pattern.search(text)] == [], f"a text {what}"


def test_no_text_names_a_person() -> None:
    """Whatever is written with a capital inside a sentence is a weekday, an abbreviation or a method."""
    named = []
    for entry, text in TEXTS:
        inner = re.sub(r"(^|[.!?:“”(]\s*)[A-Z]\w*", " ", text)
        named += [(entry, word) for word in re.findall(r"\b[A-Z][\w']*", inner) if word.split("'")[0] not in PROPER]

    assert named == []


def test_every_question_is_open() -> None:
    closed = [
        (prompt.id, question)
        for prompt in PROMPTS
        for question in prompt.questions
        if re.match(CLOSED, question, re.IGNORECASE)
    ]
    assert closed == []


def test_every_text_is_short_enough_for_a_phone() -> None:
    long = [
        *((prompt.id, text) for prompt in PROMPTS for text in (prompt.focus, *prompt.questions) if len(text) > 170),
        *((nudge.id, nudge.action) for nudge in CONTENT.nudges if len(nudge.action) > 170),
        *((tool.id, tool.relational_use) for tool in TOOLS if len(tool.relational_use) > 260),
    ]
    assert long == []


@pytest.mark.parametrize("playbook", CONTENT.playbooks, ids=lambda playbook: playbook.id)
def test_every_playbook_covers_all_dimensions_and_every_stage_three_of_them(playbook: Playbook) -> None:
    assert {prompt.theme for prompt in playbook.prompts} >= set(DIMENSIONS)
    for stage in playbook.stages:
        assert len({prompt.theme for prompt in stage.prompts} & set(DIMENSIONS)) >= 3, stage.id
        assert len(stage.prompts) >= 5, stage.id
        assert stage.items, stage.id


@pytest.mark.parametrize(
    ("playbook", "tools"),
    [
        ("lean", "gemba_walk value_stream_map a3 five_whys kaizen standard_work visual_board andon"),
        ("six_sigma", "sipoc charter voice_of_customer swim_lane_map fishbone fmea control_chart control_plan"),
        (
            "total_quality_management",
            "quality_circles seven_basic_tools internal_customer_dialogue benchmarking_visits policy_deployment",
        ),
        (
            "quality_improvement",
            "driver_diagram process_map pareto pdsa annotated_run_chart stakeholder_map debrief",
        ),
        (
            "improvement_science",
            "negotiated_aim prediction tie_as_balancing_measure cycle_huddle pdsa_ramp shared_failures",
        ),
        (
            "reengineering",
            (
                "process_vision as_is_to_be_map case_team role_redesign loss_inventory two_way_forum "
                "pilot_and_cut_over_plan"
            ),
        ),
    ],
)
def test_every_approach_brings_its_tools(playbook: str, tools: str) -> None:
    assert set(CONTENT.library().playbook(playbook).tool) >= set(tools.split())


def test_every_tool_is_used_by_a_prompt() -> None:
    for playbook in CONTENT.playbooks:
        assert {prompt.tool for prompt in playbook.prompts} == set(playbook.tool), playbook.id


def test_every_dimension_has_four_nudges_and_one_for_both_sides() -> None:
    for dimension in DIMENSIONS:
        nudges = [nudge for nudge in CONTENT.nudges if nudge.dimension is dimension]
        assert len(nudges) >= 4, dimension
        assert {"both", "rated", "rater"} <= {nudge.side.value for nudge in nudges}, dimension
