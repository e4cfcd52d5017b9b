"""The coaches' library as a workspace has it: the shipped words, what coaches made of them, and what they added.

Every change is a new version of its entry; the newest counts. Back to the original is a version too, so that nothing
that somebody wrote is lost without a trace.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.content import ORIGINAL, Library
from bot.content.edits import Editable, reworded, with_edits, words_of
from bot.core.errors import BadInput, NotAllowed, Stale
from bot.core.instrument import Dimension
from bot.core.library import Foundation, HuddleKind, HuddlePrompt, Nudge, Side, StageKind, Theme
from bot.core.states import Role
from bot.db import changes as change_queries
from bot.db import people as queries
from bot.db.tables import FocalProcess, LibraryEdit
from bot.services import access, audit
from bot.services.deps import Deps

IDEAS, HUDDLES = "ideas", "huddles"
"""The two shelves beside the playbooks', which have the playbooks' ids."""
_OWN = "own"


class Origin(StrEnum):
    SHIPPED = "shipped"
    REWORDED = "reworded"
    OFF = "off"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as a coach sees it. ``words`` by field, as templates; ``preview``: filled with a team's real names."""

    id: str
    theme: str
    origin: Origin
    words: Mapping[str, str]
    preview: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Edits:
    """The newest version of everything that coaches have touched: words, None for what is off, and own entries."""

    words: Mapping[str, Mapping[str, str] | None]
    added: Mapping[str, Editable]


async def of_workspace(deps: Deps, session: AsyncSession, ws: int, language: str = ORIGINAL) -> Library:
    """The library that this workspace's huddles and nudges come from."""
    edits = await _edits(session, ws)
    library = deps.content.library(language)
    return with_edits(library, edits.words, edits.added.values()) if edits.words or edits.added else library


async def shelf(deps: Deps, ws: int, user: str, name: str) -> list[Entry]:
    """The entries of a shelf, what is switched off included. Raises NotAllowed, Stale for an unknown shelf."""
    async with deps.database.read() as session:
        who = await _coach(session, ws, user)
        edits, names = await _edits(session, ws), await _names(session, ws, who)
    language = who.person.language
    shipped = _shelves(deps.content.library(language))
    if name not in shipped:
        raise Stale
    own = [entry for entry in edits.added.values() if name == (IDEAS if isinstance(entry, Nudge) else HUDDLES)]
    return [_seen(deps, entry, edits, names, language) for entry in (*shipped[name], *own)]


async def entry(deps: Deps, ws: int, user: str, entry_id: str) -> Entry:
    """Raises NotAllowed, Stale for an entry that is gone."""
    async with deps.database.read() as session:
        who = await _coach(session, ws, user)
        edits, names = await _edits(session, ws), await _names(session, ws, who)
    found = _find(deps, edits, entry_id, who.person.language)
    return _seen(deps, found, edits, names, who.person.language)


async def reword(deps: Deps, ws: int, user: str, entry_id: str, words: Mapping[str, str]) -> None:
    """Say it in other words, checked as the files are. Raises BadInput with the field, NotAllowed, Stale."""
    async with deps.database.write() as session:
        who = await _coach(session, ws, user)
        edits = await _edits(session, ws)
        own = entry_id in edits.added
        changed = reworded(_find(deps, edits, entry_id, who.person.language), words)
        _check(deps, changed, who.person.language)
        body = _body(changed) if own else words_of(changed)
        await _keep(deps, session, ws, who, entry_id, json.dumps(body, ensure_ascii=False))


async def switch_off(deps: Deps, ws: int, user: str, entry_id: str) -> None:
    """It is not suggested any more; an entry of our own is taken out. Raises NotAllowed, Stale."""
    async with deps.database.write() as session:
        who = await _coach(session, ws, user)
        edits = await _edits(session, ws)
        _find(deps, edits, entry_id, who.person.language)
        await _keep(deps, session, ws, who, entry_id, None, restored=entry_id in edits.added)


async def restore(deps: Deps, ws: int, user: str, entry_id: str) -> None:
    """Back to the shipped words, and switched on. Raises NotAllowed, Stale for an entry that nobody shipped."""
    async with deps.database.write() as session:
        who = await _coach(session, ws, user)
        if not any(one.id == entry_id for one in _all(deps.content.library(who.person.language))):
            raise Stale
        await _keep(deps, session, ws, who, entry_id, None, restored=True)


async def add_idea(
    deps: Deps, ws: int, user: str, *, dimension: Dimension, side: Side, minutes: int, action: str, why: str
) -> str:
    """A nudge of the coaches' own; returns its id. Raises BadInput with the field, NotAllowed."""
    made = Nudge("", dimension, side, minutes, action.strip(), why.strip())
    return await _add(deps, ws, user, made)


async def add_prompt(
    deps: Deps, ws: int, user: str, *, theme: Theme, kind: HuddleKind, focus: str, questions: tuple[str, str, str]
) -> str:
    """A huddle prompt of the coaches' own, for every kind of stage. Raises BadInput with the field, NotAllowed."""
    made = HuddlePrompt("", kind, theme, tuple(StageKind), focus.strip(), questions)
    return await _add(deps, ws, user, made)


