"""The Home tab by role: one's own pulse on top, then teams, promises, and what keeps it running."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.core.messages import Pulse, PulseStage
from bot.core.states import ChangeState, CommitmentState, Role
from bot.services.commitments import CommitmentView
from bot.services.home import AdminView, HomeView, TeamCard
from bot.services.people import Wishes
from bot.slack.blocks.kit import (
    MOST_VIEW_BLOCKS,
    Block,
    Element,
    actions,
    button,
    confirm,
    context,
    divider,
    field,
    header,
    modal,
    option,
    section,
    select,
)
from bot.slack.blocks.pulse import came_of_it
from bot.slack.ids import (
    AnswerCommitment,
    EditWishes,
    Field,
    ForgetMe,
    Form,
    HomePage,
    OpenSetup,
    OptIn,
    OptOut,
    ShowChanges,
    ShowMyData,
    ShowQuestion,
    ShowReport,
)
from bot.slack.words import Words

TEAMS_A_PAGE = 20
MOST_PROMISES = 8
MOST_CHANGES = 5
ANY_HOUR = "any"
_STATES = {"coach": "waiting_for_coach", "lead": "with_lead", "team": "shared"}


def home(view: HomeView | None, now: datetime, words: Words, *, page: int = 0) -> dict[str, Any]:
    if view is None:
        return {
            "type": "home",
            "blocks": [section(words("home.staff.no_team")), context(words("home.updated", at=now))],
        }
    blocks = [
        *_pulse(view, words),
        *_what_came_of_it(view, words),
        *_promises(view.commitments, words),
        *_teams(view, page, words),
        *_changes(view, words),
        *(_admin(view.admin, words) if view.admin else []),
        *_settings(view, words),
        context(words("home.updated", at=now)),
    ]
    return {"type": "home", "blocks": blocks[:MOST_VIEW_BLOCKS]}


def _pulse(view: HomeView, words: Words) -> list[Block]:
    blocks: list[Block] = [header(words("home.staff.header"))]
    for pulse in view.open_pulses:
        blocks += _open(pulse, words)
    if not view.open_pulses:
        blocks.append(section(words("home.staff.none_open", next_on=view.next_on)))
    if view.snoozed_until:
        blocks.append(context(words("home.staff.snoozed", until=view.snoozed_until)))
    return blocks


def _open(pulse: Pulse, words: Words) -> list[Block]:
    finished = pulse.stage is PulseStage.FINISHED
    key = "home.staff.finished_until" if finished else "home.staff.open_until"
    text = words(key, team=pulse.team, closes_at=pulse.closes_at)
    if finished:
        change = button(words("pulse.button.change_answer"), ShowQuestion(pulse.ask, 0))
        return [section(text), actions(change)]
    answer = button(words("home.button.answer"), ShowQuestion(pulse.ask, None), style="primary")
    return [section(text), actions(answer), context(words("home.staff.who_sees", k=pulse.min_respondents))]


def _what_came_of_it(view: HomeView, words: Words) -> list[Block]:
    told = came_of_it(view.came_of_it, words) if view.came_of_it else words("home.staff.came_of_it.empty")
    return [header(words("home.staff.came_of_it.header")), section(told)]


def _promises(promises: Sequence[CommitmentView], words: Words) -> list[Block]:
    if not promises:
        return []
    blocks: list[Block] = [header(words("home.promises.header"))]
    for one in promises[:MOST_PROMISES]:
        state = words(f"commitments.state.{one.state}")
        blocks.append(section(words("commitments.line", what=one.what, state=state, due_on=one.due_on)))
        blocks.append(
            actions(
                *(
                    button(words(f"commitments.button.{answer}"), AnswerCommitment(one.id, answer))
                    for answer in (CommitmentState.DONE, CommitmentState.STUCK, CommitmentState.DROPPED)
                )
            )
        )
    return blocks


def _teams(view: HomeView, page: int, words: Words) -> list[Block]:
    """Leads and coaches see their teams; members those whose map the team has looked at together."""
    if not view.teams:
        return []
    pages = -(-len(view.teams) // TEAMS_A_PAGE)
    page = min(page, pages - 1)
    coach = Role.COACH in view.roles
    blocks: list[Block] = [divider(), header(words("home.coach.header" if coach else "home.lead.header"))]
    for card in view.teams[page * TEAMS_A_PAGE : (page + 1) * TEAMS_A_PAGE]:
        blocks.append(section(_card(card, words)))
        buttons = _card_buttons(card, view, words)
        blocks += [actions(*buttons)] if buttons else []
    if pages > 1:
        blocks += [context(words("home.page", page=page + 1, pages=pages)), actions(*_turning(page, pages, words))]
    return blocks


def _changes(view: HomeView, words: Words) -> list[Block]:
    """For whoever may register one."""
    if not view.roles & {Role.LEAD, Role.COACH, Role.ADMIN}:
        return []
    active = [change.title for change in view.changes if change.state is ChangeState.ACTIVE][:MOST_CHANGES]
    told = words("home.lead.changes", changes=active) if active else words("home.lead.no_changes")
    return [section(told), actions(button(words("home.button.changes"), ShowChanges()))]


def _admin(view: AdminView, words: Words) -> list[Block]:
    counts = words(
        "admin.home.counts",
        waiting=view.planned,
        late=view.late,
        unconfirmed=view.unconfirmed,
        failed=view.failed,
    )
    stopped = [section(words("admin.token_revoked"))] if view.paused_reason else []
    return [divider(), header(words("admin.home.header")), *stopped, section(counts)]


def _card(card: TeamCard, words: Words) -> str:
    state = words(f"home.coach.state.{_STATES.get(card.report_stage or '', 'collecting')}")
    return words(
        "home.team.next",
        team=card.name,
        state=state,
        paused=card.schedule_paused,
        next_on=card.next_round,
        results_on=card.results_on,
        due=card.commitments_due,
    )


def _card_buttons(card: TeamCard, view: HomeView, words: Words) -> list[Element]:
    elements = []
    if card.report_stage:
        elements.append(button(words("home.button.report"), ShowReport(card.id, None)))
    if Role.COACH in view.roles or Role.ADMIN in view.roles:
        elements.append(button(words("home.button.setup"), OpenSetup(card.id)))
    return elements


def _turning(page: int, pages: int, words: Words) -> list[Element]:
    elements = []
    if page > 0:
        elements.append(button(words("home.button.previous"), HomePage(page - 1)))
    if page < pages - 1:
        elements.append(button(words("home.button.next"), HomePage(page + 1)))
    return elements


def _settings(view: HomeView, words: Words) -> list[Block]:
    hour = words("home.hour.any") if view.hour is None else words("home.hour.at", hour=f"{view.hour:02}")
    language = words.language_called(view.language)
    line = words("home.staff.settings.line", language=language, hour=hour, opted_out=view.opted_out)
    switch = OptIn() if view.opted_out else OptOut()
    key = "opt_in" if view.opted_out else "opt_out"
    return [
        divider(),
        header(words("home.staff.settings.header")),
        section(line),
        actions(
            button(words("home.button.wishes"), EditWishes()),
            button(words(f"home.button.{key}"), switch),
            button(words("home.button.my_data"), ShowMyData()),
            delete_button(words),
        ),
    ]


def delete_button(words: Words) -> Element:
    keys = ("title", "text", "confirm", "deny")
    asked = confirm(*(words(f"home.delete.{key}") for key in keys))
    return button(words("home.button.delete"), ForgetMe(), style="danger", confirm=asked)


def wishes(held: Wishes, languages: Sequence[str], words: Words) -> dict[str, Any]:
    spoken = [option(words.language_called(language), language) for language in languages]
    hours = [option(words("home.hour.any"), ANY_HOUR)] + [
        option(words("home.hour.option", hour=f"{hour:02}"), str(hour)) for hour in range(24)
    ]
    chosen = ANY_HOUR if held.hour is None else str(held.hour)
    known = held.language if held.language in languages else held.language.partition("-")[0]
    return modal(
        EditWishes(),
        words("home.staff.settings.header"),
        [
            field("language", words("home.language.label"), select(_at("language"), spoken, chosen=known)),
            field(
                "hour",
                words("home.hour.label"),
                select(_at("hour"), hours, chosen=chosen),
                hint=words("home.hour.hint"),
            ),
        ],
        submit=words("home.save"),
        close=words("setup.close"),
    )


def _at(name: str) -> Field:
    return Field(Form.WISHES, name)
