"""Documentation that fails the build: what the README says is what the program has, and nothing names this machine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from prometheus_client import Counter
from prometheus_client.metrics import MetricWrapperBase
from typer.core import TyperGroup, TyperOption

from bot.cli import cli
from bot.services import metrics
from bot.settings import Settings
from bot.slack.methods import COMMANDS, EVENTS, SCOPES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "slack-manifest.yaml").read_text(encoding="utf-8"))
LOCKS = ("requirements.lock", "tests/requirements.lock")
SETTINGS = {f"RC_PULSE_{name.upper()}": field for name, field in Settings.model_fields.items()}

NOT_HERE = {
    "a package host": r"pypi[.]org|pythonhosted[.]org|npmjs[.]org|ghcr[.]io|quay[.]io|docker[.]io|deb[.]debian[.]org",
    "a path of somebody's machine": r"(?<![\w./~-])/(?:work|root|Users|home/\w+|opt/(?:pypi|wheels))(?:/|\b(?=`))",
}


@cache
def files() -> tuple[Path, ...]:
    """Every text file that belongs to the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    found = [ROOT / name for name in os.fsdecode(listed.stdout).split("\0") if name]
    return tuple(file for file in found if file.is_file() and file.suffix != ".png")


def documents() -> list[Path]:
    return [file for file in files() if file.suffix == ".md"]


def section(title: str) -> str:
    """The README's part under a heading, up to the next heading of any level."""
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#+ |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, f"the README has no part “{title}”"
    return found[1]


def rows(title: str) -> dict[str, str]:
    """The tables of a part: what stands in backquotes in the first column, and the rest of its line."""
    found = re.findall(r"^\| `([^`]+)` \| (.*) \|$", section(title), re.MULTILINE)
    return dict(found)


def commands() -> Mapping[str, list[str]]:
    """Every command with its options."""
    group = typer.main.get_command(cli)
    assert isinstance(group, TyperGroup)
    return {
        name: [flag for param in command.params if isinstance(param, TyperOption) for flag in param.opts]
        for name, command in group.commands.items()
    }


def named_metrics() -> set[str]:
    found = [one for one in vars(metrics).values() if isinstance(one, MetricWrapperBase)]
    return {f"{next(iter(one.collect())).name}{'_total' * isinstance(one, Counter)}" for one in found}


def test_the_readme_has_every_setting_and_no_other() -> None:
    assert set(rows("Settings")) == set(SETTINGS)
    assert set(re.findall(r"RC_PULSE_[A-Z_]+", README)) == set(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
def test_the_readme_gives_the_default_that_the_program_has(name: str) -> None:
    default = SETTINGS[name].default
    said = rows("Settings")[name].split(" | ")[0]

    if default is not None and name != "RC_PULSE_SLACK_API_URL":
        assert said == f"`{default}`"


def test_the_readme_has_every_command_and_no_other() -> None:
    assert {row.split()[1] for row in rows("Commands") if row.startswith("rc-pulse ")} == set(commands())
    assert set(re.findall(r"(?<!/)rc-pulse ([a-z][a-z-]+)", README)) <= set(commands())


@pytest.mark.parametrize("name", commands())
def test_the_readme_has_every_option_of(name: str) -> None:
    said = section("Commands")

    assert [flag for flag in commands()[name] if f"`{flag}`" not in said and f"{name} {flag}`" not in said] == []


def test_the_readme_has_every_slash_command_and_no_other() -> None:
    assert {row.split()[0] for row in rows("In Slack")} == set(COMMANDS)


def test_readme_code_and_manifest_name_the_same_scopes() -> None:
    declared = MANIFEST["oauth_config"]["scopes"]["bot"]

    assert set(rows("Slack scopes and events")) == set(SCOPES) == set(declared)


def test_the_readme_names_every_event() -> None:
    assert [event for event in EVENTS if f"`{event}`" not in section("Slack scopes and events")] == []


def test_the_readme_has_every_metric_and_no_other() -> None:
    assert set(rows("Metrics")) == named_metrics()


def test_the_board_shows_every_metric_and_no_other() -> None:
    board = json.loads((ROOT / "deploy" / "grafana-board.json").read_text(encoding="utf-8"))
    asked = " ".join(target["expr"] for panel in board["panels"] for target in panel["targets"])

    assert {name.removesuffix("_bucket") for name in re.findall(r"rc_pulse_\w+", asked)} == named_metrics()


def test_the_readme_has_every_target_of_make_that_people_use() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):.*##", makefile, re.MULTILINE)) - {"help", "lock"}

    assert {name for name in targets if f"make {name}" not in README} == set()


