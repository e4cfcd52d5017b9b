"""A conversation as rows to draw: who, when, what, grouped and divided by day as one person sees it."""

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from markupsafe import Markup

from bot.sandbox.ui.blocks import render_blocks, zoomable
from bot.sandbox.ui.context import Context, Json, hue_of, initials
from bot.sandbox.ui.dates import clock_time, day_name, formatted, instant
from bot.sandbox.ui.emoji import emoji
from bot.sandbox.ui.html import join, safe_url, tag
from bot.sandbox.ui.mrkdwn import mrkdwn
from bot.sandbox.ui.signs import sign
from bot.sandbox.ui.text import as_json, items, whole

Values = Mapping[str, Mapping[str, Any]]
TOGETHER_SECONDS = 300.0
SYSTEM = frozenset(
    {"channel_join", "channel_leave", "channel_topic", "channel_purpose", "channel_name", "channel_archive"}
)


@dataclass(frozen=True)
class Row:
    """One message, ready for the template; `version` changes whenever anything visible does."""

    ts: str
    author_name: str
    initials: str
    hue: int
    time: str
    full_time: str
    day: str | None
    is_app: bool
    is_system: bool
    is_ephemeral: bool
    is_edited: bool
    follows: bool
    body: Markup
    reactions: tuple[tuple[str, int, bool], ...]
    replies: int
    thread_ts: str
    thread_href: str | None
    version: str = ""


def rows(
    messages: Sequence[Json],
    context: Context,
    *,
    thread_base: str | None = None,
    entered: Callable[[str], Values] = lambda _ts: {},
) -> list[Row]:
    """The rows of a conversation, oldest first.

    `thread_base` is the address its threads open at, if they do here; `entered` gives what the viewer has typed and
    chosen in the message with a `ts`.
    """
    drawn = []
    previous: Json | None = None
    for message in messages:
        held = replace(context, values=entered(str(message["ts"])))
        drawn.append(row(message, previous, held, thread_base))
        previous = message
    return drawn


def row(message: Json, previous: Json | None, context: Context, thread_base: str | None) -> Row:
    ts = str(message["ts"])
    at = when(message, context)
    name, is_app = author_of(message, context)
    author = str(message.get("user") or message.get("bot_id") or "")
    new_day = previous is None or when(previous, context).date() != at.date()
    parent = str(message.get("thread_ts") or ts)
    drawn = Row(
        ts=ts,
        author_name=name,
        initials=initials(name),
        hue=hue_of(author),
        time=clock_time(at),
        full_time=formatted(int(float(ts)), "{date_long} at {time_secs}", context),
        day=day_name(at, context) if new_day else None,
        is_app=is_app,
        is_system=message.get("subtype") in SYSTEM,
        is_ephemeral=is_ephemeral(message),
        is_edited=bool(message.get("edited")),
        follows=not new_day and previous is not None and belongs(message, previous),
        body=body_of(message, context.inside(ts.replace(".", "-"))),
        reactions=reactions_of(message, context),
        replies=whole(message.get("reply_count")),
        thread_ts=parent,
        thread_href=f"{thread_base}?thread={parent}" if thread_base and not is_ephemeral(message) else None,
    )
    return replace(drawn, version=f"{zlib.crc32(repr(drawn).encode()):08x}")


def when(message: Json, context: Context) -> datetime:
    """When a message was written, on the viewer's clock."""
    return instant(float(message["ts"])).astimezone(context.zone)


def reactions_of(message: Json, context: Context) -> tuple[tuple[str, int, bool], ...]:
    """Sign, count, and whether the viewer is among them."""
    return tuple(
        (emoji(str(found.get("name", ""))), whole(found.get("count")), context.viewer in found.get("users", ()))
        for found in items(message.get("reactions"))
    )


def is_ephemeral(message: Json) -> bool:
    return bool(message.get("is_ephemeral") or message.get("ephemeral_user"))


def belongs(message: Json, previous: Json) -> bool:
    """Whether a message continues the one before it, so that the author need not be named again."""
    same = message.get("user") == previous.get("user") and message.get("bot_id") == previous.get("bot_id")
    close = float(message["ts"]) - float(previous["ts"]) < TOGETHER_SECONDS
    plain = message.get("subtype") not in SYSTEM and previous.get("subtype") not in SYSTEM
    return same and close and plain and is_ephemeral(message) == is_ephemeral(previous)


def author_of(message: Json, context: Context) -> tuple[str, bool]:
    """The name to show, and whether an app is speaking."""
    is_app = bool(message.get("bot_id"))
    if message.get("username"):
        return str(message["username"]), is_app
    user = str(message.get("user") or "")
    if user in context.people:
        return context.person_name(user), is_app
    return str(as_json(message.get("bot_profile")).get("name") or user or "App"), is_app


def body_of(message: Json, context: Context) -> Markup:
    """Blocks, else text; then attachments and files."""
    blocks = message.get("blocks")
    main = render_blocks(blocks, context) if blocks else text_of(message, context)
    attached = (attachment(entry, context.inside(f"a{n}")) for n, entry in enumerate(items(message.get("attachments"))))
    return join([main, *attached, files_of(items(message.get("files")), context)])


def text_of(message: Json, context: Context) -> Markup | None:
    text = str(message.get("text") or "")
    return tag("div", mrkdwn(text, context), class_="text") if text else None


def attachment(entry: Json, context: Context) -> Markup:
    """A legacy attachment: blocks, or its title and text, beside a line."""
    if entry.get("blocks"):
        return tag("div", render_blocks(entry["blocks"], context), class_="attachment")
    address = safe_url(str(entry.get("title_link") or ""))
    title = str(entry.get("title") or "")
    named = (
        tag("a", title, href=address, target="_blank", rel="noopener noreferrer") if address else tag("strong", title)
    )
    text = str(entry.get("text") or entry.get("fallback") or "")
    return tag("div", named if title else None, tag("div", mrkdwn(text, context), class_="text"), class_="attachment")


def files_of(files: Iterable[Json], context: Context) -> Markup | None:
    drawn = [file_card(file, context) for file in files]
    return tag("div", *drawn, class_="files") if drawn else None


def file_card(file: Json, _context: Context) -> Markup:
    """An uploaded file: pictures are shown with their title, others as a link."""
    title = str(file.get("title") or file.get("name") or "file")
    address = f"/_sandbox/files/{file.get('id', '')}"
    if str(file.get("mimetype", "")).startswith("image/"):
        alt = str(file.get("alt_txt") or title)
        return tag("figure", tag("figcaption", title), zoomable(address, alt, title), class_="file-image")
    size = size_words(file.get("size"))
    return tag(
        "a",
        sign("file"),
        tag("span", title, tag("small", size)),
        href=address,
        class_="chip",
        target="_blank",
    )


def size_words(size: Any) -> str:
    """12 kB, as people read it."""
    if not isinstance(size, int):
        return ""
    for unit, length in (("MB", 1_000_000), ("kB", 1_000)):
        if size >= length:
            return f" {size / length:.1f} {unit}"
    return f" {size} bytes"
