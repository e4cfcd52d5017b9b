"""How answers, asked items and respondent keys look under a wave's key.

The only place, with the services that record, seal and release, that can read an answer. Formats:

* an ask's items: JSON, padded to a constant length, bound to the ask;
* an open answer: one byte (0 = *I don't work with them*, else the option from 1), bound to ask and position;
* a sealed round: a header (the companions' names) and one record an answer, shuffled.

A respondent's key is derived from the wave's key and the person, so it exists only as long as the wave's key does.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.core.allocation import Question
from bot.services.vault import WaveKey

RECORD = np.dtype(
    [
        ("respondent", "<i8"),
        ("rater", "<i4"),
        ("rated", "<i4"),
        ("dimension", "<i1"),
        ("construct", "<i1"),
        ("change", "<i4"),
        ("score", "<i1"),
    ]
)
"""One answer of a sealed round. ``dimension`` counts from 0, -1 for a companion; ``score`` 0 means no tie."""
NO_TIE = 0
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class SealedAnswers:
    constructs: tuple[str, ...]
    records: NDArray[np.void]


def respondent(key: WaveKey, person_id: int) -> int:
    """The person's number within one wave: 62 bits, the same in all its rounds and teams."""
    return int.from_bytes(key.derive(f"respondent:{person_id}")[:8]) >> 2


def seal_items(key: WaveKey, ask_id: int, questions: Sequence[Question]) -> bytes:
    plain = json.dumps([[q.item, q.rated, q.change] for q in questions], separators=(",", ":")).encode()
    padded = plain.ljust(-(-len(plain) // _BLOCK) * _BLOCK)
    return key.seal(padded, f"items:{ask_id}")


def open_items(key: WaveKey, ask_id: int, sealed: bytes) -> tuple[Question, ...]:
    rows = json.loads(key.open(sealed, f"items:{ask_id}"))
    return tuple(Question(item=item, rated=rated, change=change) for item, rated, change in rows)


def seal_answer(key: WaveKey, ask_id: int, position: int, option: int | None) -> bytes:
    return key.seal(bytes([option or NO_TIE]), f"answer:{ask_id}:{position}")


def open_answer(key: WaveKey, ask_id: int, position: int, sealed: bytes) -> int | None:
    """The option from 1, or None for *I don't work with them*."""
    return key.open(sealed, f"answer:{ask_id}:{position}")[0] or None


def seal_round(key: WaveKey, round_id: int, constructs: Sequence[str], records: NDArray[np.void]) -> bytes:
    """Shuffle with the system's randomness, so that the order tells nothing, and encrypt."""
    order = np.argsort(np.frombuffer(secrets.token_bytes(8 * len(records)), dtype=np.uint64))
    header = json.dumps(list(constructs)).encode() + b"\n"
    return key.seal(header + records[order].tobytes(), f"round:{round_id}")


def open_round(key: WaveKey, round_id: int, sealed: bytes) -> SealedAnswers:
    header, _, body = key.open(sealed, f"round:{round_id}").partition(b"\n")
    return SealedAnswers(tuple(json.loads(header)), np.frombuffer(body, dtype=RECORD))
