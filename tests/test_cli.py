"""The commands as an operator meets them: above all, what they say when something is wrong."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import func, select
from typer.testing import CliRunner

from bot.cli import cli, explained
from bot.core.errors import BadFile
from bot.db import schema
from bot.db.session import Database
from bot.db.tables import Membership, Person, Team
from bot.sandbox.server import Sandbox
from bot.settings import Settings, WrongSetting

ROOT = Path(__file__).parent.parent
PROMPTS = ROOT / "prompts"
SEED = {
    "team": {"name": "Riverside", "domain": "riverside"},
    "people": [
        {"name": name, "real_name": name.title(), "email": f"{name}@example.org", "tz": "Europe/Berlin"}
        for name in ("nora", "amir", "bella", "lena", "carla")
    ],
}
HEADER = "team,channel,timezone,workgroup,user,role"
ROSTER = f"""{HEADER}
Ward 3,,Europe/Berlin,Nurses,nora@example.org,member
Ward 3,,Europe/Berlin,Nurses,amir@example.org,member
Ward 3,,Europe/Berlin,Physicians,bella@example.org,member
Ward 3,,Europe/Berlin,Physicians,lena@example.org,lead
Ward 3,,Europe/Berlin,,carla@example.org,coach
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered. ``problem`` is the sentence a person reads on standard error, "" where all went well."""

    problem: str
    output: str


@dataclass
class Desk:
    """An operator's terminal: a folder, a database, an environment."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str) -> Said:
        """Run a command in this process. An error that ``main`` would not explain fails the test."""
        nothing = {f"RC_PULSE_{name.upper()}": None for name in Settings.model_fields}
        done = CliRunner().invoke(cli, words, env={**nothing, **self.environment}, catch_exceptions=True)
        if done.exception is None:
            return Said("", done.output)
        if isinstance(done.exception, SystemExit):
            return Said(done.output, done.output)
        assert isinstance(done.exception, Exception)
        assert type(done.exception).__module__.startswith("bot."), repr(done.exception)
        return Said(explained(done.exception), done.output)

    async def go(self, *words: str) -> Said:
        """The same beside something that runs in this test's own loop."""
        return await asyncio.to_thread(self.run, *words)

    def start(self, *words: str) -> Said:
        """The same in a process of its own, which must refuse with exit code 2; ``output`` is all of standard error."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("RC_PULSE_")}
        done = subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=ROOT, env={**inherited, **self.environment}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        return Said(done.stderr.partition("\n")[0], done.stderr)

    def file(self, name: str, content: str | bytes) -> str:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)


def _desk(folder: Path, database_url: str) -> Desk:
    return Desk(folder, {"RC_PULSE_DATABASE_URL": database_url, "RC_PULSE_VAULT": str(folder / "vault")})


@pytest.fixture
def desk(tmp_path: Path, sqlite_url: str) -> Desk:
    return _desk(tmp_path, sqlite_url)


def _with_slack(desk: Desk, sandbox: Sandbox) -> Desk:
    tokens = {
        "RC_PULSE_SLACK_BOT_TOKEN": sandbox.bot.bot_token,
        "RC_PULSE_SLACK_APP_TOKEN": sandbox.app.app_token,
        "RC_PULSE_SLACK_API_URL": sandbox.api_url,
    }
    return Desk(desk.folder, {**desk.environment, **tokens})


@pytest.fixture
async def at_slack(desk: Desk) -> AsyncIterator[Desk]:
    """A desk whose token is of a local Slack."""
    sandbox = await Sandbox.start(seed=SEED)
    yield _with_slack(desk, sandbox)
    await sandbox.stop()


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> tuple[Path, Said]:
    """A database after the roster's import, and what the import said: made once, copied by ``team_desk``."""
    folder = tmp_path_factory.mktemp("imported")
    file = folder / "rc-pulse.db"
    shutil.copy(sqlite_template, file)

    async def take_over() -> Said:
        sandbox = await Sandbox.start(seed=SEED)
        desk = _with_slack(_desk(folder, f"sqlite:///{file}"), sandbox)
        said = await desk.go("import-roster", desk.file("roster.csv", ROSTER))
        await sandbox.stop()
        return said

    return file, asyncio.run(take_over())


