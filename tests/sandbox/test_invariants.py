"""Whatever people and apps do, in whatever order, the world stays in order."""

import asyncio
from typing import Any

import aiohttp
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.limits import Limits
from bot.sandbox.server import Sandbox
from tests.sandbox.desk import Desk, Json, actions, button, modal
from tests.sandbox.listener import Listener

PEOPLE = ("ada", "ben", "chen")
VIEW = modal(actions(button("more")), notify_on_close=True)
acts = st.lists(
    st.tuples(
        st.sampled_from(
            ["say", "post", "reply", "delete", "command", "press", "open", "push", "submit", "close", "clock"]
        ),
        st.sampled_from(PEOPLE),
        st.integers(0, 5),
    ),
    max_size=25,
)


class Troupe:
    """Plays acts against one sandbox and remembers what was used up."""

    def __init__(self, desk: Desk, listener: Listener) -> None:
        self.desk = desk
        self.listener = listener
        self.stamps: dict[str, list[str]] = {}
        self.spent: set[str] = set()

    async def play(self, act: str, person: str, number: int) -> None:
        await getattr(self, f"_{act}")(person, number)

    async def _say(self, person: str, _number: int) -> None:
        direct = await self.desk.direct_message(person)
        self._keep(direct, await self.desk.post("messages", user=person, channel=direct, text="words"))

    async def _post(self, person: str, _number: int) -> None:
        direct = await self.desk.direct_message(person)
        blocks = [actions(button("go"))]
        self._keep(direct, await self.desk.call("chat.postMessage", channel=direct, text="words", blocks=blocks))

    async def _reply(self, person: str, number: int) -> None:
        direct = await self.desk.direct_message(person)
        if stamps := self.stamps.get(direct):
            parent = stamps[number % len(stamps)]
            await self.desk.call("chat.postMessage", channel=direct, text="words", thread_ts=parent)

    async def _delete(self, person: str, number: int) -> None:
        direct = await self.desk.direct_message(person)
        if stamps := self.stamps.get(direct):
            await self.desk.call("chat.delete", channel=direct, ts=stamps[number % len(stamps)])

    async def _command(self, person: str, _number: int) -> None:
        await self.desk.post("commands", user=person, channel="general", command="/hello")

    async def _press(self, person: str, number: int) -> None:
        for view in (await self.desk.get(f"views?user={person}"))["views"][number % 3 :]:
            await self.desk.post("actions", user=person, view_id=view["id"], action_id="more")

    async def _open(self, _person: str, number: int) -> None:
        await self._use("views.open", number)

    async def _push(self, _person: str, number: int) -> None:
        await self._use("views.push", number)

    async def _use(self, method: str, number: int) -> None:
        """A spent trigger is never good again; a fresh one is good or says why not."""
        triggers = [
            one["payload"]["trigger_id"] for one in self.listener.frames if "trigger_id" in one.get("payload", {})
        ]
        if not triggers:
            return
        trigger = triggers[-1 - number % len(triggers)]
        answer = await self.desk.call(method, trigger_id=trigger, view=VIEW)
        if trigger in self.spent:
            assert answer["error"] in {"exchanged_trigger_id", "expired_trigger_id"}
        elif answer["ok"]:
            self.spent.add(trigger)
        else:
            assert answer["error"] in {"not_found", "push_limit_reached", "expired_trigger_id"}

    async def _submit(self, person: str, _number: int) -> None:
        for view in (await self.desk.get(f"views?user={person}"))["views"][-1:]:
            await self.desk.post(f"views/{view['id']}/submit", user=person, values={})

    async def _close(self, person: str, number: int) -> None:
        for view in (await self.desk.get(f"views?user={person}"))["views"][-1:]:
            await self.desk.post(f"views/{view['id']}/close", user=person, clear=number > 3)

    async def _clock(self, _person: str, number: int) -> None:
        hour = 8 + number
        await self.desk.post("clock", set=f"2026-03-02T{hour:02}:00:00+00:00")

    def _keep(self, channel: str, answer: Any) -> None:
        self.stamps.setdefault(channel, []).append(str(answer["ts"]))

    async def check(self) -> None:
        """Stamps are unique and increasing in a channel; nobody has more than three views of an app open."""
        for stamps in self.stamps.values():
            assert stamps == sorted(set(stamps))
        for channel in self.desk.sandbox.world.channels.values():
            line = channel.log.timeline
            assert line == sorted(set(line))
            assert set(line) <= set(channel.log.by_ts)
        for person in PEOPLE:
            views: list[Json] = (await self.desk.get(f"views?user={person}"))["views"]
            assert len(views) <= 3
            assert len({view["id"] for view in views}) == len(views)
            assert [view["previous_view_id"] for view in views][1:] == [view["id"] for view in views][:-1]


@settings(max_examples=15, deadline=None)
@given(acts)
def test_no_order_of_acts_breaks_the_world(story: list[tuple[str, str, int]]) -> None:
    async def play() -> None:
        sandbox = await Sandbox.start(limits=Limits(enabled=False))
        async with aiohttp.ClientSession() as http:
            desk = Desk(sandbox, http)
            async with Listener.connected(desk) as listener:
                troupe = Troupe(desk, listener)
                for act, person, number in story:
                    await troupe.play(act, person, number)
                await troupe.check()
        await sandbox.stop()

    asyncio.run(play())
