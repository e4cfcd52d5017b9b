"""What a sandbox remembers, as plain records around Slack's own objects.

Every record keeps the object the Web API would answer in `slack` (a JSON object) and beside it only what Slack keeps
to itself: who is a member, which token belongs to whom, what bytes a file has.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class Workspace:
    """One Slack team; `paid` plans have user groups."""

    id: str
    name: str
    domain: str
    paid: bool = True


@dataclass(slots=True)
class User:
    """A person or a bot; `slack` is what users.info answers."""

    id: str
    team_id: str
    slack: Json
    presence: str = "active"
    dnd: Json = field(
        default_factory=lambda: {"dnd_enabled": False, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1},
    )

    @property
    def is_bot(self) -> bool:
        return bool(self.slack["is_bot"])

    @property
    def deleted(self) -> bool:
        return bool(self.slack["deleted"])


class MessageLog:
    """The messages of one conversation by `ts`: strictly increasing, unique, found without scanning."""

    def __init__(self) -> None:
        self.by_ts: dict[str, Json] = {}
        self.timeline: list[str] = []  # what history shows: no replies (unless broadcast), no ephemeral messages
        self.replies: defaultdict[str, list[str]] = defaultdict(list)
        self.ephemeral: dict[str, Json] = {}
        self.last_ts = "0000000000.000000"

    def add(self, message: Json) -> None:
        ts = message["ts"]
        self.by_ts[ts] = message
        self.last_ts = max(self.last_ts, ts)
        parent = message.get("thread_ts")
        if parent is not None and parent != ts:
            insort(self.replies[parent], ts)
        if parent in {None, ts} or message.get("subtype") == "thread_broadcast":
            insort(self.timeline, ts)

    def remove(self, ts: str) -> Json | None:
        message = self.by_ts.pop(ts, None)
        if message is None:
            return self.ephemeral.pop(ts, None)
        for line in (self.timeline, self.replies.get(message.get("thread_ts", ""), [])):
            place = bisect_left(line, ts)
            if place < len(line) and line[place] == ts:
                del line[place]
        return message

    def find(self, ts: str) -> Json | None:
        return self.by_ts.get(ts) or self.ephemeral.get(ts)


@dataclass(slots=True)
class Channel:
    """A conversation of any kind; `slack` lacks only what depends on the asker (is_member, im's user)."""

    id: str
    team_id: str
    slack: Json
    members: dict[str, None] = field(default_factory=dict)
    log: MessageLog = field(default_factory=MessageLog)
    pins: list[str] = field(default_factory=list)
    bookmarks: list[Json] = field(default_factory=list)
    assistant: dict[str, Json] = field(default_factory=dict)  # thread ts -> status, title, prompts

    @property
    def kind(self) -> str:
        """Slack's conversation type: im, mpim, private_channel or public_channel."""
        if self.slack["is_im"]:
            return "im"
        if self.slack["is_mpim"]:
            return "mpim"
        return "private_channel" if self.slack["is_private"] else "public_channel"


@dataclass(slots=True)
class View:
    """A modal on somebody's stack, or a Home tab; `values` is what the person has entered so far."""

    id: str
    team_id: str
    app_id: str
    user_id: str
    slack: Json
    values: dict[str, dict[str, Json]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    is_open: bool = True


@dataclass(slots=True)
class File:
    """An upload; `content` arrives before `slack["shares"]` does, because sharing is asynchronous."""

    id: str
    team_id: str
    app_id: str
    slack: Json
    content: bytes = b""
    upload_key: str = ""
    is_complete: bool = False
    drops_share: bool = False


@dataclass(slots=True)
class UserGroup:
    id: str
    team_id: str
    slack: Json
    members: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Token:
    """A credential; `refusal` is the error Slack answers once it is no longer good."""

    value: str
    kind: str  # bot, user or app
    app_id: str
    team_id: str
    user_id: str
    scopes: tuple[str, ...]
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person allowed on the authorise page, waiting to be fetched with its code."""

    app_id: str
    team_id: str
    user_id: str
    scopes: tuple[str, ...]
    user_scopes: tuple[str, ...]
    redirect_uri: str | None
    until: float


@dataclass(slots=True)
class Installation:
    """An app in a workspace: its bot user and its token."""

    app_id: str
    team_id: str
    bot_id: str
    bot_user_id: str
    bot_token: str
    scopes: tuple[str, ...]
    installed_by: str


@dataclass(slots=True)
class App:
    """A Slack app as its manifest and its credentials describe it."""

    id: str
    manifest: Json
    client_id: str
    client_secret: str
    signing_secret: str
    verification_token: str
    app_token: str
    installations: dict[str, Installation] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.manifest["display_information"]["name"])
