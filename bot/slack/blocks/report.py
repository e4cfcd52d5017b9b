"""A report as Slack shows it: takeaway, line chart, a strength, a tie to be curious about, how sure we are, what next.

Nothing is sorted by value, nothing is coloured, and what is withheld looks like what is empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard

from bot.content import Mrkdwn
from bot.core import report_pictures
from bot.core.figures import FigureKind, Shown
from bot.core.instrument import Band, Dimension
from bot.core.pictures import Interval, LineChart
from bot.core.report_values import Finding, Pattern, Question, Report, TakeawayKind
from bot.services.talk_guide import Form, Page, PicturePage, TalkGuide
from bot.slack import ids
from bot.slack.blocks.kit import (
    Block,
    Element,
    Rendered,
    actions,
    button,
    context,
    header,
    line_chart,
    option,
    section,
    select,
)
from bot.slack.blocks.pictures import picture_words, short_day
from bot.slack.ids import Field, PassOn, ReportPart, ShowPart
from bot.slack.words import Words

FEWEST_CHART_POINTS = 2
LINES = (FigureKind.INDEX, FigureKind.COMMUNICATION, FigureKind.RELATIONSHIP)
_ABOUT_A_TIE = {Pattern.WEAK_BOTH_WAYS: ("first", "second"), Pattern.ASYMMETRIC: ("asker", "asked")}
_ABOUT_SOMETHING = frozenset({Pattern.IMPROVING, Pattern.FALLING})


class Speech:
    """A report's findings in words."""

    def __init__(self, report: Report, words: Words) -> None:
        self._report = report
        self._words = words
        self._names = {group.id: group.name for group in report.workgroups}

    def takeaway(self) -> str:
        words, kind = self._words, self._report.takeaway.kind
        key = f"report.takeaway.{kind}"
        match kind:
            case TakeawayKind.BETTER | TakeawayKind.WORSE:
                what = self._report.takeaway.what or FigureKind.INDEX
                return words(key, what=words(f"dimensions.{what}.name"))
            case TakeawayKind.STRONG:
                return words(key, strength=self._of(self._report.strength))
            case TakeawayKind.STRONG_AND_CURIOUS:
                both = {"strength": self._of(self._report.strength), "curious": self._of(self._report.curious)}
                return words(key, **both)
            case TakeawayKind.CURIOUS:
                return words(key, curious=self._of(self._report.curious))
            case TakeawayKind.STEADY:
                return words(key)
            case TakeawayKind.TOO_EARLY:
                return words("report.takeaway.too_early_undated")

    def strength(self) -> str:
        """One strength, as an invitation to say what makes it so."""
        finding, words = self._report.strength, self._words
        if finding is None:
            return ""
        if finding.band is Band.WEAK:
            return words("report.strength.nearest", what=self.finding(finding))
        if finding.dimension is None or (finding.rater is not None and finding.rater == finding.rated):
            return words("report.strength.overall", what=self.finding(finding))
        about = words(f"dimensions.{finding.dimension}.about")
        if finding.rater is None or finding.rated is None:
            return words("report.strength.dimension", dimension=self.dimension(finding.dimension), about=about)
        return words("report.strength.tie", **self._sides(finding.rater, finding.rated), about=about)

    def curious(self) -> str:
        finding, words = self._report.curious, self._words
        if finding is None:
            return ""
        dimension = self.dimension(finding.dimension)
        question = self.question(self._report.questions[0]) if self._report.questions else ""
        if finding.rater is None or finding.rated is None:
            return words("report.curious.dimension", dimension=dimension, question=question)
        sides = self._sides(finding.rater, finding.rated)
        if finding.dimension is None:
            return words("report.curious.tie_overall", **sides, question=question)
        return words("report.curious.tie", **sides, dimension=dimension, question=question)

    def finding(self, finding: Finding) -> str:
        """A figure as a phrase: a dimension's name, or who experiences whom."""
        words = self._words
        if finding.rater is None or finding.rated is None:
            return self.dimension(finding.dimension)
        if finding.rater == finding.rated:
            return words("report.finding.within", group=self._names[finding.rater])
        sides = self._sides(finding.rater, finding.rated)
        if finding.dimension is None:
            return words("report.finding.tie", **sides)
        return words("report.finding.tie_dimension", **sides, dimension=self.dimension(finding.dimension))

    def question(self, question: Question, number: int = 1) -> str:
        """The ``number``-th of the three open questions of a pattern; only the first names its subject."""
        key = f"talk.{question.pattern}.{number}"
        if number > 1:
            return self._words(key)
        return self._words(key, **self._subject(question))

    def dimension(self, dimension: Dimension | None) -> str:
        return self._words(f"dimensions.{dimension or FigureKind.INDEX}.name")

    def _subject(self, question: Question) -> dict[str, str]:
        if question.pattern in _ABOUT_A_TIE:
            first, second = _ABOUT_A_TIE[question.pattern]
            return {first: self._name(question.rater), second: self._name(question.rated)}
        if question.pattern is Pattern.WEAK_EVERYWHERE:
            return {"dimension": self.dimension(question.dimension)}
        if question.pattern in _ABOUT_SOMETHING:
            if question.rater is None:
                return {"what": self.dimension(question.dimension)}
            sides = self._sides(question.rater, question.rated or question.rater)
            return {"what": self._words("report.finding.tie", **sides)}
        return {}

    def _of(self, finding: Finding | None) -> str:
        return self.finding(finding) if finding else self.dimension(None)

    def _sides(self, rater: int, rated: int) -> dict[str, str]:
        return {"rater": self._names[rater], "rated": self._names[rated]}

    def _name(self, workgroup: int | None) -> str:
        return self._names.get(workgroup or 0, "")


