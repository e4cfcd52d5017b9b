"""Filling an empty world: a workspace, its people, channels and user groups, and the apps installed there."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from bot.sandbox import manifest as manifests
from bot.sandbox.state import App, Channel, Installation, Json, Token, User, UserGroup, Workspace
from bot.sandbox.world import World

DEFAULT_SEED: Json = {
    "team": {"name": "Sandbox", "domain": "sandbox"},
    "people": [
        {
            "name": "ada",
            "real_name": "Ada Moreau",
            "email": "ada@sandbox.example",
            "tz": "Europe/Berlin",
            "is_admin": True,
        },
        {"name": "ben", "real_name": "Ben Okafor", "email": "ben@sandbox.example", "tz": "Europe/Lisbon"},
        {"name": "chen", "real_name": "Chen Wei", "email": "chen@sandbox.example", "tz": "America/New_York"},
    ],
    "channels": [{"name": "general", "members": ["ada", "ben", "chen"]}],
    "usergroups": [{"handle": "crew", "members": ["ada", "ben"]}],
}

_COLORS = ("9f69e7", "4bbe2e", "e7392d", "3c989f", "674b1b", "e96699", "e0a729", "684b6c", "5b89d5", "2b6836")
_FLAGS = ("is_admin", "is_owner", "is_primary_owner", "is_restricted", "is_ultra_restricted", "is_bot", "is_app_user")


class SeedError(ValueError):
    """A seed that cannot be used; the text says which entry is wrong."""


def read_seed(source: str | Path | Mapping[str, Any] | None) -> Json:
    """A seed from a mapping, a path or the text of a YAML or JSON document; a small crew for None."""
    if source is None:
        return DEFAULT_SEED
    document: Any = source
    if isinstance(source, Path):
        document = source.read_text(encoding="utf-8")
    if isinstance(document, str):
        try:
            document = yaml.safe_load(document)
        except yaml.YAMLError as error:
            raise SeedError(f"The seed is neither YAML nor JSON: {error}") from error
    if not isinstance(document, Mapping):
        raise SeedError("The seed must be a mapping with team, people, channels, usergroups.")
    return dict(document)


def plant(world: World, seed: Json) -> Workspace:
    """Put one workspace with everybody and everything of a seed into the world.

    Raises SeedError when a channel or a group names somebody who is not among the people, or a person has no name.
    """
    team = seed.get("team") or {}
    if not isinstance(team, Mapping):
        raise SeedError("/team must be a mapping with name and domain.")
    domain = str(team.get("domain") or "sandbox")
    workspace = world.add_workspace(
        Workspace(
            world.ids.claim(str(team["id"])) if team.get("id") else world.ids.new("T"),
            str(team.get("name") or domain.title()),
            domain,
            paid=bool(team.get("paid", True)),
        ),
    )
    add_slackbot(world, workspace.id)
    for number, person in enumerate(_entries(seed, "people")):
        if not person.get("name"):
            raise SeedError(f"/people/{number} has no name.")
        add_person(world, workspace.id, person)
    for number, channel in enumerate(_entries(seed, "channels")):
        members = _members(world, workspace.id, channel, f"/channels/{number}", "name")
        add_channel(world, workspace.id, channel, members)
    for number, group in enumerate(_entries(seed, "usergroups")):
        members = _members(world, workspace.id, group, f"/usergroups/{number}", "handle")
        add_usergroup(world, workspace.id, group, members)
    return workspace


def add_person(world: World, team_id: str, person: Mapping[str, Any]) -> User:
    """Add somebody from an entry of a seed; `id`, `title`, `deleted`, `presence` and Slack's flags are optional."""
    user_id = world.ids.claim(str(person["id"])) if person.get("id") else world.ids.new("U")
    name = str(person["name"])
    real_name = str(person.get("real_name") or name)
    slack: Json = {
        "id": user_id,
        "team_id": team_id,
        "name": name,
        "deleted": bool(person.get("deleted")),
        "color": _COLORS[len(world.users) % len(_COLORS)],
        "real_name": real_name,
        **zone(person.get("tz", "Europe/Berlin"), world.clock.now()),
        "profile": _profile(person, team_id=team_id, portrait=f"{world.base_url}/_sandbox/avatars/{user_id}.svg"),
        **{flag: bool(person.get(flag)) for flag in _FLAGS},
        "has_2fa": False,
        "is_email_confirmed": True,
        "who_can_share_contact_card": "EVERYONE",
        "updated": int(world.clock.timestamp()),
        "locale": str(person.get("locale") or "en-US"),
    }
    if person.get("is_stranger"):
        slack["is_stranger"] = True
    return world.add_user(User(user_id, team_id, slack, presence=str(person.get("presence") or "active")))


