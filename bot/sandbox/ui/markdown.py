"""The `markdown` block: the part of Markdown that Slack documents (headings, lists, quotes, code, tables, links)."""

import re
from collections.abc import Callable

from markupsafe import Markup

from bot.sandbox.ui.html import join, tag
from bot.sandbox.ui.mrkdwn import lines, link

INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|!?\[(?P<label>[^\]\n]*)\]\((?P<url>[^()\s]*)\)"
    r"|(?P<auto>https?://[^\s<>()]+)"
    r"|\*\*(?P<bold>[^\s*](?:[^*\n]*[^\s*])?)\*\*"
    r"|~~(?P<strike>[^~\n]+)~~"
    r"|(?<![\w*])\*(?P<em>[^\s*](?:[^*\n]*[^\s*])?)\*(?!\w)"
    r"|(?<![\w_])_(?P<em2>[^\s_](?:[^_\n]*[^\s_])?)_(?!\w)"
)
HEADING = re.compile(r"(#{1,6})\s+(.*)")
ITEM = re.compile(r"\s*(?:[-*+]|(?P<number>\d{1,9})[.)])\s+(?:\[(?P<check>[ xX])\]\s+)?(?P<text>.*)")
RULE = re.compile(r"\s*([-*_])(?:\s*\1){2,}\s*")
TABLE_RULE = re.compile(r"\s*\|?\s*:?-{1,}:?\s*(\|\s*:?-{1,}:?\s*)*\|?\s*")


def markdown(text: str) -> Markup:
    """The text as HTML. Headings start at the third level: the page has its own above them."""
    rows = text.replace("\r\n", "\n").split("\n")
    parts: list[Markup] = []
    while rows:
        if not rows[0].strip():
            rows.pop(0)
            continue
        parts.append(next(part for reader in READERS if (part := reader(rows)) is not None))
    return tag("div", *parts, class_="rich")


def take(rows: list[str], accepts: Callable[[str], object]) -> list[str]:
    """Removes and returns the leading rows that are accepted."""
    count = next((index for index, row in enumerate(rows) if not accepts(row)), len(rows))
    taken, rows[:] = rows[:count], rows[count:]
    return taken


def fenced(rows: list[str]) -> Markup | None:
    if not rows[0].lstrip().startswith("```"):
        return None
    rows.pop(0)
    code = take(rows, lambda row: not row.lstrip().startswith("```"))
    if rows:
        rows.pop(0)
    return tag("pre", tag("code", "\n".join(code)))


def heading(rows: list[str]) -> Markup | None:
    if not (found := HEADING.fullmatch(rows[0])):
        return None
    rows.pop(0)
    return tag(f"h{min(len(found.group(1)) + 2, 6)}", inline(found.group(2)))


def rule(rows: list[str]) -> Markup | None:
    if not RULE.fullmatch(rows[0]):
        return None
    rows.pop(0)
    return tag("hr")


def quote(rows: list[str]) -> Markup | None:
    quoted = take(rows, lambda row: row.lstrip().startswith(">"))
    if not quoted:
        return None
    return tag("blockquote", inline("\n".join(row.lstrip().removeprefix(">").removeprefix(" ") for row in quoted)))


def listing(rows: list[str]) -> Markup | None:
    entries = [found for row in take(rows, ITEM.fullmatch) if (found := ITEM.fullmatch(row))]
    if not entries:
        return None
    return tag("ol" if entries[0]["number"] else "ul", *(entry(found) for found in entries))


def entry(found: re.Match[str]) -> Markup:
    mark = {" ": "☐ ", "x": "☑ ", "X": "☑ "}.get(found["check"] or "", "")
    return tag("li", mark, inline(found["text"]))


def table(rows: list[str]) -> Markup | None:
    if len(rows) < 2 or "|" not in rows[0] or "|" not in rows[1] or not TABLE_RULE.fullmatch(rows[1]):
        return None
    head, _, *body = take(rows, lambda row: "|" in row)
    header = tag("tr", *(tag("th", inline(cell), scope="col") for cell in cells(head)))
    lines_ = (tag("tr", *(tag("td", inline(cell)) for cell in cells(row))) for row in body)
    return tag(
        "div",
        tag("table", tag("thead", header), tag("tbody", *lines_)),
        class_="scroll",
        tabindex=0,
        role="group",
        aria_label="Table",
    )


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def paragraph(rows: list[str]) -> Markup:
    first = rows.pop(0)
    rest = take(rows, lambda row: row.strip() and not starts_block(row))
    return tag("p", inline("\n".join([first, *rest])))


def starts_block(row: str) -> bool:
    return bool(
        HEADING.fullmatch(row) or ITEM.fullmatch(row) or RULE.fullmatch(row) or row.lstrip().startswith((">", "```"))
    )


READERS: tuple[Callable[[list[str]], Markup | None], ...] = (fenced, heading, rule, quote, listing, table, paragraph)


def inline(text: str) -> Markup:
    parts: list[Markup] = []
    end = 0
    for match in INLINE.finditer(text):
        parts.append(lines(text[end : match.start()]))
        parts.append(piece(match))
        end = match.end()
    parts.append(lines(text[end:]))
    return join(parts)


def piece(match: re.Match[str]) -> Markup:
    if match["code"]:
        return tag("code", match["code"])
    if match["url"] is not None:
        return link(match["url"], match["label"] or match["url"])
    if match["auto"]:
        return link(match["auto"], match["auto"])
    if match["bold"]:
        return tag("strong", inline(match["bold"]))
    if match["strike"]:
        return tag("s", inline(match["strike"]))
    return tag("em", inline(match["em"] or match["em2"]))