@pytest.fixture
def team_desk(tmp_path: Path, imported: tuple[Path, Said]) -> Desk:
    """A desk with Ward 3 on it, and no Slack."""
    file = tmp_path / "rc-pulse.db"
    shutil.copy(imported[0], file)
    return _desk(tmp_path, f"sqlite:///{file}")


async def _rows(desk: Desk) -> tuple[int, int, int]:
    """Teams, people and memberships in the database."""
    database = Database(desk.environment["RC_PULSE_DATABASE_URL"])
    async with database.read() as session:
        teams = (await session.exec(select(func.count()).select_from(Team))).one()
        people = (await session.exec(select(func.count()).select_from(Person))).one()
        members = (await session.exec(select(func.count()).select_from(Membership))).one()
    await database.close()
    return teams, people, members


# --- settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "RC_PULSE_SLACK_BOT_TOKEN is not set"),
        ({"RC_PULSE_SLACK_BOT_TOKEN": "xoxp-wrong"}, "RC_PULSE_SLACK_BOT_TOKEN must be a bot token"),
        ({"RC_PULSE_SLACK_BOT_TOKEN": "xoxb-1"}, "RC_PULSE_SLACK_APP_TOKEN is not set"),
        ({"RC_PULSE_PORT": "http"}, "RC_PULSE_PORT is not usable"),
    ],
)
def test_serve_names_a_missing_or_wrong_setting_before_anything_else_happens(
    tmp_path: Path, given: Mapping[str, str], sentence: str
) -> None:
    desk = Desk(tmp_path, {"RC_PULSE_DATABASE_URL": f"sqlite:///{tmp_path / 'new.db'}", **given})

    assert desk.run("serve").problem.startswith(sentence)
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_is_no_database_is_named(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {"RC_PULSE_DATABASE_URL": "mysql://somewhere/else"})

    assert desk.run("my-data", "U1").problem.startswith("RC_PULSE_DATABASE_URL ")


async def test_an_occupied_port_is_named_and_its_owner_left_alone(at_slack: Desk) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        at_slack.environment["RC_PULSE_PORT"] = str(port)

        said = await asyncio.to_thread(at_slack.start, "serve")

        assert said.problem.startswith(f"Port {port} is taken by another program")
        assert said.output == f"{said.problem}\n"
        with socket.create_connection(("127.0.0.1", port)):
            pass