def add_slackbot(world: World, team_id: str) -> None:
    """Every workspace has Slackbot, whose `is_bot` is false: apps must know its id."""
    if "USLACKBOT" not in world.users:
        add_person(world, team_id, {"id": "USLACKBOT", "name": "slackbot", "real_name": "Slackbot", "tz": None})


def add_channel(world: World, team_id: str, channel: Mapping[str, Any], members: list[str]) -> Channel:
    channel_id = world.ids.claim(str(channel["id"])) if channel.get("id") else world.ids.new("C")
    creator = members[0] if members else "USLACKBOT"
    slack = channel_facts(world, channel_id, team_id, creator)
    name = str(channel["name"]).removeprefix("#")
    is_private = bool(channel.get("is_private"))
    slack |= {
        "name": name,
        "name_normalized": name,
        "is_channel": not is_private,
        "is_group": is_private,
        "is_private": is_private,
        "is_general": name == "general",
        "is_mpim": bool(channel.get("is_mpim")),
        "is_archived": bool(channel.get("is_archived")),
        "topic": {"value": str(channel.get("topic") or ""), "creator": "", "last_set": 0},
        "purpose": {"value": str(channel.get("purpose") or ""), "creator": "", "last_set": 0},
        "previous_names": [],
    }
    return world.add_channel(Channel(channel_id, team_id, slack, dict.fromkeys(members)))


def channel_facts(world: World, channel_id: str, team_id: str, creator: str) -> Json:
    """What every conversation has, whatever its kind."""
    now = world.clock.timestamp()
    return {
        "id": channel_id,
        "created": int(now),
        "creator": creator,
        "context_team_id": team_id,
        "is_archived": False,
        "is_channel": False,
        "is_ext_shared": False,
        "is_general": False,
        "is_group": False,
        "is_im": False,
        "is_mpim": False,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "is_private": False,
        "is_shared": False,
        "pending_shared": [],
        "shared_team_ids": [team_id],
        "pending_connected_team_ids": [],
        "unlinked": 0,
        "updated": int(now * 1000),
    }


def add_usergroup(world: World, team_id: str, group: Mapping[str, Any], members: list[str]) -> UserGroup:
    group_id = world.ids.claim(str(group["id"])) if group.get("id") else world.ids.new("S")
    now = int(world.clock.timestamp())
    slack: Json = {
        "id": group_id,
        "team_id": team_id,
        "is_usergroup": True,
        "is_subteam": True,
        "name": str(group.get("name") or group["handle"]),
        "description": str(group.get("description") or ""),
        "handle": str(group["handle"]),
        "is_external": False,
        "date_create": now,
        "date_update": now,
        "date_delete": 0,
        "auto_provision": False,
        "auto_type": None,
        "deleted_by": None,
        "created_by": members[0] if members else "USLACKBOT",
        "updated_by": members[0] if members else "USLACKBOT",
        "prefs": {"channels": [], "groups": []},
        "channel_count": 0,
    }
    return world.add_usergroup(UserGroup(group_id, team_id, slack, members))


