"""The witness: what people saw in Slack, held against what the bot wrote down. Any difference is a broken promise.

1. Nobody got a message of the outbox twice, and every ask was put to its person exactly once.
2. The newest answer that was acknowledged to somebody is the one that is stored; a tap that was never acknowledged may
   be stored or not; nothing else is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlmodel import col, select

from bot.content import Content
from bot.core.allocation import Question
from bot.core.instrument import DIMENSIONS
from bot.core.states import AskState, DeliveryKind, RoundState, WaveState
from bot.db.tables import Answer, Ask, AskedItems, Delivery, Person, Round, SealedRound, Wave
from bot.services.sealing import open_answer, open_items, open_round, respondent
from bot.services.vault import WaveKey
from tests.cast import words
from tests.rehearsal import Rehearsal, Tap

Place = tuple[int, int]
"""An ask and a position in it."""


async def broken_promises(ward: Rehearsal) -> list[str]:
    """Everything that went wrong so far, one sentence each; an empty list is what we promise."""
    return [*await _about_messages(ward), *await _about_answers(ward)]


# --- messages --------------------------------------------------------------------------------------------------------


async def _about_messages(ward: Rehearsal) -> list[str]:
    seen = Counter(payload["delivery"] for _, payload in ward.sent())
    found = [f"delivery {delivery} was seen {times} times" for delivery, times in seen.items() if times > 1]
    asked = Counter(
        (channel, int(payload["round"])) for channel, payload in ward.sent() if payload["kind"] == DeliveryKind.PULSE
    )
    async with ward.database.read() as session:
        query = select(Ask.round_id, Person.slack_user_id).join(Person).where(Ask.state != AskState.WITHDRAWN)
        asks = (await session.exec(query)).all()
        skipped = select(Delivery.reason).where(
            Delivery.kind == DeliveryKind.PULSE, col(Delivery.ask_id).is_not(None), col(Delivery.reason).is_not(None)
        )
        found += [f"a pulse was not sent: {reason}" for reason in (await session.exec(skipped)).all()]
    for round_id, user in asks:
        times = asked.pop((ward.direct(user) or "", round_id), 0)
        if times != 1:
            found.append(f"{user} was asked {times} times in round {round_id}")
    return [*found, *(f"somebody was asked in {place} without an ask" for place in asked)]


# --- answers ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Held:
    """What an ask's position may hold by what its person did: options, or None for nothing."""

    options: frozenset[int | None]
    given: bool
    """Whether an answer was acknowledged: then there must be one."""


def promised(taps: Iterable[Tap]) -> dict[Place, _Held]:
    """What was promised to people, by their taps in the order in which they made them."""
    held: dict[Place, _Held] = {}
    for tap in taps:
        place, option = (tap.button.ask, tap.button.position), tap.button.option
        before = held.get(place, _Held(frozenset(), given=False))
        held[place] = (
            _Held(frozenset({option}), given=True) if tap.acked else _Held(before.options | {option}, before.given)
        )
    return held


async def _about_answers(ward: Rehearsal) -> list[str]:
    """While a wave's key is there: the answers of its open rounds, and of its sealed ones."""
    found: list[str] = []
    expected = promised(ward.taps)
    async with ward.database.read() as session:
        query = select(Round, Wave).join(Wave, col(Wave.id) == col(Round.wave_id)).where(Wave.state == WaveState.OPEN)
        rounds = (await session.exec(query)).all()
    for one, wave in rounds:
        key = ward.vault.key(wave.key_id)
        if key is None:
            found.append(f"wave {wave.id} has lost its key")
            continue
        asks = await _asks(ward, key, one.id)
        stored = await (_open if one.state is RoundState.OPEN else _sealed)(ward, key, one, asks)
        for place in {(ask, position) for ask, questions in asks.items() for position in range(len(questions[1]))}:
            held = expected.get(place, _Held(frozenset(), given=False))
            found += _compare(place, held, stored.pop(place, []))
        found += [
            f"round {one.id} holds {answers} for {place}, which nobody was asked" for place, answers in stored.items()
        ]
    return found


def _compare(place: Place, held: _Held, stored: list[int | None]) -> Iterator[str]:
    if len(stored) > 1:
        yield f"{place} is stored {len(stored)} times"
    elif not stored and held.given:
        yield f"{place} was acknowledged and is lost"
    elif stored and stored[0] not in held.options:
        yield f"{place} holds something else than what was answered"


_Asks = dict[int, tuple[int, tuple[Question, ...]]]
"""By ask: the person and their questions."""


async def _asks(ward: Rehearsal, key: WaveKey, round_id: int) -> _Asks:
    query = select(Ask, AskedItems.sealed).join(AskedItems).where(Ask.round_id == round_id)
    async with ward.database.read() as session:
        rows = (await session.exec(query)).all()
    return {ask.id: (ask.person_id, open_items(key, ask.id, sealed)) for ask, sealed in rows}


async def _open(ward: Rehearsal, key: WaveKey, one: Round, _: _Asks) -> dict[Place, list[int | None]]:
    query = select(Answer).join(Ask).where(Ask.round_id == one.id)
    async with ward.database.read() as session:
        rows = (await session.exec(query)).all()
    return {(row.ask_id, row.position): [open_answer(key, row.ask_id, row.position, row.sealed)] for row in rows}


async def _sealed(ward: Rehearsal, key: WaveKey, one: Round, asks: _Asks) -> dict[Place, list[int | None]]:
    """A sealed answer has no ask: it is found again by its respondent's key and what it is about (while we have the
    key, which is why it is destroyed).
    """
    async with ward.database.read() as session:
        row = await session.get_one(SealedRound, one.id)
    content = open_round(key, one.id, row.sealed)
    instrument = words().instrument("rc_pulse")
    places = {
        (respondent(key, person), _subject(words(), question, content.constructs)): (ask, position)
        for ask, (person, questions) in asks.items()
        for position, question in enumerate(questions)
    }
    stored: dict[Place, list[int | None]] = {}
    for record in content.records:
        who, *about = (int(record[name]) for name in ("respondent", "rated", "dimension", "construct", "change"))
        place = places.get((who, tuple(about)), (-1, -1))
        question = asks[place[0]][1][place[1]] if place[0] in asks else None
        options = len(instrument.by_id[question.item].options) if question else 0
        option = next(
            (
                n
                for n in range(1, options + 1)
                if question and instrument.by_id[question.item].score_of(n) == record["score"]
            ),
            None,
        )
        stored.setdefault(place, []).append(option)
    return stored


def _subject(content: Content, question: Question, constructs: tuple[str, ...]) -> tuple[int, ...]:
    item = content.instrument("rc_pulse").by_id[question.item]
    return (
        -1 if question.rated is None else question.rated,
        DIMENSIONS.index(item.dimension) if item.dimension else -1,
        constructs.index(item.construct) if item.construct else -1,
        -1 if question.change is None else question.change,
    )
