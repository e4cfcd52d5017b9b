"""Text objects (`plain_text`, `mrkdwn`) wherever a block holds one."""

from typing import Any

from markupsafe import Markup

from bot.sandbox.ui.context import Context, Json
from bot.sandbox.ui.mrkdwn import mrkdwn, plain


def as_json(value: Any) -> Json:
    """The object, or an empty one: a malformed block is drawn as far as it goes, it never breaks the page."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Json]:
    """The objects of a list, without whatever else stands in it."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def render_text(value: Any, context: Context) -> Markup:
    """A text object, or a bare string as some older fields allow."""
    if isinstance(value, str):
        return plain(value)
    text = as_json(value)
    content = str(text.get("text", ""))
    if text.get("type") == "mrkdwn":
        return mrkdwn(content, context)
    return plain(content, with_emoji=text.get("emoji") is not False)


def words(value: Any) -> str:
    """The bare words of a text object, for labels and tooltips."""
    return value if isinstance(value, str) else str(as_json(value).get("text", ""))


def whole(value: Any, default: int = 0) -> int:
    """A whole number, or the default where there is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else default
