"""Comparing what the sandbox says with what Slack was seen to say: key paths, types, error codes."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]
Shape = Mapping[str, str]

_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (dict, "object"),
    (list, "array"),
    (str, "string"),
    (int, "number"),
    (float, "number"),
)
_FREE = re.compile(
    r"""
    (.*\.)?(blocks\[\]|attachments\[\])$           # block interiors are another table's business
    | (.*\.)?(event_payload|state|shares\.(public|private))$   # the app's own, or keyed by identifiers
    | actions\[\]$                                 # interiors of elements
    """,
    re.VERBOSE,
)
_NOT_RECORDED = frozenset({"view.blocks", "view.blocks[]", "event.view.blocks", "event.view.blocks[]"})
_BY_IDENTIFIER = re.compile(r"(?<=^users\.)U[0-9A-Z]+")


def differences(answer: Any, shape: Shape, path: str = "") -> Iterator[str]:
    """Every key path or type that Slack was never seen to use; null may stand for any value."""
    for key, value in answer.items():
        at = _BY_IDENTIFIER.sub("U00000000", f"{path}.{key}" if path else key)
        if at in _NOT_RECORDED:
            continue
        expected = shape.get(at)
        if expected is None:
            yield f"{at} is invented"
        elif value is not None and kind_of(value) not in expected.split("|"):
            yield f"{at} is {kind_of(value)}, not {expected}"
        else:
            yield from _inside(value, shape, at)


def _inside(value: Any, shape: Shape, at: str) -> Iterator[str]:
    if isinstance(value, dict) and not _FREE.match(at):
        yield from differences(value, shape, at)
    elif isinstance(value, list):
        for one in value:
            if isinstance(one, dict):
                if not _FREE.match(f"{at}[]"):
                    yield from differences(one, shape, f"{at}[]")
            elif one is not None and kind_of(one) not in shape.get(f"{at}[]", "any").split("|") and f"{at}[]" in shape:
                yield f"{at}[] is {kind_of(one)}, not {shape[f'{at}[]']}"


def paths(example: Any, path: str = "") -> dict[str, str]:
    """The key paths and types of a documented example, in the form of a recorded shape."""
    found: dict[str, str] = {}
    for key, value in example.items():
        at = f"{path}.{key}" if path else key
        found[at] = "unknown" if value is None else kind_of(value)
        entries = value if isinstance(value, list) else [value]
        for one in entries:
            if isinstance(one, dict):
                found |= paths(one, at + ("[]" if isinstance(value, list) else ""))
    return found


def missing(answer: Any, example: Any, allowed: frozenset[str], path: str = "") -> Iterator[str]:
    """Every key of the documented example that an answer lacks; of arrays the entry that lacks least."""
    if isinstance(example, dict) and isinstance(answer, dict):
        for key, value in example.items():
            at = f"{path}.{key}" if path else key
            if at in allowed:
                continue
            if key not in answer:
                yield f"{at} is missing"
            elif key != "blocks":
                yield from missing(answer[key], value, allowed, at)
    elif isinstance(example, list) and isinstance(answer, list) and example and answer:
        gaps = [list(missing(one, example[0], allowed, f"{path}[]")) for one in answer]
        yield from min(gaps, key=len)


def kind_of(value: Any) -> str:
    return next(name for kind, name in _TYPES if isinstance(value, kind))
