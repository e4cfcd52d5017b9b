"""`data_visualization` as SVG: line, bar, area and pie, each with the same figures as a table for screen readers."""

import math
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from bot.sandbox.ui.context import Json
from bot.sandbox.ui.html import tag
from bot.sandbox.ui.text import as_json, items

WIDTH, HEIGHT = 560, 260
LEFT, RIGHT, TOP, BOTTOM = 62, 16, 16, 52
DASHES = ("", "6 3", "2 3", "8 3 2 3", "1 4", "10 4")


@dataclass(frozen=True)
class Series:
    """A named line of values, one per category; None where the app sent none."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Plane:
    """Maps a category's place and a value to the picture's coordinates."""

    categories: tuple[str, ...]
    low: float
    high: float
    step: float

    def x(self, place: float) -> float:
        """The middle of the band of the category at `place`."""
        return round(LEFT + (place + 0.5) * self.band, 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    @property
    def band(self) -> float:
        return (WIDTH - LEFT - RIGHT) / max(len(self.categories), 1)

    def words(self, value: float) -> str:
        """A value on the axis, with as many decimals as the steps need."""
        if abs(value) >= 1e6:
            return f"{value:.3g}"
        return f"{value:.{len(f'{self.step:g}'.partition('.')[2])}f}"

    @property
    def ticks(self) -> list[float]:
        count = round((self.high - self.low) / self.step)
        return [self.low + index * self.step for index in range(count + 1)]


def data_visualization(block: Json) -> Markup:
    """A figure: title, picture, legend, and the figures as a table that only screen readers meet."""
    title = str(block.get("title", ""))
    chart = as_json(block.get("chart"))
    kind = str(chart.get("type", "line"))
    if kind == "pie":
        segments = [(str(s.get("label", "")), number(s.get("value")) or 0.0) for s in items(chart.get("segments"))]
        drawn, table = pie(segments), figures(["Share"], [Series(label, (value,)) for label, value in segments], "Part")
        names = [label for label, _ in segments]
    else:
        categories, series = read(chart)
        axis = as_json(chart.get("axis_config"))
        drawn = plot(kind, categories, series, axis)
        table = figures(categories, series, str(axis.get("x_label") or "Series"))
        names = [line.name for line in series]
    picture = tag(
        "svg", drawn, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=f"{title}, {kind} chart", class_="chart"
    )
    return tag("figure", tag("figcaption", title), picture, legend(names, kind), table, class_="figure")


def number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def read(chart: Json) -> tuple[tuple[str, ...], list[Series]]:
    """Categories in their order, and each series' value for each of them."""
    lines = items(chart.get("series"))
    named = as_json(chart.get("axis_config")).get("categories")
    if not isinstance(named, list):
        named = [point.get("label", "") for point in items(lines[0].get("data"))] if lines else []
    categories = tuple(str(name) for name in named)
    found = []
    for line in lines:
        by_label = {str(point.get("label", "")): number(point.get("value")) for point in items(line.get("data"))}
        found.append(Series(str(line.get("name", "")), tuple(by_label.get(name) for name in categories)))
    return categories, found


def plane(categories: tuple[str, ...], series: list[Series], *, from_zero: bool) -> Plane:
    """Bounds on round numbers around the values; bars and areas start at zero, for their length is the message."""
    values = [value for line in series for value in line.values if value is not None] or [0.0, 1.0]
    low, high = (min(*values, 0.0), max(*values, 0.0)) if from_zero else (min(values), max(values))
    if high - low <= abs(high) * 1e-9:
        low, high = low - 1, high + 1
    step = nice((high - low) / 5)
    bottom = math.floor(low / step) * step
    return Plane(categories, bottom, max(math.ceil(high / step) * step, bottom + step), step)


def nice(rough: float) -> float:
    """The next of 1, 2, 2.5, 5 times a power of ten."""
    power = 10 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    return next((power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough), rough)


def plot(kind: str, categories: tuple[str, ...], series: list[Series], axis: Json) -> Markup:
    frame = plane(categories, series, from_zero=kind in {"bar", "area"})
    drawn = [axes(frame, str(axis.get("x_label") or ""), str(axis.get("y_label") or ""))]
    for place, line in enumerate(series[:6]):
        if kind == "bar":
            drawn.append(bars(frame, line, place, min(len(series), 6)))
        else:
            drawn.append(path(frame, line, place, filled=kind == "area"))
    return tag("g", *drawn)


def axes(frame: Plane, x_label: str, y_label: str) -> Markup:
    rows = []
    for value in frame.ticks:
        y = frame.y(value)
        rows.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="grid"))
        rows.append(tag("text", frame.words(value), x=LEFT - 8, y=y + 4, text_anchor="end"))
    every = max(1, math.ceil(len(frame.categories) / 10))
    shown = [(n, name) for n, name in enumerate(frame.categories) if n % every == 0]
    rows += [tag("text", name, x=frame.x(n), y=HEIGHT - BOTTOM + 18, text_anchor="middle") for n, name in shown]
    middle = (TOP + HEIGHT - BOTTOM) / 2
    rows.append(tag("text", x_label, x=(LEFT + WIDTH - RIGHT) / 2, y=HEIGHT - 8, text_anchor="middle", class_="axis"))
    rows.append(
        tag(
            "text", y_label, x=14, y=middle, text_anchor="middle", transform=f"rotate(-90 14 {middle:g})", class_="axis"
        )
    )
    return tag("g", *rows, aria_hidden="true")


