"""Every message in ``prompts/`` is one that the program says: one that nobody reads misleads whoever edits it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
MODULES = [path for path in (ROOT / "bot").rglob("*.py") if "sandbox" not in path.relative_to(ROOT).parts]
PART = "([a-z0-9_]+)"


def _pattern(made: ast.JoinedStr) -> str:
    """The f-string as a regular expression: each interpolation is one part of a key."""
    return "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else PART for part in made.values)


def _spoken(tree: ast.AST) -> Iterator[str]:
    """Patterns of the keys that a module may say: its texts, its f-strings, and ``f"{key}.hint"`` upon those."""
    heads, tails = set(), {""}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            pattern = _pattern(node)
            if pattern.startswith(PART + r"\."):
                tails.add(pattern.removeprefix(PART))
            else:
                heads.add(pattern)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value:
            heads.add(re.escape(node.value))
    return (head + tail for head in heads for tail in tails)


def _parts(tree: ast.AST) -> Iterator[str]:
    """What a module may put into such an f-string: its texts and numbers, the names of fields and members."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | int):
            yield str(node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id.lower()


def _keys() -> Iterator[tuple[str, str]]:
    for file in sorted((ROOT / "prompts" / "en" / "messages").glob("*.yaml")):
        for key in yaml.safe_load(file.read_text(encoding="utf-8")):
            yield file.name, key


def test_every_message_is_one_that_the_program_says() -> None:
    trees = [ast.parse(module.read_text(encoding="utf-8")) for module in MODULES]
    said = [re.compile(pattern) for pattern in {pattern for tree in trees for pattern in _spoken(tree)}]
    parts = {part for tree in trees for part in _parts(tree)}

    def is_said(key: str) -> bool:
        return any(found and parts >= set(found.groups()) for found in (pattern.fullmatch(key) for pattern in said))

    assert [f"{file}: {key}" for file, key in _keys() if not is_said(key)] == []
