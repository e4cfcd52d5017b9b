"""The world: every workspace, person, conversation, view, file and app of one sandbox, in memory and indexed.

`World` answers questions and makes elementary changes; it sends nothing to apps. Whoever shows the world to people
reads it from here and follows `world.feed` for changes.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from bot.sandbox.clock import Clock
from bot.sandbox.feed import Feed
from bot.sandbox.ids import Ids
from bot.sandbox.journal import Journal
from bot.sandbox.pace import Pace
from bot.sandbox.state import App, Channel, File, Grant, Installation, Json, Token, User, UserGroup, View, Workspace


class World:
    """The state of one sandbox. Lookups answer None for what is not there."""

    def __init__(self, *, seed: int = 0, start_at: datetime | None = None, pace: Pace | None = None) -> None:
        self.pace = pace or Pace()
        self.ids = Ids(seed)
        self.feed = Feed()
        self.clock = Clock(start_at, self.pace.follower_seconds)
        self.journal = Journal(self.feed)
        self.base_url = ""
        self.clear()

    def clear(self) -> None:
        """Forget everything but the clock, the journal and who is listening."""
        self.workspaces: dict[str, Workspace] = {}
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.views: dict[str, View] = {}
        self.stacks: defaultdict[tuple[str, str], list[str]] = defaultdict(list)  # (user, app) -> open modals' ids
        self.homes: dict[tuple[str, str], str] = {}  # (user, app) -> the view id of the Home tab
        self.files: dict[str, File] = {}
        self.uploads: dict[str, str] = {}  # the key in an upload's address -> its file's id
        self.grants: dict[str, Grant] = {}  # OAuth codes -> what they stand for
        self.usergroups: dict[str, UserGroup] = {}
        self.apps: dict[str, App] = {}
        self.tokens: dict[str, Token] = {}
        self.scheduled: dict[str, Json] = {}
        self.entered: dict[tuple[str, str, str], dict[str, dict[str, Json]]] = {}  # (user, channel, ts) -> values
        self._team_users: defaultdict[str, list[str]] = defaultdict(list)
        self._team_channels: defaultdict[str, list[str]] = defaultdict(list)
        self._memberships: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._ims: dict[frozenset[str], str] = {}
        self._emails: dict[tuple[str, str], str] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._channel_names: dict[tuple[str, str], str] = {}
        self._bots: dict[str, Installation] = {}

    # Workspaces and people

    def add_workspace(self, workspace: Workspace) -> Workspace:
        self.workspaces[workspace.id] = workspace
        self.feed.publish("state")
        return workspace

    def add_user(self, user: User) -> User:
        self.users[user.id] = user
        self._team_users[user.team_id].append(user.id)
        self.index_user(user)
        self.feed.publish("user", user=user.id)
        return user

    def index_user(self, user: User) -> None:
        """Make a user findable by the name and e-mail they have now."""
        self._names[user.team_id, str(user.slack["name"])] = user.id
        email = user.slack["profile"].get("email")
        if email:
            self._emails[user.team_id, str(email).casefold()] = user.id

    def users_of(self, team_id: str) -> list[User]:
        """Everyone in a workspace, bots included, in order of arrival."""
        return [self.users[user_id] for user_id in self._team_users[team_id]]

    def user_ids_of(self, team_id: str) -> list[str]:
        return self._team_users[team_id]

    def user_by_email(self, team_id: str, email: str) -> User | None:
        return self.users.get(self._emails.get((team_id, email.casefold()), ""))

    def user_by_name(self, team_id: str, name: str) -> User | None:
        return self.users.get(self._names.get((team_id, name), ""))

    def person(self, key: str, team_id: str | None = None) -> User | None:
        """A user by id, or by name in a workspace (the first one where none is given)."""
        if key in self.users:
            return self.users[key]
        return self.user_by_name(team_id or next(iter(self.workspaces), ""), key)

    # Conversations

    def add_channel(self, channel: Channel) -> Channel:
        self.channels[channel.id] = channel
        self._team_channels[channel.team_id].append(channel.id)
        for user_id in channel.members:
            self._memberships[user_id][channel.id] = None
        if channel.kind == "im":
            self._ims[frozenset(channel.members)] = channel.id
        else:
            self._channel_names[channel.team_id, str(channel.slack["name"])] = channel.id
        self.feed.publish("channel", channel=channel.id)
        return channel

    def rename_channel(self, channel: Channel, name: str) -> None:
        self._channel_names.pop((channel.team_id, str(channel.slack["name"])), None)
        channel.slack["name"] = channel.slack["name_normalized"] = name
        self._channel_names[channel.team_id, name] = channel.id
        self.feed.publish("channel", channel=channel.id)

    def channel_by_name(self, team_id: str, name: str) -> Channel | None:
        return self.channels.get(self._channel_names.get((team_id, name.removeprefix("#")), ""))

    def conversation(self, key: str, team_id: str | None = None) -> Channel | None:
        """A conversation by id, or by name in a workspace (the first one where none is given)."""
        return self.channels.get(key) or self.channel_by_name(team_id or next(iter(self.workspaces), ""), key)

    def im_between(self, one: str, other: str) -> Channel | None:
        return self.channels.get(self._ims.get(frozenset((one, other)), ""))

    def channel_ids_of(self, team_id: str) -> list[str]:
        return self._team_channels[team_id]

    def channels_of(self, user_id: str) -> list[Channel]:
        """The conversations somebody is in, in the order of joining."""
        return [self.channels[channel_id] for channel_id in self._memberships[user_id]]

    def join(self, channel: Channel, user_ids: Iterable[str]) -> list[str]:
        """Add people to a conversation; answers those who were not in it before."""
        fresh = [user_id for user_id in dict.fromkeys(user_ids) if user_id not in channel.members]
        for user_id in fresh:
            channel.members[user_id] = None
            self._memberships[user_id][channel.id] = None
        if fresh:
            self.feed.publish("channel", channel=channel.id)
        return fresh

    def leave(self, channel: Channel, user_id: str) -> bool:
        if user_id not in channel.members:
            return False
        del channel.members[user_id]
        self._memberships[user_id].pop(channel.id, None)
        self.feed.publish("channel", channel=channel.id)
        return True

    # Messages

    def next_ts(self, channel: Channel) -> str:
        """A timestamp that is unique and increasing in its channel, whatever the clock does."""
        micros = int(self.clock.timestamp() * 1_000_000)
        seconds, fraction = channel.log.last_ts.split(".")
        micros = max(micros, int(seconds) * 1_000_000 + int(fraction) + 1)
        channel.log.last_ts = f"{micros // 1_000_000:010d}.{micros % 1_000_000:06d}"
        return channel.log.last_ts

    def add_message(self, channel: Channel, message: Json) -> Json:
        channel.log.add(message)
        self.feed.publish("message", channel=channel.id, ts=message["ts"])
        return message

    def add_ephemeral(self, channel: Channel, message: Json) -> Json:
        channel.log.ephemeral[message["ts"]] = message
        self.feed.publish("message", channel=channel.id, ts=message["ts"], user=message["ephemeral_user"])
        return message

    def changed_message(self, channel: Channel, ts: str) -> None:
        self.feed.publish("message", channel=channel.id, ts=ts)

    def remove_message(self, channel: Channel, ts: str) -> Json | None:
        message = channel.log.remove(ts)
        if message is not None:
            self.feed.publish("message", channel=channel.id, ts=ts, deleted=True)
        return message

    # Views, files, groups

    def open_views(self, user_id: str) -> list[View]:
        """The modals somebody has open, bottom first, over all apps."""
        return [self.views[view_id] for app_id in self.apps for view_id in self.stacks.get((user_id, app_id), ())]

    def home(self, user_id: str, app_id: str | None = None) -> View | None:
        """Somebody's Home tab of an app (of the first app that published one where none is given)."""
        if app_id is not None:
            return self.views.get(self.homes.get((user_id, app_id), ""))
        published = (self.homes.get((user_id, app)) for app in self.apps)
        return next((self.views[view_id] for view_id in published if view_id is not None), None)

    def add_usergroup(self, group: UserGroup) -> UserGroup:
        self.usergroups[group.id] = group
        self.feed.publish("usergroup", usergroup=group.id)
        return group

    # Apps

    def add_app(self, app: App) -> App:
        self.apps[app.id] = app
        self.add_token(Token(app.app_token, "app", app.id, "", "", ("connections:write", "authorizations:read")))
        self.feed.publish("app", app=app.id)
        return app

    def add_token(self, token: Token) -> Token:
        self.tokens[token.value] = token
        return token

    def add_installation(self, installation: Installation) -> Installation:
        self.apps[installation.app_id].installations[installation.team_id] = installation
        self._bots[installation.bot_user_id] = installation
        self.feed.publish("app", app=installation.app_id)
        return installation

    def remove_installation(self, installation: Installation) -> None:
        self.apps[installation.app_id].installations.pop(installation.team_id, None)
        self.feed.publish("app", app=installation.app_id)

    def installations_in(self, team_id: str) -> list[Installation]:
        return [app.installations[team_id] for app in self.apps.values() if team_id in app.installations]

    def bot(self, bot_user_id: str) -> Installation | None:
        """The installation a bot user belongs to."""
        return self._bots.get(bot_user_id)

    def default_app(self) -> App | None:
        return next(iter(self.apps.values()), None)
