"""The Home tab, and what a person can see, change and delete about themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.services import home, my_data, people
from bot.services.people import Wishes
from bot.slack import errors, uploads
from bot.slack.blocks import home as blocks
from bot.slack.blocks.kit import modal, section
from bot.slack.forms import Values
from bot.slack.ids import EditWishes, ForgetMe, HomePage, Loading, ShowMyData
from bot.slack.listeners import FormResult, Listeners
from bot.slack.turn import Turn


def register(listeners: Listeners) -> None:
    listeners.event("app_home_opened", opened)
    listeners.action(HomePage, turn_page)
    listeners.action(ShowMyData, show_my_data)
    listeners.action(ForgetMe, forget)
    listeners.action(EditWishes, edit_wishes)
    listeners.form(EditWishes, save_wishes)


async def opened(turn: Turn, event: Mapping[str, Any]) -> None:
    if event.get("tab") == "home":
        await publish(turn, (event.get("view") or {}).get("hash"))


async def publish(turn: Turn, seen: str | None = None, *, page: int = 0) -> None:
    """Draw the tab anew. ``seen`` is the hash of what the person has before them: something newer is left alone."""
    desk = turn.desk
    found = await home.home_for(desk.deps, desk.ws, turn.user)
    view = blocks.home(found, desk.deps.clock.now(), turn.words, page=page)
    given = {"hash": seen} if seen else {}
    try:
        await desk.client.views_publish(user_id=turn.user, view=view, **given)
    except errors.TROUBLE as error:
        problem = errors.problem(error, sends=False)
        if problem.reason != "hash_conflict":
            raise problem from error


async def turn_page(turn: Turn, tap: HomePage) -> None:
    view = turn.body.get("view") or {}
    await publish(turn, view.get("hash"), page=tap.page)


async def show_my_data(turn: Turn, _: ShowMyData) -> None:
    """The short version in a modal; the full copy as a file, to nobody else."""
    desk, words = turn.desk, turn.words
    data = await my_data.my_data(desk.deps, desk.ws, turn.user)
    # Slack keeps every file, and its owners may export it: an answer that can still be changed must not be in one.
    data["open_answers"] = len(data["open_answers"])
    lines = [
        words("home.my_data.who", name=data["person"]["name"], groups=_groups(data) or ["–"]),
        words(
            "home.my_data.participation",
            asked=len(data["asks"]),
            finished=sum(ask["state"] == "finished" for ask in data["asks"]),
        ),
        words("home.my_data.copy"),
    ]
    note = modal(Loading(), words("home.my_data.title"), [section(line) for line in lines])
    await turn.open(note)
    channel = await desk.messenger.open_dm(turn.user)
    content = json.dumps(data, ensure_ascii=False, indent=2).encode()
    title = words("home.my_data.title")
    await uploads.share(desk, channel, "my-data.json", content, title=title, comment=words("home.my_data.copy"))


async def forget(turn: Turn, _: ForgetMe) -> None:
    desk = turn.desk
    await my_data.forget(desk.deps, desk.ws, turn.user)
    desk.forget_words(turn.user)
    await turn.tell(turn.words("home.delete.done"))


async def edit_wishes(turn: Turn, _: EditWishes) -> None:
    desk = turn.desk
    held = await people.wishes(desk.deps, desk.ws, turn.user)
    await turn.open(blocks.wishes(held, desk.deps.content.languages, turn.words))


async def save_wishes(turn: Turn, _: EditWishes, values: Values) -> FormResult:
    desk = turn.desk
    hour = None if values["hour"] == blocks.ANY_HOUR else int(values["hour"])
    await people.wish(desk.deps, desk.ws, turn.user, Wishes(values["language"], hour))
    desk.forget_words(turn.user)
    await turn.ack()
    await publish(turn)
    return None


async def why(turn: Turn) -> str:
    """Why this person gets pulses: the roles they hold, by team."""
    data = await my_data.my_data(turn.desk.deps, turn.desk.ws, turn.user)
    groups = _groups(data)
    return turn.words("coaching.why_member", groups=groups) if groups else turn.words("coaching.why_nobody")


def _groups(data: Mapping[str, Any]) -> list[str]:
    return [f"{held['workgroup']} ({held['team']})" for held in data["memberships"] if held["left_at"] is None]
