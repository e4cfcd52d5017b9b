"""A small app behind the sandbox, and the place tests meet it in."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from bot.sandbox.server import Sandbox
from tests.sandbox.ui.rooms import QUESTION, Ward, marked, plain

Answer = Callable[[dict[str, Any]], Any]
FORM: dict[str, Any] = {
    "callback_id": "outcome",
    "title": plain("What came of it?"),
    "submit": plain("Record it"),
    "close": plain("Not now"),
    "private_metadata": "",
    "clear_on_close": False,
    "notify_on_close": False,
    "state": {"values": {}},
    "external_id": "",
    "blocks": [
        {
            "type": "input",
            "block_id": "learned",
            "label": plain("What was learned?"),
            "element": {"type": "plain_text_input", "action_id": "text", "multiline": True},
        },
        {
            "type": "input",
            "block_id": "by",
            "label": plain("By when"),
            "element": {"type": "datepicker", "action_id": "day", "initial_date": "2026-03-10"},
        },
        {
            "type": "input",
            "block_id": "owner",
            "label": plain("Owner"),
            "element": {"type": "multi_users_select", "action_id": "who"},
        },
        {
            "type": "input",
            "block_id": "roles",
            "optional": True,
            "label": plain("Who was there"),
            "element": {
                "type": "checkboxes",
                "action_id": "which",
                "options": [{"text": plain(name), "value": name.lower()} for name in ("Nurses", "Pharmacy")],
            },
        },
    ],
}


class Office:
    """An app that notes what it is told and answers as each test wishes (`answers`, by kind)."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.answers: dict[str, Answer] = {}
        self.url = ""
        self.news = asyncio.Event()

    async def handle(self, request: web.Request) -> web.Response:
        form = parse_qs(await request.text(), keep_blank_values=True)
        if "payload" in form:
            told = json.loads(form["payload"][0])
        elif "command" in form:
            told = {"type": "command", **{key: values[0] for key, values in form.items()}}
        else:
            told = {"type": "event", **(await request.json())}
        self.heard.append(told)
        self.news.set()
        answer = self.answers.get(told["type"])
        result = answer(told) if answer else None
        if isinstance(result, int):
            return web.Response(status=result)
        return web.json_response(result) if result is not None else web.Response()

    def shortcuts(self) -> list[dict[str, Any]]:
        """The shortcuts taken, oldest first."""
        return [told for told in self.heard if told["type"] in {"shortcut", "message_action"}]

    def actions(self) -> list[dict[str, Any]]:
        """What was pressed or chosen, oldest first."""
        return [action for told in self.heard if told["type"] == "block_actions" for action in told["actions"]]

    async def hears(self, what: Callable[[], list[dict[str, Any]]], count: int) -> list[dict[str, Any]]:
        """What it was told of some kind, once there is so much."""
        async with asyncio.timeout(5):
            while len(what()) < count:
                self.news.clear()
                await self.news.wait()
        return what()


@dataclass
class Place:
    """The sandbox, the ward in it and the app."""

    sandbox: Sandbox
    ward: Ward
    app: Office

    def url(self, user: str, place: str, query: str = "") -> str:
        return f"{self.sandbox.base_url}/as/{user}/{place}{query}"


def ask(here: Place) -> dict[str, Any]:
    """The app asks Nia a question; her answer replaces it with thanks."""
    asked = here.ward.say(here.ward.talk, here.ward.bot.bot_user_id, "A question", blocks=QUESTION)

    def thank(_told: dict[str, Any]) -> None:
        asked["blocks"] = [{"type": "section", "block_id": "thanks", "text": marked("Thank you. *Stored.*")}]
        here.ward.world.changed_message(here.ward.talk, asked["ts"])

    here.app.answers["block_actions"] = thank
    return asked


async def audit(page: Page) -> None:
    """axe finds nothing serious or critical."""
    found = await Axe().run(page)
    grave = [rule for rule in found.response["violations"] if rule["impact"] in {"serious", "critical"}]
    words = [f"{rule['id']}: {[node['html'][:160] for node in rule['nodes']][:4]}" for rule in grave]
    assert not grave, "\n".join(words)