def report(value: Report, team: str, stage: str, words: Words, *, chart: bool) -> Rendered:
    """The message on top. ``stage``: the step of the debrief order, empty for somebody who only looks; ``chart`` False
    where Slack has refused the native one.
    """
    speech = Speech(value, words)
    takeaway = speech.takeaway()
    blocks: list[Block] = [
        header(words("report.header", team=team)),
        section(takeaway),
        context(_of_when(value, words)),
        *(_chart(value, words) if chart else []),
    ]
    if value.strength:
        blocks += [header(words("report.strength.header")), section(speech.strength())]
    if value.curious:
        blocks += [header(words("report.curious.header")), section(speech.curious())]
    blocks += [header(words("report.sure.header")), *_how_sure(value, words)]
    blocks += [context(*_notes(value, words)), actions(*_buttons(value, stage, words))]
    return Rendered(words("report.notification", team=team, takeaway=takeaway), blocks)


def untoned(value: Report, team: str, words: Words) -> Rendered:
    """For the members of a team that has looked at its map together: the same map, without bands and verdicts."""
    title = words("report.header", team=team)
    return Rendered(title, [header(title), context(_of_when(value, words)), context(*_notes(value, words))])


def _notes(value: Report, words: Words) -> list[str]:
    return [words("report.withheld")] + ([words("report.pooled")] if value.pooled else [])


def _of_when(value: Report, words: Words) -> str:
    people = ""
    if value.respondents:
        low, high = value.respondents
        people = (
            words("report.people.least", low=low)
            if high is None
            else words("report.people.between", low=low, high=high)
        )
    response = words(f"report.response.{value.response}") if value.response else ""
    return words("report.map_of", on=value.released_on, people=people, response=response)


def waves_chart(value: Report, words: Words) -> LineChart:
    names = {kind: words(f"dimensions.{kind}.short") for kind in LINES}
    title = words("report.chart.maps")
    return report_pictures.line_chart(value, title, picture_words(words), names=names, day=short_day(words))


def _chart(value: Report, words: Words) -> list[Block]:
    """Slack's own chart of the three lines; a withheld map is left out and said, never drawn as zero."""
    chart, dropped = report_pictures.without_gaps(waves_chart(value, words))
    categories = list(dict.fromkeys(chart.categories))
    if len(categories) < FEWEST_CHART_POINTS or len(categories) != len(chart.categories):
        return []
    series = {line.name: [cell.value for cell in line.cells if isinstance(cell, Shown)] for line in chart.lines}
    native = line_chart(
        chart.title,
        categories,
        series,
        x_label=words("report.chart.when"),
        y_label=words("report.chart.y"),
    )
    left_out = [context(words("report.chart.withheld_rounds", rounds=list(dropped)))] if dropped else []
    return [native, *left_out]


def _how_sure(value: Report, words: Words) -> list[Block]:
    certainty = value.certainty
    if certainty is None:
        return [section(words("report.takeaway.too_early_undated"))]
    on_paper = picture_words(words)
    likely = certainty.interval
    interval = words(
        "report.sure.interval",
        value=on_paper.number(likely.value),
        low=on_paper.number(likely.low),
        high=on_paper.number(likely.high),
    )
    if certainty.change is None:
        compared = words("report.sure.first")
    else:
        verdict = words(f"report.sure.{_verdict(certainty.change)}")
        smallest = on_paper.number(certainty.smallest_real_change)
        compared = words("report.sure.change", verdict=verdict, smallest=smallest)
    return [section(Mrkdwn(f"{interval}\n{compared}")), context(words("report.sure.provisional"))]


def _verdict(change: Interval) -> str:
    if change.low > 0:
        return "better"
    return "worse" if change.high < 0 else "same"