async def test_a_second_serve_on_the_same_file_is_refused(at_slack: Desk) -> None:
    file = Path(at_slack.environment["RC_PULSE_DATABASE_URL"].removeprefix("sqlite:///"))
    with file.with_name(f"{file.name}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        said = await asyncio.to_thread(at_slack.start, "serve")

    assert said.problem.startswith(f"Another RC Pulse already serves {file}")


# --- database and vault ----------------------------------------------------------------------------------------------


def _at_revision(desk: Desk, revision: str) -> None:
    async def put() -> None:
        database = Database(desk.environment["RC_PULSE_DATABASE_URL"])
        async with database.write() as session:
            await session.exec(text(f"UPDATE alembic_version SET version_num = '{revision}'"))  # type: ignore[call-overload]  # noqa: S608 - our own words; SQLModel types exec for selects
        await database.close()

    asyncio.run(put())


def test_a_database_of_a_newer_program_is_not_upgraded(desk: Desk) -> None:
    _at_revision(desk, "9999")

    assert desk.run("upgrade").problem.startswith("The database was upgraded by a newer RC Pulse")


def test_a_problem_is_one_sentence_on_standard_error_and_exit_code_two(desk: Desk) -> None:
    _at_revision(desk, "9999")

    said = desk.start("my-data", "U1")

    assert said.problem.startswith("The database was upgraded by a newer RC Pulse")
    assert said.output == f"{said.problem}\n"


def test_a_database_without_a_revision_is_set_up(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {"RC_PULSE_DATABASE_URL": f"sqlite:///{tmp_path / 'new.db'}"})

    assert desk.run("upgrade").output == f"The database is at revision {schema.head()}.\n"
    assert desk.run("upgrade").problem == ""


# --- words -----------------------------------------------------------------------------------------------------------


def test_the_shipped_words_are_in_order(desk: Desk) -> None:
    said = desk.run("check")

    assert said.problem == ""
    assert said.output.endswith("are in order.\n")


def test_a_broken_file_of_words_is_named_with_its_line_and_what_to_do(desk: Desk) -> None:
    words = desk.folder / "words"
    shutil.copytree(PROMPTS, words)
    file = words / "en" / "messages" / "pulse.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("pulse.thanks"))
    lines[at + 1] = lines[at + 1].replace("text:", "txet:")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    said = desk.run("check", "--prompts", str(words))

    assert f"{file}:{at + 2}: " in said.output
    assert "txet" in said.output
    assert said.problem.endswith(f"problem(s) in {words}.")


async def test_serve_refuses_broken_words_before_it_opens_the_database(at_slack: Desk) -> None:
    words = at_slack.folder / "words"
    shutil.copytree(PROMPTS, words)
    broken = words / "en" / "messages" / "pulse.yaml"
    broken.write_text("pulse.thanks: [\n", encoding="utf-8")
    new = at_slack.folder / "new.db"
    at_slack.environment |= {"RC_PULSE_PROMPTS": str(words), "RC_PULSE_DATABASE_URL": f"sqlite:///{new}"}

    said = await at_slack.go("serve")

    assert said.problem.startswith(f"{broken}:2: this is not valid YAML")
    assert not new.exists()


# --- rosters ---------------------------------------------------------------------------------------------------------

GOOD = "Ward 3,,Europe/Berlin,Nurses,nora@example.org,member"


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("", "line 1, column "),
        ("team,user\nWard 3,nora@example.org", "line 1, column channel"),
        (f"{HEADER}\n{GOOD}\nWard 3,,Europe/Berlin,Nurses,,member", "line 3, column user"),
        (f"{HEADER}\n{GOOD}\n,,Europe/Berlin,Nurses,amir@example.org,member", "line 3, column team"),
        (f"{HEADER}\n{GOOD}\nWard 3,,Mars/Olympus,Nurses,amir@example.org,member", "line 3, column timezone"),
        (f"{HEADER}\n{GOOD}\nWard 3,,Europe/Berlin,Nurses,amir@example.org,boss", "line 3, column role"),
        (f"{HEADER}\n{GOOD}\nWard 3,,Europe/Berlin,,amir@example.org,member", "line 3, column workgroup"),
        (f"{HEADER}\n{GOOD}\nWard 3,,Europe/Berlin,Nurses", "line 3: expected 6 fields"),
    ],
)
def test_a_bad_row_is_named_by_line_and_column_before_slack_is_asked(desk: Desk, rows: str, sentence: str) -> None:
    assert desk.run("import-roster", desk.file("roster.csv", rows)).problem.startswith(sentence)


async def test_a_row_that_contradicts_slack_or_another_row_is_named_and_nothing_is_imported(at_slack: Desk) -> None:
    for row, column in [
        ("Ward 3,,Europe/Paris,Nurses,amir@example.org,member", "timezone"),
        ("Ward 3,,Europe/Berlin,Nurses,ghost@example.org,member", "user"),
        ("Ward 3,,Europe/Berlin,Physicians,nora@example.org,member", "workgroup"),
    ]:
        said = await at_slack.go("import-roster", at_slack.file("roster.csv", f"{HEADER}\n{GOOD}\n{row}\n"))

        assert said.problem.startswith(f"line 3, column {column}: ")
    assert await _rows(at_slack) == (0, 0, 0)


def test_a_file_that_is_not_text_or_not_there_is_said(desk: Desk) -> None:
    latin = desk.file("latin.csv", f"{HEADER}\nStation Süd".encode("latin-1"))

    assert "UTF-8" in desk.run("import-roster", latin).problem
    assert "There is no file nowhere.csv" in desk.run("import-roster", "nowhere.csv").problem


def test_a_slack_that_does_not_answer_is_said_with_its_address(desk: Desk) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/api/"
        desk.environment |= {"RC_PULSE_SLACK_BOT_TOKEN": "xoxb-made-up", "RC_PULSE_SLACK_API_URL": address}

        said = desk.run("import-roster", desk.file("roster.csv", ROSTER))

    assert said.problem.startswith(f"RC_PULSE_SLACK_API_URL ({address}) cannot be reached")


# --- a team's beginning ----------------------------------------------------------------------------------------------


