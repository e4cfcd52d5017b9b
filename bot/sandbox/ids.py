"""Identifiers and secrets in Slack's own shapes, reproducible from a seed."""

import random
import string

_ALPHABET = string.ascii_uppercase + string.digits
_SECRET = string.ascii_letters + string.digits


class Ids:
    """Draws identifiers; the same seed draws the same ones in the same order."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._given: set[str] = set()

    def new(self, prefix: str, length: int = 10) -> str:
        """A fresh identifier such as U7K2M0Q1ZXA; never given twice."""
        while True:
            candidate = prefix + "".join(self._random.choices(_ALPHABET, k=length))
            if candidate not in self._given:
                self._given.add(candidate)
                return candidate

    def claim(self, identifier: str) -> str:
        """Reserve an identifier that came from outside (a seed file, a saved state)."""
        self._given.add(identifier)
        return identifier

    def digits(self, length: int = 12) -> str:
        return "".join(self._random.choices(string.digits, k=length))

    def secret(self, length: int = 24) -> str:
        return "".join(self._random.choices(_SECRET, k=length))

    def hex(self, length: int = 32) -> str:
        return "".join(self._random.choices("0123456789abcdef", k=length))

    def uuid(self) -> str:
        parts = (8, 4, 4, 4, 12)
        return "-".join(self.hex(length) for length in parts)
