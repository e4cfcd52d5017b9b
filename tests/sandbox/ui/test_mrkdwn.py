from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.sandbox.ui.context import Context
from bot.sandbox.ui.mrkdwn import mrkdwn, plain

CONTEXT = Context(
    people={"U1": {"id": "U1", "real_name": "Nia Reyes"}, "U2": {"id": "U2", "real_name": "Tomas Lind"}},
    channels={"C1": {"id": "C1", "name": "ward-3"}},
    usergroups={"S1": {"id": "S1", "handle": "nurses"}},
    viewer="U1",
    now=datetime(2026, 3, 3, 18, 0, tzinfo=UTC),
    zone=ZoneInfo("America/Chicago"),
)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("*bold* and _italic_ and ~gone~", "<strong>bold</strong> and <em>italic</em> and <s>gone</s>"),
        ("*_both_*", "<strong><em>both</em></strong>"),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
        ("`*not bold*`", "<code>*not bold*</code>"),
        ("```a\n  b```", "<pre><code>a\n  b</code></pre>"),
        ("one\ntwo", "one<br>two"),
        ("&gt; quoted\nnot", "<blockquote>quoted</blockquote>not"),
        ("a &lt; b &amp;amp; c", "a &lt; b &amp;amp; c"),
        ("<#C1>", '<a class="mention" href="/as/U1/C1">#ward-3</a>'),
        ("<#C9|elsewhere>", '<span class="mention">#elsewhere</span>'),
        ("<@U2>", '<span class="mention">@Tomas Lind</span>'),
        ("<@U1>", '<span class="mention is-me">@Nia Reyes</span>'),
        ("<!here>", '<span class="mention is-me">@here</span>'),
        ("<!subteam^S1>", '<span class="mention">@nurses</span>'),
        (":seedling:", '<span class="emoji" title=":seedling:">🌱</span>'),
        (":no_such_sign:", '<span class="emoji" title=":no_such_sign:">:no_such_sign:</span>'),
    ],
)
def test_mrkdwn_reads_as_slack_shows_it(source: str, expected: str) -> None:
    assert mrkdwn(source, CONTEXT) == expected


def test_a_link_opens_beside_the_page_and_keeps_its_label() -> None:
    assert mrkdwn("<https://example.org/?a=1&amp;b=2|the *map*>", CONTEXT) == (
        '<a href="https://example.org/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">the *map*</a>'
    )


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x"])
def test_a_link_that_would_run_code_is_only_its_words(address: str) -> None:
    assert mrkdwn(f"<{address}|click>", CONTEXT) == "click"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{date_num} {time}", "2026-03-02 11:05 PM"),
        ("{date}", "March 2nd, 2026"),
        ("{date_short}", "Mar 2, 2026"),
        ("{date_long}", "Monday, March 2nd, 2026"),
        ("{date_long_pretty} at {time}", "yesterday at 11:05 PM"),
        ("{ago}", "12 hours ago"),
        ("{nonsense}", "{nonsense}"),
    ],
)
def test_a_date_is_told_in_the_readers_own_time_zone(pattern: str, expected: str) -> None:
    seconds = int(datetime(2026, 3, 3, 5, 5, tzinfo=UTC).timestamp())
    assert mrkdwn(f"<!date^{seconds}^{pattern}|then>", CONTEXT) == f'<time title="then">{expected}</time>'


def test_a_date_may_carry_a_link() -> None:
    shown = mrkdwn("<!date^0^{date_num}^https://example.org|then>", CONTEXT)
    assert 'href="https://example.org"' in shown
    assert "1969-12-31" in shown


def test_plain_text_keeps_stars_and_turns_shortcodes_into_signs_unless_told_not_to() -> None:
    assert plain("*a* :tada:") == "*a* 🎉"
    assert plain(":tada:", with_emoji=False) == ":tada:"
