from __future__ import annotations

import ast
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content import LIMITS, Content, ContentError, Mrkdwn, Place, clip, escape
from bot.core.instrument import DIMENSIONS, Dimension, Target

PROMPTS = Path(__file__).parents[1] / "prompts"
PROGRAM = Path(__file__).parents[1] / "bot"
CONTENT = Content.load(PROMPTS)
INSTRUMENT = "en/instruments/rc_pulse.yaml"
LEAN = "en/playbooks/lean.yaml"
PULSE = "en/messages/pulse.yaml"


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    """A copy of the words that a test may spoil, with one playbook only, because loading takes time."""
    others = [f"{playbook.id}.yaml" for playbook in CONTENT.playbooks if playbook.id != "lean"]
    return Path(shutil.copytree(PROMPTS, tmp_path / "prompts", ignore=shutil.ignore_patterns(*others)))


def edit(root: Path, file: str, old: str, new: str) -> None:
    text = (root / file).read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {file}"
    (root / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def problems(root: Path, *, extra_instruments: tuple[Path, ...] = ()) -> list[str]:
    """What is wrong with the words, as `file:line: message` relative to their root."""
    with pytest.raises(ContentError) as found:
        Content.load(root, extra_instruments=extra_instruments)
    return [str(problem).replace(f"{root}/", "") for problem in found.value.problems]


# The shipped words


def test_the_shipped_words_have_no_problem() -> None:
    assert CONTENT.languages[0] == "en"
    assert len(CONTENT.playbooks) == 6


def test_the_instrument_asks_all_seven_dimensions_in_order() -> None:
    assert tuple(item.dimension for item in CONTENT.instrument("rc_pulse").tie_items) == DIMENSIONS


def test_frequency_is_scored_best_in_the_middle_and_too_much_above_too_little() -> None:
    item = CONTENT.instrument("rc_pulse").by_id["frequent"]

    assert [item.score_of(position) for position in range(1, 6)] == [1, 3, 5, 4, 2]


def test_every_other_scale_rises() -> None:
    for item in CONTENT.instrument("rc_pulse").items:
        if item.dimension is not Dimension.FREQUENT:
            assert [option.score for option in item.options] == [1, 2, 3, 4, 5], item.id


def test_companion_items_have_a_construct_and_their_own_rhythm() -> None:
    companions = [item for item in CONTENT.instrument("rc_pulse").items if item.target is not Target.TIE]

    assert {item.construct for item in companions} >= {
        "psychological_safety",
        "commitment_affective",
        "commitment_normative",
        "commitment_continuance",
        "loss_acknowledged",
        "belief_in_action",
    }
    assert all(item.every_rounds for item in companions)


@pytest.mark.parametrize("file", sorted(PROMPTS.rglob("*.yaml")), ids=lambda file: str(file.relative_to(PROMPTS)))
def test_no_file_uses_the_name_of_the_licensed_survey(file: Path) -> None:
    assert "rc survey" not in file.read_text(encoding="utf-8").lower()


def test_every_message_that_the_program_names_exists() -> None:
    named = {
        (str(file.relative_to(PROGRAM)), call.args[0].value)
        for file in PROGRAM.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and _is_words(call.func)
        if call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    }

    assert named
    assert sorted((file, key) for file, key in named if not CONTENT.has(key)) == []


def _is_words(function: ast.expr) -> bool:
    """A call of ``words(…)``, ``turn.words(…)`` or ``content.words(…)``."""
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    return name == "words"


# Rendering


def test_a_message_is_filled_in() -> None:
    text = CONTENT.words("pulse.tried", heard="It comes late", tried="a call at two", since=date(2026, 12, 4))

    assert text == "*You said:* It comes late\n*We tried:* a call at two, since 4 December."


def test_what_people_wrote_becomes_neither_a_mention_nor_a_link() -> None:
    text = CONTENT.words("pulse.heard", heard="<!channel> R&D", will_try="<https://evil.example|ok>")

    assert "&lt;!channel&gt; R&amp;D" in text
    assert "<" not in text


def test_a_mention_that_we_make_ourselves_stays_one() -> None:
    assert "<@U1>" in CONTENT.words("errors.unknown_person", person=Mrkdwn("<@U1>"))


def test_a_rendered_text_is_not_escaped_again_when_it_goes_into_another() -> None:
    own = CONTENT.words("pulse.own_group", workgroup="R&D")

    assert "R&amp;D" in CONTENT.fill("{{ workgroup }}!", workgroup=own)
    assert "&amp;amp;" not in CONTENT.fill("{{ workgroup }}!", workgroup=own)


def test_plain_text_fields_show_the_signs_themselves() -> None:
    assert CONTENT.words("report.header", team="R&D <west>") == "R&D <west>: how the roles work together"
    assert CONTENT.words("report.header", team=escape("R&D")) == "R&D: how the roles work together"


def test_lists_and_numbers_read_as_people_say_them() -> None:
    text = CONTENT.words("huddle.missing", workgroups=["Nurses", "R&D", "Pharmacy"])

    assert "Nurses, R&amp;D and Pharmacy" in text
    assert "these views" in text
    assert "this view" in CONTENT.words("huddle.missing", workgroups=["Nurses"])


def test_instants_are_written_as_day_and_hour() -> None:
    at = datetime(2026, 9, 30, 7, 5, tzinfo=UTC)

    assert "Wednesday 30 September around 07:05" in CONTENT.words("pulse.snoozed", at=at)


def test_a_long_name_never_makes_a_text_too_long_for_its_place() -> None:
    text = CONTENT.words("report.header", team="Ward " * 60)

    assert len(text) == LIMITS[Place.HEADER]
    assert text.endswith("…")


def test_a_text_that_is_too_long_is_not_cut_inside_an_escaped_sign() -> None:
    assert clip("ab&amp;cd", 5) == "ab…"
    assert clip("ab&amp;cd", 9) == "ab&amp;cd"


@given(st.text(alphabet="ab&<> ", max_size=60), st.integers(8, 60))
def test_clipping_keeps_the_limit_and_leaves_no_half_sign(text: str, limit: int) -> None:
    clipped = clip(escape(text), limit)

    assert len(clipped) <= limit
    assert clipped.count("&") == sum(clipped.count(sign) for sign in ("&amp;", "&lt;", "&gt;"))


def test_a_missing_or_a_surplus_variable_is_an_error_of_the_program() -> None:
    with pytest.raises(TypeError, match="missing variables"):
        CONTENT.words("pulse.own_group")
    with pytest.raises(TypeError, match="surplus variables"):
        CONTENT.words("pulse.button.back", name="x")


def test_an_unknown_key_is_an_error_of_the_program() -> None:
    with pytest.raises(KeyError, match=r"no\.such"):
        CONTENT.words("no.such")
    assert not CONTENT.has("no.such")


def test_texts_cannot_reach_into_python() -> None:
    with pytest.raises(Exception, match="unsafe"):
        CONTENT.fill("{{ name.__class__.__mro__ }}", name="x")


# Languages


@pytest.fixture
def german(prompts: Path) -> Path:
    """A translation that has only begun."""
    folder = prompts / "de"
    (folder / "messages").mkdir(parents=True)
    (folder / "language.yaml").write_text(
        "name: Deutsch\n"
        "weekdays: [Montag, Dienstag, Mittwoch, Donnerstag, Freitag, Samstag, Sonntag]\n"
        "months: [Januar, Februar, März, April, Mai, Juni, Juli, August, September, Oktober, November, Dezember]\n"
        'day: "WEEKDAY, DAY. MONTH"\nshort_day: "DAY. MONTH"\nlast: und\n',
        encoding="utf-8",
    )
    (folder / "messages" / "huddle.yaml").write_text(
        "huddle.missing:\n  place: section\n  sample: {workgroups: [A, B]}\n"
        '  text: "Es fehlten: {{ workgroups | joined }}."\n',
        encoding="utf-8",
    )
    return prompts


def test_a_translated_message_is_said_in_its_language_the_rest_in_english(german: Path) -> None:
    content = Content.load(german)

    assert content.words("huddle.missing", "de-AT", workgroups=["A", "B", "C"]) == "Es fehlten: A, B und C."
    assert content.words("pulse.button.back", "de-AT") == "Back"
    assert content.words("pulse.button.back", "fr") == "Back"
    assert content.instrument("rc_pulse", "de").language == "en"
    assert content.library("de").nudges == content.nudges


def test_a_translation_may_neither_add_a_message_nor_change_its_variables(german: Path) -> None:
    (german / "de/messages/pulse.yaml").write_text(
        "pulse.button.back: {text: 'Zurück', place: header}\npulse.gibt_es_nicht: {text: 'x', place: button}\n",
        encoding="utf-8",
    )

    found = problems(german)

    assert len(found) == 2
    assert any("“pulse.button.back” must have the original's place and variables" in one for one in found)
    assert any("“pulse.gibt_es_nicht” does not exist in the original" in one for one in found)


def test_a_translated_file_needs_an_original(german: Path) -> None:
    (german / "de/nudges").mkdir()
    (german / "de/nudges/neu.yaml").write_text("dimension: timely\nnudges: []\n", encoding="utf-8")

    assert any("de/nudges/neu.yaml: this translation has no original" in one for one in problems(german))


# What is found in a broken file, and where


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "message"),
    [
        (PULSE, "{{ heard }}", "{{ herd }}", f"{PULSE}:", "“{{ herd }}” has no sample"),
        (PULSE, "sample: {workgroup:", "sample: {extra: x, workgroup:", f"{PULSE}:", "sample “extra” is not used"),
        (PULSE, "{{ number }} of", "{{ number of", f"{PULSE}:", "the text cannot be read"),
        (PULSE, '{text: "Back", place: button}', '{text: "Back", place: knob}', f"{PULSE}:", "“place” is “knob”"),
        (PULSE, '{text: "Back", place: button}', "{place: button}", f"{PULSE}:", "“text” is missing"),
        (PULSE, '{text: "Back", place: button}', "{text: 5, place: button}", f"{PULSE}:", "must be a text"),
        (PULSE, '{text: "Back",', '{colour: red, text: "Back",', f"{PULSE}:", "“colour” is not known here"),
        (PULSE, '{text: "Back"', '{text: "' + "Back " * 20 + '"', f"{PULSE}:", "but a button takes 75"),
        (PULSE, '{text: "Back"', '{text: "*Back*"', f"{PULSE}:", "a button shows plain text"),
        (PULSE, "pulse.button.back:", "setup.button.back:", f"{PULSE}:", "stands in the wrong file"),
        (PULSE, "pulse.button.back:", "pulse.button.change_answer:", f"{PULSE}:", "stands here twice"),
        (PULSE, "pulse.button.back: {", "pulse.button.back: [", f"{PULSE}:", "this is not valid YAML"),
        (LEAN, "kind: early", "kind: soon", f"{LEAN}:", "“kind” is “soon”"),
        (LEAN, "theme: shared_goals", "theme: love", f"{LEAN}:", "“theme” is “love”"),
        (LEAN, "tools: [gemba_walk, a3]", "tools: [gemba_walk, a4]", f"{LEAN}:", "a stage uses the tool “a4”"),
        (LEAN, "tools: [gemba_walk, a3]", "tools: []", f"{LEAN}:", "stage “value” names no tool"),
        (LEAN, "items: [safety_raising_problems,", "items: [mood,", f"{LEAN}:", "stage “value” asks “mood”"),
        (LEAN, "    relational_use:", "    use:", f"{LEAN}:", "“relational_use” is missing"),
        (LEAN, "tool: gemba_walk\n", "tool: hammer\n", f"{LEAN}:", "must name one of the playbook's tools"),
        (LEAN, "id: lean\n", "id: leen\n", f"{LEAN}:", "the id must be the file's name"),
        (LEAN, "in their own words?", "in their own words.", f"{LEAN}:", "is no question"),
        (LEAN, "{{ process }}", "{{ patient }}", f"{LEAN}:", "“{{ patient }}” has no sample"),
        (INSTRUMENT, "Far too much", "Much too much", f"{INSTRUMENT}:", "raise “version”"),
        (INSTRUMENT, "score: 3}", "score: 4}", f"{INSTRUMENT}:", "the scores 1 to 5, each once"),
        (INSTRUMENT, "scale: enough", "scale: plenty", f"{INSTRUMENT}:", "there is no scale “plenty”"),
        (INSTRUMENT, "id: timely", "id: accurate", f"{INSTRUMENT}:", "two items have the id “accurate”"),
        (INSTRUMENT, "weak_below: 3.5", "weak_below: 4.5", f"{INSTRUMENT}:", "must not be above strong_above"),
        (INSTRUMENT, "weak_below: 3.5", "weak_below: low", f"{INSTRUMENT}:", "must be a number"),
        (INSTRUMENT, "every_rounds: 13", "every_rounds: 0", f"{INSTRUMENT}:", "a whole number from 1 to 104"),
        (INSTRUMENT, 'version: "1"\nversions', 'version: "2"\nversions', f"{INSTRUMENT}:", "is not recorded"),
        ("en/nudges/timely.yaml", "side: rated", "side: left", "en/nudges/timely.yaml:", "“side” is “left”"),
        (
            "en/nudges/timely.yaml",
            "timely.half_news",
            "timely.first_call",
            "en/nudges",
            "“timely.first_call” is used twice",
        ),
        (
            "en/huddles/timely.yaml",
            "stages: [early]",
            "stages: [late]",
            "en/huddles/timely.yaml:",
            "“stages” must list",
        ),
        (
            "en/huddles/timely.yaml",
            "stages: [early]",
            "stages: [test]",
            "en/huddles",
            "“timely” in the kind of stage “early”",
        ),
        ("en/language.yaml", "Monday, ", "", "en/language.yaml:", "seven days"),
        (
            "en/coaching/not_heard.yaml",
            "step: decided}",
            "step: gone}",
            "en/coaching/not_heard.yaml:",
            "a choice leads to “gone”",
        ),
    ],
)
def test_a_broken_file_is_named_with_its_line_and_what_to_do(
    prompts: Path, file: str, old: str, new: str, place: str, message: str
) -> None:
    edit(prompts, file, old, new)

    found = problems(prompts)

    assert any(one.startswith(place) and message in one for one in found), found


