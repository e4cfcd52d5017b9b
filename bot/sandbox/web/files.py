"""files.*: uploads in three steps, and what became of them."""

from math import ceil, inf

from bot.sandbox import uploads
from bot.sandbox.errors import SlackError
from bot.sandbox.state import File, Json
from bot.sandbox.web import content
from bot.sandbox.web.call import Call, Handler

_ALT_CHARACTERS = 1_000
_MOST_BYTES = 64 * 1024 * 1024
_NUMBERS = frozenset({"original_w", "original_h", "thumb_360_w", "thumb_360_h"})
_ONLY_IN_INFO = frozenset({"pjpeg", "image_exif_rotation", "deanimate_gif"})


def get_upload_url(call: Call) -> Json:
    length = int(call.args["length"])
    if length < 1:
        raise SlackError.with_messages("invalid_arguments", ["[ERROR] must be greater than 0: length"])
    if length > _MOST_BYTES:
        raise SlackError("file_upload_size_restricted")
    alt_text = call.text("alt_txt")
    if len(alt_text) > _ALT_CHARACTERS:
        raise SlackError("alt_txt_too_large")
    file = uploads.announce(call.world, call.bot, call.text("filename"), length, alt_text)
    file.drops_share = bool(alt_text)
    return {"upload_url": f"{call.world.base_url}/upload/v1/{file.upload_key}", "file_id": file.id}


def complete_upload(call: Call) -> Json:
    entries = call.args["files"]
    if not isinstance(entries, list) or not entries or not all(isinstance(one, dict) for one in entries):
        raise SlackError.with_messages("invalid_arguments", ["[ERROR] must be a non-empty array: files"])
    files = [_own(call, str(entry.get("id"))) for entry in entries]
    if any(not file.content for file in files):
        raise SlackError("file_not_found")
    wanted = [one for one in (call.args.get("channel_id"), *call.text("channels").split(",")) if one]
    channels = [call.visible(str(one)) for one in wanted]
    if any(not call.is_in(channel) for channel in channels):
        raise SlackError("not_in_channel")
    if "blocks" in call.args:
        for channel in channels:
            content.check_blocks(call, channel, call.args["blocks"])
    answer: Json = {
        "files": [
            _as_completed(uploads.complete(file, entry.get("title")))
            for file, entry in zip(files, entries, strict=True)
        ],
    }
    _share(call, files, [channel.id for channel in channels])
    return answer


def _as_completed(facts: Json) -> Json:
    """Here Slack answers sizes as numbers; everywhere else they are seen as text."""
    return {key: int(value) if key in _NUMBERS else value for key, value in facts.items() if key not in _ONLY_IN_INFO}


def _share(call: Call, files: list[File], channel_ids: list[str]) -> None:
    faults = call.platform.faults
    if faults.strike(call.method, ("share_dropped",)) is not None:
        for file in files:
            file.drops_share = True
    delayed = faults.strike(call.method, ("share_delayed",))
    for channel_id in channel_ids:
        uploads.share(
            call.platform,
            call.bot,
            files,
            call.world.channels[channel_id],
            call.text("initial_comment"),
            call.args.get("thread_ts"),
            delayed.seconds if delayed is not None else call.world.pace.share_seconds,
        )


def info(call: Call) -> Json:
    file = _visible(call, call.text("file"))
    return {"file": file.slack, "comments": [], "response_metadata": {"next_cursor": ""}}


def listed(call: Call) -> Json:
    """Newest first, in pages of `count`."""
    channel_id, user_id = call.args.get("channel"), call.args.get("user")
    oldest, latest = call.instant("ts_from", 0), call.instant("ts_to", inf)
    found = [
        file.slack
        for file in reversed(call.world.files.values())
        if file.team_id == call.team_id
        and file.is_complete
        and (user_id is None or file.slack["user"] == user_id)
        and (channel_id is None or channel_id in (*file.slack["channels"], *file.slack["groups"], *file.slack["ims"]))
        and oldest <= file.slack["created"] <= latest
    ]
    count, number = max(1, int(call.args.get("count") or 100)), max(1, int(call.args.get("page") or 1))
    paging = {"count": count, "total": len(found), "page": number, "pages": ceil(len(found) / count)}
    return {"files": found[(number - 1) * count : number * count], "paging": paging}


def delete(call: Call) -> Json:
    uploads.delete(call.platform, _own(call, call.text("file")))
    return {}


def _own(call: Call, file_id: str) -> File:
    file = _visible(call, file_id)
    if file.app_id != call.app.id:
        raise SlackError("cant_delete_file" if call.method == "files.delete" else "file_not_found")
    return file


def _visible(call: Call, file_id: str) -> File:
    file = call.world.files.get(file_id)
    if file is None or file.team_id != call.team_id:
        raise SlackError("file_not_found")
    return file


HANDLERS: dict[str, Handler] = {
    "files.getUploadURLExternal": get_upload_url,
    "files.completeUploadExternal": complete_upload,
    "files.info": info,
    "files.list": listed,
    "files.delete": delete,
}
