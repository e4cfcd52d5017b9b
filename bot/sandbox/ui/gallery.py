"""One example of every block kind, for the gallery page and the tests that look at it."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from markupsafe import Markup

from bot.sandbox.ui.blocks import render_blocks
from bot.sandbox.ui.context import Context


@cache
def examples() -> dict[str, list[dict[str, Any]]]:
    """Lists of blocks by the name of what they show, from `gallery.yaml`."""
    found: dict[str, list[dict[str, Any]]] = yaml.safe_load(
        (files("bot.sandbox.ui") / "gallery.yaml").read_text("utf-8")
    )
    return found


def gallery_context() -> Context:
    """Two people, a channel and an error, so that mentions, lists and refused input have something to show."""
    return Context(
        people={
            "U1": {"id": "U1", "real_name": "Nia Reyes", "profile": {"title": "Nurse · Ward 3"}},
            "U2": {"id": "U2", "real_name": "Tomas Lind", "profile": {"title": "Pharmacist"}},
        },
        channels={"C1": {"id": "C1", "name": "ward-3"}},
        viewer="U1",
        errors={"in_late": "That day has passed. Choose a later one."},
        scope="g",
    )


def gallery_sections() -> list[tuple[str, Markup]]:
    """Name and rendering of each kind."""
    context = gallery_context()
    return [
        (name, render_blocks(blocks, context.inside(str(n)))) for n, (name, blocks) in enumerate(examples().items())
    ]
