import pytest

from bot.sandbox.ui.markdown import markdown


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# Title", "<h3>Title</h3>"),
        ("**bold** *it* ~~no~~ `x`", "<p><strong>bold</strong> <em>it</em> <s>no</s> <code>x</code></p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("- [x] done\n- [ ] not", "<ul><li>☑ done</li><li>☐ not</li></ul>"),
        ("> a\n> b", "<blockquote>a<br>b</blockquote>"),
        ("```py\n<b>\n```\nafter", "<pre><code>&lt;b&gt;</code></pre><p>after</p>"),
        ("---", "<hr>"),
        ("a\nb\n\nc", "<p>a<br>b</p><p>c</p>"),
    ],
)
def test_markdown_of_the_documented_kinds_is_drawn(source: str, expected: str) -> None:
    assert markdown(source) == f'<div class="rich">{expected}</div>'


def test_a_table_becomes_a_table_that_scrolls_by_itself() -> None:
    shown = markdown("| Role | Score |\n|---|---:|\n| Nurses | **3.9** |")
    assert '<th scope="col">Role</th><th scope="col">Score</th>' in shown
    assert "<td>Nurses</td><td><strong>3.9</strong></td>" in shown
    assert 'class="scroll"' in shown


def test_a_link_that_would_run_code_is_only_its_words() -> None:
    assert markdown("[press](javascript:go) me") == '<div class="rich"><p>press me</p></div>'
