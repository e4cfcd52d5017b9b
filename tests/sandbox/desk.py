"""A hand on the sandbox: the control API as people use it, the Web API as apps call it."""

from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.sandbox.server import Sandbox

Json = dict[str, Any]


@dataclass
class Desk:
    """One sandbox and one HTTP session; `get`, `post`, `patch` speak to /_sandbox, `call` to /api as the bot."""

    sandbox: Sandbox
    http: aiohttp.ClientSession

    async def get(self, path: str) -> Any:
        async with self.http.get(f"{self.sandbox.base_url}/_sandbox/{path}") as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def post(self, path: str, status: int = 200, **body: Any) -> Any:
        return await self._send("POST", path, status, body)

    async def patch(self, path: str, status: int = 200, **body: Any) -> Any:
        return await self._send("PATCH", path, status, body)

    async def _send(self, verb: str, path: str, status: int, body: Json) -> Any:
        async with self.http.request(verb, f"{self.sandbox.base_url}/_sandbox/{path}", json=body) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()

    async def call(self, method: str, /, token: str | None = None, **args: Any) -> Any:
        """A call in JSON with the bot's token (or another one; an empty one for none)."""
        secret = self.sandbox.bot.bot_token if token is None else token
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        async with self.http.post(f"{self.sandbox.api_url}{method}", json=args, headers=headers) as answer:
            return await answer.json()

    async def settled(self) -> None:
        """Wait until everything that was on its way to apps has been answered."""
        await self.post("clock", advance_seconds=0)

    def id_of(self, name: str) -> str:
        user = self.sandbox.world.person(name)
        assert user is not None
        return user.id

    def channel(self, name: str = "general") -> str:
        channel = self.sandbox.world.conversation(name)
        assert channel is not None
        return channel.id

    async def direct_message(self, name: str) -> str:
        opened = await self.call("conversations.open", users=self.id_of(name))
        return str(opened["channel"]["id"])


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(action_id: str, value: str = "1") -> Json:
    label = {"type": "plain_text", "text": action_id[:75]}
    return {"type": "button", "action_id": action_id, "text": label, "value": value}


def actions(*elements: Json, block_id: str = "actions") -> Json:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def modal(*blocks: Json, **more: Any) -> Json:
    title = {"type": "plain_text", "text": "A form"}
    submit = {"type": "plain_text", "text": "Save"}
    return {"type": "modal", "callback_id": "form", "title": title, "submit": submit, "blocks": list(blocks), **more}


def field_block(block_id: str = "b", action_id: str = "a") -> Json:
    label = {"type": "plain_text", "text": "What"}
    element = {"type": "plain_text_input", "action_id": action_id}
    return {"type": "input", "block_id": block_id, "label": label, "element": element}
