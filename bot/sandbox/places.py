"""Where an interaction happens: in a message, in a modal, on the Home tab."""

from dataclasses import dataclass
from typing import Any

from bot.sandbox import payloads
from bot.sandbox.elements import initial_state
from bot.sandbox.errors import ControlError
from bot.sandbox.platform import Platform
from bot.sandbox.state import Channel, Installation, Json, User, View
from bot.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Place:
    """The blocks somebody acts on, whose they are, and what has been entered in them so far."""

    bot: Installation
    blocks: list[Json]
    values: dict[str, dict[str, Json]]
    channel: Channel | None = None
    message: Json | None = None
    view: View | None = None

    def describe(self) -> Json:
        """The part of a payload that says where it came from."""
        if self.view is not None:
            return payloads.view_place(self.view)
        if self.channel is None or self.message is None:
            return {}
        return payloads.message_place(self.channel, self.message)


def of_message(platform: Platform, user: User, channel: Channel, message_ts: str) -> Place:
    """Raises ControlError for a message that is not there, not theirs to see, or not an app's."""
    message = message_in(channel, message_ts, user)
    bot = platform.world.bot(str(message.get("user")))
    if bot is None:
        raise ControlError(f"Message {message_ts} was not written by an app.")
    blocks = message.get("blocks") or []
    values = platform.world.entered.setdefault((user.id, channel.id, message_ts), {})
    for block_id, fields in initial_state(blocks).items():
        for action_id, value in fields.items():
            values.setdefault(block_id, {}).setdefault(action_id, value)
    return Place(bot, blocks, values, channel=channel, message=message)


def of_view(platform: Platform, user: User, view_id: str) -> Place:
    """Raises ControlError for a view that is closed or belongs to somebody else."""
    view = view_of(platform.world, user, view_id)
    bot = platform.world.apps[view.app_id].installations.get(view.team_id)
    if bot is None:
        raise ControlError(f"The app of view {view_id} is no longer installed.", 404)
    return Place(bot, view.slack["blocks"], view.values, view=view)


def message_in(channel: Channel, message_ts: str, user: User | None = None) -> Json:
    message = channel.log.find(message_ts)
    if message is None or (user is not None and message.get("ephemeral_user", user.id) != user.id):
        raise ControlError(f"There is no message {message_ts} in {channel.id}.", 404)
    return message


def view_of(world: World, user: User, view_id: str) -> View:
    view = world.views.get(view_id)
    if view is None:
        raise ControlError(f"There is no open view {view_id}.", 404)
    if view.user_id != user.id:
        raise ControlError(f"View {view_id} belongs to somebody else.", 403)
    return view


def user_of(world: World, key: Any, team_id: str | None = None) -> User:
    """A person by id or name; raises ControlError where there is none."""
    user = world.person(str(key or ""), team_id)
    if user is None:
        raise ControlError(f"There is no user {key!r}.", 404)
    return user


def channel_of(world: World, user: User, key: Any) -> Channel:
    """A conversation by id or name; a bot's user id stands for the direct message with it."""
    channel = world.conversation(str(key or ""), user.team_id) or world.im_between(user.id, str(key or ""))
    if channel is None or channel.team_id != user.team_id:
        raise ControlError(f"There is no channel {key!r}.", 404)
    return channel
