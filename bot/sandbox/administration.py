"""The rarer half of the control API: what a workspace's owner does to people, channels, groups and apps."""

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from aiohttp import web

from bot.sandbox import describing, events, installing, people, places, seed, snapshot
from bot.sandbox import manifest as manifests
from bot.sandbox.control import Endpoint, attach
from bot.sandbox.errors import ControlError
from bot.sandbox.platform import Platform
from bot.sandbox.state import App, Channel, Json, UserGroup

_LIMITS = frozenset({"enabled", "workspace_posts", "channel_burst"})


def add_routes(app: web.Application, platform: Platform) -> None:
    """Attach the administrator's part of the control API."""
    routes: list[tuple[str, str, Endpoint]] = [
        ("POST", "/_sandbox/workspaces", add_workspace),
        ("POST", "/_sandbox/users", add_user),
        ("PATCH", "/_sandbox/users/{user}", change_user),
        ("POST", "/_sandbox/channels", add_channel),
        ("PATCH", "/_sandbox/channels/{channel}", change_channel),
        ("POST", "/_sandbox/usergroups", add_usergroup),
        ("PATCH", "/_sandbox/usergroups/{group}", change_usergroup),
        ("POST", "/_sandbox/apps", add_app),
        ("PATCH", "/_sandbox/apps/{app}", change_app),
        ("POST", "/_sandbox/apps/{app}/install", install),
        ("POST", "/_sandbox/apps/{app}/uninstall", uninstall),
        ("PATCH", "/_sandbox/limits", change_limits),
        ("GET", "/_sandbox/snapshot", read_snapshot),
        ("PUT", "/_sandbox/snapshot", write_snapshot),
        ("GET", "/_sandbox/avatars/{user}.svg", avatar),
        ("GET", "/_sandbox/team.svg", team_icon),
    ]
    attach(app, platform, routes)


async def add_workspace(platform: Platform, _request: web.Request, body: Json) -> Json:
    """A seed as the body: another workspace with its people, channels and groups."""
    workspace = seed.plant(platform.world, body)
    return {"ok": True, "team": {"id": workspace.id, "name": workspace.name, "domain": workspace.domain}}


async def add_user(platform: Platform, _request: web.Request, body: Json) -> Json:
    """An entry of a seed's people, with `team` where there are several; apps hear team_join."""
    if not body.get("name"):
        raise ControlError("A person needs a name.")
    user = seed.add_person(platform.world, _team(platform, body), body)
    events.user_event(platform, "team_join", user)
    return {"ok": True, "user": user.slack}


async def change_user(platform: Platform, request: web.Request, body: Json) -> Json:
    """Any of real_name, title, email, tz, locale, deleted, is_restricted, presence, dnd; apps hear user_change."""
    user = places.user_of(platform.world, request.match_info["user"])
    people.change(platform, user, body)
    return {"ok": True, "user": user.slack}


async def add_channel(platform: Platform, _request: web.Request, body: Json) -> Json:
    if not body.get("name"):
        raise ControlError("A channel needs a name.")
    team_id = _team(platform, body)
    members = _people(platform, body, "members", team_id)
    channel = seed.add_channel(platform.world, team_id, body, members)
    return {"ok": True, "channel": describing.channel_facts(channel)}


async def change_channel(platform: Platform, request: web.Request, body: Json) -> Json:
    """`add` and `remove` people, `name`, `archived: true`; apps hear of each."""
    channel = platform.world.conversation(request.match_info["channel"])
    if channel is None:
        raise ControlError(f"There is no channel {request.match_info['channel']}.", 404)
    _change_members(platform, channel, body)
    if body.get("name"):
        _rename(platform, channel, str(body["name"]))
    if body.get("archived") and not channel.slack["is_archived"]:
        channel.slack["is_archived"] = True
        event = {"type": "channel_archive", "channel": channel.id, "user": channel.slack.get("creator", "USLACKBOT")}
        event["event_ts"] = events.event_ts(platform)
        events.emit(platform, channel.team_id, "channel_archive", event)
    platform.world.feed.publish("channel", channel=channel.id)
    return {"ok": True, "channel": describing.channel_facts(channel)}


