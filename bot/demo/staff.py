"""The simulated staff: they answer pulses, talk about maps, hold huddles and keep promises, each in their own time.

They use the local Slack as people do, through its control API, and follow its clock: time never overtakes them.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
from collections.abc import Awaitable, Callable, Container, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.content import Content
from bot.core.errors import Stale
from bot.core.instrument import Item
from bot.core.states import CommitmentState, NudgeFeedback
from bot.demo.hospital import ANSWER_SD, CHANNELS, PROCESS, WORKGROUPS, Employee, Hospital
from bot.demo.slack import Hands, Json, elements
from bot.slack.ids import (
    AnswerCommitment,
    AnswerNudge,
    PassOn,
    RecordHuddle,
    ReportPart,
    ShowPart,
    ShowReport,
    TapAnswer,
    decode,
)

AT_WORK_AT_ONCE = 24
LEFT_OPEN_FROM_WEEK = 11
"""The last week's huddles are left for the visitor to write down."""
_LONGEST = timedelta(days=7)
_LEARNED = (
    (
        "Pharmacy hears about a discharge only when the patient is dressed.",
        "A two o'clock call to pharmacy about tomorrow's discharges",
    ),
    ("Nobody knew who tells transport that the papers are ready.", "The nurse who prints the papers rings transport"),
    ("Case managers join the round on Mondays only.", "Case managers join the round by phone for ten minutes"),
)


@dataclass(order=True, slots=True)
class _Deed:
    at: datetime
    number: int
    do: Callable[[], Awaitable[None]] = field(compare=False)


