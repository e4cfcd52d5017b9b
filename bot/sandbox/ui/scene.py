"""What one person sees of the world: their sidebar, a conversation, a thread, their Home tab, their open modal."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice

from markupsafe import Markup

from bot.sandbox.state import App, Channel, User, View
from bot.sandbox.ui.blocks import render_blocks
from bot.sandbox.ui.context import Context, Json, display_name, hue_of, initials, title_of, zone_of
from bot.sandbox.ui.messages import Row, rows
from bot.sandbox.ui.text import items, words
from bot.sandbox.world import World

PAGE_LENGTH = 60
MOST_PEOPLE = 400
HOME = "home-"


@dataclass
class ReadMarks:
    """How far each person has read each conversation, for the marks in the sidebar."""

    _read: dict[tuple[str, str], str] = field(default_factory=dict)
    _since: dict[str, str] = field(default_factory=dict)

    def mark(self, user: str, channel: str, ts: str) -> None:
        self._read[user, channel] = max(ts, self._read.get((user, channel), ""))

    def unread(self, world: World, user: str, channel: Channel) -> int:
        """New messages by others, counted up to 99; what is older than a day at the first look counts as read."""
        since = self._since.setdefault(user, f"{(world.clock.now() - timedelta(days=1)).timestamp():.6f}")
        mark = max(self._read.get((user, channel.id), ""), since)
        count = 0
        for ts in reversed(channel.log.timeline):
            if ts <= mark or count >= 99:
                break
            count += channel.log.by_ts[ts].get("user") != user
        return count


@dataclass(frozen=True)
class Entry:
    """A line of the sidebar or of the person switcher."""

    id: str
    name: str
    href: str
    title: str = ""
    initials: str = ""
    hue: int = 0
    unread: int = 0
    is_current: bool = False
    is_private: bool = False


@dataclass(frozen=True)
class Sidebar:
    channels: list[Entry]
    messages: list[Entry]
    apps: list[Entry]


def context_for(world: World, viewer: User, scope: str = "b") -> Context:
    """The rendering context of one person's page."""
    channels = {channel.id: as_seen(channel, viewer.id) for channel in team_channels(world, viewer)}
    return Context(
        people={user.id: user.slack for user in world.users_of(viewer.team_id)},
        channels=channels,
        usergroups={id_: group.slack for id_, group in world.usergroups.items()},
        viewer=viewer.id,
        now=world.clock.now(),
        zone=zone_of(viewer.slack),
        scope=scope,
    )


def team_channels(world: World, viewer: User) -> Iterable[Channel]:
    """Public conversations of the workspace and the viewer's own, whichever kind they are."""
    for id_ in world.channel_ids_of(viewer.team_id):
        channel = world.channels[id_]
        if channel.kind == "public_channel" or viewer.id in channel.members:
            yield channel


def as_seen(channel: Channel, viewer: str) -> Json:
    """Slack's object with the other person of a direct message filled in."""
    return {**channel.slack, "user": other_of(channel, viewer)} if channel.kind == "im" else channel.slack


def other_of(channel: Channel, viewer: str) -> str:
    """Whom a direct message is with; oneself in a note to self."""
    return next((member for member in channel.members if member != viewer), viewer)


def people(world: World, viewer: User) -> list[Entry]:
    """Whom one can be, for the switcher; of very many only the first (the others by their address, /as/NAME)."""
    playable = (user for user in world.users_of(viewer.team_id) if is_playable(user))
    return [
        person_entry(user, f"/as/{user.id}", is_current=user.id == viewer.id) for user in islice(playable, MOST_PEOPLE)
    ]


def is_playable(user: User) -> bool:
    """A person, neither an app nor Slackbot nor deactivated."""
    return not user.is_bot and not user.deleted and user.id != "USLACKBOT" and not user.slack.get("is_app_user")


