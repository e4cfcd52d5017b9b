"""A small ward to draw: three people, an app, a channel with a thread, a direct message with a question."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.sandbox import seed as seeds
from bot.sandbox.manifest import read_manifest
from bot.sandbox.state import App, Channel, Installation, User, View
from bot.sandbox.world import World

NOON = datetime(2026, 3, 3, 18, 0, tzinfo=UTC)  # a Tuesday, noon in Chicago
SEED: dict[str, Any] = {
    "team": {"id": "TRIVER", "name": "Riverside Hospital", "domain": "riverside"},
    "people": [
        {"id": "UNIA", "name": "nia", "real_name": "Nia Reyes", "title": "Nurse · Ward 3", "tz": "America/Chicago"},
        {"id": "UTOM", "name": "tomas", "real_name": "Tomas Lind", "title": "Pharmacist", "tz": "America/Chicago"},
        {
            "id": "UADA",
            "name": "ada",
            "real_name": "Ada Moreau",
            "title": "Team lead · Discharge",
            "tz": "America/New_York",
        },
        {"id": "UGONE", "name": "gone", "real_name": "Gone Away", "deleted": True},
    ],
    "channels": [
        {"id": "CWARD", "name": "ward-3", "members": ["nia", "tomas", "ada"]},
        {"id": "CQUIET", "name": "quiet", "members": ["nia"]},
    ],
}
MANIFEST: dict[str, Any] = {
    "display_information": {"name": "RC Pulse"},
    "features": {
        "bot_user": {"display_name": "RC Pulse"},
        "slash_commands": [
            {"command": "/rc-report", "description": "What is strong, what to look into", "usage_hint": "[team]"},
            {"command": "/rc-setup", "description": "Choose a team and its schedule"},
        ],
        "shortcuts": [
            {"name": "Start a pulse", "type": "global", "callback_id": "start", "description": "Now, for one team"},
            {"name": "Make it a commitment", "type": "message", "callback_id": "commit", "description": "Who, by when"},
        ],
    },
    "oauth_config": {"scopes": {"bot": ["chat:write", "im:history", "commands"]}},
    "settings": {"interactivity": {"is_enabled": True}, "socket_mode_enabled": True},
}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def marked(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


QUESTION: list[dict[str, Any]] = [
    {"type": "section", "block_id": "why", "text": marked("You said the hand-over comes late. We tried *a call*.")},
    {"type": "divider", "block_id": "line"},
    {"type": "section", "block_id": "q", "text": marked("*1 of 3* · How often do *pharmacists* talk with you?")},
    {
        "type": "actions",
        "block_id": "options",
        "elements": [
            {"type": "button", "action_id": f"answer_{n}", "value": str(n), "text": plain(words)}
            for n, words in enumerate(
                ("Not nearly enough", "Not enough", "Just right", "Too often", "Far too often"), 1
            )
        ],
    },
]


@dataclass
class Ward:
    """The world and the handles tests need."""

    world: World
    app: App
    bot: Installation
    talk: Channel
    room: Channel

    def nia(self) -> User:
        return self.world.users["UNIA"]

    def say(self, channel: Channel, user: str, text: str, **more: Any) -> dict[str, Any]:
        """A message by a person or, with the bot's id, by the app."""
        message: dict[str, Any] = {"type": "message", "user": user, "text": text, "ts": self.world.next_ts(channel)}
        if user == self.bot.bot_user_id:
            message |= {"bot_id": self.bot.bot_id, "app_id": self.app.id}
        return self.world.add_message(channel, {**message, **more})

    def whisper(self, channel: Channel, user: str, text: str) -> dict[str, Any]:
        """An ephemeral message by the app to one person."""
        message = {"type": "message", "user": self.bot.bot_user_id, "bot_id": self.bot.bot_id, "text": text}
        shown = {**message, "ts": self.world.next_ts(channel), "is_ephemeral": True, "ephemeral_user": user}
        return self.world.add_ephemeral(channel, shown)

    def open_modal(self, user: str, view: dict[str, Any]) -> View:
        """A modal on somebody's stack."""
        id_ = self.world.ids.new("V")
        opened = View(id_, self.bot.team_id, self.app.id, user, {"id": id_, "hash": "1", "type": "modal", **view})
        opened.slack["state"] = {"values": opened.values}
        self.world.views[id_] = opened
        self.world.stacks[user, self.app.id].append(id_)
        self.world.feed.publish("view", user=user, view=id_)
        return opened

    def publish_home(self, user: str, blocks: list[dict[str, Any]]) -> View:
        """Somebody's Home tab."""
        id_ = self.world.ids.new("V")
        view = View(
            id_, self.bot.team_id, self.app.id, user, {"id": id_, "hash": "1", "type": "home", "blocks": blocks}
        )
        self.world.views[id_] = view
        self.world.homes[user, self.app.id] = id_
        self.world.feed.publish("home", user=user, view=id_)
        return view


def ward(world: World | None = None) -> Ward:
    """A fresh ward, or the handles of one that a server has already planted."""
    if world is None:
        world = World(start_at=NOON)
        workspace = seeds.plant(world, SEED)
        seeds.install(world, seeds.add_app(world, read_manifest(MANIFEST)), workspace.id, "UNIA")
    app = next(iter(world.apps.values()))
    bot = next(iter(app.installations.values()))
    facts = {
        "id": "DNIA",
        "is_im": True,
        "is_mpim": False,
        "is_private": False,
        "is_archived": False,
        "user": bot.bot_user_id,
    }
    talk = world.add_channel(Channel("DNIA", bot.team_id, facts, dict.fromkeys((bot.bot_user_id, "UNIA"))))
    return Ward(world, app, bot, talk, world.channels["CWARD"])
