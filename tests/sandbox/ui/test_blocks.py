import re
from typing import Any

import pytest

from bot.sandbox.ui.blocks import BLOCKS, render_blocks
from bot.sandbox.ui.context import Context
from bot.sandbox.ui.elements import RENDERERS
from bot.sandbox.ui.gallery import examples, gallery_sections
from tests.sandbox.ui.rooms import marked, plain

CONTEXT = Context(
    people={
        "U1": {"id": "U1", "real_name": "Nia Reyes", "profile": {"title": "Nurse"}},
        "U2": {"id": "U2", "real_name": "Tomas Lind"},
        "U3": {"id": "U3", "real_name": "Gone", "deleted": True},
        "UB": {"id": "UB", "real_name": "Bot", "is_bot": True},
    },
    channels={
        "C1": {"id": "C1", "name": "ward-3"},
        "C2": {"id": "C2", "name": "leads", "is_private": True},
        "D1": {"id": "D1", "is_im": True, "user": "U2"},
    },
    viewer="U1",
)


def shown(block: dict[str, Any], context: Context = CONTEXT) -> str:
    return str(render_blocks([block], context))


def element(found: dict[str, Any], context: Context = CONTEXT) -> str:
    return shown({"type": "actions", "block_id": "b", "elements": [{"action_id": "a", **found}]}, context)


def field(found: dict[str, Any], context: Context = CONTEXT, **more: Any) -> str:
    found = {"action_id": "a", **found}
    return shown({"type": "input", "block_id": "b", "label": plain("Name"), "element": found, **more}, context)


def test_the_gallery_shows_every_kind_of_block_and_nearly_every_element() -> None:
    drawn = {block["type"] for blocks in examples().values() for block in blocks}
    inner = re.findall(r'data-control="([a-z_]+)"', "".join(str(body) for _, body in gallery_sections()))
    assert drawn | {"context_actions", "task_card"} == set(BLOCKS)
    assert {
        "button",
        "overflow",
        "static_select",
        "users_select",
        "checkboxes",
        "file_input",
        "external_select",
    } <= set(inner)


def test_nothing_in_the_gallery_is_unknown() -> None:
    assert not [
        name for name, body in gallery_sections() if 'class="unknown' in str(body) or "block unknown" in str(body)
    ]


@pytest.mark.parametrize("kind", sorted(RENDERERS))
def test_every_element_is_drawn_even_when_it_is_empty(kind: str) -> None:
    assert "unknown" not in element({"type": kind})


def test_an_unknown_block_is_named_so_that_nothing_disappears_in_silence() -> None:
    assert "[hologram cannot be shown here]" in shown({"type": "hologram"})


def test_a_button_carries_what_the_script_reports_and_how_it_looks() -> None:
    drawn = element({"type": "button", "text": plain("Go"), "value": "7", "style": "danger"})
    assert 'data-action="a"' in drawn
    assert 'data-block="b"' in drawn
    assert 'data-value="7"' in drawn
    assert 'class="button danger"' in drawn


def test_a_button_with_an_address_is_a_link_that_opens_beside_the_page() -> None:
    drawn = element({"type": "button", "text": plain("Read"), "url": "https://example.org"})
    assert '<a href="https://example.org" target="_blank"' in drawn


def test_a_style_that_does_not_exist_is_no_class() -> None:
    assert 'class="button"' in element({"type": "button", "text": plain("Go"), "style": "evil plan"})


def test_a_spoken_label_takes_the_place_of_the_words() -> None:
    assert 'aria-label="Move on"' in element({"type": "button", "text": plain(">"), "accessibility_label": "Move on"})


def test_a_confirm_question_travels_with_its_element() -> None:
    confirm = {"title": plain("Sure?"), "text": marked("Really"), "confirm": plain("Do it"), "deny": plain("Stop")}
    drawn = element({"type": "button", "text": plain("Go"), "confirm": confirm})
    assert 'data-confirm-title="Sure?"' in drawn
    assert 'data-confirm-yes="Do it"' in drawn


def test_lists_of_people_leave_out_bots_and_those_who_left() -> None:
    drawn = element({"type": "users_select", "initial_user": "U2"})
    assert re.findall(r"<option value=\"(U\w)\"( selected)?>", drawn) == [("U1", ""), ("U2", " selected")]
    assert "Nia Reyes (Nurse)" in drawn