def _buttons(value: Report, stage: str, words: Words) -> list[Element]:
    """What can be asked for next; who may is checked again when it is tapped."""
    parts = {"dimensions": ReportPart.DIMENSIONS, "history": ReportPart.HISTORY}
    if stage:
        parts |= {"effects": ReportPart.CHANGES, "export": ReportPart.EXPORT, "talk": ReportPart.TALK}
    elements = [
        button(words(f"report.button.{name}"), ShowPart(value.team, value.wave, part)) for name, part in parts.items()
    ]
    if stage == "coach":
        elements.append(button(words("report.button.to_lead"), PassOn(value.team, value.wave, "lead"), style="primary"))
    elif stage == "lead":
        elements.append(button(words("report.button.share"), ShowPart(value.team, value.wave, ReportPart.SHARE)))
    return elements


def choose_team(teams: Sequence[tuple[int, str]], words: Words) -> list[Block]:
    options = [option(name, str(team)) for team, name in teams]
    menu = select(Field(ids.Form.REPORT, "team"), options, placeholder=words("report.pick_team.placeholder"))
    return [section(words("report.pick_team"), menu)]


def dimension_rows(value: Report, words: Words) -> tuple[list[str], list[list[str]]]:
    """The seven dimensions as a table: score, where it likely lies, in words."""
    on_paper, speech = picture_words(words), Speech(value, words)
    head = [words(f"report.table.{name}") for name in ("dimension", "value", "sure", "band")]
    rows = []
    for row in value.dimensions:
        likely = row.estimate
        between = (
            f"{on_paper.number(likely.low)}–{on_paper.number(likely.high)}"
            if likely
            else words("report.table.withheld")
        )
        band = words(f"report.band.{row.band}") if row.band else ""
        rows.append([speech.dimension(row.dimension), on_paper.value(row.cell), between, band])
    return head, rows


def history(value: Report, words: Words) -> str:
    """What the run of rounds tells, in one sentence."""
    if len(value.waves) < FEWEST_CHART_POINTS:
        return words("report.history.empty")
    since = value.history.shifted_since
    if value.history.signal and since:
        return words("report.history.signal", what=words("dimensions.index.name"), since=since)
    return words("report.history.no_signal")


def talk_guide(value: Report, team: str, stage: str, words: Words) -> Rendered:
    """Strengths first, three open questions by pattern, a place for one experiment and a day."""
    speech = Speech(value, words)
    title = words("talk.header", team=team)
    blocks: list[Block] = [header(title)]
    if value.low:
        blocks.append(section(words("talk.low_first")))
    blocks += [section(words("talk.before")), section(words("talk.order"))]
    if _carries(value.strength):
        blocks.append(section(words("talk.strengths", strengths=[speech.finding(value.strength)])))
    blocks.append(header(words("talk.questions.header")))
    blocks += [section(Mrkdwn(f"• {text}")) for text in open_questions(value, words)]
    blocks += [section(words("talk.experiment")), section(words("talk.after"))]
    buttons = [button(words("talk.button.file"), ShowPart(value.team, value.wave, ReportPart.TALK_FILE))]
    if stage == "lead":
        buttons.append(button(words("talk.button.heard"), PassOn(value.team, value.wave, "team")))
    blocks.append(actions(*buttons))
    return Rendered(title, blocks)


def talk_file(value: Report, team: str, pictures: Sequence[PicturePage], words: Words) -> TalkGuide:
    """The same guide for a file; what is for the lead alone stands in the notes."""
    speech = Speech(value, words)
    low = words("talk.low_first") if value.low else ""
    strengths = [speech.strength()] if value.strength else [words("report.takeaway.steady")]
    return TalkGuide(
        begin=Page(words("talk.header", team=team), (words("talk.before"), words("talk.order")), notes=low),
        strengths=Page(words("report.strength.header"), tuple(strengths)),
        pictures=tuple(pictures),
        questions=Page(words("talk.questions.header"), tuple(open_questions(value, words))),
        tool=None,
        experiment=Form(
            words("talk.will_try.label"),
            tuple(words(f"huddle.outcome.{name}.label") for name in ("test", "prediction", "owner", "due")),
            hint=words("talk.after"),
        ),
    )


def open_questions(value: Report, words: Words) -> list[str]:
    """Three: one of each pattern found, filled up with the further questions of the first."""
    speech = Speech(value, words)
    if not value.questions:
        return [words(f"talk.{Pattern.TOO_EARLY}.{number}") for number in (1, 2, 3)]
    first = [speech.question(question) for question in value.questions]
    further = [speech.question(value.questions[0], number) for number in (2, 3)]
    return [*first, *further][:3]


def _carries(strength: Finding | None) -> TypeGuard[Finding]:
    """Whether it may be called a strength before others: the best of what is weak is none."""
    return strength is not None and strength.band is not Band.WEAK


def shared(value: Report, team: str, words: Words) -> Rendered:
    """For the team's channel: one strength, one question, no score, no ranking."""
    speech = Speech(value, words)
    title = words("report.shared.header", team=team)
    strength = speech.finding(value.strength) if _carries(value.strength) else words("report.shared.no_strength")
    body = words("report.shared.body", strength=strength, question=open_questions(value, words)[0])
    return Rendered(title, [header(title), section(body)])
