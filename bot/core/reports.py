"""Reports: from released figures to what is worth saying.

``build_report`` takes everything the gate has released for a team and its focal process so far, and the calendar.
Nothing here ranks teams or workgroups, and no movement is claimed that noise could have made.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.figures import Figure
from bot.core.instrument import Bands
from bot.core.report_values import Event, Report, WaveOf, Workgroup


def build_report(
    figures: Sequence[Figure],
    *,
    team: int,
    process: int,
    workgroups: Sequence[Workgroup],
    waves: Sequence[WaveOf],
    between: Bands,
    within: Bands,
    events: Sequence[Event] = (),
    organisation: Sequence[Figure] = (),
    wave: int | None = None,
) -> Report | None:
    """The report on ``wave`` (the latest if None), or None while nothing has been released.

    ``figures``: all released figures of the team and those pooled over its focal process, of all waves. ``waves``:
    the released waves, oldest first. ``organisation``: the other teams' released figures; they only ever leave as a
    band over at least three teams.
    """
    raise NotImplementedError
