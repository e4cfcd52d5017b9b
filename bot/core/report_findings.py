"""What is worth saying about one wave: the takeaway, a strength, a tie to be curious about, and open questions.

Findings are picked for a conversation, never to rank: intervals decide, movement is claimed only beyond what chance
explains even though several figures were looked at, and within ties (a group about itself) are never held up for
curiosity.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, permutations

from bot.core import estimation
from bot.core.estimation import Estimate, Reading
from bot.core.figures import Cell, FigureKey, FigureKind, Shown
from bot.core.instrument import DIMENSIONS, Band, Bands, Dimension
from bot.core.released import Released, is_real
from bot.core.report_values import Certainty, Finding, Pattern, Question, Takeaway, TakeawayKind

TWO_MINDS_SPREAD = 0.8
"""From this spread of answers on, raters disagree: rwg of a single item, 1 - s²/2, falls below its cut of .70."""
STEADY_WITHIN = 0.3
"""Only who could have seen the best gain that was ever published may say that nothing has moved."""
MOST_QUESTIONS = 3
WHOLE = (FigureKind.INDEX, FigureKind.COMMUNICATION, FigureKind.RELATIONSHIP)


@dataclass(frozen=True, slots=True)
class Tie:
    """A released tie, the team's own or else the pooled one, with its shrunken estimate."""

    rater: int
    rated: int
    cell: Shown
    pooled: bool
    estimate: Estimate
    band: Band

    @property
    def pair(self) -> tuple[int, int]:
        return (self.rater, self.rated)


@dataclass(frozen=True, slots=True)
class WaveFindings:
    """One wave laid out for finding things in it. ``before``: the comparable wave before, or None."""

    released: Released
    wave: int
    before: int | None
    ties: Mapping[tuple[int, int], Tie]
    bands: Bands

    @property
    def between(self) -> list[Tie]:
        return [tie for tie in self.ties.values() if tie.rater != tie.rated]


def shown_ties(
    released: Released, wave: int, workgroups: Sequence[int], bands: tuple[Bands, Bands]
) -> dict[tuple[int, int], Tie]:
    """Every released tie among ``workgroups`` in their order; ``bands`` between and within groups."""
    estimates = estimation.estimate_ties(released.figures(wave))
    found: dict[tuple[int, int], Tie] = {}
    for rater in workgroups:
        for rated in workgroups:
            cuts = bands[1] if rater == rated else bands[0]
            tie = _tie(released, wave, (rater, rated), estimates, cuts)
            if tie is not None:
                found[rater, rated] = tie
    return found


def _tie(
    released: Released, wave: int, pair: tuple[int, int], estimates: Mapping[FigureKey, Estimate], cuts: Bands
) -> Tie | None:
    places: tuple[tuple[Cell, FigureKey, bool], ...] = (
        (released.tie(wave, *pair), released.tie_key(wave, *pair), False),
        (released.pooled_tie(wave, *pair), released.pooled_key(wave, *pair), True),
    )
    for cell, key, pooled in places:
        if isinstance(cell, Shown) and key in estimates:
            return Tie(*pair, cell, pooled, estimates[key], cuts.of(cell.value))
    return None


def find_strength(found: WaveFindings) -> Finding | None:
    """What works best as far as can be told: the highest lower end of an interval, a tie before a dimension.

    Every talk begins with it, so that even where all is weak there is one, as long as it stands out from the rest;
    ``band`` says how strong it is.
    """
    ties = sorted(found.between, key=lambda tie: -tie.estimate.low)
    if ties and ties[0].band is not Band.WEAK:
        return _of_tie(found, ties[0], highest=True)
    dimensions = sorted(_dimensions(found), key=lambda finding: -_value(finding))
    for findings in (dimensions, [_of_tie(found, tie, highest=True) for tie in ties]):
        if findings and (findings[0].band is not Band.WEAK or _value(findings[0]) > _value(findings[-1])):
            return findings[0]
    return None


def find_curious(found: WaveFindings, strength: Finding | None) -> Finding | None:
    """One tie to be curious about, else one dimension: something else than the strength, and shown lower than it.

    None where everything shown is strong, or nothing stands out from the rest.
    """
    ties = [tie for tie in found.between if tie.band is not Band.STRONG]
    lowest = sorted(ties, key=lambda tie: tie.estimate.high)
    candidates = [_of_tie(found, tie, highest=False) for tie in lowest]
    if not candidates:
        dimensions = [finding for finding in _dimensions(found) if finding.band is not Band.STRONG]
        candidates = sorted(dimensions, key=_value)
    return next((finding for finding in candidates if strength is None or _contrasts(finding, strength)), None)


