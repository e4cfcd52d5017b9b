from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import seed
from bot.sandbox.server import Sandbox
from bot.services.ports import TryLater
from bot.slack.directory import SlackDirectory, profile_of, quiet_until

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def directory(client: AsyncWebClient) -> SlackDirectory:
    return SlackDirectory(client, "T1")


def _member(**facts: Any) -> dict[str, Any]:
    return {"id": "U1", "team_id": "T1", "name": "ada", "profile": {"real_name": "Ada"}, "tz": "Europe/Berlin", **facts}


async def test_everyone_is_read_page_by_page(directory: SlackDirectory, sandbox: Sandbox) -> None:
    for number in range(250):
        seed.add_person(sandbox.world, "T1", {"name": f"p{number}"})
    found = await directory.everyone()

    people = [one for one in found if one.is_person]
    assert len(people) == 250 + 18
    assert len({one.slack_user for one in found}) == len(found)


async def test_a_person_is_found_by_id_and_by_address(directory: SlackDirectory) -> None:
    by_id = await directory.find("UNUR0")
    by_address = await directory.find("unur0@example.org")

    assert by_id is not None
    assert by_id == by_address
    assert (by_id.timezone, by_id.email) == ("Europe/Berlin", "unur0@example.org")


@pytest.mark.parametrize("unknown", ["U404NOBODY", "nobody@example.org", "just a name", ""])
async def test_who_is_not_there_is_none(directory: SlackDirectory, unknown: str) -> None:
    assert await directory.find(unknown) is None


async def test_trouble_at_slack_is_not_taken_for_an_unknown_person(directory: SlackDirectory, sandbox: Sandbox) -> None:
    sandbox.platform.faults.add({"fault": "http_500", "method": "users.info"})
    with pytest.raises(TryLater):
        await directory.find("UNUR0")


@pytest.mark.parametrize(
    ("facts", "is_person"),
    [
        ({}, True),
        ({"deleted": True}, True),
        ({"is_bot": True}, False),
        ({"is_app_user": True}, False),
        ({"id": "USLACKBOT", "is_bot": False}, False),
        ({"is_stranger": True}, False),
        ({"team_id": "T2"}, False),
        ({"team_id": "T2", "enterprise_user": {"teams": ["T1", "T2"]}}, True),
        ({"is_restricted": True}, True),
    ],
)
def test_bots_slackbot_and_strangers_are_no_people(facts: dict[str, Any], is_person: bool) -> None:
    assert profile_of(_member(**facts), "T1").is_person is is_person


def test_missing_and_null_facts_are_taken_as_they_come() -> None:
    profile = profile_of({"id": "U1", "tz": None, "profile": {}}, "T1")

    assert (profile.timezone, profile.language, profile.name, profile.email) == (None, "en", "U1", None)


def test_a_vacation_status_counts_until_it_ends() -> None:
    status = {"status_emoji": ":palm_tree:", "status_text": "Urlaub", "status_expiration": int(NOW.timestamp())}
    endless = {**status, "status_expiration": 0}

    assert profile_of(_member(profile=status), "T1").away_until == NOW
    assert profile_of(_member(profile=endless), "T1").away
    assert profile_of(_member(profile=endless), "T1").away_until is None
    assert not profile_of(_member(profile={"status_emoji": ":coffee:"}), "T1").away


def test_do_not_disturb_and_snooze_end_when_the_later_of_them_ends() -> None:
    at = int(NOW.timestamp())
    night = {"dnd_enabled": True, "next_dnd_start_ts": at - 60, "next_dnd_end_ts": at + 60}
    snoozed = {"snooze_enabled": True, "snooze_endtime": at + 120}

    assert quiet_until({**night, **snoozed}, NOW) == datetime.fromtimestamp(at + 120, UTC)
    assert quiet_until(night, NOW) == datetime.fromtimestamp(at + 60, UTC)
    assert quiet_until({**night, "next_dnd_start_ts": at + 10}, NOW) is None
    assert quiet_until({}, NOW) is None


async def test_slack_is_asked_for_do_not_disturb(directory: SlackDirectory, sandbox: Sandbox) -> None:
    assert await directory.do_not_disturb_until("UNUR0", NOW) is None
    assert [entry["method"] for entry in sandbox.world.journal.entries()][-1] == "dnd.info"
