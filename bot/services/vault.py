"""The vault: the open waves' keys, in a folder outside the database and its backups.

A wave's answers, respondent keys, items asked and allocation seed are encrypted with the wave's key. When the wave is
released the key is destroyed, so a copy of the database from any time before tells nobody anything. One small file a
key, readable by us only; replicas mount the same folder.
"""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.core.errors import VaultMissing

KEY_BYTES = 32
_NONCE = 12
_MARK = "vault"


class WaveKey:
    """AES-256-GCM under one wave's key. ``purpose`` binds a ciphertext to its row, so that rows cannot be swapped."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._cipher = AESGCM(secret)

    def derive(self, purpose: str) -> bytes:
        """32 bytes that only this key gives: a wave's seed and its respondents' numbers live as long as the key."""
        return hmac.digest(self._secret, purpose.encode(), "sha256")

    def seal(self, plain: bytes, purpose: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Raises VaultMissing when the key does not fit: the vault belongs to another database."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose.encode())
        except InvalidTag:
            raise VaultMissing("The vault does not belong to this database: its keys open nothing here.") from None


class Vault:
    """A folder of key files. ``prepare`` once when the database is new; afterwards the folder must be there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self) -> None:
        """Make the folder, for a database that holds no open wave yet. Harmless when it exists."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        mark = self._folder / _MARK
        if not mark.exists():
            _write_durably(mark, b"RC Pulse keeps the keys of open waves here. Do not back this folder up.\n")

    @property
    def present(self) -> bool:
        return (self._folder / _MARK).is_file()

    def require(self) -> None:
        """Raises VaultMissing, in one sentence, when the folder is not there."""
        if not self.present:
            raise VaultMissing(
                f"The vault {self._folder} is not there: mount it, or set RC_PULSE_VAULT; "
                "without it the open wave's answers cannot be read."
            )

    def create(self) -> str:
        """A new key, on disk before this returns. Gives back its random name."""
        self.require()
        name = secrets.token_hex(16)
        _write_durably(self._folder / name, secrets.token_bytes(KEY_BYTES))
        return name

    def key(self, name: str) -> WaveKey | None:
        """The key, or None when it was destroyed or belongs to another vault."""
        self.require()
        try:
            secret = (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None
        return WaveKey(secret) if len(secret) == KEY_BYTES else None

    def destroy(self, name: str) -> None:
        """Overwrite and remove a key. Harmless when it is gone already."""
        file = self._folder / name
        try:
            with file.open("r+b") as handle:
                handle.write(secrets.token_bytes(KEY_BYTES))
                handle.flush()
                os.fsync(handle.fileno())
            file.unlink()
        except FileNotFoundError:
            return
        _sync_folder(self._folder)

    def names(self) -> set[str]:
        return {file.name for file in self._folder.iterdir() if file.name != _MARK and not file.name.endswith(".new")}


def _write_durably(file: Path, content: bytes) -> None:
    draft = file.with_name(f"{file.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(file)
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
