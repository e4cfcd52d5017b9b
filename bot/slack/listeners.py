"""Registers the features' handlers with Bolt: decode, acknowledge, call, and explain what went wrong.

A handler takes a ``Turn`` and a decoded id. Whatever it raises ends here: an error of ours becomes its words, anything
else one sentence with a reference; the log gets names, ids and the kind of exception, never what people wrote.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse

from bot.core.errors import BadInput, RcPulseError
from bot.services import inbox
from bot.services.ports import SlackProblem
from bot.slack.blocks.kit import modal, section
from bot.slack.desk import Desk
from bot.slack.explain import explain
from bot.slack.forms import Values, values_of
from bot.slack.ids import Kind, Loading, decode_as, pattern
from bot.slack.turn import Turn, user_of

log = logging.getLogger(__name__)

FormResult = dict[str, Any] | None
"""What a submitted form answers: None closes it, else errors by field or another view."""


class NotAcknowledged(Exception):
    """Nothing was stored and nothing acknowledged: Slack shows its own warning, and the person tries again."""


class Listeners:
    """One per app. ``action``, ``command``, ``form`` and ``event`` register one handler each."""

    def __init__(self, app: AsyncApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk
        app.error(_unacknowledged)

    def action(
        self, kind: type[Kind], handle: Callable[[Turn, Kind], Awaitable[None]], *, acks_itself: bool = False
    ) -> None:
        """A button, menu or input. ``acks_itself``: the handler acknowledges, once what was tapped is stored."""

        async def listener(body: dict[str, Any], ack: AsyncAck) -> None:
            async def work(turn: Turn) -> None:
                if not acks_itself:
                    await ack()
                await handle(turn, decode_as(kind, turn.action["action_id"]))

            await self._run(kind.__name__, body, ack, work)

        self._app.action(pattern(kind))(listener)

    def command(self, name: str, handle: Callable[[Turn, str], Awaitable[None]]) -> None:
        """A slash command; the handler gets the text behind it."""

        async def listener(body: dict[str, Any], ack: AsyncAck) -> None:
            async def work(turn: Turn) -> None:
                await ack()
                await handle(turn, str(body.get("text") or "").strip())

            await self._run(name, body, ack, work)

        self._app.command(name)(listener)

    def form(self, kind: type[Kind], handle: Callable[[Turn, Kind, Values], Awaitable[FormResult]]) -> None:
        """A submitted modal. All errors are shown at once, in the modal."""

        async def listener(body: dict[str, Any], ack: AsyncAck) -> None:
            async def work(turn: Turn) -> None:
                values = values_of(body["view"])
                try:
                    result = await handle(turn, decode_as(kind, body["view"]["callback_id"]), values)
                except RcPulseError as problem:
                    result = _in_modal(problem, turn, values)
                await (ack(**result) if result else ack())

            await self._run(kind.__name__, body, ack, work)

        self._app.view(pattern(kind))(listener)

    def event(
        self, name: str, handle: Callable[[Turn, Mapping[str, Any]], Awaitable[None]], *, kept: bool = False
    ) -> None:
        """An event of Slack's; Bolt has acknowledged it before this runs. ``kept``: it has a row in the inbox."""

        async def listener(body: dict[str, Any], ack: AsyncAck) -> None:
            async def work(turn: Turn) -> None:
                await handle(turn, body["event"])
                if kept:
                    deps = self._desk.deps
                    await inbox.handled(deps, body["event_id"], deps.clock.now())

            await self._run(name, body, ack, work)

        self._app.event(name)(listener)

    async def _run(
        self, name: str, body: Mapping[str, Any], ack: AsyncAck, work: Callable[[Turn], Awaitable[None]]
    ) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - Bolt runs every listener in a task
        self._desk.running.add(task)
        user = user_of(body)
        try:
            turn = Turn(self._desk, user, body, await self._desk.words_for(user), ack)
            try:
                await work(turn)
            except RcPulseError as problem:
                if ack.response is None:
                    await ack()
                await turn.tell(explain(problem, turn.words))
            except Exception as problem:  # noqa: BLE001 - the outermost loop: a sentence for the person, an id for the log
                await self._failed(name, turn, problem)
        finally:
            self._desk.running.discard(task)

    async def _failed(self, name: str, turn: Turn, problem: Exception) -> None:
        reference = secrets.token_hex(4)
        what = problem.reason if isinstance(problem, SlackProblem) else type(problem).__name__
        log.error("listener.failed name=%s user=%s reference=%s problem=%s", name, turn.user, reference, what)
        acknowledged = turn.ack.response is not None
        key = {"reference": reference} if acknowledged else {}
        text = turn.words("errors.unexpected" if acknowledged else "errors.not_stored", **key)
        if turn.body.get("type") != "event_callback":
            try:
                await turn.tell(text)
            except SlackProblem as trouble:
                log.warning("listener.failed_silently reference=%s reason=%s", reference, trouble.reason)
        if not acknowledged:
            raise NotAcknowledged(reference)


def _in_modal(problem: RcPulseError, turn: Turn, values: Values) -> dict[str, Any]:
    text = explain(problem, turn.words)
    if isinstance(problem, BadInput) and problem.field in values:
        return {"response_action": "errors", "errors": {problem.field: text}}
    title = (turn.body["view"].get("title") or {}).get("text") or "…"
    return {"response_action": "update", "view": modal(Loading(), title, [section(text)])}


async def _unacknowledged(error: Exception) -> BoltResponse:
    """Bolt's own handler would log the exception's text and its trace."""
    if not isinstance(error, NotAcknowledged):
        log.error("dispatch.failed problem=%s", type(error).__name__)
    return BoltResponse(status=500, body="")
