"""What can be wrong with a file of words, said so that the person who edited it knows what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class ContentProblem:
    """``line`` counts from 1; 0 where no single line is at fault (a missing file)."""

    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        return f"{place}: {self.message}"


class ContentError(Exception):
    """The words cannot be used. Carries every problem found, not only the first."""

    def __init__(self, problems: Sequence[ContentProblem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Problems:
    """Collects problems while files are read, so that one run of the check shows all of them."""

    def __init__(self) -> None:
        self.found: list[ContentProblem] = []

    def add(self, file: Path, line: int, message: str) -> None:
        self.found.append(ContentProblem(file, line, message))

    def raise_if_any(self) -> None:
        if self.found:
            raise ContentError(self.found)
