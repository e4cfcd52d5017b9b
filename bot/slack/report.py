"""``/rc-report``: what a team's released figures say, as text, pictures and tables, to whoever may see them."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from bot.charts.worker import ChartUnavailable
from bot.content import Mrkdwn
from bot.core import report_pictures
from bot.core.debriefs import Action
from bot.core.picture_texts import describe
from bot.core.pictures import Picture
from bot.core.states import DebriefState
from bot.db.tables import Team
from bot.services import debriefs, effects, reports
from bot.services.ports import Refused
from bot.services.reports import Choose, Found, Nothing
from bot.services.talk_guide import PicturePage, to_pptx
from bot.slack import errors, uploads
from bot.slack.blocks import change as change_blocks
from bot.slack.blocks import report as blocks
from bot.slack.blocks.kit import (
    Block,
    Rendered,
    actions,
    button,
    context,
    field,
    header,
    modal,
    section,
    table,
    text_field,
)
from bot.slack.blocks.pictures import picture_words, short_day, twins
from bot.slack.forms import Values, text_of
from bot.slack.ids import ExportAs, Field, PassOn, ReportPart, ShowPart, ShowReport
from bot.slack.listeners import FormResult, Listeners
from bot.slack.turn import Turn

log = logging.getLogger(__name__)
AUTHOR = "RC Pulse"
FORMATS = ("csv", "xlsx", "json")
_NEEDS = {
    ReportPart.DIMENSIONS: Action.OPEN_REPORT,
    ReportPart.HISTORY: Action.OPEN_REPORT,
    ReportPart.CHANGES: Action.SEE_EFFECTS,
    ReportPart.EXPORT: Action.EXPORT,
    ReportPart.TALK: Action.PREPARE_TALK,
    ReportPart.TALK_FILE: Action.PREPARE_TALK,
    ReportPart.SHARE: Action.SHARE_WITH_TEAM,
}
UNINVITED = frozenset({"not_in_channel", "channel_not_found", "is_archived"})


def register(listeners: Listeners) -> None:
    listeners.command("/rc-report", command)
    listeners.action(ShowReport, show)
    listeners.action(ShowPart, show_part)
    listeners.action(ExportAs, export)
    listeners.action(PassOn, pass_on)
    listeners.form(PassOn, share)


async def command(turn: Turn, text: str) -> None:
    """Answers at once; the report follows as a direct message."""
    await turn.tell(turn.words("report.preparing_yours"))
    await _find_and_deliver(turn, text or None, None)


async def ask(turn: Turn) -> None:
    """Asked for in a direct message."""
    await _find_and_deliver(turn, None, None)


async def show(turn: Turn, tap: ShowReport) -> None:
    await _find_and_deliver(turn, tap.team, tap.wave)


async def picked(turn: Turn, _: Field) -> None:
    """A team was chosen from the menu."""
    await _find_and_deliver(turn, int(turn.action["selected_option"]["value"]), None)


async def _find_and_deliver(turn: Turn, team: str | int | None, wave: int | None) -> None:
    desk, words = turn.desk, turn.words
    match await reports.report_for(desk.deps, desk.ws, turn.user, team, wave):
        case Found() as found:
            await _deliver(turn, found)
        case Choose(teams):
            await turn.tell(words("report.pick_team"), blocks.choose_team(teams, words))
        case Nothing() as nothing:
            await turn.tell(_nothing(nothing, turn))


def _nothing(nothing: Nothing, turn: Turn) -> str:
    words = turn.words
    match nothing.kind:
        case "unknown_team":
            return words("report.unknown_team", name=nothing.team, teams=[])
        case "no_right":
            return words("report.no_right", team=nothing.team)
        case "first_week" if nothing.on:
            return words("report.first_week", team=nothing.team, opens_on=None, release_on=nothing.on)
        case "first_week" | "nothing_released":
            return words("report.nothing_released", team=nothing.team, release_on=nothing.on)
        case "with_coach":
            return words("report.with_coach_first", team=nothing.team, until=nothing.on)
        case "no_schedule":
            return words("report.no_schedule", team=nothing.team)
        case _:
            return words("report.no_team")


async def _deliver(turn: Turn, found: Found) -> None:
    """1. The message with everything in words. 2. The map with its table, for those who do not see pictures. 3. The
    network, which says the same once more.
    """
    words = turn.words
    if Action.OPEN_REPORT in found.actions:
        channel = await _post_with_chart(turn, found)
    else:
        channel = await turn.post(blocks.untoned(found.report, found.team, words))
    names = picture_words(words)
    heat = report_pictures.heat_map(found.report, words("report.map.title", team=found.team), names)
    network = report_pictures.network_map(found.report, words("report.network.title", team=found.team), names)
    comment = words("report.map.comment", team=found.team, on=found.report.released_on)
    await _share_picture(turn, channel, "heat-map.png", heat, comment)
    for twin in twins(heat):
        await turn.post(Rendered(heat.title, [context(words("report.table.caption")), twin]))
    await _share_picture(turn, channel, "network.png", network, names.how_to_read)


async def _post_with_chart(turn: Turn, found: Found) -> str:
    """With Slack's own line chart; where Slack refuses it (it is being rolled out), the picture of it."""
    report, words = found.report, turn.words
    message = blocks.report(report, found.team, _step(found), words, chart=True)
    try:
        return await turn.post(message)
    except Refused as problem:
        if problem.reason != "invalid_blocks" or not has_chart(message):
            raise
    channel = await turn.post(blocks.report(report, found.team, _step(found), words, chart=False))
    chart = blocks.waves_chart(report, words)
    await _share_picture(turn, channel, "map-by-map.png", chart, chart.title)
    return channel


