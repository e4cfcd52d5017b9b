from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import VaultMissing
from bot.services.vault import Vault, WaveKey


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    made = Vault(tmp_path / "vault")
    made.prepare()
    return made


def test_what_one_key_sealed_only_that_key_opens_and_only_for_its_purpose(vault: Vault) -> None:
    key, other = vault.key(vault.create()), vault.key(vault.create())
    assert key is not None
    assert other is not None
    sealed = key.seal(b"four", "answer:1:0")
    assert key.open(sealed, "answer:1:0") == b"four"
    for wrong, purpose in ((other, "answer:1:0"), (key, "answer:2:0")):
        with pytest.raises(VaultMissing):
            wrong.open(sealed, purpose)


@given(st.binary(max_size=64), st.text(max_size=20))
def test_sealing_twice_never_gives_the_same_bytes(plain: bytes, purpose: str) -> None:
    key = WaveKey(b"k" * 32)
    first, second = key.seal(plain, purpose), key.seal(plain, purpose)
    assert first != second
    assert key.open(first, purpose) == key.open(second, purpose) == plain


def test_a_destroyed_key_is_gone_and_destroying_it_again_does_no_harm(vault: Vault) -> None:
    name = vault.create()
    vault.destroy(name)
    vault.destroy(name)
    assert vault.key(name) is None
    assert vault.names() == set()


def test_keys_are_for_us_only(vault: Vault, tmp_path: Path) -> None:
    name = vault.create()
    assert (tmp_path / "vault" / name).stat().st_mode & 0o077 == 0
    assert (tmp_path / "vault").stat().st_mode & 0o077 == 0


def test_a_missing_vault_is_one_sentence_that_says_what_to_do(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "nowhere")
    with pytest.raises(VaultMissing, match=r"mount it, or set RC_PULSE_VAULT"):
        vault.require()
    with pytest.raises(VaultMissing):
        vault.create()


def test_a_key_that_was_cut_short_counts_as_gone(vault: Vault, tmp_path: Path) -> None:
    name = vault.create()
    (tmp_path / "vault" / name).write_bytes(b"short")
    assert vault.key(name) is None


def test_derived_numbers_belong_to_the_key_and_its_purpose() -> None:
    key, other = WaveKey(b"a" * 32), WaveKey(b"b" * 32)
    assert key.derive("respondent:1") == key.derive("respondent:1")
    assert len({key.derive("respondent:1"), key.derive("respondent:2"), other.derive("respondent:1")}) == 3
