"""No user text ever becomes markup: whatever an app sends, only our own elements and attributes come out."""

from html.parser import HTMLParser
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.ui.blocks import BLOCKS, render_blocks
from bot.sandbox.ui.context import Context
from bot.sandbox.ui.elements import RENDERERS
from bot.sandbox.ui.gallery import examples
from bot.sandbox.ui.html import SAFE_SCHEMES, VOID

MARK = "xss"
NASTY = (
    f"<script>{MARK}</script>",
    f'"><img src=x onerror={MARK}>',
    f"' onmouseover='{MARK}",
    f"<https://example.org|<b onclick={MARK}>>",
    f"<javascript:{MARK}|go>",
    f"[{MARK}](javascript:{MARK})",
    f"```</code><script>{MARK}",
    f"*<i {MARK}>*",
    f"&lt;script&gt;{MARK}",
    f"<!date^1^{{date}}^javascript:{MARK}|x>",
)
TEXTS = st.one_of(st.sampled_from(NASTY), st.text(max_size=40))
OURS = """
a article blockquote br button caption circle code details div em figcaption figure g h3 h4 h5 h6 hr img input label li
line ol optgroup option p path polygon polyline pre rect s section select small span strong summary svg table tbody td
text textarea th thead time tr u ul
"""
ELEMENTS = frozenset(OURS.split())


class Auditor(HTMLParser):
    """Notes every element that is not ours, every handler, every address that would run."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ELEMENTS:
            self.problems.append(f"<{tag}>")
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name in {"style", "srcdoc", MARK}:
                self.problems.append(f"{tag} {name}")
            if name in {"href", "src"} and value and not is_safe(value):
                self.problems.append(f"{name}={value}")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}>")


def is_safe(address: str) -> bool:
    return address.startswith("/") or address.partition(":")[0].lower() in SAFE_SCHEMES


def problems_of(markup: str) -> list[str]:
    auditor = Auditor()
    auditor.feed(markup)
    auditor.close()
    return auditor.problems + [f"<{tag}> left open" for tag in auditor.open]


def poisoned(value: Any, texts: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """The same structure with every text that is not a kind replaced."""
    if isinstance(value, dict):
        kept = {key: st.just(entry) if key == "type" else poisoned(entry, texts) for key, entry in value.items()}
        return st.fixed_dictionaries(kept)
    if isinstance(value, list):
        return st.tuples(*(poisoned(entry, texts) for entry in value)).map(list)
    return texts if isinstance(value, str) else st.just(value)


WELL_FORMED = st.sampled_from([block for blocks in examples().values() for block in blocks]).flatmap(
    lambda block: poisoned(block, TEXTS)
)
KINDS = st.one_of(st.sampled_from(sorted({*BLOCKS, *RENDERERS, "mrkdwn", "plain_text", "pie", "line", "bar"})), TEXTS)
FIELDS = """
text fields accessory elements element label hint options option_groups rows column_settings chart series segments data
value title subtitle body actions child_blocks caption image_url alt_text url confirm placeholder initial_value style
level axis_config categories indent page_size timestamp slack_file id files name width max_files tasks
"""
KEYS = st.sampled_from(FIELDS.split())
JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**6), 10**6), st.floats(), TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.builds(lambda kind, rest: {**rest, "type": kind}, KINDS, st.dictionaries(KEYS, inner, max_size=5)),
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(WELL_FORMED)
def test_texts_of_well_formed_blocks_never_become_markup(block: Any) -> None:
    assert problems_of(render_blocks([block], Context(viewer="U1"))) == []


@settings(max_examples=150, deadline=None)
@given(st.lists(JUNK, max_size=3), TEXTS)
def test_malformed_blocks_neither_break_the_page_nor_become_markup(blocks: list[Any], error: str) -> None:
    context = Context(viewer="U1", errors={"b": error}, people={"U1": {"id": "U1", "real_name": error}})
    assert problems_of(render_blocks(blocks, context)) == []


def test_the_audit_itself_notices_what_it_should() -> None:
    assert problems_of("<script>x</script>")
    assert problems_of('<a href="javascript:x">y</a>')
    assert problems_of('<img src="/x" onerror="y">')
    assert problems_of("<p>left open")
    assert problems_of('<p class="fine">text</p>') == []
