"""What the processes of the benchmarks have in common, imported before they are forked."""

import bot.app
import tests.cast

__all__ = ["bot", "tests"]