def _change_members(platform: Platform, channel: Channel, body: Json) -> None:
    joining = _people(platform, body, "add", channel.team_id)
    leaving = _people(platform, body, "remove", channel.team_id)
    for user_id in platform.world.join(channel, joining):
        events.membership_changed(platform, channel, user_id, joined=True)
    for user_id in leaving:
        if platform.world.leave(channel, user_id):
            events.membership_changed(platform, channel, user_id, joined=False)


def _rename(platform: Platform, channel: Channel, name: str) -> None:
    platform.world.rename_channel(channel, name)
    facts = {key: channel.slack[key] for key in ("id", "name", "name_normalized", "created", "is_channel", "is_mpim")}
    event = {"type": "channel_rename", "channel": facts, "event_ts": events.event_ts(platform)}
    events.emit(platform, channel.team_id, "channel_rename", event)


async def add_usergroup(platform: Platform, _request: web.Request, body: Json) -> Json:
    if not body.get("handle"):
        raise ControlError("A user group needs a handle.")
    team_id = _team(platform, body)
    members = _people(platform, body, "members", team_id)
    group = seed.add_usergroup(platform.world, team_id, body, members)
    _tell_of_group(platform, group, "subteam_created")
    return {"ok": True, "usergroup": {**group.slack, "users": group.members}}


async def change_usergroup(platform: Platform, request: web.Request, body: Json) -> Json:
    """New `members`, or `disabled: true`; apps hear subteam_members_changed or subteam_updated."""
    group = platform.world.usergroups.get(request.match_info["group"])
    if group is None:
        raise ControlError(f"There is no user group {request.match_info['group']}.", 404)
    before, now = list(group.members), int(platform.world.clock.timestamp())
    previous_update, group.slack["date_update"] = group.slack["date_update"], now
    if "members" in body:
        group.members = _people(platform, body, "members", group.team_id)
        added = [one for one in group.members if one not in before]
        removed = [one for one in before if one not in group.members]
        event = {
            "type": "subteam_members_changed",
            "subteam_id": group.id,
            "team_id": group.team_id,
            "date_previous_update": previous_update,
            "date_update": now,
            "added_users": added,
            "added_users_count": len(added),
            "removed_users": removed,
            "removed_users_count": len(removed),
            "event_ts": events.event_ts(platform),
        }
        events.emit(platform, group.team_id, "subteam_members_changed", event)
    if "disabled" in body:
        group.slack["date_delete"] = now if body["disabled"] else 0
        _tell_of_group(platform, group, "subteam_updated")
    platform.world.feed.publish("usergroup", usergroup=group.id)
    return {"ok": True, "usergroup": {**group.slack, "users": group.members}}


def _tell_of_group(platform: Platform, group: UserGroup, kind: str) -> None:
    facts = {**group.slack, "users": list(group.members), "user_count": len(group.members)}
    for key in ("auto_type", "deleted_by"):
        del facts[key]
    event = {"type": kind, "subteam": facts, "event_ts": events.event_ts(platform)}
    events.emit(platform, group.team_id, kind, event)


async def add_app(platform: Platform, request: web.Request, body: Json) -> Json:
    """A manifest as the body, YAML or JSON; `?install=T…` (or `?install=true`) installs it at once."""
    source: str | Mapping[str, Any] = body or await request.text()
    app = seed.add_app(platform.world, manifests.read_manifest(source))
    wanted = request.query.get("install")
    if wanted:
        team_id = next(iter(platform.world.workspaces)) if wanted in {"1", "true"} else wanted
        _install(platform, app, {"team": team_id})
    return describing.app_facts(platform, app)


