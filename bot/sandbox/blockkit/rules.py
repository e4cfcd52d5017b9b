"""A small language for Block Kit's rules: what a value must be, and which keys an object has."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.blockkit.problems import Problem


@dataclass(slots=True)
class Inspection:
    """One look at one payload: where it would be shown, what is wrong so far, and what counts over all of it."""

    surface: str
    problems: list[Problem] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)
    block_ids: set[str] = field(default_factory=set)

    def report(self, code: str, text: str, at: str, constraint: Any = None) -> None:
        self.problems.append(Problem(code, text, at, constraint))

    def count(self, what: str, amount: int = 1) -> None:
        self.totals[what] = self.totals.get(what, 0) + amount


Check = Callable[[Inspection, Any, str], None]


@dataclass(frozen=True, slots=True)
class Key:
    """One key of an object and what its value must be."""

    name: str
    check: Check
    required: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """An object: its keys (any other is refused) and what must hold between them."""

    keys: tuple[Key, ...]
    also: Check | None = None

    def __call__(self, inspection: Inspection, value: Any, at: str) -> None:
        if not isinstance(value, dict):
            inspection.report("type", "must be an object", at, "object")
            return
        for key in self.keys:
            held = value.get(key.name)
            if held is not None:
                key.check(inspection, held, f"{at}/{key.name}")
            elif key.required:
                inspection.report("required", f"missing required field: {key.name}", at, key.name)
        known = {key.name for key in self.keys} | {"type"}
        for name in value:
            if name not in known:
                inspection.report("additional_property", f"invalid additional property: {name}", at, name)
        if self.also is not None:
            self.also(inspection, value, at)


def shape(*keys: Key, also: Check | None = None) -> Shape:
    return Shape(keys, also)


def must(name: str, check: Check) -> Key:
    return Key(name, check, required=True)


def may(name: str, check: Check) -> Key:
    return Key(name, check)


def characters(most: int, least: int = 1) -> Check:
    """A string whose length in code points lies within bounds."""

    def check(inspection: Inspection, value: Any, at: str) -> None:
        if not isinstance(value, str):
            inspection.report("type", "must be a string", at, "string")
        elif len(value) > most:
            inspection.report("max_length", f"must be less than {most + 1} characters", at, most)
        elif len(value) < least:
            inspection.report("min_length", f"must be more than {least - 1} characters", at, least)

    return check


def matching(pattern: str, words: str) -> Check:
    expression = re.compile(pattern)

    def check(inspection: Inspection, value: Any, at: str) -> None:
        if not isinstance(value, str) or not expression.fullmatch(value):
            inspection.report("format", f"must be {words}", at, pattern)

    return check


def among(*allowed: str) -> Check:
    def check(inspection: Inspection, value: Any, at: str) -> None:
        if not isinstance(value, str) or value not in allowed:
            inspection.report("enum", f"must be one of {', '.join(allowed)}", at, list(allowed))

    return check


def whole(least: int, most: int) -> Check:
    def check(inspection: Inspection, value: Any, at: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            inspection.report("type", "must be an integer", at, "integer")
        elif not least <= value <= most:
            inspection.report("range", f"must be between {least} and {most}", at, [least, most])

    return check


def flag(inspection: Inspection, value: Any, at: str) -> None:
    if not isinstance(value, bool):
        inspection.report("type", "must be a boolean", at, "boolean")


def number(inspection: Inspection, value: Any, at: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        inspection.report("type", "must be a number", at, "number")


def items(check: Check, most: int, least: int = 1) -> Check:
    """An array whose entries each hold, no more and no fewer than allowed."""

    def inspect(inspection: Inspection, value: Any, at: str) -> None:
        if not isinstance(value, list):
            inspection.report("type", "must provide an array", at, "array")
            return
        if len(value) > most:
            inspection.report("max_items", f"no more than {most} items allowed", at, most)
        if len(value) < least:
            inspection.report("min_items", f"no fewer than {least} items allowed", at, least)
        for number_, entry in enumerate(value[: most + 1]):
            check(inspection, entry, f"{at}/{number_}")

    return inspect


def one_of_types(shapes: Mapping[str, Check], allowed: Iterable[str] | None = None) -> Check:
    """An object whose `type` says which rules it follows."""
    names = frozenset(shapes if allowed is None else allowed)

    def check(inspection: Inspection, value: Any, at: str) -> None:
        if not isinstance(value, dict):
            inspection.report("type", "must be an object", at, "object")
            return
        kind = value.get("type")
        if kind is None:
            inspection.report("required", "missing required field: type", at, "type")
        elif not isinstance(kind, str) or kind not in names:
            inspection.report("unsupported_type", f"unsupported type: {kind}", f"{at}/type", sorted(names))
        else:
            shapes[kind](inspection, value, at)

    return check