def _step(found: Found) -> str:
    """Whose turn it is to act on it; a member of the team only looks."""
    return found.stage if Action.OPEN_REPORT in found.actions else ""


def has_chart(message: Rendered) -> bool:
    return any(block["type"] == "data_visualization" for block in message.blocks)


async def _share_picture(turn: Turn, channel: str, name: str, picture: Picture, comment: str) -> None:
    """A picture that does not come in time is not waited for: the table says the same."""
    try:
        drawn = await turn.desk.charts.draw(picture)
    except ChartUnavailable:
        log.warning("picture.unavailable name=%s", name)
        await turn.post(Rendered(turn.words("report.no_picture"), [context(turn.words("report.no_picture"))]))
        return
    await uploads.share(turn.desk, channel, name, drawn, title=picture.title, comment=comment)


# --- the parts behind the buttons ----------------------------------------------------------------------------------


async def show_part(turn: Turn, tap: ShowPart) -> None:
    """Whether this person may is asked anew at every tap."""
    found = await _found(turn, tap.team, tap.wave)
    if found is None:
        return
    if _NEEDS[tap.part] not in found.actions:
        await turn.tell(turn.words("report.no_right", team=found.team))
        return
    match tap.part:
        case ReportPart.DIMENSIONS:
            await _dimensions(turn, found)
        case ReportPart.HISTORY:
            await _history(turn, found)
        case ReportPart.CHANGES:
            await _effects(turn, found)
        case ReportPart.EXPORT:
            await _choose_format(turn, found)
        case ReportPart.TALK:
            await turn.post(blocks.talk_guide(found.report, found.team, found.stage, turn.words))
        case ReportPart.TALK_FILE:
            await _talk_file(turn, found)
        case ReportPart.SHARE:
            await turn.open(_talk_form(PassOn(found.team_id, found.wave_id, DebriefState.TEAM), turn))


async def _found(turn: Turn, team: int, wave: int) -> Found | None:
    found = await reports.report_for(turn.desk.deps, turn.desk.ws, turn.user, team, wave)
    if isinstance(found, Found):
        return found
    await turn.tell(_nothing(found, turn) if isinstance(found, Nothing) else turn.words("errors.stale_button"))
    return None


async def _dimensions(turn: Turn, found: Found) -> None:
    words = turn.words
    head, rows = blocks.dimension_rows(found.report, words)
    content: list[Block] = [header(words("report.dimensions.header")), context(words("report.sure.provisional"))]
    as_table = table(head, rows)
    if as_table:
        content.append(as_table)
    channel = await turn.post(Rendered(words("report.dimensions.header"), content))
    names = {row.dimension: words(f"dimensions.{row.dimension}.name") for row in found.report.dimensions}
    bands = turn.desk.deps.content.instruments[0].between
    title = words("report.dimensions.title", team=found.team)
    chart = report_pictures.dimension_chart(found.report, title, picture_words(words), names=names, bands=bands)
    await _share_picture(turn, channel, "dimensions.png", chart, title)


async def _history(turn: Turn, found: Found) -> None:
    words = turn.words
    told = blocks.history(found.report, words)
    title = words("report.history.title", team=found.team)
    chart = report_pictures.history_chart(found.report, title, picture_words(words), day=short_day(words))
    content = [header(words("report.history.header")), section(told), *twins(chart)[:1]]
    channel = await turn.post(Rendered(told, content))
    await _share_picture(turn, channel, "history.png", chart, told)


