"""From a delivery's ids to the message as it is true now, or the reason why nobody needs it any more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.debriefs import guide_first
from bot.core.library import HuddlePrompt
from bot.core.messages import FollowUp, HuddleNote, Message, NudgeNote, Pulse, PulseStage, Reminder, ReportReady
from bot.core.reasons import Reason
from bot.core.states import ChangeState, CommitmentState, DebriefState, DeliveryKind, HuddleState
from bot.db.tables import (
    Commitment,
    Delivery,
    FocalProcess,
    Huddle,
    Nudge,
    Person,
    ProcessChange,
    Team,
    Wave,
    Workgroup,
)
from bot.services import came_of_it, debriefs, huddles, library, nudges, pulses, reports
from bot.services.deps import Deps

Composed = Message | Reason


async def compose(deps: Deps, session: AsyncSession, delivery: Delivery) -> Composed:
    """The message of this delivery, composed from what is stored now; a Reason where it is over."""
    return await _BY_KIND[delivery.kind](deps, session, delivery)


async def _pulse(deps: Deps, session: AsyncSession, delivery: Delivery) -> Composed:
    standing = (await pulses.standings(session, [delivery.ask_id or 0])).get(delivery.ask_id or 0)
    if standing is None:
        return Reason.WITHDRAWN
    standing.came_of_it = await came_of_it.opening(session, standing.person, standing.team, standing.process)
    done = (await pulses.answered(session, [standing.ask.id])).get(standing.ask.id, frozenset())
    return pulses.view(deps, standing, done)


async def _open_pulse(deps: Deps, session: AsyncSession, delivery: Delivery) -> Pulse | Reason:
    composed = await _pulse(deps, session, delivery)
    if not isinstance(composed, Pulse):
        return Reason.WITHDRAWN
    over = {
        PulseStage.FINISHED: Reason.ANSWERED,
        PulseStage.CLOSED: Reason.CLOSED,
        PulseStage.WITHDRAWN: Reason.WITHDRAWN,
    }
    return over.get(composed.stage, composed)


async def _reminder(deps: Deps, session: AsyncSession, delivery: Delivery) -> Composed:
    pulse = await _open_pulse(deps, session, delivery)
    if isinstance(pulse, Reason):
        return pulse
    done = (await pulses.answered(session, [pulse.ask])).get(pulse.ask, frozenset())
    return Reminder(pulse.ask, pulse.team, len(pulse.questions) - len(done), pulse.closes_at)


async def _nudge(deps: Deps, session: AsyncSession, delivery: Delivery) -> Composed:
    nudge = await session.get(Nudge, delivery.nudge_id)
    person = await session.get(Person, delivery.person_id)
    if nudge is None or person is None:
        return Reason.WITHDRAWN
    if person.no_nudges_at is not None:
        return Reason.OPTED_OUT
    asks_back = delivery.variant == nudges.WORTH_IT
    if asks_back and not await nudges.is_trying(session, nudge.id, person.id):
        return Reason.ANSWERED
    own = await library.of_workspace(deps, session, nudge.workspace_id, person.language)
    entry = next((one for one in own.nudges if one.id == nudge.entry), None)
    if entry is None:
        return Reason.WITHDRAWN
    team = await session.get_one(Team, nudge.team_id)
    process = await session.get_one(FocalProcess, team.focal_process_id)
    wave = await session.get_one(Wave, nudge.wave_id)
    return NudgeNote(
        nudge=nudge.id,
        team=team.name,
        process=process.name,
        why=nudge.why,
        map_on=(wave.released_at or wave.ends_at).astimezone(ZoneInfo(team.timezone)).date(),
        respondents=(nudge.respondents_low, nudge.respondents_high),
        min_respondents=team.min_respondents,
        entry=entry,
        rater=await _name(session, nudge.rater_id),
        rated=await _name(session, nudge.rated_id),
        other=await _name(session, nudge.rated_id if nudge.workgroup_id == nudge.rater_id else nudge.rater_id),
        dimension=nudge.dimension,
        was_it_worth_it=asks_back,
    )


async def _huddle(deps: Deps, session: AsyncSession, delivery: Delivery) -> Composed:
    huddle = await session.get(Huddle, delivery.huddle_id)
    if huddle is None:
        return Reason.WITHDRAWN
    team = await session.get_one(Team, huddle.team_id)
    if huddle.state in {HuddleState.HELD, HuddleState.SKIPPED} and delivery.kind is not DeliveryKind.NOTICE:
        return Reason.CLOSED
    change = await session.get(ProcessChange, huddle.change_id) if huddle.change_id else None
    if change is not None and change.state is not ChangeState.ACTIVE:
        return Reason.WITHDRAWN
    prompt = await _prompt(deps, session, huddle, sent=delivery.kind is DeliveryKind.NOTICE)
    if prompt is None:
        return Reason.WITHDRAWN
    process = await session.get_one(FocalProcess, team.focal_process_id)
    focus = huddle.focus or {}
    return HuddleNote(
        huddle=huddle.id,
        team=team.name,
        process=process.name,
        prompt=prompt,
        kind=huddle.kind,
        happens_at=huddle.happens_at.astimezone(ZoneInfo(team.timezone)),
        rater=await _name(session, focus.get("rater")),
        rated=await _name(session, focus.get("rated")),
        dimension=focus.get("dimension"),
        change=change.title if change else None,
        stage=huddle.stage or None,
        playbook=change.playbook if change else None,
        tool=focus.get("tool"),
        facilitator=await _name(session, huddle.facilitator_workgroup_id) or None,
        missing=await huddles.missing(session, huddle),
        last_commitment=await came_of_it.last_commitment(session, huddle),
        recorded=huddle.state is HuddleState.HELD,
        still_useful=delivery.variant == huddles.STILL_USEFUL,
    )


async def _prompt(deps: Deps, session: AsyncSession, huddle: Huddle, *, sent: bool) -> HuddlePrompt | None:
    """None where coaches have switched it off since; one that stands in the channel already keeps its shipped words."""
    own = await library.of_workspace(deps, session, huddle.workspace_id)
    for words in (own, deps.content.library()) if sent else (own,):
        prompts = (*words.huddles, *(prompt for book in words.playbooks for prompt in book.prompts))
        found = next((prompt for prompt in prompts if prompt.id == huddle.prompt), None)
        if found is not None:
            return found
    return None


async def _follow_up(_deps: Deps, session: AsyncSession, delivery: Delivery) -> Composed:
    commitment = await session.get(Commitment, delivery.commitment_id)
    if commitment is None:
        return Reason.WITHDRAWN
    team = await session.get_one(Team, commitment.team_id)
    if commitment.state is not CommitmentState.OPEN:
        return Reason.ANSWERED
    return FollowUp(
        commitment=commitment.id,
        team=team.name,
        what=commitment.what,
        prediction=commitment.prediction,
        due_on=commitment.due_on,
        occasion=delivery.variant,
    )


async def _report(deps: Deps, session: AsyncSession, delivery: Delivery) -> Composed:
    if delivery.team_id is None or delivery.wave_id is None or delivery.person_id is None:
        return Reason.WITHDRAWN
    by_itself = delivery.variant == debriefs.BY_ITSELF
    to_lead = by_itself or delivery.variant == DebriefState.LEAD
    low = to_lead and await reports.is_low(deps, session, delivery.team_id, delivery.wave_id)
    return ReportReady(
        team=delivery.team_id,
        wave=delivery.wave_id,
        person=delivery.person_id,
        stage=delivery.variant,
        guide_first=to_lead and guide_first(low=low, by_itself=by_itself),
    )


async def _notice(deps: Deps, session: AsyncSession, delivery: Delivery) -> Composed:
    """What the message that is there should show now."""
    return await (_huddle if delivery.huddle_id else _pulse)(deps, session, delivery)


async def _name(session: AsyncSession, workgroup_id: int | None) -> str:
    group = await session.get(Workgroup, workgroup_id) if workgroup_id else None
    return group.name if group else ""


async def shown_at(session: AsyncSession, delivery: Delivery) -> tuple[str, str] | None:
    """Channel and ts of the message that a notice repairs: the pulse of its ask, or the prompt of its huddle."""
    query = select(Delivery.sent_channel, Delivery.sent_ts).where(col(Delivery.sent_ts).is_not(None))
    if delivery.huddle_id:
        query = query.where(Delivery.huddle_id == delivery.huddle_id, Delivery.kind == DeliveryKind.HUDDLE)
    else:
        query = query.where(Delivery.ask_id == delivery.ask_id, Delivery.kind == DeliveryKind.PULSE)
    found = (await session.exec(query)).first()
    return (found[0], found[1]) if found and found[0] and found[1] else None


async def language(session: AsyncSession, delivery: Delivery) -> str:
    """The language of whoever reads it; a channel reads the original."""
    person = await session.get(Person, delivery.person_id) if delivery.person_id else None
    return person.language if person else "en"


_BY_KIND: dict[DeliveryKind, Callable[[Deps, AsyncSession, Delivery], Awaitable[Composed]]] = {
    DeliveryKind.PULSE: _open_pulse,
    DeliveryKind.REMINDER: _reminder,
    DeliveryKind.NUDGE: _nudge,
    DeliveryKind.HUDDLE: _huddle,
    DeliveryKind.FOLLOW_UP: _follow_up,
    DeliveryKind.REPORT: _report,
    DeliveryKind.NOTICE: _notice,
}
