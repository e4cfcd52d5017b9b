"""The ``rc-pulse`` command: parse, call a service, print, exit code. Nothing else."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import select

from bot import app as composition
from bot.content import Content, ContentError
from bot.core.cadence import InvalidRule
from bot.core.errors import BadInput, RcPulseError, UnknownPerson, UnknownTeam
from bot.core.states import DeliveryState
from bot.db import schema
from bot.db.session import Database
from bot.db.tables import Workspace
from bot.services import my_data as my_data_service
from bot.services import people, rosters, schedules
from bot.services.deps import Deps
from bot.services.ports import SlackProblem
from bot.settings import Settings, WrongSetting, load_settings

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

EXIT_PROBLEM = 2


class Refused(Exception):
    """The command can't be carried out; its text is what the person reads."""


def main() -> None:
    """Run a command; a problem we can explain is one sentence on standard error and exit code 2."""
    try:
        cli()
    except (WrongSetting, RcPulseError, InvalidRule, ContentError, Refused) as problem:
        typer.echo(explained(problem), err=True)
        sys.exit(EXIT_PROBLEM)
    except SlackProblem as problem:
        typer.echo(f"Slack did not answer as hoped ({problem.reason}). Nothing was changed; try again.", err=True)
        sys.exit(EXIT_PROBLEM)


def explained(problem: Exception) -> str:
    """The sentence for a problem: errors that carry only a subject get their frame here."""
    match problem:
        case UnknownTeam():
            return f"There is no team “{problem.subject}”. `rc-pulse import-roster FILE` makes teams."
        case UnknownPerson():
            who = problem.subject.strip("<@>")
            return f"We know nobody by “{who}”: give a Slack id (U…) or an e-mail address from the roster."
        case BadInput():
            return problem.subject
        case _:
            return str(problem)


def _run(work: Callable[[Deps], Awaitable[None]]) -> None:
    async def go() -> None:
        async with composition.commands(load_settings()) as deps:
            await work(deps)

    asyncio.run(go())


def _start(coroutine: Coroutine[Any, Any, None]) -> None:
    asyncio.run(coroutine)


