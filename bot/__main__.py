"""``python -m bot`` is ``rc-pulse``."""

from bot.cli import main

main()