def person_entry(user: User, href: str, *, is_current: bool = False, unread: int = 0) -> Entry:
    name = display_name(user.slack)
    return Entry(user.id, name, href, title_of(user.slack), initials(name), hue_of(user.id), unread, is_current)


def sidebar(world: World, viewer: User, place: str, marks: ReadMarks) -> Sidebar:
    """The viewer's conversations in three groups: channels, people, apps."""
    channels: list[Entry] = []
    messages: list[Entry] = []
    talks: dict[str, Channel] = {}
    for channel in world.channels_of(viewer.id):
        other = world.users.get(other_of(channel, viewer.id))
        if channel.slack.get("is_archived"):
            continue
        if channel.kind == "im" and other is not None:
            if other.is_bot:
                talks[other.id] = channel
            else:
                messages.append(direct(world, viewer, channel, other, place, marks))
        else:
            channels.append(room(world, viewer, channel, place, marks))
    apps = [app_entry(world, viewer, app, talks, place, marks) for app in installed(world, viewer)]
    return Sidebar(sorted(channels, key=lambda entry: entry.name), messages, apps)


def room(world: World, viewer: User, channel: Channel, place: str, marks: ReadMarks) -> Entry:
    return Entry(
        channel.id,
        str(channel.slack.get("name", channel.id)),
        f"/as/{viewer.id}/{channel.id}",
        unread=0 if channel.id == place else marks.unread(world, viewer.id, channel),
        is_current=channel.id == place,
        is_private=channel.kind == "private_channel",
    )


def direct(world: World, viewer: User, channel: Channel, other: User, place: str, marks: ReadMarks) -> Entry:
    unread = 0 if channel.id == place else marks.unread(world, viewer.id, channel)
    return person_entry(other, f"/as/{viewer.id}/{channel.id}", is_current=channel.id == place, unread=unread)


def installed(world: World, viewer: User) -> list[App]:
    return [app for app in world.apps.values() if viewer.team_id in app.installations]


def app_entry(world: World, viewer: User, app: App, talks: dict[str, Channel], place: str, marks: ReadMarks) -> Entry:
    """An app leads to the conversation with it, or to its Home tab while there is none."""
    bot = app.installations[viewer.team_id].bot_user_id
    talk = talks.get(bot)
    where = talk.id if talk else f"{HOME}{app.id}"
    name = display_name(world.users[bot].slack) if bot in world.users else app.name
    return Entry(
        bot,
        name,
        f"/as/{viewer.id}/{where}",
        "App",
        initials(name),
        hue_of(bot),
        0 if talk is None or talk.id == place else marks.unread(world, viewer.id, talk),
        is_current=place in {where, f"{HOME}{app.id}"},
    )


@dataclass(frozen=True)
class Conversation:
    """The middle of the page: a heading and its messages."""

    id: str
    name: str
    topic: str
    kind: str
    members: int
    rows: list[Row]
    earlier: int
    tabs: list[Entry]
    app: str | None
    writable: bool


def conversation(world: World, viewer: User, channel: Channel, *, length: int = PAGE_LENGTH) -> Conversation:
    """A conversation's newest messages, the viewer's ephemeral ones among them."""
    context = context_for(world, viewer)
    shown = channel.log.timeline[-length:]
    messages: list[Json] = [channel.log.by_ts[ts] for ts in shown]
    start = shown[0] if len(channel.log.timeline) > length else ""
    messages += [m for m in whispers(channel, viewer) if m["ts"] >= start and not m.get("thread_ts")]
    messages.sort(key=lambda message: str(message["ts"]))
    other = world.users.get(other_of(channel, viewer.id)) if channel.kind == "im" else None
    return Conversation(
        id=channel.id,
        name=display_name(other.slack) if other else str(channel.slack.get("name", channel.id)),
        topic=title_of(other.slack) if other else str((channel.slack.get("topic") or {}).get("value", "")),
        kind=channel.kind,
        members=len(channel.members),
        rows=rows(
            messages,
            context,
            thread_base=f"/as/{viewer.id}/{channel.id}",
            entered=lambda ts: world.entered.get((viewer.id, channel.id, ts), {}),
        ),
        earlier=max(len(channel.log.timeline) - length, 0),
        tabs=tabs(world, viewer, channel.id, other),
        app=app_of(world, other),
        writable=viewer.id in channel.members,
    )


