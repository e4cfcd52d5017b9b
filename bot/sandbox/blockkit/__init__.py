"""Block Kit's rules: what Slack accepts, and the words with which it refuses."""

from bot.sandbox.blockkit.problems import Problem
from bot.sandbox.blockkit.surfaces import check_message, check_view

__all__ = ["Problem", "check_message", "check_view"]