def test_the_line_is_the_one_to_edit(prompts: Path) -> None:
    edit(prompts, PULSE, "{{ seconds }} seconds", "{{ second }} seconds")
    line = next(
        number
        for number, text in enumerate((prompts / PULSE).read_text(encoding="utf-8").splitlines(), start=1)
        if text.startswith("pulse.intro:")
    )

    assert any(one.startswith(f"{PULSE}:{line + 1}: ") for one in problems(prompts))


def test_all_problems_are_shown_at_once(prompts: Path) -> None:
    edit(prompts, PULSE, '{text: "Back", place: button}', "{place: button}")
    edit(prompts, LEAN, "kind: early", "kind: soon")
    (prompts / "en/messages/home.yaml").unlink()

    found = problems(prompts)

    assert len(found) >= 3
    assert found == sorted(found)


def test_a_file_that_a_feature_needs_is_missed(prompts: Path) -> None:
    (prompts / "en/messages/home.yaml").unlink()
    shutil.rmtree(prompts / "en/coaching")

    found = problems(prompts)

    assert "en/messages/home.yaml: this file is missing: restore it." in found
    assert "en/coaching: this folder must hold at least one .yaml file." in found


def test_files_that_nothing_reads_are_found(prompts: Path) -> None:
    (prompts / "en/nudges/notes.txt").write_text("x", encoding="utf-8")
    (prompts / "en/ideas").mkdir()
    (prompts / "en/draft.yaml").write_text("x: y", encoding="utf-8")

    assert [one.partition(":")[0] for one in problems(prompts)] == ["en/draft.yaml", "en/ideas", "en/nudges/notes.txt"]