class Staff:
    """``left_to_visitor``: handles whose clicks are the visitor's own from ``leave`` on."""

    def __init__(self, hands: Hands, hospital: Hospital, content: Content, state: Mapping[str, Any]) -> None:
        self._hands = hands
        self._hospital = hospital
        self._chance = random.Random(hospital.seed)
        by_handle = {one.handle: one for one in hospital.staff}
        self._who: dict[str, Employee] = {
            user["id"]: by_handle[user["name"]] for user in state["users"] if user["name"] in by_handle
        }
        self._user_of = {one.handle: user for user, one in self._who.items()}
        self._teams = {channel["id"]: channel["name"] for channel in state["channels"] if not channel.get("is_im")}
        self._direct: dict[str, str] = {}
        self._seen: set[tuple[str, str]] = set()
        self._questions = _question_book(content)
        self._began: datetime | None = None
        self._deeds: list[_Deed] = []
        self._new: list[tuple[timedelta, Callable[[], Awaitable[None]]]] = []
        self._numbers = itertools.count()
        self._changed = asyncio.Event()
        self._visitors: frozenset[str] = frozenset()
        self._told = 0

    def leave_to_visitor(self, *handles: str) -> None:
        """From now on these people are played by whoever sits in front of the page."""
        self._visitors = frozenset(handles)

    async def work(self) -> None:
        """Until cancelled: notice what happens, and act when the time has come."""
        self._began = await self._hands.now()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._notice())
            group.create_task(self._follow())

    async def _notice(self) -> None:
        async for event in self._hands.events():
            if event.get("kind") == "message" and not event.get("deleted"):
                await self._see(event["channel"], event["ts"])

    async def _see(self, channel: str, ts: str) -> None:
        if (channel, ts) in self._seen:
            return
        self._seen.add((channel, ts))
        message = await self._hands.message(channel, ts)
        user = await self._owner(channel)
        if message is None or not message.get("bot_id"):
            return
        kinds = set()
        for element in elements(message):
            with suppress(Stale):
                button = decode(element["action_id"])
                if type(button) not in kinds:
                    kinds.add(type(button))
                    self._plan(button, user, channel, message)

    async def _owner(self, channel: str) -> str | None:
        """Whose direct messages these are."""
        if channel in self._teams:
            return None
        if channel not in self._direct:
            state = await self._hands.get("state")
            self._direct |= owners(state, self._who)
        return self._direct.get(channel)

    def _plan(self, button: object, user: str | None, channel: str, message: Json) -> None:
        """Decide whether and when somebody reacts to a message, by one of its buttons."""
        who = self._who.get(user or "")
        match button:
            case TapAnswer() if who and self._chance.random() < who.answers:
                self._later(self._hours(0.05, 12), lambda: self._answer(who, user or "", channel, message))
            case ShowReport() if who and who.role in {"coach", "lead"}:
                self._later(self._hours(1, 20), lambda: self._talk(user or "", channel, message, button))
            case AnswerNudge() if who and self._chance.random() < 0.6:
                wish = self._chance.choice([NudgeFeedback.TRY, NudgeFeedback.TRY, NudgeFeedback.NOT_NOW])
                self._later(self._hours(0.1, 6), lambda: self._tap(user or "", channel, message, AnswerNudge, wish))
            case AnswerCommitment() if who:
                self._later(
                    self._hours(0.1, 6),
                    lambda: self._tap(user or "", channel, message, AnswerCommitment, CommitmentState.DONE),
                )
            case RecordHuddle() if channel in self._teams:
                self._later(self._hours(2, 4), lambda: self._record(channel, message))

    def _hours(self, least: float, most: float) -> timedelta:
        """Some time later, by the half hour: colleagues on a break tap together, and the history plays faster."""
        return timedelta(minutes=30 * max(1, round(2 * self._chance.uniform(least, most))))

    def _later(self, wait: timedelta, do: Callable[[], Awaitable[None]]) -> None:
        self._new.append((wait, do))
        self._changed.set()

    async def _follow(self) -> None:
        """Do what is due; tell the clock when we want to be woken; be ready to change our mind meanwhile."""
        while True:
            now = await self._hands.now()
            new, self._new = self._new, []
            for wait, do in new:
                heapq.heappush(self._deeds, _Deed(now + wait, next(self._numbers), do))
            await self._act(now)
            self._changed.clear()
            at = self._deeds[0].at if self._deeds else now + _LONGEST
            polling = asyncio.create_task(self._hands.post("clock/next", {"follower": "staff", "at": at.isoformat()}))
            changed = asyncio.create_task(self._changed.wait())
            try:
                await asyncio.wait({polling, changed}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                polling.cancel()
                changed.cancel()
                await asyncio.gather(polling, changed, return_exceptions=True)

    async def _act(self, now: datetime) -> None:
        due = []
        while self._deeds and self._deeds[0].at <= now:
            due.append(heapq.heappop(self._deeds))
        for start in range(0, len(due), AT_WORK_AT_ONCE):
            await asyncio.gather(*(deed.do() for deed in due[start : start + AT_WORK_AT_ONCE]))

    # --- deeds -----------------------------------------------------------------------------------------------------

    async def _answer(self, who: Employee, user: str, channel: str, message: Json) -> None:
        """Tap an option for each question until there is none left."""
        if who.handle in self._visitors:
            return
        shown = await self._hands.message(channel, message["ts"]) or message
        for _ in range(8):
            wanted = await self._choice(who, shown)
            if wanted is None:
                return
            await self._hands.tap(user, channel, shown["ts"], wanted)
            after = await self._hands.changed(channel, shown)
            if after is shown:
                return
            shown = after

    async def _choice(self, who: Employee, message: Json) -> str | None:
        """The action id of this person's answer to the question on screen."""
        options = {}
        for element in elements(message):
            with suppress(Stale):
                button = decode(element["action_id"])
                if isinstance(button, TapAnswer):
                    options[button.option] = element["action_id"]
        if not options:
            return None
        found = self._question(message)
        weeks = await self._weeks()
        if found is None:
            return options.get(4)
        item, rated = found
        if rated is None or item.dimension is None:
            score = round(self._chance.gauss(3.6, 0.8))
        else:
            score = round(self._chance.gauss(self._hospital.expected(who, rated, item.dimension, weeks), ANSWER_SD))
        wanted = min(5, max(1, score))
        return options.get(next(n for n, option in enumerate(item.options, 1) if option.score == wanted))

    async def _weeks(self) -> float:
        """Since the beginning."""
        now = await self._hands.now()
        return (now - (self._began or now)).days / 7

    def _question(self, message: Json) -> tuple[Item, str | None] | None:
        texts = [block["text"]["text"] for block in message["blocks"] if block["type"] == "section"]
        return next((self._questions[text] for text in texts if text in self._questions), None)

    async def _tap(
        self, user: str, channel: str, message: Json, kind: type[AnswerNudge | AnswerCommitment], wish: str
    ) -> None:
        if self._who[user].handle in self._visitors:
            return
        for element in elements(message):
            button = decode(element["action_id"])
            if isinstance(button, kind) and wish in {getattr(button, "feedback", None), getattr(button, "state", None)}:
                await self._hands.tap(user, channel, message["ts"], element["action_id"])
                if kind is AnswerCommitment:
                    await self._submit(user, {"outcome": "It took a week to get used to, and it stays."})
                return

    async def _talk(self, user: str, channel: str, message: Json, button: ShowReport) -> None:
        """Open the report, read it, and take the debrief one step on."""
        if self._who[user].handle in self._visitors:
            return
        first = next(one for one in elements(message) if decode(one["action_id"]) == button)
        await self._hands.tap(user, channel, message["ts"], first["action_id"])
        found = await self._find(channel, lambda one: _takes_a_step(one, button))
        if found is None:
            return
        ts, action_id = found
        await self._hands.tap(user, channel, ts, action_id)
        if self._who[user].role == "coach":
            return
        await self._submit(
            user,
            {
                "heard": "Pharmacy and the wards hear of a discharge too late from each other.",
                "will_try": "Pharmacy hears of tomorrow's discharges at two o'clock.",
            },
        )

    async def _find(self, channel: str, wanted: Callable[[object], bool]) -> tuple[str, str] | None:
        """The newest button of this kind in a conversation; it may take a moment to come."""
        for _ in range(300):
            messages = (await self._hands.get(f"channels/{channel}/messages"))["messages"]
            for one in sorted(messages, key=lambda m: float(m["ts"]), reverse=True)[:6]:
                for element in elements(one):
                    with suppress(Stale):
                        if wanted(decode(element["action_id"])):
                            return one["ts"], element["action_id"]
            await asyncio.sleep(0.02)
        return None

    async def _record(self, channel: str, message: Json) -> None:
        """Somebody of the team writes down what came of the huddle, most of the time."""
        members = [
            user for user, one in self._who.items()
            if one.workgroup and one.handle not in self._visitors and self._in_channel(one, channel)
        ]  # fmt: skip
        if not members or self._visitors or self._chance.random() < 0.2 or await self._weeks() >= LEFT_OPEN_FROM_WEEK:
            return
        user = self._chance.choice(members)
        button = next(one for one in elements(message) if isinstance(decode(one["action_id"]), RecordHuddle))
        await self._hands.tap(user, channel, message["ts"], button["action_id"])
        learned, what = _LEARNED[self._told % len(_LEARNED)]
        self._told += 1
        prediction = "Medicines are ready when the patient is."
        await self._submit(user, {"learned": learned, "what": what, "prediction": prediction, "owner": user}, roles=4)

    def _in_channel(self, who: Employee, channel: str) -> bool:
        return CHANNELS.get(who.team) == self._teams.get(channel)

    async def _submit(self, user: str, answers: Mapping[str, str], roles: int = 0) -> None:
        """Fill in the open modal by the names of its fields and send it."""
        for _ in range(300):
            views = (await self._hands.get(f"views?user={user}"))["views"]
            if views and any(block["type"] == "input" for block in views[-1]["blocks"]):
                break
            await asyncio.sleep(0.02)
        else:
            return
        view = views[-1]
        values: dict[str, dict[str, Any]] = {}
        for block in view["blocks"]:
            if block["type"] != "input":
                continue
            element = block["element"]
            values[block["block_id"]] = {element["action_id"]: _value(block, answers, roles, self._chance)}
        await self._hands.post(f"views/{view['id']}/submit", {"user": user, "values": values})
        # A form that was not taken is given up: nobody finds somebody else's dialogue on their screen.
        for left in (await self._hands.get(f"views?user={user}"))["views"]:
            await self._hands.post(f"views/{left['id']}/close", {"user": user})


def owners(state: Mapping[str, Any], people: Container[str]) -> dict[str, str]:
    """Whose each direct conversation with the app is."""
    direct = (one for one in state["channels"] if one.get("is_im"))
    return {one["id"]: user for one in direct for user in one["members"] if user in people}


def _takes_a_step(button: object, report: ShowReport) -> bool:
    """The coach's way to the lead, or the lead's way to the team, with this report."""
    step = isinstance(button, PassOn) or (isinstance(button, ShowPart) and button.part is ReportPart.SHARE)
    return step and (getattr(button, "team", None), getattr(button, "wave", None)) == (report.team, report.wave)


def _value(block: Mapping[str, Any], answers: Mapping[str, str], roles: int, chance: random.Random) -> Any:
    name, element = block["block_id"], block["element"]
    match element["type"]:
        case "checkboxes" | "multi_static_select":
            offered = [option["value"] for option in element["options"]]
            return chance.sample(offered, min(roles, len(offered))) if roles else []
        case "datepicker":
            return element.get("initial_date")
        case "users_select":
            return answers.get(name) or element.get("initial_user")
        case _:
            return answers.get(name, "")


def _question_book(content: Content) -> dict[str, tuple[Item, str | None]]:
    """Every question as it may stand in a message: its item, and the workgroup it is about."""
    book: dict[str, tuple[Item, str | None]] = {}
    for item in content.instrument("rc_pulse").items:
        for group in WORKGROUPS:
            own = content.words("pulse.own_group", workgroup=group)
            for name in (group, own):
                book[content.fill(item.text, workgroup=name, process=PROCESS, team="", change="")] = (item, group)
    return book
