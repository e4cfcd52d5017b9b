"""The whole world as JSON, for people who look at it and tests that ask."""

from bot.sandbox import manifest as manifests
from bot.sandbox.platform import Platform
from bot.sandbox.state import App, Channel, Json


def state(platform: Platform) -> Json:
    """Everything but messages: those are asked for by channel."""
    world = platform.world
    return {
        "now": world.clock.now().isoformat(),
        "base_url": world.base_url,
        "api_url": f"{world.base_url}/api/",
        "teams": [
            {"id": one.id, "name": one.name, "domain": one.domain, "paid": one.paid}
            for one in world.workspaces.values()
        ],
        "users": [{**user.slack, "presence": user.presence, "dnd": user.dnd} for user in world.users.values()],
        "channels": [channel_facts(channel) for channel in world.channels.values()],
        "usergroups": [{**group.slack, "users": group.members} for group in world.usergroups.values()],
        "files": [file.slack for file in world.files.values() if file.is_complete],
        "apps": [app_facts(platform, app) for app in world.apps.values()],
        "faults": platform.faults.in_force(),
    }


def channel_facts(channel: Channel) -> Json:
    return {**channel.slack, "members": list(channel.members), "messages": len(channel.log.by_ts), "pins": channel.pins}


def app_facts(platform: Platform, app: App) -> Json:
    """An app with its credentials: this is a sandbox, and its secrets are made up."""
    installations = [
        {
            "team_id": one.team_id,
            "bot_token": one.bot_token,
            "bot_user_id": one.bot_user_id,
            "bot_id": one.bot_id,
            "scopes": list(one.scopes),
            "installed_by": one.installed_by,
        }
        for one in app.installations.values()
    ]
    first: Json = installations[0] if installations else {}
    return {
        "id": app.id,
        "name": app.name,
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "signing_secret": app.signing_secret,
        "verification_token": app.verification_token,
        "app_token": app.app_token,
        "bot_token": first.get("bot_token"),
        "bot_user_id": first.get("bot_user_id"),
        "bot_id": first.get("bot_id"),
        "installations": installations,
        "socket_mode": manifests.uses_socket_mode(app.manifest),
        "connections": len(platform.hub.connections.get(app.id, [])),
        "commands": list(manifests.slash_commands(app.manifest).values()),
        "shortcuts": list(manifests.shortcuts(app.manifest).values()),
        "manifest": app.manifest,
    }


def channel_messages(channel: Channel, user_id: str | None) -> list[Json]:
    """All messages and replies, oldest first, with the ephemeral ones (of one person where that is given)."""
    whispers = [
        message for message in channel.log.ephemeral.values() if user_id is None or message["ephemeral_user"] == user_id
    ]
    said = [*channel.log.by_ts.values(), *whispers]
    return sorted(said, key=lambda message: str(message["ts"]))
