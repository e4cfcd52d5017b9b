"""The words of the product: read from ``prompts/``, checked, rendered.

``Content.load(root)`` reads everything or raises ``ContentError`` with every problem;
``content.words(key, language, **variables)`` renders a message. Library texts (items, prompts, nudges) are values of
``bot.core`` and are filled in with ``content.fill``.
"""

from bot.content.catalogue import ORIGINAL, Content
from bot.content.library import Library
from bot.content.problems import ContentError, ContentProblem
from bot.content.templates import LIMITS, Mrkdwn, Place, clip, escape

__all__ = [
    "LIMITS",
    "ORIGINAL",
    "Content",
    "ContentError",
    "ContentProblem",
    "Library",
    "Mrkdwn",
    "Place",
    "clip",
    "escape",
]
