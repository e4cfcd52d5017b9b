"""Whatever is sent, the verdict is right: sound blocks pass, spoiled ones are refused, nothing crashes."""

from copy import deepcopy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox import blockkit
from bot.sandbox.elements import complete, initial_state
from bot.sandbox.ids import Ids
from tests.sandbox.desk import Json, modal

_KEYS = ["type", "text", "elements", "element", "fields", "accessory", "options", "rows", "chart", "series", "blocks"]
_KINDS = ["section", "actions", "table", "data_table", "data_visualization", "input", "rich_text", "container", "modal"]

words = st.text(min_size=1, max_size=20)
ids = st.text("abcdefghij", min_size=1, max_size=20)
plain = st.builds(lambda text: {"type": "plain_text", "text": text}, words)
mrkdwn = st.builds(lambda text: {"type": "mrkdwn", "text": text}, words)
any_text = st.one_of(plain, mrkdwn)
option_lists = (
    st.lists(ids, min_size=1, max_size=4, unique=True)
    .flatmap(
        lambda values: st.tuples(
            *(st.builds(lambda text, value=value: {"text": text, "value": value}, plain) for value in values)
        )
    )
    .map(list)
)


def element(kind: str, **parts: Any) -> Any:
    return st.fixed_dictionaries({"type": st.just(kind), **parts})


buttons = element("button", text=plain, value=words)
menus = st.one_of(
    element("static_select", options=option_lists),
    element("multi_static_select", options=option_lists),
    element("radio_buttons", options=option_lists),
    element("checkboxes", options=option_lists),
    element("overflow", options=option_lists),
    element("users_select", placeholder=plain),
    element("datepicker", initial_date=st.dates().map(lambda day: f"{day:%Y-%m-%d}".zfill(10))),
    element("external_select", min_query_length=st.integers(0, 9)),
)
text_inputs = element("plain_text_input", multiline=st.booleans())
images = st.fixed_dictionaries(
    {"type": st.just("image"), "image_url": st.just("https://example.org/a.png"), "alt_text": words}
)
blocks_anywhere = st.one_of(
    element("section", text=any_text),
    element("section", fields=st.lists(any_text, min_size=1, max_size=10)),
    element("section", text=any_text, accessory=st.one_of(buttons, menus, images)),
    element("header", text=plain),
    element("divider"),
    images,
    element("context", elements=st.lists(st.one_of(any_text, images), min_size=1, max_size=10)),
    element("actions", elements=st.lists(st.one_of(buttons, menus), min_size=1, max_size=5)),
    element("input", label=plain, element=text_inputs),
)
layouts = st.lists(blocks_anywhere, min_size=1, max_size=8)
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=5),
    max_leaves=30,
)
typed_junk = st.dictionaries(st.sampled_from(_KEYS), junk, max_size=6).flatmap(
    lambda part: st.sampled_from(_KINDS).map(lambda kind: {**part, "type": kind})
)


@settings(max_examples=60, deadline=None)
@given(layouts)
def test_sound_blocks_pass_on_every_surface(blocks: list[Json]) -> None:
    assert blockkit.check_message(blocks) == []
    assert blockkit.check_view(modal(*blocks), "modal") == []
    assert blockkit.check_view({"type": "home", "blocks": blocks}, "home") == []


def _spoil(blocks: list[Json], place: int, how: str) -> str:
    """Spoil one block in place; the answer is the pointer under which the refusal must stand."""
    block = blocks[place % len(blocks)]
    at = f"/{place % len(blocks)}"
    if how == "type":
        block["type"] = "unheard_of"
        return f"{at}/type"
    if how == "property":
        block["unheard_of"] = 1
        return at
    if how == "block_id":
        block["block_id"] = "x" * 256
        return f"{at}/block_id"
    block["block_id"] = 7
    return f"{at}/block_id"


@settings(max_examples=60, deadline=None)
@given(layouts, st.integers(0, 100), st.sampled_from(["type", "property", "block_id", "not text"]))
def test_a_spoiled_block_is_refused_where_it_is_spoiled(blocks: list[Json], place: int, how: str) -> None:
    spoiled = deepcopy(blocks)
    pointer = _spoil(spoiled, place, how)
    assert pointer in {problem.pointer for problem in blockkit.check_message(spoiled)}


@settings(max_examples=150, deadline=None)
@given(st.one_of(junk, st.lists(st.one_of(junk, typed_junk), max_size=4), typed_junk))
def test_nothing_that_is_sent_crashes_the_check(anything: Any) -> None:
    for problems in (blockkit.check_message(anything), blockkit.check_view(anything, "modal")):
        assert all(problem.text and isinstance(problem.pointer, str) for problem in problems)
    if not isinstance(anything, list):
        assert blockkit.check_message(anything) != []


@settings(max_examples=60, deadline=None)
@given(layouts)
def test_what_is_stored_holds_what_was_sent_and_names_every_block_and_element(blocks: list[Json]) -> None:
    stored = complete(Ids(0), blocks)
    assert all(_holds(one, other) for one, other in zip(stored, blocks, strict=True))
    assert len({block["block_id"] for block in stored}) == len(stored)
    assert blockkit.check_message(stored) == []
    assert all(values for values in initial_state(stored).values())


def _holds(stored: Any, sent: Any) -> bool:
    if isinstance(sent, dict):
        return all(key in stored and _holds(stored[key], value) for key, value in sent.items())
    if isinstance(sent, list):
        return len(stored) == len(sent) and all(_holds(one, other) for one, other in zip(stored, sent, strict=True))
    return bool(stored == sent)