def test_a_choice_that_is_not_in_the_list_leaves_the_list_unchosen() -> None:
    assert "disabled selected>Choose…" in element({"type": "users_select", "initial_user": "UNOBODY"})


def test_lists_of_channels_show_public_ones_only() -> None:
    assert re.findall(r"<option value=\"(\w\d)\">", element({"type": "channels_select"})) == ["C1"]


def test_lists_of_conversations_follow_their_filter() -> None:
    everything = element({"type": "conversations_select"})
    private = element({"type": "conversations_select", "filter": {"include": ["private"]}})
    assert re.findall(r"<option value=\"(\w\d)\">", everything) == ["C2", "C1", "D1"]
    assert re.findall(r"<option value=\"(\w\d)\">", private) == ["C2"]


def test_an_input_has_a_real_label_a_hint_and_its_error() -> None:
    context = Context(errors={"b": "Too late."})
    drawn = field({"type": "plain_text_input"}, context, hint=plain("A sentence"))
    [id_] = re.findall(r'<label for="([^"]+)"', drawn)
    assert f'id="{id_}"' in drawn
    assert f'aria-describedby="{id_}-error {id_}-hint"' in drawn
    assert 'aria-invalid="true"' in drawn
    assert "Too late." in drawn


def test_an_optional_input_says_so_and_a_required_one_tells_the_screen_reader() -> None:
    assert "(optional)" in field({"type": "plain_text_input"}, optional=True)
    assert 'aria-required="true"' in field({"type": "plain_text_input"})


def test_an_input_reports_its_changes_only_where_the_app_asked_for_it() -> None:
    assert "data-dispatch" not in field({"type": "plain_text_input"})
    assert "data-dispatch" in field({"type": "plain_text_input"}, dispatch_action=True)


@pytest.mark.parametrize(
    ("found", "state", "expected"),
    [
        ({"type": "plain_text_input", "initial_value": "old"}, {"value": "new"}, 'value="new"'),
        ({"type": "datepicker", "initial_date": "2026-01-01"}, {"selected_date": "2026-02-02"}, 'value="2026-02-02"'),
        ({"type": "users_select", "initial_user": "U1"}, {"selected_user": "U2"}, 'value="U2" selected'),
        (
            {"type": "checkboxes", "options": [{"text": plain("A"), "value": "a"}]},
            {"selected_options": [{"value": "a"}]},
            "checked",
        ),
    ],
)
def test_what_a_person_entered_wins_over_the_apps_initial_value(
    found: dict[str, Any], state: dict[str, Any], expected: str
) -> None:
    assert expected in field(found, Context(values={"b": {"a": state}}, people=CONTEXT.people))
    assert expected not in field(found)


def test_a_table_has_a_header_row_and_aligns_its_columns() -> None:
    rows = [
        [{"type": "raw_text", "text": "Tie"}, {"type": "raw_text", "text": "Score"}],
        [{"text": "A"}, {"text": "3"}],
    ]
    drawn = shown({"type": "table", "rows": rows, "column_settings": [{}, {"align": "right"}]})
    assert '<th class="align-right" scope="col">Score</th>' in drawn
    assert '<td class="align-right">3</td>' in drawn


def test_a_data_table_names_its_rows_and_can_be_sorted() -> None:
    rows = [[{"text": "Tie"}, {"text": "Score"}], [{"text": "A"}, {"type": "raw_number", "value": 3.5}]]
    drawn = shown({"type": "data_table", "caption": "Scores", "rows": rows})
    assert "<caption>Scores</caption>" in drawn
    assert '<th scope="row">A</th>' in drawn
    assert '<td class="align-right">3.5</td>' in drawn
    assert drawn.count('class="sort"') == 2


def test_a_picture_without_a_usable_address_is_its_description() -> None:
    drawn = shown({"type": "image", "image_url": "javascript:x", "alt_text": "A map"})
    assert "<img" not in drawn
    assert "A map" in drawn


def test_a_picture_of_an_upload_comes_from_the_sandbox_itself() -> None:
    drawn = shown({"type": "image", "slack_file": {"id": "F1"}, "alt_text": "A map"})
    assert '<img src="/_sandbox/files/F1" alt="A map"' in drawn
