"""What every test may use: databases on SQLite and PostgreSQL, the reference data; only loopback is reached."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from bot.db import schema
from bot.db.session import Database
from tests import postgres

REFERENCE = Path(__file__).parent.parent.parent / "shared" / "reference"
_RUN = os.environ.setdefault("RC_PULSE_TEST_RUN", uuid.uuid4().hex)
_POSTGRES = Path(tempfile.gettempdir()) / f"rc-pulse-postgres-{_RUN}"


def _refuse_the_internet(event: str, arguments: tuple[object, ...]) -> None:
    if event != "socket.connect" or not isinstance(arguments[1], tuple):
        return
    host = str(arguments[1][0])
    if host == "localhost" or ipaddress.ip_address(host.split("%", maxsplit=1)[0]).is_loopback:
        return
    raise RuntimeError(f"a test tried to reach {host}: only loopback is allowed")


sys.addaudithook(_refuse_the_internet)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.stop(_POSTGRES)


@pytest.fixture(scope="session")
def reference() -> Path:
    """The reference data beside the repository; visibly skipped where it is not there."""
    if not REFERENCE.is_dir():
        pytest.skip("the reference data (../shared/reference) is not beside this repository")
    return REFERENCE


async def _upgrade(url: str) -> None:
    database = Database(url)
    await schema.upgrade(database)
    await database.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "template.db"
    asyncio.run(_upgrade(f"sqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def postgres_server() -> postgres.Server:
    return postgres.shared(_POSTGRES)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: postgres.Server) -> tuple[postgres.Server, str]:
    name = f"template_{uuid.uuid4().hex}"
    with psycopg.connect(f"{postgres_server.url}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    asyncio.run(_upgrade(f"{postgres_server.url}/{name}"))
    return postgres_server, name


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    file = tmp_path / "rc-pulse.db"
    shutil.copy(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture
def postgres_url(postgres_template: tuple[postgres.Server, str]) -> Iterator[str]:
    server, template = postgres_template
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(f"{server.url}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    yield f"{server.url}/{name}"
    with psycopg.connect(f"{server.url}/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The same test on both databases."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()