def test_a_path_without_words_is_one_clear_problem(tmp_path: Path) -> None:
    assert problems(tmp_path) == ["en: the folder of the original words is missing: check the path."]


def test_a_file_that_is_no_text_is_named(prompts: Path) -> None:
    (prompts / PULSE).write_bytes(b"\xff\xfe\x00")

    assert any(one.startswith(f"{PULSE}: this file cannot be read") for one in problems(prompts))


def test_a_stage_with_prompts_for_two_dimensions_only_is_found(prompts: Path) -> None:
    for dimension in ("shared_knowledge", "mutual_respect", "accurate"):
        edit(prompts, LEAN, f"theme: {dimension}", "theme: shared_goals")

    assert any("stage “value” has prompts for 2 of the seven dimensions" in one for one in problems(prompts))


def test_a_playbook_that_leaves_a_dimension_out_is_found(prompts: Path) -> None:
    text = (prompts / LEAN).read_text(encoding="utf-8")
    (prompts / LEAN).write_text(text.replace("theme: frequent", "theme: timely"), encoding="utf-8")

    assert any("no prompt of this playbook is about “frequent”" in one for one in problems(prompts))


def test_a_dimension_with_a_single_nudge_is_found(prompts: Path) -> None:
    file = prompts / "en/nudges/timely.yaml"
    first = file.read_text(encoding="utf-8").split("  - id:")
    file.write_text("  - id:".join(first[:2]), encoding="utf-8")

    assert any("“timely” needs at least 2 nudges" in one for one in problems(prompts))


