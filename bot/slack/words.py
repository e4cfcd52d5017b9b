"""A person's words: the texts of ``prompts/`` in their language, instants on their own clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.content import Content, Library


@dataclass(frozen=True, slots=True)
class Words:
    """``zone`` None leaves instants as the message has them."""

    content: Content
    language: str = "en"
    zone: tzinfo | None = None

    def __call__(self, key: str, /, **variables: Any) -> str:
        """Raises KeyError for an unknown key, TypeError for missing or surplus variables."""
        local = {name: self._local(value) for name, value in variables.items()}
        return self.content.words(key, self.language, **local)

    def fill(self, text: str, /, **variables: Any) -> str:
        """A text of the coaches' library."""
        return self.content.fill(text, self.language, **variables)

    def language_called(self, language: str) -> str:
        """A language's name in that language."""
        return self.content.words("home.language.name", language)

    def has(self, key: str) -> bool:
        return self.content.has(key)

    @property
    def library(self) -> Library:
        return self.content.library(self.language)

    def _local(self, value: Any) -> Any:
        if isinstance(value, datetime) and self.zone is not None:
            return value.astimezone(self.zone)
        return value


def zone_named(name: str | None) -> tzinfo:
    """Slack's ``tz`` as a zone; UTC where it is null or unknown to this machine."""
    if not name:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
