"""One workspace's people as Slack has them: the ``Directory`` that services use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.ports import Profile
from bot.slack import errors

PAGE = 200
SLACKBOT = "USLACKBOT"
AWAY_EMOJI = frozenset({":palm_tree:", ":desert_island:", ":beach_with_umbrella:", ":airplane:"})
"""Slack's own "Vacationing" status and its neighbours. The words of a status are not read: they are in any language."""
UNKNOWN = frozenset({"user_not_found", "users_not_found", "user_not_visible"})
_USER_ID = re.compile(r"^[UW][A-Z0-9]{2,}$")


class SlackDirectory:
    """Everything is asked of Slack anew: who caches must also forget, and the services keep what they need."""

    def __init__(self, client: AsyncWebClient, team_id: str) -> None:
        self._client = client
        self._team_id = team_id

    async def everyone(self) -> list[Profile]:
        """All members, page by page; people are told from bots and strangers by ``is_person``."""
        profiles: list[Profile] = []
        cursor: str | None = None
        while True:
            try:
                answer = await self._client.users_list(limit=PAGE, cursor=cursor, include_locale=True)
            except errors.TROUBLE as error:
                raise errors.problem(error, sends=False) from error
            profiles.extend(profile_of(member, self._team_id) for member in answer["members"])
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return profiles

    async def find(self, slack_user_or_email: str) -> Profile | None:
        wanted = slack_user_or_email.strip()
        try:
            if _USER_ID.match(wanted):
                answer = await self._client.users_info(user=wanted, include_locale=True)
            elif "@" in wanted:
                found = await self._client.users_lookupByEmail(email=wanted)
                answer = await self._client.users_info(user=found["user"]["id"], include_locale=True)
            else:
                return None
        except SlackApiError as error:
            if errors.reason_of(error) in UNKNOWN:
                return None
            raise errors.problem(error, sends=False) from error
        except errors.TROUBLE as error:
            raise errors.problem(error, sends=False) from error
        return profile_of(answer["user"], self._team_id)

    async def do_not_disturb_until(self, slack_user: str, now: datetime) -> datetime | None:
        try:
            answer = await self._client.dnd_info(user=slack_user)
        except errors.TROUBLE as error:
            raise errors.problem(error, sends=False) from error
        return quiet_until(answer.data if isinstance(answer.data, dict) else {}, now)


def profile_of(member: Mapping[str, Any], team_id: str) -> Profile:
    """A user object of Slack's as a Profile. ``tz`` and ``locale`` may be missing or null."""
    profile: Mapping[str, Any] = member.get("profile") or {}
    name = profile.get("display_name") or profile.get("real_name") or member.get("real_name") or member.get("name")
    away = profile.get("status_emoji") in AWAY_EMOJI
    expires = int(profile.get("status_expiration") or 0)
    return Profile(
        slack_user=str(member["id"]),
        name=str(name or member["id"]),
        timezone=member.get("tz") or None,
        language=str(member.get("locale") or "en"),
        is_person=_is_person(member, team_id),
        deactivated=bool(member.get("deleted")),
        email=profile.get("email") or None,
        away=away,
        away_until=datetime.fromtimestamp(expires, UTC) if away and expires else None,
    )


def _is_person(member: Mapping[str, Any], team_id: str) -> bool:
    """USLACKBOT says of itself that it is no bot; people of other workspaces are strangers to us."""
    if member["id"] == SLACKBOT or any(member.get(flag) for flag in ("is_bot", "is_app_user", "is_stranger")):
        return False
    home = member.get("team_id")
    teams = (member.get("enterprise_user") or {}).get("teams") or ()
    return home in (None, team_id) or team_id in teams


def quiet_until(dnd: Mapping[str, Any], now: datetime) -> datetime | None:
    """The end of Do Not Disturb or of a snooze that holds at ``now``, whichever comes later."""
    moment = now.timestamp()
    ends = []
    start, end = dnd.get("next_dnd_start_ts") or 0, dnd.get("next_dnd_end_ts") or 0
    if dnd.get("dnd_enabled") and start <= moment < end:
        ends.append(end)
    snooze = dnd.get("snooze_endtime") or 0
    if dnd.get("snooze_enabled") and moment < snooze:
        ends.append(snooze)
    return datetime.fromtimestamp(max(ends), UTC) if ends else None
