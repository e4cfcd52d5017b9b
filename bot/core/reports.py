"""Reports: from released figures to what is worth saying.

``build_report`` takes everything the gate has released for a team and its focal process so far, and the calendar.
Nothing here ranks teams or workgroups, and no movement is claimed that noise could have made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from statistics import fmean

from bot.core import estimation, runchart
from bot.core.figures import Cell, Figure, FigureKind, Shown, Withheld
from bot.core.instrument import DIMENSIONS, Band, Bands
from bot.core.pictures import Interval
from bot.core.released import Place, Released, interval
from bot.core.report_findings import (
    Tie,
    WaveFindings,
    find_curious,
    find_questions,
    find_strength,
    find_takeaway,
    shown_ties,
)
from bot.core.report_values import (
    Certainty,
    DimensionRow,
    Event,
    History,
    Report,
    Response,
    RestRow,
    RoundPoint,
    TieRow,
    WaveOf,
    WavePoint,
    Workgroup,
)

FEWEST_TEAMS = 3
"""So many other teams stand behind an organisation's band, else one could be told from it."""
LOOK_BACK_WAVES = 26
"""Two years of four-week waves: as much as a chart can show; a report's cost does not grow with what lies before."""


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
    response: Response | None = None,
    wave: int | None = None,
) -> Report | None:
    """The report on ``wave`` (the latest if None), or None while nothing has been released.

    ``figures``: all released figures of the team and those pooled over its focal process, of all waves. ``waves``:
    the released waves, oldest first; those after ``wave`` and over two years before it are left out.
    ``organisation``: the other teams' released figures; they only ever leave as a band over at least three teams.
    Raises KeyError for an unknown wave.
    """
    known = _up_to(waves, wave)
    if not known:
        return None
    latest = known[-1]
    released = Released(figures, Place(process, team), tuple(past.id for past in known))
    before = known[-2].id if len(known) > 1 and known[-2].instrument == latest.instrument else None
    groups = [group.id for group in workgroups]
    ties = shown_ties(released, latest.id, groups, (between, within))
    found = WaveFindings(released, latest.id, before, ties, between)
    certainty = _certainty(found)
    strength = find_strength(found)
    curious = find_curious(found, strength)
    rounds = _rounds(released, known)
    dimensions = tuple(_dimension_rows(found))
    return Report(
        team=team,
        process=process,
        wave=latest.id,
        released_on=latest.released_on,
        workgroups=tuple(workgroups),
        takeaway=find_takeaway(found, strength, curious, certainty),
        waves=_wave_points(released, known),
        rounds=rounds,
        events=tuple(sorted(events, key=lambda event: event.on)),
        history=_history(rounds),
        matrix=tuple(tuple(_cell(ties, (a, b)) for b in groups) for a in groups),
        pooled=any(tie.pooled for tie in ties.values()),
        ties=tuple(_tie_row(ties, (a, b)) for a in groups for b in groups),
        rests=tuple(_rest_row(released, latest.id, group) for group in groups),
        dimensions=dimensions,
        respondents=_respondents(found),
        response=response,
        certainty=certainty,
        strength=strength,
        curious=curious,
        questions=find_questions(found, strength),
        low=any(tie.band is Band.WEAK for tie in found.between) or any(row.band is Band.WEAK for row in dimensions),
        organisation=_organisation(organisation, team, between),
    )


def response_band(finished: int, asked: int) -> Response | None:
    """Participation of a released wave as a band; None if nobody was asked."""
    if asked <= 0:
        return None
    share = finished / asked
    return Response.LOW if share < 0.5 else Response.MIDDLE if share <= 0.75 else Response.HIGH


def _up_to(waves: Sequence[WaveOf], wave: int | None) -> Sequence[WaveOf]:
    if wave is None:
        return waves[-LOOK_BACK_WAVES:]
    for position, candidate in enumerate(waves, start=1):
        if candidate.id == wave:
            return waves[max(0, position - LOOK_BACK_WAVES) : position]
    raise KeyError(wave)


def _certainty(found: WaveFindings) -> Certainty | None:
    """From the wave's index; without a wave before, the smallest real change is that to a wave just like this one."""
    shown, now = found.released.index(found.wave), found.released.reading(FigureKind.INDEX, found.wave)
    if not isinstance(shown, Shown) or now is None:
        return None
    was = found.released.reading(FigureKind.INDEX, found.before) if found.before is not None else None
    difference = estimation.compare(was or now, now)
    change = Interval(difference.value, difference.low, difference.high) if was is not None else None
    return Certainty(interval(now, shown.value), difference.smallest_real, change)


