"""Reads YAML with line numbers, and reports what is missing, unknown or of the wrong kind instead of stopping at it.

A reader returns an empty stand-in after reporting a problem, so that the rest of the file is still read.
Stand-ins never get out: ``Problems.raise_if_any`` comes before anything is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import yaml

from bot.content.problems import Problems

Choice = TypeVar("Choice", bound=StrEnum)
_Loader: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C parser where PyYAML was built with it: eight times as fast, the same nodes and line numbers."""


class Entry:
    """A mapping in a YAML file. Every field must be asked for; ``finish`` reports those that nobody asked for."""

    def __init__(self, file: Path, node: yaml.MappingNode, problems: Problems) -> None:
        self.file = file
        self.line = node.start_mark.line + 1
        self._problems = problems
        self._nodes: dict[str, yaml.Node] = {}
        self._asked: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in self._nodes:
                problems.add(file, key.start_mark.line + 1, f"“{name}” stands here twice: keep one of the two.")
            self._nodes[name] = value

    def names(self) -> tuple[str, ...]:
        return tuple(self._nodes)

    def has(self, name: str) -> bool:
        return name in self._nodes

    def line_of(self, name: str) -> int:
        node = self._nodes.get(name)
        return node.start_mark.line + 1 if node else self.line

    def report(self, message: str, *, at: str | None = None) -> None:
        self._problems.add(self.file, self.line_of(at) if at else self.line, message)

    def text(self, name: str) -> str:
        """A required text."""
        value = self._value(name)
        if value is None:
            return ""
        if not isinstance(value, str) or not value.strip():
            self.report(f"“{name}” must be a text: put it in quotes.", at=name)
            return ""
        return value.strip()

    def optional_text(self, name: str) -> str | None:
        return self.text(name) if self.has(name) else None

    def whole_number(self, name: str, *, least: int, most: int) -> int:
        """A required whole number between ``least`` and ``most``, both included."""
        value = self._value(name)
        if value is None:
            return least
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.report(f"“{name}” must be a whole number from {least} to {most}.", at=name)
            return least
        return value

    def number(self, name: str) -> float:
        value = self._value(name)
        if value is None:
            return 0.0
        if not isinstance(value, int | float) or isinstance(value, bool):
            self.report(f"“{name}” must be a number.", at=name)
            return 0.0
        return float(value)

    def flag(self, name: str) -> bool:
        """An optional yes or no; absent is no."""
        if not self.has(name):
            return False
        value = self._value(name)
        if not isinstance(value, bool):
            self.report(f"“{name}” must be true or false.", at=name)
        return value is True

    def choice(self, name: str, kinds: type[Choice]) -> Choice | None:
        """A required word out of an enumeration; None after reporting anything else."""
        value = self._value(name)
        if value is None:
            return None
        if value not in {member.value for member in kinds}:
            self.report(f"“{name}” is “{value}”: choose one of {', '.join(kinds)}.", at=name)
            return None
        return kinds(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; absent is empty."""
        if not self.has(name):
            return ()
        value = self._value(name)
        if not isinstance(value, list) or not all(isinstance(part, str) and part.strip() for part in value):
            self.report(f"“{name}” must be a list of texts.", at=name)
            return ()
        return tuple(part.strip() for part in value)

    def values(self, name: str) -> dict[str, Any]:
        """A mapping of names to plain values; absent is empty."""
        entry = self.entry(name) if self.has(name) else None
        return {key: plain_value(node) for key, node in entry._nodes.items()} if entry else {}  # noqa: SLF001 - its own

    def entry(self, name: str) -> Entry | None:
        """A required mapping; None after reporting anything else."""
        self._asked.add(name)
        node = self._nodes.get(name)
        if isinstance(node, yaml.MappingNode):
            return Entry(self.file, node, self._problems)
        self.report(f"“{name}” must be a group of names and values.", at=name)
        return None

    def entries(self, name: str) -> Iterator[Entry]:
        """A required list of mappings."""
        self._asked.add(name)
        yield from entries_of(self.file, self._nodes.get(name), self.line, name, self._problems)

    def finish(self) -> None:
        for name in self._nodes.keys() - self._asked:
            known = ", ".join(sorted(self._asked))
            self.report(f"“{name}” is not known here: remove it, or use one of {known}.", at=name)

    def _value(self, name: str) -> Any:
        self._asked.add(name)
        node = self._nodes.get(name)
        if node is None:
            self.report(f"“{name}” is missing: add it.")
            return None
        return plain_value(node)


def plain_value(node: yaml.Node) -> Any:
    """What the node holds, as YAML's safe types."""
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    finally:
        loader.dispose()


def entries_of(file: Path, node: yaml.Node | None, line: int, name: str, problems: Problems) -> Iterator[Entry]:
    if not isinstance(node, yaml.SequenceNode):
        problems.add(file, line, f"“{name}” must be a list: one “- ” line per entry.")
        return
    for child in node.value:
        if isinstance(child, yaml.MappingNode):
            yield Entry(file, child, problems)
        else:
            problems.add(file, child.start_mark.line + 1, f"an entry of “{name}” must have names and values.")


def entry_of(name: Path, body: dict[str, Any], problems: Problems) -> Entry:
    """Values that did not come from a file, to be checked as if they had."""
    node = yaml.compose(yaml.safe_dump(body, allow_unicode=True), Loader=_Loader)
    if not isinstance(node, yaml.MappingNode):
        raise TypeError(type(node))
    return Entry(name, node, problems)


def read_mapping(file: Path, problems: Problems) -> Entry | None:
    """The file as one mapping; None after reporting that it cannot be read as one."""
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        problems.add(
            file, line, f"this is not valid YAML ({error.problem}): check quotes and indentation near this line."
        )
        return None
    except (OSError, UnicodeDecodeError):
        problems.add(file, 0, "this file cannot be read: check that it exists, is readable and is UTF-8 text.")
        return None
    if not isinstance(node, yaml.MappingNode):
        problems.add(file, 1, "the file must consist of names and values: see the other files beside it.")
        return None
    return Entry(file, node, problems)