def _contrasts(finding: Finding, strength: Finding) -> bool:
    """Not the strength itself, and lower; a tie and a dimension are about different things whatever their values."""
    if (finding.rater is None) != (strength.rater is None):
        return True
    subject, other = ((f.rater, f.rated, f.dimension) for f in (finding, strength))
    return subject != other and _value(finding) < _value(strength)


def _of_tie(found: WaveFindings, tie: Tie, *, highest: bool) -> Finding:
    """The tie, on the dimension that stands out most where single dimensions of it are released."""
    whole = Finding(
        FigureKind.POOLED_TIE if tie.pooled else FigureKind.TIE, tie.cell, tie.band, *tie.pair, pooled=tie.pooled
    )
    cells = {d: found.released.tie(found.wave, *tie.pair, d) for d in DIMENSIONS}
    shown = {dimension: cell for dimension, cell in cells.items() if isinstance(cell, Shown)}
    if not shown:
        return whole
    pick = max if highest else min
    dimension = pick(shown, key=lambda dimension: shown[dimension].value)
    cell = shown[dimension]
    band = found.bands.of(cell.value)
    return replace(whole, kind=FigureKind.TIE_DIMENSION, value=cell, band=band, dimension=dimension, pooled=False)


def _dimensions(found: WaveFindings) -> list[Finding]:
    cells = ((d, found.released.cell(FigureKind.DIMENSION, found.wave, dimension=d)) for d in DIMENSIONS)
    return [
        Finding(FigureKind.DIMENSION, cell, found.bands.of(cell.value), dimension=dimension)
        for dimension, cell in cells
        if isinstance(cell, Shown)
    ]


def _value(finding: Finding) -> float:
    return finding.value.value if isinstance(finding.value, Shown) else 0.0


def find_takeaway(
    found: WaveFindings, strength: Finding | None, curious: Finding | None, certainty: Certainty | None
) -> Takeaway:
    """Movement of the whole first; then what stands out; steady only where a change would have been seen."""
    for kind, rise in _moved_whole(found):
        return Takeaway(TakeawayKind.BETTER if rise > 0 else TakeawayKind.WORSE, kind)
    if strength is not None and strength.band is Band.WEAK:
        strength = None
    if strength is not None and curious is not None:
        return Takeaway(TakeawayKind.STRONG_AND_CURIOUS)
    if curious is not None:
        return Takeaway(TakeawayKind.CURIOUS)
    if strength is not None and strength.band is Band.STRONG:
        return Takeaway(TakeawayKind.STRONG)
    sharp = certainty is not None and certainty.change is not None and certainty.smallest_real_change <= STEADY_WITHIN
    return Takeaway(TakeawayKind.STEADY if sharp else TakeawayKind.TOO_EARLY)


def _moved_whole(found: WaveFindings) -> Iterator[tuple[FigureKind, float]]:
    """Which of index, communication and relationship moved for real since the wave before, and by how much."""
    if found.before is None:
        return
    for kind in WHOLE:
        before, after = found.released.reading(kind, found.before), found.released.reading(kind, found.wave)
        if before is None or after is None:
            continue
        difference = estimation.compare(before, after)
        if is_real(difference, among=len(WHOLE)):
            yield kind, difference.value


def find_questions(found: WaveFindings, strength: Finding | None) -> tuple[Question, ...]:
    """One to three open questions, each of another pattern, the most useful first."""
    moved = [question for _, question in _moved(found)]
    candidates = (
        *_weak_both_ways(found), *_asymmetric(found), *moved, *_weak_everywhere(found), *_two_minds(found),
    )  # fmt: skip
    first = {question.pattern: question for question in reversed(candidates)}
    questions = [first[pattern] for pattern in Pattern if pattern in first]
    if strength is not None and strength.band is not Band.WEAK:
        questions.append(Question(Pattern.STRONG, strength.rater, strength.rated, strength.dimension))
    return tuple(questions[:MOST_QUESTIONS]) or (Question(Pattern.TOO_EARLY),)


