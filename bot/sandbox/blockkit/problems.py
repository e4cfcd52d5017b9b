"""What is wrong with a block or a view, and where."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One breach of a rule: `pointer` is a JSON pointer below the blocks or the view."""

    code: str
    text: str
    pointer: str
    constraint: Any = None

    def message(self, prefix: str = "") -> str:
        """The line Slack puts into response_metadata.messages."""
        return f"[ERROR] {self.text} [json-pointer:{prefix}{self.pointer}]"

    def describe(self, prefix: str = "") -> dict[str, Any]:
        """The object blocks.validate answers."""
        return {
            "code": self.code,
            "message": self.text,
            "pointer": f"{prefix}{self.pointer}",
            "constraint": self.constraint,
        }