async def _add(deps: Deps, ws: int, user: str, made: Editable) -> str:
    async with deps.database.write() as session:
        who = await _coach(session, ws, user)
        taken = select(LibraryEdit.entry).where(
            LibraryEdit.workspace_id == ws, col(LibraryEdit.entry).startswith(f"{_OWN}.")
        )
        number = len(set((await session.exec(taken)).all())) + 1
        named = replace(made, id=f"{_OWN}.{number}")
        _check(deps, named, who.person.language)
        await _keep(deps, session, ws, who, named.id, json.dumps(_body(named), ensure_ascii=False))
        return named.id


def _check(deps: Deps, changed: Editable, language: str) -> None:
    for field, message in deps.content.problems_of(changed, language).items():
        raise BadInput(message, field=field)


async def _keep(
    deps: Deps, session: AsyncSession, ws: int, who: access.Standing, entry_id: str, text: str | None, *,
    restored: bool = False,
) -> None:  # fmt: skip
    query = select(LibraryEdit.version).where(LibraryEdit.workspace_id == ws, LibraryEdit.entry == entry_id)
    version = max((await session.exec(query)).all(), default=0) + 1
    now = deps.clock.now()
    made = LibraryEdit(
        workspace_id=ws, entry=entry_id, version=version, text=text, restored=restored, by_id=who.id, at=now
    )
    session.add(made)
    audit.note(session, ws, now, "library.edited", actor_id=who.id, subject=f"entry:{entry_id}", version=version)


async def _coach(session: AsyncSession, ws: int, user: str) -> access.Standing:
    who = await access.standing(session, ws, user)
    if not (who.admin or who.teams(Role.COACH)):
        raise NotAllowed
    return who


async def _edits(session: AsyncSession, ws: int) -> _Edits:
    query = select(LibraryEdit).where(LibraryEdit.workspace_id == ws).order_by(col(LibraryEdit.version))
    newest = {one.entry: one for one in (await session.exec(query)).all()}
    words: dict[str, Mapping[str, str] | None] = {}
    added: dict[str, Editable] = {}
    for one in newest.values():
        body: dict[str, Any] | None = json.loads(one.text) if one.text is not None else None
        if one.restored:
            continue
        if body is not None and one.entry.startswith(f"{_OWN}."):
            added[one.entry] = _made(one.entry, body)
        else:
            words[one.entry] = body
    return _Edits(words, added)


def _body(own: Editable) -> dict[str, Any]:
    """An entry of the coaches' own, as it is stored."""
    if isinstance(own, Nudge):
        about = {"dimension": own.dimension.value, "side": own.side.value, "minutes": own.minutes}
        return {"of": IDEAS, **about, **words_of(own)}
    return {"of": HUDDLES, "kind": own.kind.value, "theme": own.theme.value, **words_of(own)}


def _made(entry_id: str, body: Mapping[str, Any]) -> Editable:
    if body["of"] == IDEAS:
        side, dimension = Side(body["side"]), Dimension(body["dimension"])
        return Nudge(entry_id, dimension, side, int(body["minutes"]), body["action"], body["why"])
    theme = body["theme"]
    about: Theme = Foundation(theme) if theme in set(Foundation) else Dimension(theme)
    questions = (body["question_1"], body["question_2"], body["question_3"])
    return HuddlePrompt(entry_id, HuddleKind(body["kind"]), about, tuple(StageKind), body["focus"], questions)


def _shelves(library: Library) -> dict[str, tuple[Editable, ...]]:
    books: dict[str, tuple[Editable, ...]] = {book.id: book.prompts for book in library.playbooks}
    return {IDEAS: library.nudges, HUDDLES: library.huddles, **books}


def _all(library: Library) -> Iterator[Editable]:
    for entries in _shelves(library).values():
        yield from entries


def _find(deps: Deps, edits: _Edits, entry_id: str, language: str) -> Editable:
    """The entry in the words that count now; one that is off in its shipped ones."""
    shipped = (*_all(deps.content.library(language)), *edits.added.values())
    found = next((one for one in shipped if one.id == entry_id), None)
    if found is None:
        raise Stale
    words = edits.words.get(entry_id)
    return reworded(found, words) if words else found


def _seen(deps: Deps, one: Editable, edits: _Edits, names: Mapping[str, str], language: str) -> Entry:
    current = _find(deps, edits, one.id, language)
    origin = Origin.ADDED if one.id in edits.added else Origin.SHIPPED
    if one.id in edits.words:
        origin = Origin.OFF if edits.words[one.id] is None else Origin.REWORDED
    words = words_of(current)
    theme = current.dimension if isinstance(current, Nudge) else current.theme
    preview = {field: deps.content.fill(text, language, **names) for field, text in words.items()}
    return Entry(one.id, theme.value, origin, words, preview)


async def _names(session: AsyncSession, ws: int, who: access.Standing) -> dict[str, str]:
    """Real names of a team that this coach knows, else of any in the workspace."""
    teams = await queries.teams(session, ws)
    team = next((one for one in teams if who.holds(Role.COACH, one.id)), None) or next(iter(teams), None)
    if team is None:
        return dict.fromkeys(("process", "other", "change"), "…")
    process = await session.get_one(FocalProcess, team.focal_process_id)
    groups = [group.name for group in await queries.workgroups(session, process.id)]
    changes = [change.title for change in await change_queries.of_team(session, team.id)]
    return {"process": process.name, "other": next(iter(groups), "…"), "change": next(iter(changes), process.name)}
