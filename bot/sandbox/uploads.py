"""Files: the three steps of an upload, and sharing, which happens a little later and sometimes not at all."""

import asyncio
import mimetypes
import struct
from pathlib import PurePath

from bot.sandbox import events, messages
from bot.sandbox.platform import Platform
from bot.sandbox.state import Channel, File, Installation, Json
from bot.sandbox.world import World

_PRETTY = {"png": "PNG", "gif": "GIF", "jpg": "JPEG", "csv": "CSV", "txt": "Plain Text", "pdf": "PDF"}
_THUMBS = (64, 80, 160, 360, 480)
_PNG, _GIF = b"\x89PNG\r\n\x1a\n", b"GIF8"


def announce(world: World, bot: Installation, filename: str, length: int, alt_text: str) -> File:
    """Step one: a file that waits for its bytes at an address of its own."""
    file_id = world.ids.new("F")
    file = File(file_id, bot.team_id, bot.app_id, _facts(world, bot, file_id, filename, length, alt_text))
    file.upload_key = world.ids.secret(40)
    world.files[file_id] = file
    world.uploads[file.upload_key] = file_id
    return file


def receive(world: World, file: File, content: bytes) -> None:
    """Step two: the bytes."""
    file.content = content
    file.slack["size"] = len(content)
    size = _dimensions(content)
    if size is not None:
        width, height = size
        file.slack |= {"original_w": str(width), "original_h": str(height), "image_exif_rotation": 1}
        file.slack |= {f"thumb_{edge}": file.slack["url_private"] for edge in _THUMBS}
        file.slack |= {"thumb_360_w": str(min(360, width)), "thumb_360_h": str(min(360, height))}
        file.slack["pjpeg"] = file.slack["url_private"]
        if content.startswith(_GIF):
            file.slack |= {"thumb_360_gif": file.slack["url_private"], "deanimate_gif": file.slack["url_private"]}
    world.feed.publish("file", file=file.id)


def complete(file: File, title: str | None) -> Json:
    """Step three, as it is answered at once: nothing has been shared yet."""
    file.is_complete = True
    if title is not None:
        file.slack["title"] = title
    return file.slack


def share(
    platform: Platform,
    bot: Installation,
    files: list[File],
    channel: Channel,
    comment: str,
    thread_ts: str | None,
    delay_seconds: float,
) -> None:
    """Share files in a conversation, in the background; `alt_txt` makes Slack drop the share without a word."""

    async def later() -> None:
        await asyncio.sleep(delay_seconds)
        shown = [file for file in files if not file.drops_share and file.id in platform.world.files]
        if shown:
            _share_now(platform, bot, shown, channel, comment, thread_ts)

    platform.courier.run(later())


def _share_now(
    platform: Platform,
    bot: Installation,
    files: list[File],
    channel: Channel,
    comment: str,
    thread_ts: str | None,
) -> None:
    content = {"text": comment, "files": [file.slack for file in files], "subtype": "file_share", "upload": True}
    message = messages.post(platform, channel, bot, content, thread_ts=thread_ts)
    kind = "public" if channel.kind == "public_channel" else "private"
    places = {"public_channel": "channels", "private_channel": "groups", "mpim": "groups", "im": "ims"}
    for file in files:
        record = {"ts": message["ts"], "channel_name": channel.slack.get("name", ""), "team_id": channel.team_id}
        record |= {"reply_users": [], "reply_users_count": 0, "reply_count": 0}
        file.slack["shares"].setdefault(kind, {}).setdefault(channel.id, []).append(record)
        file.slack[places[channel.kind]].append(channel.id)
        file.slack["is_public"] = file.slack["is_public"] or kind == "public"
        platform.world.feed.publish("file", file=file.id)
        event = {
            "type": "file_shared",
            "file_id": file.id,
            "user_id": bot.bot_user_id,
            "file": {"id": file.id},
            "channel_id": channel.id,
            "event_ts": message["ts"],
        }
        events.emit(platform, channel.team_id, "file_shared", event, only=[bot])


def delete(platform: Platform, file: File) -> None:
    """Remove a file and take it out of the messages that showed it."""
    world = platform.world
    del world.files[file.id]
    world.uploads.pop(file.upload_key, None)
    for shares in file.slack["shares"].values():
        for channel_id, records in shares.items():
            for record in records:
                _take_out(world, world.channels[channel_id], record["ts"], file)
    world.feed.publish("file", file=file.id, deleted=True)


def _take_out(world: World, channel: Channel, ts: str, file: File) -> None:
    message = channel.log.by_ts.get(ts)
    if message is not None:
        message["files"] = [one for one in message.get("files", []) if one["id"] != file.id]
        world.changed_message(channel, ts)


def _facts(world: World, bot: Installation, file_id: str, filename: str, length: int, alt_text: str) -> Json:
    suffix = PurePath(filename).suffix.removeprefix(".").lower()
    now = int(world.clock.timestamp())
    url = f"{world.base_url}/files-pri/{bot.team_id}-{file_id}/{filename}"
    facts: Json = {
        "id": file_id,
        "created": now,
        "timestamp": now,
        "name": filename,
        "title": filename,
        "mimetype": mimetypes.guess_type(filename)[0] or "application/octet-stream",
        "filetype": suffix or "binary",
        "pretty_type": _PRETTY.get(suffix, suffix.upper() or "Binary"),
        "user": bot.bot_user_id,
        "user_team": bot.team_id,
        "editable": False,
        "size": length,
        "mode": "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": False,
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": url,
        "url_private_download": f"{url}?download=1",
        "permalink": f"{world.base_url}/files/{file_id}/{filename}",
        "permalink_public": f"{world.base_url}/files-pub/{file_id}/{filename}",
        "comments_count": 0,
        "is_starred": False,
        "has_rich_preview": False,
        "file_access": "visible",
        "shares": {},
        "channels": [],
        "groups": [],
        "ims": [],
    }
    if alt_text or facts["mimetype"].startswith("image/"):
        facts["alt_txt"] = alt_text or filename
    return facts


def _dimensions(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG or GIF, from its header."""
    if content.startswith(_PNG) and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return int(width), int(height)
    if content.startswith(_GIF) and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return int(width), int(height)
    return None
