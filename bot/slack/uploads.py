"""Files to a conversation, by Slack's three steps: an address, the bytes, the sharing."""

from __future__ import annotations

import aiohttp

from bot.content import Mrkdwn, escape
from bot.services.ports import TryLater
from bot.slack import errors
from bot.slack.desk import Desk


async def share(desk: Desk, channel: str, name: str, content: bytes, *, title: str, comment: str) -> None:
    """Upload and share. Sharing is asynchronous at Slack's: returning does not mean that it is visible already.

    ``comment`` carries what matters in words; Slack reads it as mrkdwn. No ``alt_txt``: with it Slack drops the share
    without a word. Raises SlackProblem.
    """
    said = comment if isinstance(comment, Mrkdwn) else escape(comment)
    try:
        place = await desk.client.files_getUploadURLExternal(filename=name, length=len(content))
        async with desk.session.post(
            place["upload_url"], data=content, headers={"Content-Type": "application/octet-stream"}
        ) as answer:
            answer.raise_for_status()
        await desk.client.files_completeUploadExternal(
            files=[{"id": place["file_id"], "title": title}], channel_id=channel, initial_comment=said
        )
    except aiohttp.ClientResponseError as error:
        raise TryLater(f"http_{error.status}") from error
    except errors.TROUBLE as error:
        raise errors.problem(error, sends=True) from error
