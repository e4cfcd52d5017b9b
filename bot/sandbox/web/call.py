"""One call of the Web API as its handler sees it."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.errors import SlackError
from bot.sandbox.messages import open_im
from bot.sandbox.platform import Platform
from bot.sandbox.state import App, Channel, Installation, Json, Token, User
from bot.sandbox.world import World

PAGE = 1_000
_SCOPE_FAMILIES = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}
_NAMES_ITS_LIMIT = frozenset({"conversations.list", "conversations.members", "users.conversations"})


@dataclass(frozen=True, slots=True)
class Call:
    """The method, its arguments in their own types, and who asks; `token` is None where none is needed."""

    platform: Platform
    method: str
    args: Json
    token: Token | None

    @property
    def world(self) -> World:
        return self.platform.world

    @property
    def caller(self) -> Token:
        if self.token is None:
            raise SlackError("not_authed")
        return self.token

    @property
    def team_id(self) -> str:
        return self.caller.team_id

    @property
    def app(self) -> App:
        return self.world.apps[self.caller.app_id]

    @property
    def bot(self) -> Installation:
        """The installation the caller's token belongs to."""
        installation = self.app.installations.get(self.caller.team_id)
        if installation is None:
            raise SlackError("invalid_auth")
        return installation

    def text(self, name: str, default: str = "") -> str:
        return str(self.args.get(name, default))

    def instant(self, name: str, default: float) -> float:
        """A timestamp in seconds; raises invalid_arguments for what is none."""
        try:
            return float(self.args.get(name) or default)
        except ValueError as error:
            raise SlackError("invalid_arguments") from error

    def need(self, scope: str) -> None:
        """Raises missing_scope, with what is needed and what is there."""
        if scope not in self.caller.scopes:
            raise SlackError("missing_scope", needed=scope, provided=",".join(self.caller.scopes))

    def need_for(self, channel: Channel, suffix: str) -> None:
        """The scope that goes with a conversation's type, such as im:history."""
        self.need(f"{_SCOPE_FAMILIES[channel.kind]}:{suffix}")

    def channel(self, name: str = "channel") -> Channel:
        """The conversation an argument names, if the caller can see it; raises channel_not_found."""
        return self.visible(self.text(name))

    def visible(self, channel_id: str) -> Channel:
        channel = self.world.channels.get(channel_id)
        if channel is None or channel.team_id != self.team_id or not self.sees(channel):
            raise SlackError("channel_not_found")
        return channel

    def channel_to_write(self, name: str = "channel") -> Channel:
        """Where to post: a conversation's id or name, or a person, whose direct message is opened."""
        key = self.text(name)
        user = self.world.users.get(key)
        if user is not None and user.team_id == self.team_id:
            return open_im(self.world, user.id, self.bot.bot_user_id)[0]
        channel = self.world.conversation(key, self.team_id)
        if channel is None or channel.team_id != self.team_id or not self.sees(channel):
            raise SlackError("channel_not_found")
        if channel.slack["is_archived"]:
            raise SlackError("is_archived")
        if not self.is_in(channel) and "chat:write.public" not in self.caller.scopes:
            raise SlackError("not_in_channel")
        return channel

    def sees(self, channel: Channel) -> bool:
        return channel.kind == "public_channel" or self.is_in(channel)

    def is_in(self, channel: Channel) -> bool:
        return self.caller.user_id in channel.members

    def user(self, key: str, refusal: str = "user_not_found") -> User:
        user = self.world.users.get(key)
        if user is None or (user.team_id != self.team_id and user.id != "USLACKBOT"):
            raise SlackError(refusal)
        return user


Handler = Callable[[Call], Json | Awaitable[Json]]


def page(call: Call, items: list[Any], *, default: int = 100, most: int = PAGE) -> tuple[list[Any], Json]:
    """One page of a list and the response_metadata that leads to the next; raises invalid_cursor."""
    start = _position(call.text("cursor"))
    limit = int(call.args.get("limit") or default)
    if limit < 1:
        raise SlackError("invalid_limit" if call.method in _NAMES_ITS_LIMIT else "invalid_arguments")
    end = start + min(limit, most)
    return items[start:end], {"next_cursor": cursor("offset", end) if end < len(items) else ""}


def cursor(key: str, value: object) -> str:
    return urlsafe_b64encode(f"{key}:{value}".encode()).decode()


def read_cursor(text: str, key: str) -> str | None:
    """What a cursor of ours holds; None for no cursor. Raises invalid_cursor for one that is not ours."""
    if not text:
        return None
    try:
        name, _, value = urlsafe_b64decode(text.encode()).decode().partition(":")
    except ValueError as error:
        raise SlackError("invalid_cursor") from error
    if name != key or not value:
        raise SlackError("invalid_cursor")
    return value


def _position(text: str) -> int:
    value = read_cursor(text, "offset")
    if value is None:
        return 0
    if not value.isdecimal():
        raise SlackError("invalid_cursor")
    return int(value)