def test_the_map_of_the_code_names_files_that_are_there() -> None:
    text = (ROOT / "bot" / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_./]+/[a-z_./]*|[a-z_/]+\.(?:py|yaml|json|toml))`", text))
    places = [ROOT, ROOT / "bot", ROOT / "bot/core/cadence", ROOT / "bot/core/disclosure", ROOT / "prompts/en"]

    assert sorted(name for name in named if not any((place / name).exists() for place in places)) == []


def _anchor(heading: str) -> str:
    """The anchor that a heading gets: lower case, no punctuation, hyphens for spaces."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def _links() -> Iterator[tuple[Path, str]]:
    for file in documents():
        text = re.sub(r"```.*?```", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        for link in re.findall(r"\]\(([^)\s]+)\)", text):
            if not re.match(r"[a-z]+:", link):
                yield file, link


@pytest.mark.parametrize(
    ("file", "link"), [pytest.param(*one, id=f"{one[0].relative_to(ROOT)} {one[1]}") for one in _links()]
)
def test_a_link_leads_somewhere(file: Path, link: str) -> None:
    path, _, anchor = link.partition("#")
    target = (file.parent / path).resolve() if path else file

    assert target.exists()
    if anchor:
        headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
        assert anchor in {_anchor(heading) for heading in headings}


@pytest.mark.parametrize("what", NOT_HERE)
def test_no_file_names(what: str) -> None:
    pattern = re.compile(NOT_HERE[what])
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for file in files()
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]

    assert found == []


def _pinned(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==([^ ;\\]+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_a_hash_for_everything_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"^(?=\S)", text, flags=re.MULTILINE)

    assert [entry.split()[0] for entry in entries if entry.strip() and "--hash=sha256:" not in entry] == []
    assert re.findall(r"^-.*|\S*://\S*", text, re.MULTILINE) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_what_the_project_needs_and_its_build_backend(lock: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["build"]]
    if lock.startswith("tests/"):
        wanted += project["optional-dependencies"]["test"]
    names = {re.split(r"[\[<>=~! ]", one)[0].lower().replace("_", "-") for one in wanted}

    assert names - set(_pinned(lock)) == set()


def test_what_is_tested_is_what_runs() -> None:
    product, tests = (_pinned(lock) for lock in LOCKS)

    assert {name: tests.get(name) for name in product} == product


def _deployment_files() -> list[Path]:
    return [file for file in files() if file.is_relative_to(ROOT / "deploy")]


def test_deployments_set_only_settings_that_exist() -> None:
    for file in _deployment_files():
        named = set(re.findall(r"\bRC_PULSE_[A-Z_]+", file.read_text(encoding="utf-8")))
        assert named <= set(SETTINGS), file.name


def test_deployments_name_images_with_a_version() -> None:
    for file in _deployment_files():
        for image in re.findall(r"^\s*(?:FROM|image:) (\S+)", file.read_text(encoding="utf-8"), re.MULTILINE):
            assert re.fullmatch(r"[a-z-]+:\d[\w.-]*", image), f"{file.name}: {image}"


def test_the_container_does_not_run_as_root_and_can_draw() -> None:
    text = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8").rsplit("\nFROM ", 1)[1]

    assert re.search(r"^USER [1-9]", text, re.MULTILINE)
    assert "MPLCONFIGDIR=/tmp/" in text


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without a network and unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "unpacked")  # our own archive, made a moment ago
    return folder / "unpacked"


def test_the_wheel_has_all_words_and_migrations(unpacked: Path) -> None:
    kept = {
        file for file in files() if file.is_relative_to(ROOT / "prompts") or file.is_relative_to(ROOT / "migrations")
    }
    kept.add(ROOT / "deploy" / "slack-manifest.yaml")

    assert [str(f) for f in kept if not (unpacked / "bot" / "_data" / f.relative_to(ROOT)).is_file()] == []


def test_the_wheel_has_all_files_of_the_program(unpacked: Path) -> None:
    program = [file.relative_to(ROOT) for file in files() if file.is_relative_to(ROOT / "bot")]

    assert [str(file) for file in program if not (unpacked / file).is_file()] == []


def test_the_program_from_the_wheel_finds_its_words(unpacked: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "check"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(unpacked)}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert str(unpacked) in done.stdout