def add_app(world: World, manifest: Json) -> App:
    """Register an app; its credentials are made up, once, from the world's seed."""
    return world.add_app(
        App(
            id=world.ids.new("A"),
            manifest=manifest,
            client_id=f"{world.ids.digits()}.{world.ids.digits()}",
            client_secret=world.ids.hex(),
            signing_secret=world.ids.hex(),
            verification_token=world.ids.secret(),
            app_token=f"xapp-1-{world.ids.new('A')}-{world.ids.digits()}-{world.ids.hex(64)}",
        ),
    )


def install(
    world: World, app: App, team_id: str, installed_by: str, scopes: tuple[str, ...] | None = None
) -> Installation:
    """Install an app in a workspace, or again with other scopes: a bot user, a bot and a token that works."""
    granted = manifests.bot_scopes(app.manifest) if scopes is None else scopes
    before = app.installations.get(team_id)
    if before is not None:
        bot_user_id, bot_id, bot_token = before.bot_user_id, before.bot_id, before.bot_token
    else:
        bot_id = world.ids.new("B")
        bot_token = f"xoxb-{world.ids.digits()}-{world.ids.digits()}-{world.ids.secret()}"
        bot_user_id = _add_bot_user(world, app, team_id, bot_id)
    world.add_token(Token(bot_token, "bot", app.id, team_id, bot_user_id, granted))
    return world.add_installation(
        Installation(app.id, team_id, bot_id, bot_user_id, bot_token, granted, installed_by),
    )


def _add_bot_user(world: World, app: App, team_id: str, bot_id: str) -> str:
    name = manifests.bot_name(app.manifest)
    user = add_person(world, team_id, {"name": name.lower().replace(" ", "-"), "real_name": app.name, "is_bot": True})
    user.slack["profile"] |= {"api_app_id": app.id, "bot_id": bot_id, "always_active": True}
    user.slack["profile"].pop("email", None)
    return user.id


def _entries(seed: Json, key: str) -> list[Json]:
    entries = seed.get(key) or []
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise SeedError(f"/{key} must be a list of mappings.")
    return entries


def _members(world: World, team_id: str, entry: Json, pointer: str, named: str) -> list[str]:
    if not entry.get(named):
        raise SeedError(f"{pointer} has no {named}.")
    names = entry.get("members") or []
    if not isinstance(names, list):
        raise SeedError(f"{pointer}/members must be a list of names.")
    members = []
    for name in names:
        user = world.person(str(name), team_id)
        if user is None:
            raise SeedError(f"{pointer}/members: nobody is called {name!r}.")
        members.append(user.id)
    return members


def zone(name: str | None, now: datetime) -> Json:
    """The three keys Slack has for a time zone; `tz` can be null."""
    if name is None:
        return {"tz": None, "tz_label": "Pacific Standard Time", "tz_offset": -28800}
    try:
        local = now.astimezone(ZoneInfo(name))
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise SeedError(f"There is no time zone called {name!r}.") from error
    offset = local.utcoffset()
    return {"tz": name, "tz_label": local.tzname() or name, "tz_offset": int(offset.total_seconds()) if offset else 0}


def _profile(person: Mapping[str, Any], *, team_id: str, portrait: str) -> Json:
    name = str(person["name"])
    real_name = str(person.get("real_name") or name)
    first, _, last = real_name.partition(" ")
    profile: Json = {
        "title": str(person.get("title") or ""),
        "phone": "",
        "skype": "",
        "real_name": real_name,
        "real_name_normalized": real_name,
        "display_name": name,
        "display_name_normalized": name,
        "status_text": "",
        "status_emoji": "",
        "status_expiration": 0,
        "avatar_hash": "",
        "first_name": first,
        "last_name": last,
        "team": team_id,
    }
    profile |= {f"image_{size}": portrait for size in ("24", "32", "48", "72", "192", "512", "original")}
    if person.get("email"):
        profile["email"] = str(person["email"])
    return profile
