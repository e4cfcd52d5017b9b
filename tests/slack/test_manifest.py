from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.events import DISCONNECTS, PROFILES
from bot.slack.methods import COMMANDS, EVENTS, SCOPES, SCOPES_BY_METHOD

ROOT = Path(__file__).parents[2]
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "slack-manifest.yaml").read_text(encoding="utf-8"))


def _calls(name: str) -> Iterator[ast.Call]:
    for file in sorted((ROOT / "bot" / "slack").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name:
                yield node


def _used_methods() -> set[str]:
    """Every method of Slack's that the code calls on a client, by Slack's own name."""
    known = {method.replace(".", "_"): method for method in SCOPES_BY_METHOD}
    found = set()
    for file in sorted((ROOT / "bot" / "slack").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and hasattr(AsyncWebClient, node.attr) and "_" in node.attr:
                if node.attr.startswith(("_", "api_")):
                    continue
                found.add(known.get(node.attr, node.attr))
    return found


def _first_words(name: str) -> set[str]:
    arguments = (call.args[0] for call in _calls(name) if call.args)
    return {one.value for one in arguments if isinstance(one, ast.Constant) and isinstance(one.value, str)}


@pytest.mark.reference
def test_the_manifest_is_what_slack_takes(reference: Path) -> None:
    schema = json.loads((reference / "slack" / "manifest.schema.2.0.0.json").read_text(encoding="utf-8"))

    jsonschema.validate(MANIFEST, schema)


def test_the_table_of_methods_is_what_the_code_calls() -> None:
    assert _used_methods() == set(SCOPES_BY_METHOD)


@pytest.mark.reference
def test_each_method_needs_the_scope_that_the_table_gives_it(reference: Path) -> None:
    methods = json.loads((reference / "slack" / "methods.json").read_text(encoding="utf-8"))["methods"]

    for method, scope in SCOPES_BY_METHOD.items():
        needed = methods[method]["scopes"]
        assert scope in needed if needed else scope is None, method


def test_the_manifest_asks_for_the_scopes_that_the_code_uses_and_no_others() -> None:
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == SCOPES


def test_the_manifest_has_the_commands_that_the_code_answers_and_no_others() -> None:
    declared = {command["command"] for command in MANIFEST["features"]["slash_commands"]}

    assert declared == set(COMMANDS) == {name for name in _first_words("command") if name.startswith("/")}


def test_the_manifest_subscribes_to_the_events_that_the_code_hears_and_no_others() -> None:
    heard = {"message.im" if name == "message" else name for name in _first_words("event")}
    heard |= {*PROFILES, *DISCONNECTS}

    assert set(MANIFEST["settings"]["event_subscriptions"]["bot_events"]) == set(EVENTS) == heard
