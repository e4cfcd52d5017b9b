"""The gate: what may leave.

(docstring with guarantees and proof follows in this room's next commit)
"""

from bot.core.disclosure.answers import Answers, AskedInFull, Panel, TeamRules, WaveRules
from bot.core.disclosure.gate import Considered, consider, release

__all__ = ["Answers", "AskedInFull", "Considered", "Panel", "TeamRules", "WaveRules", "consider", "release"]
