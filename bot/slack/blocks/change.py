"""The register of changes: the list, the form, moving to a stage, a value of the change's own measure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from bot.core.changes import MANY_CHANGES
from bot.core.effects import AIM, Verdict
from bot.core.library import Playbook, Stage
from bot.core.states import ChangeState
from bot.services.changes import ChangeDraft, ChangeOptions, ChangeView
from bot.services.effects import ChangeEffect
from bot.services.overload import Load
from bot.slack.blocks.kit import (
    Block,
    Element,
    Rendered,
    actions,
    button,
    context,
    field,
    header,
    modal,
    option,
    section,
    select,
    several,
    text_field,
)
from bot.slack.ids import EditChange, Field, Form, Loading, MeasureChange, MoveChange, ShowEffect, StartChange, encode
from bot.slack.words import Words

MOST_SHOWN = 6
MOST_LOADS = 12
MOST_STEPS = 3
OVER = frozenset({ChangeState.FINISHED, ChangeState.ABANDONED})
STATES = (ChangeState.ACTIVE, ChangeState.PAUSED, ChangeState.FINISHED, ChangeState.ABANDONED)


def listing(changes: Sequence[ChangeView], loads: Sequence[Load], words: Words) -> Rendered:
    title = words("change.list.header")
    new = actions(button(words("change.button.new"), EditChange(None), style="primary"))
    blocks: list[Block] = [header(title)]
    for change in changes[:MOST_SHOWN]:
        blocks += [section(line(change, words)), *_steps(change, words)]
        if change.state not in OVER:
            blocks.append(actions(*_buttons(change, words)))
    if not changes:
        blocks.append(section(words("change.list.empty")))
    return Rendered(title, [*blocks, *_loads(loads, words), new])


def _loads(loads: Sequence[Load], words: Words) -> list[Block]:
    """Who carries how much, in the order in which the workgroups were set up; no ranking."""
    lines = [
        words("change.overload.line", workgroup=one.workgroup, changes=one.changes, asks=one.asks)
        for one in loads[:MOST_LOADS]
    ]
    return [header(words("change.overload.header")), *map(section, lines)] if lines else []


def warning(change_id: int, workgroups: Sequence[str], words: Words) -> Rendered:
    text = words("change.overload.warning", workgroups=list(workgroups), changes=MANY_CHANGES)
    return Rendered(
        text, [section(text), actions(button(words("change.overload.start_anyway"), StartChange(change_id)))]
    )


def line(change: ChangeView, words: Words) -> str:
    book, stage = _names(change, words)
    since = change.history[-1][3] if change.history else change.started_at
    state = words(f"change.state.{change.state}")
    named = stage if change.state is ChangeState.ACTIVE else f"{stage} ({state})"
    if since is None:
        return words("change.saved", change=change.title)
    return words("change.list.line", change=change.title, approach=book, stage=named, since=since, aim=change.aim)


def _steps(change: ChangeView, words: Words) -> list[Block]:
    told = [step for step in change.history if step[2]][-MOST_STEPS:]
    return [
        context(words("change.history.line", on=at, what=_stage_name(change, stage, words), why=why))
        for stage, _, why, at in told
    ]


def _buttons(change: ChangeView, words: Words) -> list[Element]:
    elements = [
        button(words("change.button.move"), MoveChange(change.id)),
        button(words("change.button.edit"), EditChange(change.id)),
    ]
    if change.measure:
        elements.append(button(words("change.button.measure"), MeasureChange(change.id)))
    if change.started_at:
        elements.append(button(words("report.button.effects"), ShowEffect(change.id)))
    return elements


def loading(words: Words) -> dict[str, Any]:
    return modal(Loading(), words("change.title.new"), [section(words("change.loading"))], close=words("change.close"))


def form(draft: ChangeDraft, change_id: int | None, options: ChangeOptions, words: Words) -> dict[str, Any]:
    title = "change.title.new" if change_id is None else "change.title.edit"
    return modal(
        EditChange(change_id),
        words(title),
        [*_what(draft, options, words), *_whom(draft, options, words), *_measure(draft, words)],
        submit=words("change.submit"),
        close=words("change.close"),
    )


def _what(draft: ChangeDraft, options: ChangeOptions, words: Words) -> list[Block]:
    books = {book: (name, stages) for book, name, stages in options.playbooks}
    chosen = draft.playbook if draft.playbook in books else next(iter(books), "")
    stages = [option(name, stage) for stage, name in books[chosen][1]] if chosen else []
    approach = select(_at("playbook"), [option(name, book) for book, (name, _) in books.items()], chosen=chosen)
    at_stage = select(_at("stage"), stages, chosen=draft.stage or (stages[0]["value"] if stages else None))
    return [
        _text("title", draft.title, words, key="name", longest=100),
        _text("aim", draft.aim, words, lines=True),
        field("playbook", words("change.approach.label"), approach, live=True),
        field("stage", words("change.stage.label"), at_stage),
    ]


def _whom(draft: ChangeDraft, options: ChangeOptions, words: Words) -> list[Block]:
    teams = several(_at("teams"), _rows(options.teams), map(str, draft.team_ids))
    groups = several(_at("workgroups"), _rows(options.workgroups), map(str, draft.workgroup_ids))
    hint = words("change.workgroups.hint")
    return [
        field("teams", words("change.teams.label"), teams),
        field("workgroups", words("change.workgroups.label"), groups, hint=hint),
        field("owner", words("change.owner.label"), _person("owner", draft.owner), optional=True),
        field("sponsor", words("change.sponsor.label"), _person("sponsor", draft.sponsor), optional=True),
    ]


def _measure(draft: ChangeDraft, words: Words) -> list[Block]:
    ways = [option(words(f"change.direction.{way}"), way) for way in ("up", "down")]
    direction = select(_at("measure_direction"), ways, chosen=draft.measure_direction)
    return [
        _text("measure_name", draft.measure_name, words, key="measure", optional=True),
        field("measure_direction", words("change.direction.label"), direction),
        _text("no_measure_reason", draft.no_measure_reason, words, key="no_measure", optional=True),
        _text("takes_away", draft.takes_away, words, key="loss", lines=True, optional=True),
        field("goes_live_on", words("change.live.label"), _day("goes_live_on", draft.goes_live_on), optional=True),
    ]


def move(change: ChangeView, words: Words) -> dict[str, Any]:
    """The next stage is chosen already; pausing, finishing and giving up are said in the same form."""
    book = _book(change, words)
    stages = book.stages if book else ()
    following = book.stage_after(change.stage) if book and change.stage in book.stage else None
    at_stage = select(
        _at("stage"),
        [option(stage.name, stage.id) for stage in stages],
        chosen=following.id if following else change.stage,
    )
    states = [option(words(f"change.state.choose.{state}"), state.value) for state in STATES]
    chosen = ChangeState.ACTIVE if change.state is ChangeState.DRAFT else change.state
    why = text_field(_at("why"), longest=300, lines=True)
    return modal(
        MoveChange(change.id),
        words("change.title.move"),
        [
            section(line(change, words)),
            field("stage", words("change.stage.label"), at_stage),
            field("state", words("change.state.label"), select(_at("state"), states, chosen=chosen.value)),
            field("why", words("change.why.label"), why, hint=words("change.why.hint")),
        ],
        submit=words("change.submit"),
        close=words("change.close"),
    )


def moved(change: ChangeView, why: str, words: Words) -> str:
    """What has just happened to it, and what the new stage is for."""
    match change.state:
        case ChangeState.PAUSED | ChangeState.ABANDONED:
            return words(f"change.{change.state}", change=change.title, why=why)
        case ChangeState.FINISHED:
            return words("change.finished", change=change.title)
        case _:
            return _at_stage("change.moved", change, words)


def started(change: ChangeView, words: Words) -> str:
    return _at_stage("change.started", change, words)


def _at_stage(key: str, change: ChangeView, words: Words) -> str:
    stage = _stage(change, change.stage, words)
    purpose = words.fill(stage.purpose) if stage else ""
    return words(key, change=change.title, stage=stage.name if stage else change.stage, purpose=purpose)


def effects(found: Sequence[ChangeEffect], words: Words) -> Rendered:
    """What each change did, in plain sentences with their uncertainty; what got worse beside what got better."""
    title = words("report.button.effects")
    blocks: list[Block] = [header(title)]
    for one in found:
        blocks.append(section(_overall(one, words)))
        if one.suffered:
            sides = [words("report.finding.tie", rater=a, rated=b) for a, b in one.suffered]
            blocks.append(section(words("change.effect.suffered", ties=sides)))
        if one.complies:
            blocks.append(section(words("change.effect.compliance", change=one.change)))
        if one.measure_moved is not None:
            key = "change.effect.measure_moved" if one.measure_moved else "change.effect.measure_steady"
            blocks.append(context(words(key, measure=one.measure)))
    if not found:
        blocks.append(section(words("change.effect.not_yet")))
    return Rendered(title, blocks)


def _overall(effect: ChangeEffect, words: Words) -> str:
    overall, change = effect.overall, effect.change
    if overall.drifting:
        return words("change.effect.drifting", change=change)
    if overall.verdict is not Verdict.CANNOT_TELL and None not in (overall.value, overall.low, overall.high):
        key = "better" if overall.verdict is Verdict.IMPROVED else "worse"
        size, low, high = (_signed(number or 0.0) for number in (overall.value, overall.low, overall.high))
        return words(f"change.effect.{key}", change=change, size=size, low=low, high=high)
    if overall.further is None:
        return words("change.effect.open", change=change)
    if overall.further == 0:
        return words("change.effect.none", change=change, size=f"{AIM:.1f}")
    return words("change.effect.unknown", change=change, waves=overall.further, size=f"{AIM:.1f}")


def _signed(number: float) -> str:
    return f"{number:+.1f}".replace("-", "−")


def value_form(change: ChangeView, today: date, words: Words) -> dict[str, Any]:
    measured = str((change.measure or {}).get("name") or "")
    number: Element = {"type": "number_input", "action_id": encode(_at("value")), "is_decimal_allowed": True}
    return modal(
        MeasureChange(change.id),
        words("change.title.measure"),
        [
            field("value", words("change.value.label", measure=measured), number),
            field("on", words("change.value.on.label"), _day("on", today)),
        ],
        submit=words("change.submit"),
        close=words("change.close"),
    )


def _at(name: str) -> Field:
    return Field(Form.CHANGE, name)


def _rows(pairs: Sequence[tuple[int, str]]) -> list[Element]:
    return [option(name, str(row)) for row, name in pairs]


def _person(name: str, chosen: str | None) -> Element:
    element: Element = {"type": "users_select", "action_id": encode(_at(name))}
    return {**element, "initial_user": chosen} if chosen else element


def _day(name: str, chosen: date | None) -> Element:
    element: Element = {"type": "datepicker", "action_id": encode(_at(name))}
    return {**element, "initial_date": chosen.isoformat()} if chosen else element


def _text(
    name: str,
    initial: str,
    words: Words,
    *,
    key: str = "",
    longest: int = 300,
    lines: bool = False,
    optional: bool = False,
) -> Block:
    spoken = f"change.{key or name}"
    element = text_field(_at(name), initial=initial, longest=longest, lines=lines)
    return field(name, words(f"{spoken}.label"), element, hint=words(f"{spoken}.hint"), optional=optional)


def _book(change: ChangeView, words: Words) -> Playbook | None:
    return next((book for book in words.library.playbooks if book.id == change.playbook), None)


def _stage(change: ChangeView, stage: str, words: Words) -> Stage | None:
    book = _book(change, words)
    return book.stage.get(stage) if book else None


def _stage_name(change: ChangeView, stage: str, words: Words) -> str:
    known = _stage(change, stage, words)
    return known.name if known else stage


def _names(change: ChangeView, words: Words) -> tuple[str, str]:
    book = _book(change, words)
    return (book.name if book else change.playbook), _stage_name(change, change.stage, words)