async def change_app(platform: Platform, request: web.Request, body: Json) -> Json:
    """`request_url` (null for Socket Mode) or a whole `manifest`; a new address must pass Slack's challenge."""
    app = _app(platform, request)
    if "manifest" in body:
        app.manifest = manifests.read_manifest(body["manifest"])
    if "request_url" in body:
        url = body["request_url"]
        if url is not None and not (await platform.courier.verify_url(app, str(url))).acked:
            raise ControlError(f"{url} did not answer the challenge: nothing was changed.")
        app.manifest = manifests.with_request_url(app.manifest, url)
    platform.world.feed.publish("app", app=app.id)
    return describing.app_facts(platform, app)


async def install(platform: Platform, request: web.Request, body: Json) -> Json:
    """Install (again, after a change of scopes) without the pages of OAuth; `team` and `user` are optional."""
    app = _app(platform, request)
    _install(platform, app, body)
    return describing.app_facts(platform, app)


async def uninstall(platform: Platform, request: web.Request, body: Json) -> Json:
    app = _app(platform, request)
    bot = app.installations.get(_team(platform, body))
    if bot is None:
        raise ControlError("The app is not installed there.", 404)
    installing.uninstall(platform, bot)
    return describing.app_facts(platform, app)


async def change_limits(platform: Platform, _request: web.Request, body: Json) -> Json:
    """`enabled`, `workspace_posts` a minute, `channel_burst`."""
    unknown = body.keys() - _LIMITS
    if unknown:
        raise ControlError(f"There is no limit called {', '.join(sorted(unknown))}.")
    for name, value in body.items():
        setattr(platform.limits, name, value)
    return {name: getattr(platform.limits, name) for name in sorted(_LIMITS)}


async def read_snapshot(platform: Platform, _request: web.Request, _body: Json) -> Json:
    return snapshot.dump(platform.world)


async def write_snapshot(platform: Platform, _request: web.Request, body: Json) -> Json:
    snapshot.load(platform, body)
    return {"ok": True}


async def avatar(platform: Platform, request: web.Request, _body: Json) -> web.Response:
    """Initials on the person's colour."""
    user = places.user_of(platform.world, request.match_info["user"])
    initials = "".join(word[0] for word in str(user.slack["real_name"]).split()[:2]).upper()
    return _picture(initials, str(user.slack["color"]), round_corners=8)


async def team_icon(platform: Platform, _request: web.Request, _body: Json) -> web.Response:
    name = next((one.name for one in platform.world.workspaces.values()), "S")
    return _picture(name[:1].upper(), "4b4453", round_corners=16)


def _picture(letters: str, color: str, *, round_corners: int) -> web.Response:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72">'
        f'<rect width="72" height="72" rx="{round_corners}" fill="#{color}"/>'
        '<text x="36" y="46" text-anchor="middle" font-family="sans-serif" font-size="28" fill="#fff">'
        f"{escape(letters)}</text></svg>"
    )
    return web.Response(text=svg, content_type="image/svg+xml", headers={"Cache-Control": "max-age=86400"})


def _install(platform: Platform, app: App, body: Json) -> None:
    team_id = _team(platform, body)
    people_here = platform.world.user_ids_of(team_id)
    installer = places.user_of(platform.world, body["user"], team_id).id if body.get("user") else people_here[-1]
    seed.install(platform.world, app, team_id, installer)


def _people(platform: Platform, body: Json, key: str, team_id: str) -> list[str]:
    names = body.get(key) or []
    if not isinstance(names, list):
        raise ControlError(f"{key} must be a list of people.")
    return [places.user_of(platform.world, one, team_id).id for one in names]


def _app(platform: Platform, request: web.Request) -> App:
    app = platform.world.apps.get(request.match_info["app"])
    if app is None:
        raise ControlError(f"There is no app {request.match_info['app']}.", 404)
    return app


def _team(platform: Platform, body: Json) -> str:
    """The workspace a body names by `team` (id or domain); the first one where it names none."""
    wanted = body.get("team")
    for workspace in platform.world.workspaces.values():
        if wanted is None or wanted in (workspace.id, workspace.domain):
            return workspace.id
    raise ControlError(f"There is no workspace {wanted!r}.", 404)