async def _talk_file(turn: Turn, found: Found) -> None:
    """The guide to print or to show, with the map in it where it could be drawn in time."""
    words, desk = turn.words, turn.desk
    heat = report_pictures.heat_map(found.report, words("report.map.title", team=found.team), picture_words(words))
    pages = []
    try:
        pages.append(PicturePage(heat.title, await desk.charts.draw(heat), describe(heat)))
    except ChartUnavailable:
        log.warning("picture.unavailable name=%s", "talk-guide")
    guide = blocks.talk_file(found.report, found.team, pages, words)
    # Building the file takes a fraction of a second of pure computing: clicks must not wait for it.
    made = await asyncio.to_thread(to_pptx, guide, author=AUTHOR, written_at=desk.deps.clock.now())
    channel = await desk.messenger.open_dm(turn.user)
    comment = words("talk.file.comment", team=found.team)
    await uploads.share(desk, channel, "talk-guide.pptx", made, title=guide.begin.title, comment=comment)


async def _effects(turn: Turn, found: Found) -> None:
    desk = turn.desk
    told = await effects.of_team(desk.deps, desk.ws, turn.user, found.team_id)
    await turn.post(change_blocks.effects(told, turn.words))


async def _choose_format(turn: Turn, found: Found) -> None:
    words = turn.words
    buttons = [button(words(f"report.export.{name}"), ExportAs(found.team_id, name)) for name in FORMATS]
    text = words("report.export.which")
    await turn.post(Rendered(text, [section(text), actions(*buttons)]))


async def export(turn: Turn, tap: ExportAs) -> None:
    desk = turn.desk
    name, content = await reports.export(desk.deps, desk.ws, turn.user, tap.team, tap.format)
    channel = await desk.messenger.open_dm(turn.user)
    await uploads.share(desk, channel, name, content, title=name, comment=turn.words("report.export.done"))


# --- the debrief order ---------------------------------------------------------------------------------------------


async def pass_on(turn: Turn, tap: PassOn) -> None:
    """A deliberate act: a coach hands over to the lead; a lead says what was heard and shares with the team."""
    if tap.to == DebriefState.TEAM:
        await turn.open(_talk_form(tap, turn))
        return
    desk = turn.desk
    await debriefs.advance(desk.deps, desk.ws, turn.user, tap.team, tap.wave, DebriefState(tap.to))
    found = await _found(turn, tap.team, tap.wave)
    if found is not None:
        await turn.tell(turn.words("report.passed_on", team=found.team))


def _talk_form(form: PassOn, turn: Turn) -> dict[str, Any]:
    words = turn.words
    inputs = [
        field(
            name,
            words(f"talk.{name}.label"),
            text_field(form, longest=300, lines=True),
            hint=words(f"talk.{name}.hint"),
            optional=True,
        )
        for name in ("heard", "will_try")
    ]
    note = section(words("report.share.text"))
    return modal(
        form,
        words("talk.heard.title"),
        [note, *inputs],
        submit=words("report.share.confirm"),
        close=words("setup.close"),
    )


async def share(turn: Turn, form: PassOn, values: Values) -> FormResult:
    """Into the team's channel: one strength and one open question, never a score."""
    desk, words = turn.desk, turn.words
    before = await reports.report_for(desk.deps, desk.ws, turn.user, form.team, form.wave)
    heard, will_try = text_of(values, "heard"), text_of(values, "will_try")
    await debriefs.advance(
        desk.deps, desk.ws, turn.user, form.team, form.wave, DebriefState.TEAM, heard=heard, will_try=will_try
    )
    await turn.ack()
    if not isinstance(before, Found) or before.stage is DebriefState.TEAM:
        await turn.tell(words("talk.heard.saved"))
        return None
    await _tell_team(turn, before)
    return None


async def _tell_team(turn: Turn, found: Found) -> None:
    """Post into the team's channel, and say to whoever shared it what has happened."""
    words = turn.words
    channel = await _channel_of(turn, found.team_id)
    if channel is None:
        await turn.tell(words("report.shared_without_channel", team=found.team))
        return
    message, place = blocks.shared(found.report, found.team, words), Mrkdwn(f"<#{channel}>")
    try:
        await turn.desk.client.chat_postMessage(channel=channel, text=message.text, blocks=message.blocks)
    except errors.TROUBLE as error:
        problem = errors.problem(error, sends=True)
        if problem.reason not in UNINVITED:
            raise problem from error
        await turn.tell(words("report.shared_uninvited", team=found.team, channel=place))
    else:
        await turn.tell(words("report.shared.done", channel=place))


async def _channel_of(turn: Turn, team_id: int) -> str | None:
    async with turn.desk.deps.database.read() as session:
        team = await session.get(Team, team_id)
        return team.channel if team else None