def whispers(channel: Channel, viewer: User) -> list[Json]:
    return [message for message in channel.log.ephemeral.values() if message.get("ephemeral_user") == viewer.id]


def app_of(world: World, other: User | None) -> str | None:
    """The app somebody is talking with, if they are."""
    installation = world.bot(other.id) if other else None
    return installation.app_id if installation else None


def tabs(world: World, viewer: User, place: str, other: User | None) -> list[Entry]:
    """Home and Messages, for conversations with an app that has a Home tab."""
    installation = world.bot(other.id) if other else None
    if installation is None:
        return []
    home = f"{HOME}{installation.app_id}"
    talk = world.im_between(viewer.id, installation.bot_user_id)
    entries = [Entry(home, "Home", f"/as/{viewer.id}/{home}", is_current=place == home)]
    if talk is not None:
        entries.append(Entry(talk.id, "Messages", f"/as/{viewer.id}/{talk.id}", is_current=place == talk.id))
    return entries


def thread(world: World, viewer: User, channel: Channel, parent: str) -> list[Row]:
    """A message and its replies."""
    known = [parent, *channel.log.replies.get(parent, [])]
    messages: list[Json] = [channel.log.by_ts[ts] for ts in known if ts in channel.log.by_ts]
    messages += [m for m in whispers(channel, viewer) if m.get("thread_ts") == parent]
    messages.sort(key=lambda message: str(message["ts"]))
    return rows([{**m, "reply_count": 0} for m in messages], context_for(world, viewer, "t"))


@dataclass(frozen=True)
class Surface:
    """A Home tab or a modal, rendered."""

    id: str
    hash: str
    title: str
    submit: str | None
    close: str
    body: Markup
    depth: int = 1
    error: str = ""
    signature: str = ""


def home(world: World, viewer: User, app: App) -> Surface | None:
    """The Home tab as the app last published it, None before it did."""
    view = world.home(viewer.id, app.id)
    return surface(world, viewer, view, "h") if view else None


def modal(world: World, viewer: User) -> Surface | None:
    """The uppermost open modal."""
    stack = world.open_views(viewer.id)
    return surface(world, viewer, stack[-1], "v", depth=len(stack)) if stack else None


def surface(world: World, viewer: User, view: View, scope: str, *, depth: int = 1) -> Surface:
    base = context_for(world, viewer, scope)
    context = replace(base, values=view.values, errors=view.errors)
    slack = view.slack
    hash_ = str(slack.get("hash", ""))
    submit = words(slack.get("submit"))
    if not submit and any(block.get("type") == "input" for block in items(slack.get("blocks"))):
        submit = "Submit"
    return Surface(
        id=view.id,
        hash=hash_,
        title=words(slack.get("title")),
        submit=submit or None,
        close=words(slack.get("close")) or "Close",
        body=render_blocks(slack.get("blocks") or [], context),
        depth=depth,
        error=view.errors.get("", ""),
        signature=f"{view.id}:{hash_}:{sorted(view.errors.items())}",
    )


def shortcuts(world: World, viewer: User, kind: str) -> list[Json]:
    """The `global` or `message` shortcuts of the installed apps."""
    return [
        found
        for app in installed(world, viewer)
        for found in items((app.manifest.get("features") or {}).get("shortcuts"))
        if found.get("type") == kind
    ]


def commands(world: World, viewer: User) -> list[Json]:
    """The slash commands of the installed apps, for the composer's suggestions."""
    return [
        {name: command.get(name, "") for name in ("command", "description", "usage_hint")}
        for app in installed(world, viewer)
        for command in items((app.manifest.get("features") or {}).get("slash_commands"))
    ]