def _wave_points(released: Released, waves: Sequence[WaveOf]) -> tuple[WavePoint, ...]:
    return tuple(
        WavePoint(
            wave=wave.id,
            released_on=wave.released_on,
            index=released.index(wave.id),
            communication=released.cell(FigureKind.COMMUNICATION, wave.id),
            relationship=released.cell(FigureKind.RELATIONSHIP, wave.id),
            comparable=position == 0 or waves[position - 1].instrument == wave.instrument,
        )
        for position, wave in enumerate(waves)
    )


def _rounds(released: Released, waves: Sequence[WaveOf]) -> tuple[RoundPoint, ...]:
    return tuple(
        RoundPoint(past.id, past.opened_on, released.cell(FigureKind.INDEX, wave.id, round_id=past.id))
        for wave in waves
        for past in wave.rounds
    )


def _history(rounds: Sequence[RoundPoint]) -> History:
    points = [(point.opened_on, point.index.value) for point in rounds if isinstance(point.index, Shown)]
    if len(points) < runchart.FEWEST_POINTS:
        return History(None, signal=False, shifted_since=None)
    analysed = runchart.analyse([value for _, value in points])
    since = _longest_side(points, analysed.median) if analysed.verdict else None
    return History(analysed.median, analysed.verdict, since)


def _longest_side(points: Sequence[tuple[date, float]], middle: float) -> date:
    """When the longest run on one side of the median began; points on the median are ignored."""
    useful = [(on, value > middle) for on, value in points if value != middle]
    runs = [[on for on, _ in run] for _, run in groupby(useful, key=lambda point: point[1])]
    return max(runs, key=len)[0]


def _cell(ties: Mapping[tuple[int, int], Tie], pair: tuple[int, int]) -> Cell:
    return ties[pair].cell if pair in ties else Withheld()


def _tie_row(ties: Mapping[tuple[int, int], Tie], pair: tuple[int, int]) -> TieRow:
    tie = ties.get(pair)
    if tie is None:
        return TieRow(*pair, Withheld(), None, pooled=False, estimate=None)
    estimate = Interval(tie.estimate.value, tie.estimate.low, tie.estimate.high)
    return TieRow(*pair, tie.cell, tie.band, tie.pooled, estimate)


def _rest_row(released: Released, wave: int, workgroup: int) -> RestRow:
    experiences = released.rest(FigureKind.RATED_BY_REST, wave, workgroup)
    return RestRow(workgroup, experiences, released.rest(FigureKind.RATED_OF_REST, wave, workgroup))


def _dimension_rows(found: WaveFindings) -> list[DimensionRow]:
    rows: list[DimensionRow] = []
    for dimension in DIMENSIONS:
        cell = found.released.cell(FigureKind.DIMENSION, found.wave, dimension=dimension)
        reading = found.released.reading(FigureKind.DIMENSION, found.wave, dimension=dimension)
        before: Cell = Withheld()
        if found.before is not None:
            before = found.released.cell(FigureKind.DIMENSION, found.before, dimension=dimension)
        if isinstance(cell, Shown) and reading is not None:
            band, estimate = found.bands.of(cell.value), interval(reading, cell.value)
            rows.append(DimensionRow(dimension, cell, band, before, estimate))
        else:
            rows.append(DimensionRow(dimension, Withheld(), None, before, None))
    return rows


def _respondents(found: WaveFindings) -> tuple[int, int | None] | None:
    """The band of the broadest figure of the wave."""
    kinds = (FigureKind.COMMUNICATION, FigureKind.RELATIONSHIP)
    cells = [found.released.cell(kind, found.wave) for kind in kinds]
    bands = [cell.respondents for cell in cells if isinstance(cell, Shown)]
    return max(bands, key=lambda band: band[0], default=None)


def _organisation(figures: Sequence[Figure], team: int, bands: Bands) -> dict[FigureKind, Band]:
    """The band of the mean over the other teams' latest figures, each team counting once."""
    latest: dict[FigureKind, dict[int, tuple[int, float]]] = defaultdict(dict)
    for figure in figures:
        key, cell = figure.key, figure.cell
        if key.kind not in {FigureKind.COMMUNICATION, FigureKind.RELATIONSHIP} or not isinstance(cell, Shown):
            continue
        if key.team is None or key.team == team:
            continue
        known = latest[key.kind].get(key.team)
        if known is None or key.wave > known[0]:
            latest[key.kind][key.team] = (key.wave, cell.value)
    return {
        kind: bands.of(fmean(value for _, value in teams.values()))
        for kind, teams in latest.items()
        if len(teams) >= FEWEST_TEAMS
    }