def test_an_operator_sets_up_a_team_from_a_roster(imported: tuple[Path, Said], team_desk: Desk) -> None:
    begun = team_desk.run(
        "schedule", "--team", "ward 3", "--cadence", "weekly", "--day", "mon", "--at", "09:30", "--start", "2026-03-02"
    )
    paused = team_desk.run("schedule", "--team", "Ward 3", "--pause")
    resumed = team_desk.run("schedule", "--team", "Ward 3", "--resume", "--items", "5")

    assert imported[1].output == "1 team(s): 4 joined, 0 moved, 0 left.\n"
    assert begun.output.startswith("Ward 3:\n  opens ")
    assert begun.output.count("for 4 people in 2 workgroups") == 3
    assert paused.output == "Paused.\n"
    assert resumed.output.startswith("Ward 3:\n")


def test_a_person_can_be_told_all_that_is_held_about_them(team_desk: Desk) -> None:
    nora = asyncio.run(_slack_id(team_desk, "nora"))

    held = json.loads(team_desk.run("my-data", nora, "--json").output)

    assert held["person"]["slack_user_id"] == nora
    assert [one["workgroup"] for one in held["memberships"]] == ["Nurses"]
    assert held["open_answers"] == []


async def _slack_id(desk: Desk, name: str) -> str:
    database = Database(desk.environment["RC_PULSE_DATABASE_URL"])
    async with database.read() as session:
        found = (await session.exec(select(Person.slack_user_id).where(Person.name == name))).one()
    await database.close()
    return found


@pytest.mark.parametrize(
    ("words", "sentence", "subject"),
    [
        (("schedule", "--team", "Ward 9"), "There is no team", "Ward 9"),
        (("plan", "--from", "2026-03-01", "--to", "2026-03-31", "--team", "Ward 9"), "There is no team", "Ward 9"),
        (("schedule", "--team", "Ward 3"), "A new schedule needs", "--cadence and --at"),
        (("schedule", "--team", "Ward 3", "--pause", "--resume"), "Choose one of", "--pause and --resume"),
        (("my-data", "UNOBODY"), "We know nobody by", "UNOBODY"),
        (("my-data", "nobody@example.org"), "We know nobody by", "nobody@example.org"),
    ],
)
def test_an_unknown_team_or_person_is_said(
    team_desk: Desk, words: tuple[str, ...], sentence: str, subject: str
) -> None:
    problem = team_desk.run(*words).problem

    assert problem.startswith(sentence)
    assert subject in problem


@pytest.mark.parametrize(
    ("option", "value"), [("--at", "25:00"), ("--day", "someday"), ("--reminders", "9"), ("--start", "soon")]
)
def test_a_rule_that_cannot_be_is_refused_and_nothing_is_stored(team_desk: Desk, option: str, value: str) -> None:
    good = {"--cadence": "weekly", "--day": "mon", "--at": "09:30"}
    words = [word for pair in {**good, option: value}.items() for word in pair]

    problem = team_desk.run("schedule", "--team", "Ward 3", *words).problem

    assert problem
    assert "\n" not in problem
    assert team_desk.run("schedule", "--team", "Ward 3").problem.startswith("A new schedule needs")


def test_a_command_before_slack_was_ever_asked_says_what_to_run_first(desk: Desk) -> None:
    assert desk.run("my-data", "U1").problem.startswith("No workspace is known yet: run `rc-pulse import-roster FILE`")


# --- surveys ---------------------------------------------------------------------------------------------------------

ANSWERS = "team,round,respondent,rater_group,rated_group,dimension,score\n"


def test_a_bad_answer_is_named_by_line_and_column(desk: Desk) -> None:
    file = desk.file(
        "answers.csv", f"{ANSWERS}Ward,1,a,Nurses,Physicians,timely,4\nWard,1,b,Nurses,Physicians,late,4\n"
    )

    assert desk.run("analyze", file).problem.startswith("line 3, column dimension: expected one of frequent, timely")


@pytest.mark.parametrize("sizes", ["many", "5,0", ""])
def test_an_organisation_that_cannot_be_played_is_said(desk: Desk, sizes: str) -> None:
    assert desk.run("simulate", "--weeks", "1", "--sizes", sizes).problem


def test_an_error_with_a_place_says_it_first() -> None:
    assert explained(BadFile("expected this", line=3, column="role")) == "line 3, column role: expected this"
    assert explained(WrongSetting("RC_PULSE_PORT is not usable.")) == "RC_PULSE_PORT is not usable."
