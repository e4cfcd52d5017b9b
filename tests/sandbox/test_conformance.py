"""Nothing the sandbox says was never said by Slack: compared with recorded shapes and documented methods."""

import json
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.sandbox.web import HANDLERS
from bot.sandbox.web.specs import SPECS
from tests.sandbox.conforming import differences, missing, paths
from tests.sandbox.desk import Desk, Json
from tests.sandbox.exercise import walk_everywhere
from tests.sandbox.listener import Listener

pytestmark = pytest.mark.reference

EVENTS = {
    "app_home_opened": "AppHomeOpened",
    "app_uninstalled": "AppUninstalled",
    "channel_archive": "ChannelArchive",
    "channel_rename": "ChannelRename",
    "dnd_updated_user": "DndUpdatedUser",
    "file_shared": "FileShared",
    "member_joined_channel": "MemberJoinedChannel",
    "member_left_channel": "MemberLeftChannel",
    "message": "Message",
    "message_changed": "MessageChanged",
    "message_deleted": "MessageDeleted",
    "reaction_added": "ReactionAdded",
    "subteam_created": "SubteamCreated",
    "subteam_members_changed": "SubteamMembersChanged",
    "subteam_updated": "SubteamUpdated",
    "team_join": "TeamJoin",
    "tokens_revoked": "TokensRevoked",
    "user_change": "UserChange",
}
INTERACTIONS = {
    "block_actions": "BlockActionPayload",
    "message_action": "MessageShortcutPayload",
    "view_submission": "ViewSubmissionPayload",
    "view_closed": "ViewClosedPayload",
}


LEFT_OUT: dict[str, frozenset[str]] = {
    "conversations.create": frozenset({"channel.properties.canvas"}),  # there are no canvases here
    "dnd.teamInfo": frozenset({"users.U023BECGF", "users.W058CJVAA"}),  # the example's own people
    "files.info": frozenset({"file.shares.public.C0T8SE4AU"}),  # the example's own channel
    "team.info": frozenset({"team.enterprise_id", "team.enterprise_name"}),  # no workspace here is part of a Grid
    "users.profile.get": frozenset(f"profile.fields.Xf0{digit * 6}" for digit in "123"),  # nobody defined fields
}


@pytest.fixture(scope="session")
def shapes(reference: Path) -> Json:
    return dict(json.loads((reference / "slack" / "shapes.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def documented(reference: Path) -> Json:
    return dict(json.loads((reference / "slack" / "methods.json").read_text(encoding="utf-8")))


@pytest_asyncio.fixture
async def said(desk: Desk, listener: Listener) -> list[Json]:
    """The journal of one walk through everything."""
    await walk_everywhere(desk, listener)
    return desk.sandbox.world.journal.entries()


def unlike_slack(entry: Json, shapes: Json, documented: Json) -> list[str]:
    """What is wrong with one journal entry."""
    if entry["kind"] == "api" and entry["method"] in SPECS:
        return _about_answer(entry["method"], entry["response"], shapes, documented)
    if entry["kind"] == "event":
        event = entry["args"]["event"]
        name = EVENTS.get(event.get("subtype", event["type"]))
        return list(differences(entry["args"], shapes["events"][name])) if name else []
    if entry["kind"] == "command":
        return list(differences(entry["args"], shapes["interactions"]["SlashCommandPayload"]))
    name = INTERACTIONS.get(entry["args"].get("type", ""))
    return list(differences(entry["args"], shapes["interactions"][name])) if name else []


def _about_answer(method: str, answer: Json, shapes: Json, documented: Json) -> list[str]:
    facts = documented["methods"][method]
    seen = {**paths(facts["example"] or {}), **shapes["api"].get(method, {})}
    problems = list(differences(answer, seen)) if method in shapes["api"] else []
    allowed = set(facts["errors"]) | set(documented["common_errors"])
    if not answer["ok"] and answer["error"] not in allowed:
        problems.append(f"the error {answer['error']} is not documented")
    return problems


async def test_everything_the_sandbox_says_has_been_said_by_slack(
    said: list[Json], shapes: Json, documented: Json
) -> None:
    strange = {f"{entry['method']}: {one}" for entry in said for one in unlike_slack(entry, shapes, documented)}
    assert "\n".join(sorted(strange)) == ""


async def test_every_answer_has_the_keys_of_its_documented_example(said: list[Json], documented: Json) -> None:
    lacking = set()
    for method, facts in documented["methods"].items():
        answers = [one["response"] for one in said if one["method"] == method and (one["response"] or {}).get("ok")]
        assert answers, f"{method} was never answered with success"
        gaps = [set(missing(answer, facts["example"], LEFT_OUT.get(method, frozenset()))) for answer in answers]
        lacking |= {f"{method}: {gap}" for gap in min(gaps, key=len)}
    assert "\n".join(sorted(lacking)) == ""


async def test_every_event_and_interaction_was_compared(said: list[Json]) -> None:
    events = {
        one["args"]["event"].get("subtype", one["args"]["event"]["type"]) for one in said if one["kind"] == "event"
    }
    kinds = {one["args"].get("type") for one in said if one["direction"] == "out" and isinstance(one["args"], dict)}
    assert EVENTS.keys() - events == set()
    assert INTERACTIONS.keys() - kinds == set()


def test_every_documented_method_is_there_and_no_other(documented: Json) -> None:
    assert SPECS.keys() == HANDLERS.keys() == documented["methods"].keys()


def test_arguments_scopes_and_tiers_are_the_documented_ones(documented: Json) -> None:
    for method, facts in documented["methods"].items():
        spec = SPECS[method]
        assert set(spec.args) == set(facts["args"]) - {"token"}, method
        assert set(spec.required) == {name for name, kind in facts["args"].items() if kind.endswith("!")} - {"token"}
        assert set(spec.scopes) == set(facts["scopes"] or ()), method
        assert f"t{spec.tier}" == (facts["tier"] or "t4"), method


def _mutations(entry: Json) -> list[tuple[str, Json]]:
    """One journal entry spoiled in the ways a careless change would spoil it."""
    answer: dict[str, Any] = entry["response"]
    spoiled = [
        ("invented", {**answer, "invented_key": 1}),
        ("mistyped", {**answer, "ok": "yes"}),
        ("wrong error", {"ok": False, "error": "no_such_error"}),
    ]
    return [(name, {**entry, "response": response}) for name, response in spoiled]


async def test_the_comparison_notices_what_is_invented_dropped_mistyped_or_wrong(
    said: list[Json], shapes: Json, documented: Json
) -> None:
    answers = [one for one in said if one["kind"] == "api" and one["method"] in shapes["api"]]
    for method in documented["methods"].keys() & shapes["api"].keys():
        entry = next(one for one in answers if one["method"] == method and one["response"]["ok"])
        for name, spoiled in _mutations(entry):
            assert unlike_slack(spoiled, shapes, documented), f"{method}: {name} went unnoticed"
        example = documented["methods"][method]["example"] or {}
        for key in example.keys() - LEFT_OUT.get(method, frozenset()):
            dropped = {name: value for name, value in entry["response"].items() if name != key}
            assert list(missing(dropped, example, LEFT_OUT.get(method, frozenset()))), f"{method}: {key} was dropped"
