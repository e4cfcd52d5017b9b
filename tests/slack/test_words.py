from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.content import Content
from bot.slack.words import Words, zone_named

SLACK = Path(__file__).parents[2] / "bot" / "slack"
CALLS = [
    (file.relative_to(SLACK), node)
    for file in sorted(SLACK.rglob("*.py"))
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    if isinstance(node, ast.Call) and node.args and ast.unparse(node.func) in {"words", "turn.words", "self._words"}
]


def _variables(content: Content, key: str) -> frozenset[str]:
    return content._messages["en"][key].variables


def _exact() -> Iterator[tuple[str, ast.Call, str]]:
    for file, call in CALLS:
        key = call.args[0]
        if isinstance(key, ast.Constant):
            yield f"{file}:{call.lineno}", call, str(key.value)


def test_every_text_that_the_code_asks_for_exists_with_exactly_the_variables_it_gives(content: Content) -> None:
    for place, call, key in _exact():
        assert content.has(key), f"{place}: {key}"
        named = {keyword.arg for keyword in call.keywords}
        if None not in named:
            assert named == _variables(content, key), f"{place}: {key}"


def test_every_family_of_texts_that_the_code_asks_for_exists(content: Content) -> None:
    for file, call in CALLS:
        key = call.args[0]
        if isinstance(key, ast.JoinedStr) and isinstance(key.values[0], ast.Constant):
            prefix = str(key.values[0].value)
            assert any(known.startswith(prefix) for known in content.keys), f"{file}:{call.lineno}: {prefix}"


def test_instants_are_told_on_the_persons_own_clock(content: Content) -> None:
    at = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
    east = Words(content, zone=timezone(timedelta(hours=9)))

    assert "Tuesday 3 March, 07:30" in east("pulse.until", closes_at=at)
    assert "Monday 2 March, 22:30" in Words(content)("pulse.until", closes_at=at)


@pytest.mark.parametrize("name", [None, "", "Mars/Olympus", "../etc/passwd"])
def test_an_unknown_zone_is_utc(name: str | None) -> None:
    assert zone_named(name) is UTC