def _logging(settings: Settings) -> None:
    """Only our own loggers may say more than warnings: below that, libraries write out whole payloads and statements,
    which hold people's words and answers (and Bolt's takes its level from the root, whatever it was set to).
    """
    chosen = logging.getLevelNamesMapping()[settings.log_level]
    logging.basicConfig(level=max(logging.WARNING, chosen), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("bot").setLevel(chosen)


async def workspace_of(deps: Deps) -> int:
    """The one workspace of this installation. Raises Refused before Slack was ever asked."""
    async with deps.database.read() as session:
        found = (await session.exec(select(Workspace.id))).all()
    if not found:
        raise Refused("No workspace is known yet: run `rc-pulse import-roster FILE` or `rc-pulse serve` first.")
    return found[0]


@cli.command()
def serve() -> None:
    """Run the bot against Slack, until Ctrl-C or SIGTERM."""
    settings = load_settings()
    _logging(settings)

    async def go() -> None:
        app = await composition.build(settings)
        await app.run()

    _start(go())


@cli.command()
def upgrade() -> None:
    """Bring the database to this version's revision."""

    async def go() -> None:
        database = Database(load_settings().database_url)
        try:
            await schema.upgrade(database)
        finally:
            await database.close()
        typer.echo(f"The database is at revision {schema.head()}.")

    _start(go())


@cli.command()
def check(prompts: Annotated[Path | None, typer.Option(help="Another folder of words.")] = None) -> None:
    """Check all words: missing or unknown keys, variables, lengths, changed meanings."""
    folder = prompts or composition.prompts_folder(load_settings())
    try:
        Content.load(folder)
    except ContentError as error:
        for problem in error.problems:
            typer.echo(str(problem), err=True)
        raise Refused(f"{len(error.problems)} problem(s) in {folder}.") from None
    typer.echo(f"All words in {folder} are in order.")


@cli.command("import-roster")
def import_roster(file: Annotated[Path, typer.Argument(help="CSV: team,channel,timezone,workgroup,user,role")]) -> None:
    """Take over who belongs to which team and workgroup, who leads and who coaches."""

    async def go() -> None:
        rosters.read_rows(file)
        async with composition.connected_commands(load_settings()) as (deps, ws):
            done = await rosters.import_roster(deps, ws, file)
        typer.echo(f"{done.teams} team(s): {done.joined} joined, {done.moved} moved, {done.left} left.")

    _start(go())


class Cadence(StrEnum):
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    RRULE = "rrule"


@cli.command()
def schedule(
    team: Annotated[str, typer.Option(help="The team's name.")],
    cadence: Annotated[Cadence | None, typer.Option()] = None,
    day: Annotated[list[str] | None, typer.Option(help="mon … sun; may be given several times.")] = None,
    every: Annotated[int | None, typer.Option(help="Every how many weeks or months.")] = None,
    month_day: Annotated[int | None, typer.Option(help="Monthly: the day of the month.")] = None,
    month_week: Annotated[int | None, typer.Option(help="Monthly by weekday: 1 to 4, -1 for the last.")] = None,
    rrule: Annotated[str | None, typer.Option(help="RFC 5545 text, for cadence rrule.")] = None,
    at: Annotated[str | None, typer.Option(help="Local time, HH:MM.")] = None,
    start: Annotated[str | None, typer.Option(help="First day, ISO 8601.")] = None,
    end: Annotated[str | None, typer.Option(help="Last day, ISO 8601.")] = None,
    zone_mode: Annotated[str | None, typer.Option(help="team or recipient.")] = None,
    band_minutes: Annotated[int | None, typer.Option(help="Everybody gets a random minute within so many.")] = None,
    hours: Annotated[str | None, typer.Option(help="Working hours, 08:00-18:00.")] = None,
    days: Annotated[str | None, typer.Option(help="Working days, mon-fri.")] = None,
    quiet: Annotated[str | None, typer.Option(help="Quiet hours, 12:00-13:00.")] = None,
    country: Annotated[str | None, typer.Option(help="Public holidays: ISO country, DE.")] = None,
    region: Annotated[str | None, typer.Option(help="Public holidays: region, BY.")] = None,
    closure: Annotated[list[str] | None, typer.Option(help="A closure day, ISO 8601; several times.")] = None,
    on_holiday: Annotated[str | None, typer.Option(help="skip, before or after.")] = None,
    on_day_off: Annotated[str | None, typer.Option(help="skip, before or after.")] = None,
    reminders: Annotated[int | None, typer.Option(help="0 to 2.")] = None,
    window_hours: Annotated[int | None, typer.Option(help="How long a round stays open.")] = None,
    items: Annotated[int | None, typer.Option(help="Questions per pulse, 1 to 7.")] = None,
    one_workgroup: Annotated[bool | None, typer.Option(help="All questions of a pulse about one workgroup.")] = None,
    pause: Annotated[bool, typer.Option("--pause", help="No new rounds until --resume.")] = False,
    resume: Annotated[bool, typer.Option("--resume")] = False,
) -> None:
    """Set up, change, pause or resume a team's schedule; what is not named stays as it is."""
    if pause and resume:
        raise Refused("Choose one of --pause and --resume.")
    wanted = {
        "cadence": cadence and cadence.value, "days": day, "every": every, "month_day": month_day,
        "month_week": month_week, "rrule": rrule, "at": at, "start": start, "end": end, "zone_mode": zone_mode,
        "band_minutes": band_minutes, "hours": hours, "working_days": days, "quiet": quiet, "country": country,
        "region": region, "closures": closure, "on_holiday": on_holiday, "on_day_off": on_day_off,
        "reminders": reminders, "window_hours": window_hours,
    }  # fmt: skip

    fields = {name: value for name, value in wanted.items() if value not in (None, "", [])}
    paused = pause if pause or resume else None

    async def work(deps: Deps) -> None:
        ws = await workspace_of(deps)
        found = await schedules.operate(deps, ws, team, fields, items=items, one_workgroup=one_workgroup, paused=paused)
        typer.echo("Paused." if found.paused else f"{found.team}:")
        for one in [] if found.paused else await schedules.preview(deps, ws, found.team_id, found.rule):
            typer.echo(
                f"  opens {one.opens_at:%Y-%m-%d %H:%M} UTC for {one.people} people in {one.workgroups} workgroups"
            )

    _run(work)


@cli.command()
def admin(
    user: Annotated[str, typer.Argument(help="Slack id (U…) or e-mail address.")],
    remove: Annotated[bool, typer.Option("--remove", help="No longer an administrator.")] = False,
) -> None:
    """Make somebody an administrator: health and deliveries in Home, set-up of every team; no team's figures."""

    async def go() -> None:
        async with composition.connected_commands(load_settings()) as (deps, ws):
            name = await people.appoint(deps, ws, user, admin=not remove)
        typer.echo(f"{name} is {'no longer ' if remove else ''}an administrator.")

    _start(go())


@cli.command("my-data")
def my_data(
    user: Annotated[str, typer.Argument(help="Slack id (U…).")],
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Everything held about one person."""

    async def work(deps: Deps) -> None:
        data = await my_data_service.my_data(deps, await workspace_of(deps), user)
        if as_json:
            typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
            return
        for name, rows in data.items():
            typer.echo(f"{name}:")
            for row in rows if isinstance(rows, list) else [rows]:
                typer.echo(f"  {json.dumps(row, ensure_ascii=False)}")

    _run(work)


@cli.command()
def plan(
    from_on: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First local day.")],
    to_on: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last local day, included.")],
    team: Annotated[str | None, typer.Option(help="One team; all without it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Who gets what when, and where not, why not: a dry run."""
    from bot.services.plans import who_gets_what_when

    async def work(deps: Deps) -> None:
        rows = await who_gets_what_when(deps, await workspace_of(deps), team, from_on.date(), to_on.date())
        if as_json:
            typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
            return
        for row in rows:
            when = row["local"] or "-"
            typer.echo(f"{row['period']}  {row['person']:14} {when:25} {row['status']} {row['reason'] or ''}".rstrip())

    _run(work)


@cli.command()
def deliveries(
    state: Annotated[DeliveryState | None, typer.Option(help="Messages in this state only.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="At most so many, the longest due first.")] = 50,
) -> None:
    """What is owed, late, failed or looked up: counts by kind, state and reason, then the messages."""
    from bot.services import deliveries as service

    async def work(deps: Deps) -> None:
        ws = await workspace_of(deps)
        for (kind, found, reason), number in sorted((await service.counts(deps, ws)).items(), key=str):
            typer.echo(f"{number:6} {kind:10} {found:12} {reason or ''}".rstrip())
        for row in await service.rows(deps, ws, deps.clock.now(), state, limit):
            late = f"{row.late_seconds:.0f} s late" if row.late_seconds else ""
            shown = (f"{row.due_at:%Y-%m-%d %H:%M}", f"{row.kind:10}", f"{row.state:12}", row.delivery, row.team)
            typer.echo("  ".join(filter(None, (*shown, row.reason, late))))

    _run(work)


@cli.command()
def analyze(
    answers: Annotated[Path, typer.Argument(help="CSV of survey answers; see the README.")],
    min_respondents: Annotated[int, typer.Option(help="Below so many people a tie is not displayed.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    instrument: Annotated[Path | None, typer.Option(help="A licensed wording's file; scores come from it.")] = None,
) -> None:
    """Scores, intervals and reliability of survey data that you already have."""
    from bot.services.analysis import analyse

    content = Content.load(
        composition.prompts_folder(load_settings()), extra_instruments=[instrument] if instrument else ()
    )
    chosen = content.instruments[-1] if instrument else content.instrument("rc_pulse")
    if min_respondents < 1:
        raise Refused("--min-respondents must be at least 1.")
    found = analyse(answers, chosen, min_respondents=min_respondents)
    typer.echo(found.to_json() if as_json else found.to_text(), nl=as_json)


@cli.command("import-baseline")
def import_baseline(answers: Annotated[Path, typer.Argument(help="CSV as for `analyze`.")]) -> None:
    """Take over an earlier survey as a team's first wave: the gate applies, the answers do not stay."""
    from bot.services.baseline import import_baseline as take_over

    async def work(deps: Deps) -> None:
        done = await take_over(deps, await workspace_of(deps), answers)
        typer.echo(f"{done.teams} team(s): {done.shown} of {done.considered} figures can be shown.")

    _run(work)


@cli.command()
def simulate(
    seed: Annotated[int, typer.Option(help="The same seed plays the same year.")] = 1,
    weeks: Annotated[int, typer.Option(help="Weekly rounds, from 1.")] = 52,
    sizes: Annotated[str, typer.Option(help="People in each of a team's workgroups: 12,8,6,5.")] = "12,8,6,5",
    teams: Annotated[int, typer.Option(help="Teams that share the focal process.")] = 3,
    audit: Annotated[Path | None, typer.Option(help="Folder for what an outside auditor needs.")] = None,
) -> None:
    """Play a made-up organisation with a known truth through allocation, scoring and the gate."""
    from bot.services.simulate import simulate as play

    try:
        numbers = [int(size) for size in sizes.split(",")]
    except ValueError:
        raise Refused("--sizes takes whole numbers with commas between them, such as 12,8,6,5.") from None
    try:
        summary = play(seed, weeks, numbers, teams, audit)
    except ValueError as problem:
        raise Refused(f"This cannot be played: {problem}.") from None
    typer.echo(f"{summary.people} people, {summary.answers} answers, {summary.waves} waves released")
    for kind, considered in summary.considered.items():
        typer.echo(f"  {kind.value:16} {summary.released.get(kind, 0):6} of {considered:6} shown")


@cli.command()
def sandbox(
    port: Annotated[int, typer.Option(help="0 lets the system choose.")] = 8030,
    manifest: Annotated[Path | None, typer.Option(help="A Slack app manifest, YAML or JSON.")] = None,
    seed: Annotated[Path | None, typer.Option(help="People, channels and groups, YAML.")] = None,
    state: Annotated[Path | None, typer.Option(help="JSON file: read at the start, written at the end.")] = None,
    fault: Annotated[list[str] | None, typer.Option(help="A fault's name or JSON; several times.")] = None,
    rate_limits: Annotated[bool, typer.Option(help="Slack's own limits.")] = True,
) -> None:
    """A local Slack to try this bot, or any other Slack app, in a browser."""
    from bot.sandbox.command import run

    sys.exit(
        run(
            port=port, manifest=manifest, seed_yaml=seed, state=state, faults=fault or (), rate_limits=rate_limits,
            say=typer.echo,
        )
    )  # fmt: skip


@cli.command()
def demo(
    port: Annotated[int, typer.Option(help="Where the page is.")] = 8030,
) -> None:
    """An invented hospital in a local Slack: twelve weeks of history, then yours to try."""
    from bot.demo.command import run

    sys.exit(run(port, say=typer.echo))
