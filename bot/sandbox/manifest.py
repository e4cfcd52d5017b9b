"""App manifests: read from YAML or JSON, checked, and asked what an app may do and wants to hear."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]

EVERY_BOT_SCOPE = (
    "app_mentions:read",
    "assistant:write",
    "bookmarks:read",
    "channels:history",
    "channels:join",
    "channels:manage",
    "channels:read",
    "channels:write.invites",
    "chat:write",
    "chat:write.customize",
    "chat:write.public",
    "commands",
    "dnd:read",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "groups:write",
    "groups:write.invites",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "mpim:write",
    "pins:write",
    "reactions:read",
    "reactions:write",
    "team:read",
    "usergroups:read",
    "users.profile:read",
    "users:read",
    "users:read.email",
)

EVERY_BOT_EVENT = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_archive",
    "channel_deleted",
    "channel_rename",
    "dnd_updated_user",
    "file_shared",
    "member_joined_channel",
    "member_left_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "reaction_added",
    "subteam_created",
    "subteam_members_changed",
    "subteam_updated",
    "team_join",
    "tokens_revoked",
    "user_change",
)

DEFAULT_MANIFEST: Json = {
    "display_information": {"name": "Sandbox app"},
    "features": {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": "sandbox-app", "always_online": True},
        "slash_commands": [{"command": "/hello", "description": "Say hello", "should_escape": False}],
        "shortcuts": [
            {"name": "Greet", "type": "global", "callback_id": "greet", "description": "Greet from anywhere"},
            {"name": "Greet back", "type": "message", "callback_id": "greet_back", "description": "Greet a message"},
        ],
    },
    "oauth_config": {"scopes": {"bot": list(EVERY_BOT_SCOPE)}},
    "settings": {
        "event_subscriptions": {"bot_events": list(EVERY_BOT_EVENT)},
        "interactivity": {"is_enabled": True},
        "socket_mode_enabled": True,
    },
}


_LISTS: dict[str, type] = {
    "/features/slash_commands": Mapping,
    "/features/shortcuts": Mapping,
    "/oauth_config/scopes/bot": str,
    "/oauth_config/scopes/user": str,
    "/oauth_config/redirect_urls": str,
    "/settings/event_subscriptions/bot_events": str,
}


class ManifestError(ValueError):
    """A manifest that cannot be used; the text says what is wrong and where."""


def read_manifest(source: str | Path | Mapping[str, Any] | None) -> Json:
    """A manifest from a mapping, a path or the text of a YAML or JSON document; the default one for None.

    Raises ManifestError when it is no mapping, has no name, or a slash command without its slash.
    """
    if source is None:
        return DEFAULT_MANIFEST
    document: Any = source
    if isinstance(source, Path):
        document = source.read_text(encoding="utf-8")
    if isinstance(document, str):
        try:
            document = yaml.safe_load(document)
        except yaml.YAMLError as error:
            raise ManifestError(f"The manifest is neither YAML nor JSON: {error}") from error
    if not isinstance(document, Mapping):
        raise ManifestError(
            "The manifest must be a mapping with display_information, features, oauth_config, settings."
        )
    manifest = dict(document)
    _check(manifest)
    return manifest


def _check(manifest: Json) -> None:
    information = manifest.get("display_information")
    if not isinstance(information, Mapping) or not information.get("name"):
        raise ManifestError("/display_information/name is missing.")
    for path, kind in _LISTS.items():
        entries = _at(manifest, *path.split("/")[1:]) or []
        if not isinstance(entries, list) or not all(isinstance(entry, kind) for entry in entries):
            raise ManifestError(f"{path} must be a list of {'mappings' if kind is Mapping else 'texts'}.")
    for number, command in enumerate(_at(manifest, "features", "slash_commands") or []):
        if not str(command.get("command", "")).startswith("/"):
            raise ManifestError(f"/features/slash_commands/{number}/command must start with a slash.")


def bot_scopes(manifest: Json) -> tuple[str, ...]:
    return tuple(_at(manifest, "oauth_config", "scopes", "bot") or ())


def redirect_urls(manifest: Json) -> tuple[str, ...]:
    return tuple(_at(manifest, "oauth_config", "redirect_urls") or ())


def bot_events(manifest: Json) -> frozenset[str]:
    return frozenset(_at(manifest, "settings", "event_subscriptions", "bot_events") or ())


def bot_name(manifest: Json) -> str:
    named = _at(manifest, "features", "bot_user", "display_name")
    return str(named or manifest["display_information"]["name"])


def slash_commands(manifest: Json) -> dict[str, Json]:
    """The declared commands by name, slash included."""
    return {str(command["command"]): dict(command) for command in _at(manifest, "features", "slash_commands") or []}


def shortcuts(manifest: Json) -> dict[str, Json]:
    """The declared shortcuts by callback_id."""
    return {str(shortcut["callback_id"]): dict(shortcut) for shortcut in _at(manifest, "features", "shortcuts") or []}


def uses_socket_mode(manifest: Json) -> bool:
    return bool(_at(manifest, "settings", "socket_mode_enabled"))


def home_tab_enabled(manifest: Json) -> bool:
    return bool(_at(manifest, "features", "app_home", "home_tab_enabled"))


def events_url(manifest: Json) -> str | None:
    return _url(_at(manifest, "settings", "event_subscriptions", "request_url"))


def interactivity_url(manifest: Json) -> str | None:
    return _url(_at(manifest, "settings", "interactivity", "request_url"))


def options_url(manifest: Json) -> str | None:
    return _url(_at(manifest, "settings", "interactivity", "message_menu_options_url")) or interactivity_url(manifest)


def command_url(manifest: Json, command: str) -> str | None:
    return _url(slash_commands(manifest).get(command, {}).get("url")) or interactivity_url(manifest)


def with_request_url(manifest: Json, url: str | None) -> Json:
    """The same app, delivered to over signed HTTP at one address; over Socket Mode for None."""
    features = dict(manifest.get("features") or {})
    settings = dict(manifest.get("settings") or {})
    settings["socket_mode_enabled"] = url is None
    for key in ("event_subscriptions", "interactivity"):
        settings[key] = {**(settings.get(key) or {}), **({"request_url": url} if url else {})}
    if url:
        features["slash_commands"] = [
            {**command, "url": url} for command in _at(manifest, "features", "slash_commands") or []
        ]
    return {**manifest, "features": features, "settings": settings}


def _url(value: Any) -> str | None:
    return str(value) if value else None


def _at(document: Any, *keys: str) -> Any:
    for key in keys:
        if not isinstance(document, Mapping):
            return None
        document = document.get(key)
    return document