def bars(frame: Plane, line: Series, place: int, count: int) -> Markup:
    width = frame.band * 0.72 / count
    zero = frame.y(0.0)
    drawn = []
    for n, value in enumerate(line.values):
        if value is None:
            continue
        x = frame.x(n) - frame.band * 0.36 + place * width
        top, bottom = sorted((frame.y(value), zero))
        drawn.append(
            tag(
                "rect",
                x=round(x, 1),
                y=top,
                width=round(width * 0.92, 1),
                height=round(bottom - top, 1),
                rx=2,
                class_=f"fill-{place}",
            )
        )
    return tag("g", *drawn)


def path(frame: Plane, line: Series, place: int, *, filled: bool) -> Markup:
    """A line through its points, broken where a value is missing: a gap is never drawn as a zero."""
    drawn = []
    for run in runs(line):
        points = " ".join(f"{frame.x(n)},{frame.y(value)}" for n, value in run)
        if filled:
            base = frame.y(max(frame.low, 0.0))
            closed = f"{frame.x(run[0][0])},{base} {points} {frame.x(run[-1][0])},{base}"
            drawn.append(tag("polygon", points=closed, class_=f"fill-{place}", fill_opacity="0.22"))
        drawn.append(tag("polyline", points=points, class_=f"stroke-{place}", stroke_dasharray=DASHES[place] or None))
        drawn += [tag("circle", cx=frame.x(n), cy=frame.y(value), r=3.5, class_=f"fill-{place}") for n, value in run]
    return tag("g", *drawn)


def runs(line: Series) -> list[list[tuple[int, float]]]:
    found: list[list[tuple[int, float]]] = [[]]
    for n, value in enumerate(line.values):
        if value is None:
            found.append([])
        else:
            found[-1].append((n, value))
    return [run for run in found if run]


def pie(segments: list[tuple[str, float]]) -> Markup:
    total = sum(max(value, 0.0) for _, value in segments)
    x, y, radius = WIDTH / 2, HEIGHT / 2, HEIGHT / 2 - 16
    drawn, turn = [], -math.pi / 2
    for place, (_, value) in enumerate(segments[:6]):
        share = max(value, 0.0) / total if total else 0.0
        if share >= 1 - 1e-9:
            drawn.append(tag("circle", cx=x, cy=y, r=radius, class_=f"fill-{place}"))
        elif share > 0:
            drawn.append(slice_((x, y), radius, turn, turn + share * math.tau, place))
        if share >= 0.06:
            middle = turn + share * math.pi
            at = (x + radius * 0.66 * math.cos(middle), y + radius * 0.66 * math.sin(middle))
            drawn.append(
                tag(
                    "text",
                    f"{share:.0%}",
                    x=round(at[0], 1),
                    y=round(at[1] + 4, 1),
                    text_anchor="middle",
                    class_="on-fill",
                )
            )
        turn += share * math.tau
    return tag("g", *drawn)


def slice_(centre: tuple[float, float], radius: float, start: float, end: float, place: int) -> Markup:
    x, y = centre
    first = f"{x + radius * math.cos(start):.2f} {y + radius * math.sin(start):.2f}"
    last = f"{x + radius * math.cos(end):.2f} {y + radius * math.sin(end):.2f}"
    large = 1 if end - start > math.pi else 0
    return tag(
        "path", d=f"M {x:g} {y:g} L {first} A {radius:g} {radius:g} 0 {large} 1 {last} Z", class_=f"fill-{place} slice"
    )


def legend(names: list[str], kind: str) -> Markup | None:
    if not any(names):
        return None
    entries = []
    for place, name in enumerate(names[:6]):
        if kind == "line":
            dash = DASHES[place] or None
            mark = tag("line", x1=0, x2=22, y1=6, y2=6, class_=f"stroke-{place}", stroke_dasharray=dash)
        else:
            mark = tag("rect", x=5, y=0, width=12, height=12, rx=3, class_=f"fill-{place}")
        entries.append(tag("li", tag("svg", mark, viewBox="0 0 22 12", width=22, height=12, aria_hidden="true"), name))
    return tag("ul", *entries, class_="legend")


def figures(categories: list[str] | tuple[str, ...], series: list[Series], corner: str) -> Markup:
    """The chart's values as a table; a value that was not sent reads as "no value"."""
    head = tag("tr", tag("th", corner, scope="col"), *(tag("th", name, scope="col") for name in categories))
    body = [
        tag(
            "tr",
            tag("th", line.name, scope="row"),
            *(tag("td", "no value" if v is None else f"{v:g}") for v in line.values),
        )
        for line in series
    ]
    return tag("table", tag("thead", head), tag("tbody", *body), class_="visually-hidden")
