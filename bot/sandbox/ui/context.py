"""What a renderer needs to know about the room it draws for: who looks, who is there, what time it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Context:
    """Everything outside the blocks themselves that their rendering depends on.

    `people`, `channels` and `usergroups` map ids to Slack's own objects; `values` holds what is already typed or
    chosen as `{block_id: {action_id: scalar or list}}`; `errors` maps block ids to the sentence shown under an input;
    `scope` makes the ids of the page's controls unique.
    """

    people: Mapping[str, Json] = field(default_factory=dict)
    channels: Mapping[str, Json] = field(default_factory=dict)
    usergroups: Mapping[str, Json] = field(default_factory=dict)
    viewer: str = ""
    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    zone: tzinfo = UTC
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    scope: str = "b"

    def inside(self, scope: str) -> Self:
        """The same context for a part of the page with ids of its own."""
        return replace(self, scope=f"{self.scope}-{scope}")

    def person_name(self, user: str) -> str:
        person = self.people.get(user)
        return display_name(person) if person else user

    def channel_name(self, channel: str) -> str:
        found = self.channels.get(channel)
        return str(found.get("name") or channel) if found else channel


def display_name(person: Json) -> str:
    """The name people are called by: a display name of their own, else the real name, else the handle."""
    profile = person.get("profile") or {}
    chosen = profile.get("display_name")
    for candidate in (
        chosen if chosen != person.get("name") else None,
        profile.get("real_name"),
        person.get("real_name"),
        person.get("name"),
    ):
        if candidate:
            return str(candidate)
    return str(person.get("id", "?"))


def title_of(person: Json) -> str:
    """The person's title, such as "Nurse · Ward 3", or nothing."""
    return str((person.get("profile") or {}).get("title") or "")


def zone_of(person: Json | None) -> tzinfo:
    """The person's time zone; UTC where it is absent or unknown (Slack's `tz` can be null)."""
    name = (person or {}).get("tz")
    try:
        return ZoneInfo(str(name)) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def initials(name: str) -> str:
    """One or two capital letters for an avatar."""
    words = [word for word in name.replace("-", " ").split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def hue_of(identity: str) -> int:
    """A steady number from 0 to 11 for an id: the avatar's colour."""
    return sum(position * ord(letter) for position, letter in enumerate(identity, start=1)) % 12