# Licensed wording from a file of one's own


def licensed(folder: Path, *, name: str = "licensed", question: str = "Our licensed wording?") -> Path:
    """The shipped instrument under another id with one other question, its hash recorded."""
    text = (PROMPTS / INSTRUMENT).read_text(encoding="utf-8").replace("id: rc_pulse\n", f"id: {name}\n")
    old = next(line for line in text.splitlines() if "do you hear from them" in line)
    file = folder / f"{name}.yaml"
    file.write_text(text.replace(old, f'    text: "*{{{{ workgroup }}}}*: {question}"'), encoding="utf-8")
    with pytest.raises(ContentError) as found:
        Content.load(PROMPTS, extra_instruments=[file])
    new_hash = str(found.value.problems[0]).rsplit(" ", maxsplit=1)[-1]
    old_hash = CONTENT.instrument("rc_pulse").content_hash
    file.write_text(file.read_text(encoding="utf-8").replace(old_hash, new_hash), encoding="utf-8")
    return file


def test_a_licensed_wording_is_loaded_from_outside(tmp_path: Path) -> None:
    content = Content.load(PROMPTS, extra_instruments=[licensed(tmp_path)])

    assert "Our licensed wording?" in content.instrument("licensed").by_id["frequent"].text
    assert {one.id for one in content.instruments} == {"rc_pulse", "licensed"}


def test_two_instruments_cannot_share_an_id(tmp_path: Path) -> None:
    found = problems(PROMPTS, extra_instruments=(licensed(tmp_path), licensed(tmp_path)))

    assert any("already holds the instrument “licensed”" in one for one in found)


def test_a_licensed_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    found = problems(PROMPTS, extra_instruments=(tmp_path / "gone.yaml",))

    assert found == [
        f"{tmp_path}/gone.yaml: this file cannot be read: check that it exists, is readable and is UTF-8 text."
    ]


def test_a_translated_instrument_must_ask_the_same(german: Path) -> None:
    (german / "de/instruments").mkdir()
    text = (PROMPTS / INSTRUMENT).read_text(encoding="utf-8")
    (german / "de/instruments/rc_pulse.yaml").write_text(
        text.replace("    dimension: timely", "    dimension: accurate", 1), encoding="utf-8"
    )

    assert any("must be those of the original" in one for one in problems(german))
