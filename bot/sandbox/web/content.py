"""What an app wants to say: text, blocks, attachments and metadata, checked before anything is said."""

import json
from typing import Any

from bot.sandbox import blockkit
from bot.sandbox.errors import SlackError
from bot.sandbox.state import Channel, Json
from bot.sandbox.web.call import Call

METADATA_BYTES = 8_000
ATTACHMENTS = 100


def read(call: Call, channel: Channel) -> Json:
    """The content of a message from a call's arguments; raises Slack's errors for what it would refuse.

    Only what was given is in the answer, so that chat.update can keep the rest.
    """
    args = call.args
    content: Json = {key: args[key] for key in ("text", "username", "icon_emoji", "icon_url") if key in args}
    if "markdown_text" in args:
        if "text" in args or "blocks" in args:
            raise SlackError("markdown_text_conflict")
        content["text"] = args["markdown_text"]
        content["blocks"] = [{"type": "markdown", "text": args["markdown_text"]}]
    if "blocks" in args:
        content["blocks"] = check_blocks(call, channel, args["blocks"])
    if "attachments" in args:
        content["attachments"] = _attachments(call, channel, args["attachments"])
    if "metadata" in args:
        content["metadata"] = _metadata(args["metadata"])
    return content


def require_something(content: Json) -> None:
    if not (content.get("text") or content.get("blocks") or content.get("attachments")):
        raise SlackError("no_text")


def check_blocks(call: Call, channel: Channel, blocks: Any) -> list[Json]:
    """The blocks if Slack would take them in this conversation."""
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    problems = blockkit.check_message(blocks)
    if problems:
        raise SlackError.with_messages("invalid_blocks", [problem.message("/blocks") for problem in problems])
    if any(block["type"] == "data_visualization" for block in blocks):
        _strike(call, "chart_refused", "/blocks")
    for number, block in enumerate(blocks):
        _check_file(call, channel, block, f"/blocks/{number}")
    return blocks


def _check_file(call: Call, channel: Channel, block: Json, pointer: str) -> None:
    """An upload can be shown once Slack has processed it and only where it was shared."""
    for part, path in ((block, pointer), (block.get("accessory"), f"{pointer}/accessory")):
        if not isinstance(part, dict) or not isinstance(part.get("slack_file"), dict):
            continue
        _strike(call, "slack_file_refused", f"{path}/slack_file")
        wanted = part["slack_file"]
        file = call.world.files.get(str(wanted.get("id") or str(wanted.get("url", "")).split("/")[-2:-1]))
        shown_in = () if file is None else (*file.slack["channels"], *file.slack["groups"], *file.slack["ims"])
        if channel.id not in shown_in:
            words = f"[ERROR] invalid slack file [json-pointer:{path}/slack_file]"
            raise SlackError.with_messages("invalid_blocks", [words])


def _strike(call: Call, fault: str, pointer: str) -> None:
    if call.platform.faults.strike(call.method, (fault,)) is not None:
        raise SlackError.with_messages("invalid_blocks", [f"[ERROR] {fault} [json-pointer:{pointer}]"])


def _attachments(call: Call, channel: Channel, attachments: Any) -> list[Json]:
    if not isinstance(attachments, list) or not all(isinstance(one, dict) for one in attachments):
        raise SlackError.with_messages("invalid_arguments", ["[ERROR] must be an array of objects: attachments"])
    if len(attachments) > ATTACHMENTS:
        raise SlackError("too_many_attachments")
    for attachment in attachments:
        if "blocks" in attachment:
            check_blocks(call, channel, attachment["blocks"])
    return attachments


def _metadata(metadata: Any) -> Json:
    if metadata == {}:
        return {}
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise SlackError("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(metadata).encode()) > METADATA_BYTES:
        raise SlackError("metadata_too_large")
    return {"event_type": metadata["event_type"], "event_payload": metadata["event_payload"]}
