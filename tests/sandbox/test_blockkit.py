"""Block Kit's limits one by one: the largest that fits is taken, one more is refused where it stands."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.sandbox import blockkit
from tests.sandbox.desk import Json, actions, button, field_block, modal, section

GALLERY = Path(blockkit.__file__).parents[1] / "ui" / "gallery.yaml"


def plain(length: int) -> Json:
    return {"type": "plain_text", "text": "x" * length}


def options(count: int, text: int = 1, value: int = 0) -> list[Json]:
    return [{"text": plain(text), "value": f"{number}".ljust(value, "x")} for number in range(count)]


def confirm(title: int = 1, text: int = 1, yes: int = 1, no: int = 1) -> Json:
    return {"title": plain(title), "text": plain(text), "confirm": plain(yes), "deny": plain(no)}


def table(rows: int, columns: int, text: str = "x") -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * columns for _ in range(rows)]}


def data_table(rows: int, columns: int, text: str = "x", caption: str = "c") -> Json:
    return {**table(rows, columns, text), "type": "data_table", "caption": caption}


def chart(series: int = 1, points: int = 1, title: int = 1, name: int = 1, label: int = 3, axis: int = 1) -> Json:
    labels = [f"{number:03}".ljust(label, "x") for number in range(points)]
    data = [{"label": one, "value": 1} for one in labels]
    return {
        "type": "data_visualization",
        "title": "t" * title,
        "chart": {
            "type": "line",
            "series": [{"name": f"{number}".ljust(name, "x"), "data": data} for number in range(series)],
            "axis_config": {"categories": labels, "x_label": "x" * axis, "y_label": "y" * axis},
        },
    }


def card(title: int = 1, subtitle: int = 1, body: int = 1, buttons: int = 1) -> Json:
    pressed = [button(f"b{number}") for number in range(buttons)]
    words = {"title": plain(title), "subtitle": plain(subtitle), "body": plain(body)}
    return {"type": "card", **words, "actions": pressed}


def image(alt: int) -> Json:
    return {"type": "image", "image_url": "https://example.org/a.png", "alt_text": "x" * alt}


def select(**more: Any) -> Json:
    return {"type": "static_select", "action_id": "s", **more}


# (what fits, what is one too many, where it is refused)
MESSAGES: dict[str, tuple[list[Json], list[Json], str]] = {
    "50 blocks": ([section("x")] * 50, [section("x")] * 51, ""),
    "section text 3,000": ([section("x" * 3_000)], [section("x" * 3_001)], "/0/text/text"),
    "10 fields": (
        [{"type": "section", "fields": [plain(1)] * 10}],
        [{"type": "section", "fields": [plain(1)] * 11}],
        "/0/fields",
    ),
    "field 2,000": (
        [{"type": "section", "fields": [plain(2_000)]}],
        [{"type": "section", "fields": [plain(2_001)]}],
        "/0/fields/0/text",
    ),
    "header 150": ([{"type": "header", "text": plain(150)}], [{"type": "header", "text": plain(151)}], "/0/text/text"),
    "context 10": (
        [{"type": "context", "elements": [plain(1)] * 10}],
        [{"type": "context", "elements": [plain(1)] * 11}],
        "/0/elements",
    ),
    "actions 25": (
        [actions(*(button(f"b{number}") for number in range(25)))],
        [actions(*(button(f"b{number}") for number in range(26)))],
        "/0/elements",
    ),
    "button value 2,000": (
        [actions(button("b", "x" * 2_000))],
        [actions(button("b", "x" * 2_001))],
        "/0/elements/0/value",
    ),
    "button text 75": (
        [actions({**button("b"), "text": plain(75)})],
        [actions({**button("b"), "text": plain(76)})],
        "/0/elements/0/text/text",
    ),
    "action_id 255": ([actions(button("b" * 255))], [actions(button("b" * 256))], "/0/elements/0/action_id"),
    "block_id 255": ([section("x", block_id="b" * 255)], [section("x", block_id="b" * 256)], "/0/block_id"),
    "100 options": (
        [actions(select(options=options(100)))],
        [actions(select(options=options(101)))],
        "/0/elements/0/options",
    ),
    "option text 75": (
        [actions(select(options=options(1, text=75)))],
        [actions(select(options=options(1, text=76)))],
        "/0/elements/0/options/0/text/text",
    ),
    "option value 150": (
        [actions(select(options=options(1, value=150)))],
        [actions(select(options=options(1, value=151)))],
        "/0/elements/0/options/0/value",
    ),
    "placeholder 150": (
        [actions(select(options=options(1), placeholder=plain(150)))],
        [actions(select(options=options(1), placeholder=plain(151)))],
        "/0/elements/0/placeholder/text",
    ),
    "10 radio buttons": (
        [actions({"type": "radio_buttons", "options": options(10)})],
        [actions({"type": "radio_buttons", "options": options(11)})],
        "/0/elements/0/options",
    ),
    "10 checkboxes": (
        [actions({"type": "checkboxes", "options": options(10)})],
        [actions({"type": "checkboxes", "options": options(11)})],
        "/0/elements/0/options",
    ),
    "5 in an overflow": (
        [actions({"type": "overflow", "options": options(5)})],
        [actions({"type": "overflow", "options": options(6)})],
        "/0/elements/0/options",
    ),
    "confirm title 100": (
        [actions({**button("b"), "confirm": confirm(title=100)})],
        [actions({**button("b"), "confirm": confirm(title=101)})],
        "/0/elements/0/confirm/title/text",
    ),
    "confirm text 300": (
        [actions({**button("b"), "confirm": confirm(text=300)})],
        [actions({**button("b"), "confirm": confirm(text=301)})],
        "/0/elements/0/confirm/text/text",
    ),
    "confirm yes 30": (
        [actions({**button("b"), "confirm": confirm(yes=30)})],
        [actions({**button("b"), "confirm": confirm(yes=31)})],
        "/0/elements/0/confirm/confirm/text",
    ),
    "confirm no 30": (
        [actions({**button("b"), "confirm": confirm(no=30)})],
        [actions({**button("b"), "confirm": confirm(no=31)})],
        "/0/elements/0/confirm/deny/text",
    ),
    "alt_text 2,000": ([image(2_000)], [image(2_001)], "/0/alt_text"),
    "markdown 12,000": (
        [{"type": "markdown", "text": "x" * 6_000}] * 2,
        [{"type": "markdown", "text": "x" * 6_000}] * 2 + [{"type": "markdown", "text": "x"}],
        "",
    ),
    "one table": ([table(1, 1)], [table(1, 1), table(1, 1)], ""),
    "table 100 rows": ([table(100, 1)], [table(101, 1)], "/0/rows"),
    "table 20 columns": ([table(1, 20)], [table(1, 21)], "/0/rows/0"),
    "table 10,000 characters": ([table(100, 20, "x" * 5)], [table(100, 20, "x" * 6)], ""),
    "data_table 100 rows": ([data_table(100, 1)], [data_table(101, 1)], "/0/rows"),
    "data_table 20 columns": ([data_table(2, 20)], [data_table(2, 21)], "/0/rows/0"),
    "data_table 20,000 characters": ([data_table(100, 20, "x" * 10)], [data_table(100, 20, "x" * 11)], ""),
    "data_table caption": ([data_table(2, 1)], [data_table(2, 1, caption="")], "/0/caption"),
    "2 charts": ([chart()] * 2, [chart()] * 3, ""),
    "chart title 50": ([chart(title=50)], [chart(title=51)], "/0/title"),
    "6 series": ([chart(series=6)], [chart(series=7)], "/0/chart/series"),
    "20 points": ([chart(points=20)], [chart(points=21)], "/0/chart/series/0/data"),
    "series name 20": ([chart(name=20)], [chart(name=21)], "/0/chart/series/0/name"),
    "label 20": ([chart(label=20)], [chart(label=21)], "/0/chart/series/0/data/0/label"),
    "axis label 50": ([chart(axis=50)], [chart(axis=51)], "/0/chart/axis_config/x_label"),
    "card title 150": ([card(title=150)], [card(title=151)], "/0/title/text"),
    "card subtitle 150": ([card(subtitle=150)], [card(subtitle=151)], "/0/subtitle/text"),
    "card body 200": ([card(body=200)], [card(body=201)], "/0/body/text"),
    "3 buttons on a card": ([card(buttons=3)], [card(buttons=4)], "/0/actions"),
    "10 cards": (
        [{"type": "carousel", "elements": [card()] * 10}],
        [{"type": "carousel", "elements": [card()] * 11}],
        "/0/elements",
    ),
    "10 in a container": (
        [{"type": "container", "title": plain(1), "child_blocks": [section("x")] * 10}],
        [{"type": "container", "title": plain(1), "child_blocks": [section("x")] * 11}],
        "/0/child_blocks",
    ),
}
MODALS: dict[str, tuple[Json, Json, str]] = {
    "100 blocks": (modal(*[section("x")] * 100), modal(*[section("x")] * 101), "/blocks"),
    "title 24": (modal(title=plain(24)), modal(title=plain(25)), "/title/text"),
    "submit 24": (modal(submit=plain(24)), modal(submit=plain(25)), "/submit/text"),
    "close 24": (modal(close=plain(24)), modal(close=plain(25)), "/close/text"),
    "private_metadata 3,000": (
        modal(private_metadata="x" * 3_000),
        modal(private_metadata="x" * 3_001),
        "/private_metadata",
    ),
    "callback_id 255": (modal(callback_id="x" * 255), modal(callback_id="x" * 256), "/callback_id"),
}


@pytest.mark.parametrize("limit", MESSAGES)
def test_a_message_takes_what_fits_and_refuses_one_more(limit: str) -> None:
    fits, too_many, pointer = MESSAGES[limit]
    assert blockkit.check_message(fits) == []
    assert pointer in {problem.pointer for problem in blockkit.check_message(too_many)}


@pytest.mark.parametrize("limit", MODALS)
def test_a_modal_takes_what_fits_and_refuses_one_more(limit: str) -> None:
    fits, too_many, pointer = MODALS[limit]
    assert blockkit.check_view(fits, "modal") == []
    assert pointer in {problem.pointer for problem in blockkit.check_view(too_many, "modal")}


def test_characters_are_code_points() -> None:
    assert blockkit.check_message([section("👩‍⚕️" * 750)]) == []  # 4 code points each: 3,000
    assert blockkit.check_message([section("👩‍⚕️" * 750 + "x")]) != []


@pytest.mark.parametrize(
    ("blocks", "text", "pointer"),
    [
        ([{"type": "nonsense"}], "unsupported type: nonsense", "/0/type"),
        ([{"text": {}}], "missing required field: type", "/0"),
        (["text"], "must be an object", "/0"),
        ([{"type": "section"}], "missing required field: text", "/0"),
        ([section("")], "must be more than 0 characters", "/0/text/text"),
        ([section("x", colour="red")], "invalid additional property: colour", "/0"),
        ([{"type": "image", "alt_text": "x"}], "exactly one of image_url, slack_file must be given", "/0"),
        ([{"type": "image", "image_url": "https://example.org/a.png"}], "missing required field: alt_text", "/0"),
        ([actions(button("a"), button("a"))], "`action_id` a already exists", "/0/elements/1/action_id"),
        ([section("x", block_id="b")] * 2, "`block_id` b already exists", "/1/block_id"),
        ([actions({**button("a"), "style": "loud"})], "must be one of primary, danger", "/0/elements/0/style"),
        ([actions({"type": "plain_text_input"})], "unsupported type: plain_text_input", "/0/elements/0/type"),
        ([{"type": "alert", "text": plain(1)}], "unsupported type: alert", "/0/type"),
        ([actions(select())], "exactly one of options, option_groups must be given", "/0/elements/0"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_where(blocks: list[Any], text: str, pointer: str) -> None:
    assert (text, pointer) in {(problem.text, problem.pointer) for problem in blockkit.check_message(blocks)}


@pytest.mark.parametrize("kind", ["table", "data_table", "data_visualization", "markdown"])
def test_tables_charts_and_markdown_do_not_work_in_modals(kind: str) -> None:
    examples = {"table": table(1, 1), "data_table": data_table(2, 1), "data_visualization": chart()}
    block = examples.get(kind, {"type": "markdown", "text": "x"})
    assert blockkit.check_message([block]) == []
    assert "/blocks/0/type" in {problem.pointer for problem in blockkit.check_view(modal(block), "modal")}


def test_a_series_needs_a_value_in_every_category() -> None:
    block = chart(points=3)
    del block["chart"]["series"][0]["data"][1]
    problems = blockkit.check_message([block])
    assert [problem.pointer for problem in problems] == ["/0/chart/series/0/data"]


def test_an_initial_option_must_be_one_of_the_options() -> None:
    wrong = select(options=options(2), initial_option=options(3)[2])
    assert blockkit.check_message([actions(select(options=options(2), initial_option=options(2)[1]))]) == []
    assert [one.pointer for one in blockkit.check_message([actions(wrong)])] == ["/0/elements/0/initial_option"]


def test_a_modal_with_fields_needs_a_button_to_save_them() -> None:
    without = modal(field_block())
    del without["submit"]
    assert "missing required field: submit" in {problem.text for problem in blockkit.check_view(without, "modal")}


def test_a_home_tab_has_no_title_and_a_modal_no_other_type() -> None:
    assert blockkit.check_view({"type": "home", "blocks": []}, "home") == []
    assert blockkit.check_view({"type": "home", "blocks": [], "title": plain(1)}, "home") != []
    assert blockkit.check_view({"type": "home", "blocks": []}, "modal") != []


def test_what_the_ui_shows_in_its_gallery_slack_would_take_somewhere() -> None:
    for name, shown in yaml.safe_load(GALLERY.read_text(encoding="utf-8")).items():
        blocks = [block for block in shown if block["type"] != "file"]  # Slack makes those, apps cannot
        everywhere = [
            blockkit.check_message(blocks),
            blockkit.check_view(modal(*blocks), "modal"),
            blockkit.check_view({"type": "home", "blocks": blocks}, "home"),
        ]
        assert [] in everywhere, name
