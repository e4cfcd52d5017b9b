"""Which of Slack's methods we call, and the scope each needs. The manifest and the doctor are checked against this."""

from __future__ import annotations

SCOPES_BY_METHOD: dict[str, str | None] = {
    "apps.connections.open": None,  # the app-level token's connections:write
    "auth.test": None,
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.history": "im:history",
    "conversations.open": "im:write",
    "dnd.info": "dnd:read",
    "files.completeUploadExternal": "files:write",
    "files.getUploadURLExternal": "files:write",
    "users.info": "users:read",
    "users.list": "users:read",
    "users.lookupByEmail": "users:read.email",
    "views.open": None,
    "views.publish": None,
    "views.update": None,
}
SCOPES_OF_FEATURES: dict[str, str] = {
    "slash commands": "commands",
    "finding our own message in a huddle's channel": "channels:history",
    "the same in a private channel": "groups:history",
}
"""Scopes that no method's name explains."""

SCOPES: frozenset[str] = frozenset(filter(None, SCOPES_BY_METHOD.values())) | frozenset(SCOPES_OF_FEATURES.values())
EVENTS: tuple[str, ...] = (
    "app_home_opened",
    "app_uninstalled",
    "message.im",
    "team_join",
    "tokens_revoked",
    "user_change",
)
COMMANDS: tuple[str, ...] = ("/rc-change", "/rc-library", "/rc-pulse", "/rc-report", "/rc-setup")
