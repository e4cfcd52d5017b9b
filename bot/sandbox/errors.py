"""The two ways a request can be refused: as Slack refuses an app, and as the control API refuses a caller."""

from typing import Any


class SlackError(Exception):
    """An answer with `ok: false`; `facts` are the keys beside `error`."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    @classmethod
    def with_messages(cls, code: str, messages: list[str]) -> "SlackError":
        """Slack's form for arguments, blocks and views that do not hold."""
        return cls(code, response_metadata={"messages": messages})


class ControlError(Exception):
    """A request to the control API that makes no sense; the text is for a person."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