def _weak_both_ways(found: WaveFindings) -> list[Question]:
    """The pair whose better side is lowest, of those weak from both sides."""
    pairs = [
        (max(one.estimate.value, other.estimate.value), one)
        for one, other in _both_sides(found)
        if one.band is Band.WEAK and other.band is Band.WEAK
    ]
    return [Question(Pattern.WEAK_BOTH_WAYS, *tie.pair) for _, tie in sorted(pairs, key=lambda pair: pair[0])]


def _both_sides(found: WaveFindings) -> list[tuple[Tie, Tie]]:
    """Pairs of workgroups with both directions released from the same people: two own ties or two pooled ones."""
    groups = sorted({group for pair in found.ties for group in pair})
    pairs = [(found.ties.get((a, b)), found.ties.get((b, a))) for a, b in combinations(groups, 2)]
    return [(one, other) for one, other in pairs if one and other and one.pooled == other.pooled]


def _asymmetric(found: WaveFindings) -> list[Question]:
    """The side that rates higher comes first: it is invited to ask the side that is served less well."""
    pairs = _both_sides(found)
    flagged: list[tuple[float, Question]] = []
    for one, _ in pairs:
        sides = [found.released.tie_reading(found.wave, *pair) for pair in permutations(one.pair)]
        here, there = sides
        if here is None or there is None:
            continue
        difference = estimation.asymmetry(here, there)
        if is_real(difference, among=len(pairs)):
            asker, asked = one.pair if difference.value > 0 else (one.rated, one.rater)
            flagged.append((abs(difference.value), Question(Pattern.ASYMMETRIC, asker, asked)))
    return [question for _, question in sorted(flagged, key=lambda pair: -pair[0])]


def _moved(found: WaveFindings) -> list[tuple[float, Question]]:
    """What moved for real among the whole, the dimensions and the ties, the largest change first."""
    changes = [
        (estimation.compare(before, after), subject)
        for subject, before, after in _comparisons(found)
        if before is not None and after is not None
    ]
    real = [
        (change.value, replace(subject, pattern=Pattern.IMPROVING if change.value > 0 else Pattern.FALLING))
        for change, subject in changes
        if is_real(change, among=len(changes))
    ]
    return sorted(real, key=lambda moved: -abs(moved[0]))


def _comparisons(found: WaveFindings) -> Iterator[tuple[Question, Reading | None, Reading | None]]:
    if found.before is None:
        return
    waves, read = (found.before, found.wave), found.released.reading
    index = [read(FigureKind.INDEX, wave) for wave in waves]
    yield Question(Pattern.IMPROVING), *_two(index)
    for dimension in DIMENSIONS:
        readings = [read(FigureKind.DIMENSION, wave, dimension=dimension) for wave in waves]
        yield Question(Pattern.IMPROVING, dimension=dimension), *_two(readings)
    for tie in found.between:
        was = found.released.tie(found.before, *tie.pair)
        if isinstance(was, Shown) is not tie.pooled:
            yield (
                Question(Pattern.IMPROVING, *tie.pair),
                *_two([found.released.tie_reading(wave, *tie.pair) for wave in waves]),
            )


def _two(readings: list[Reading | None]) -> tuple[Reading | None, Reading | None]:
    before, after = readings
    return before, after


def _weak_everywhere(found: WaveFindings) -> list[Question]:
    """Dimensions that are weak over all ties, the lowest first, unless some released tie is strong on it."""
    weak = sorted((finding for finding in _dimensions(found) if finding.band is Band.WEAK), key=_value)
    return [
        Question(Pattern.WEAK_EVERYWHERE, dimension=finding.dimension)
        for finding in weak
        if finding.dimension is not None and not _strong_somewhere(found, finding.dimension)
    ]


def _strong_somewhere(found: WaveFindings, dimension: Dimension) -> bool:
    cells = (found.released.tie(found.wave, *tie.pair, dimension) for tie in found.between)
    return any(isinstance(cell, Shown) and found.bands.of(cell.value) is Band.STRONG for cell in cells)


def _two_minds(found: WaveFindings) -> list[Question]:
    cell = found.released.cell(FigureKind.SPREAD, found.wave)
    divided = isinstance(cell, Shown) and cell.value >= TWO_MINDS_SPREAD - 1e-9
    return [Question(Pattern.TWO_MINDS)] if divided else []
