"""Slack's mrkdwn → HTML: bold, italics, strike, code, quotes, lists as typed, links, mentions, dates, emoji."""

import html
import re

from markupsafe import Markup

from bot.sandbox.ui.context import Context
from bot.sandbox.ui.dates import formatted
from bot.sandbox.ui.emoji import emoji
from bot.sandbox.ui.html import join, safe_url, tag

FENCE = re.compile(r"```\n?(.+?)\n?```", re.DOTALL)
INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<(?P<angle>[^<>\n]+)>"
    r"|(?<![\w*])\*(?P<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic>[^\s_](?:[^_\n]*[^\s_])?)_(?!\w)"
    r"|(?<![\w~])~(?P<strike>[^\s~](?:[^~\n]*[^\s~])?)~(?!\w)"
    r"|:(?P<emoji>[a-z0-9_+-]+(?:::skin-tone-[2-6])?):"
)
ENTITY = re.compile(r"&(amp|lt|gt);")
BROADCASTS = {"here": "@here", "channel": "@channel", "everyone": "@everyone"}
DATE = re.compile(r"date\^(?P<seconds>-?\d{1,15})\^(?P<pattern>[^^]*)(?:\^(?P<link>.*))?")


def plain(text: str, *, with_emoji: bool = True) -> Markup:
    """plain_text: escaped, line breaks kept, shortcodes turned into signs."""
    shown = re.sub(r":([a-z0-9_+-]+):", lambda match: emoji(match.group(1)), text) if with_emoji else text
    return lines(shown)


def lines(text: str) -> Markup:
    return join(text.split("\n"), tag("br"))


def unescaped(text: str) -> str:
    """Slack escapes exactly three signs in message text."""
    return ENTITY.sub(lambda match: html.unescape(match.group(0)), text)


def mrkdwn(text: str, context: Context) -> Markup:
    """A whole mrkdwn text, with fenced code and quotes as blocks of their own."""
    parts: list[Markup] = []
    end = 0
    for fence in FENCE.finditer(text):
        parts.extend(paragraphs(text[end : fence.start()], context))
        parts.append(tag("pre", tag("code", unescaped(fence.group(1)))))
        end = fence.end()
    parts.extend(paragraphs(text[end:], context))
    return join(parts)


def paragraphs(text: str, context: Context) -> list[Markup]:
    """Runs of quoted and unquoted lines."""
    runs: list[tuple[bool, list[str]]] = []
    for line in text.strip("\n").split("\n") if text.strip("\n") else []:
        quoted, rest = quote_of(line)
        if runs and runs[-1][0] == quoted:
            runs[-1][1].append(rest)
        else:
            runs.append((quoted, [rest]))
    return [
        tag("blockquote", inline("\n".join(content), context)) if quoted else inline("\n".join(content), context)
        for quoted, content in runs
    ]


def quote_of(line: str) -> tuple[bool, str]:
    for mark in ("&gt;", ">"):
        if line.startswith(mark):
            return True, line.removeprefix(mark).removeprefix(" ")
    return False, line


def inline(text: str, context: Context) -> Markup:
    """Text that may hold emphasis, code, tokens and emoji, but no blocks."""
    parts: list[Markup] = []
    end = 0
    for match in INLINE.finditer(text):
        parts.append(lines(unescaped(text[end : match.start()])))
        parts.append(piece(match, context))
        end = match.end()
    parts.append(lines(unescaped(text[end:])))
    return join(parts)


def piece(match: re.Match[str], context: Context) -> Markup:
    kind = str(match.lastgroup)
    inner = match.group(kind)
    match kind:
        case "code":
            return tag("code", unescaped(inner))
        case "angle":
            return token(inner, context)
        case "emoji":
            return tag("span", emoji(inner), class_="emoji", title=f":{inner}:")
        case _:
            return tag({"bold": "strong", "italic": "em", "strike": "s"}[kind], inline(inner, context))


def token(inner: str, context: Context) -> Markup:
    """What stands between `<` and `>`: a person, channel, group, broadcast, date or link."""
    target, _, label = inner.partition("|")
    if target.startswith("@"):
        return mention(target[1:], context)
    if target.startswith("#"):
        return channel_link(target[1:], label, context)
    if target.startswith("!"):
        return special(target[1:], label, context)
    if ":" not in target:
        return lines(f"<{unescaped(inner)}>")
    return link(unescaped(target), unescaped(label) or unescaped(target).removeprefix("mailto:"))


def link(url: str, label: str) -> Markup:
    """A link that opens beside the page; only its words where the address is not one to follow."""
    address = safe_url(url)
    if address is None:
        return lines(label)
    return tag("a", lines(label), href=address, target="_blank", rel="noopener noreferrer")


def mention(user: str, context: Context) -> Markup:
    mine = " is-me" if user == context.viewer else ""
    return tag("span", f"@{context.person_name(user)}", class_=f"mention{mine}")


def channel_link(channel: str, label: str, context: Context) -> Markup:
    name = label or context.channel_name(channel)
    if channel in context.channels and context.viewer:
        return tag("a", f"#{name}", class_="mention", href=f"/as/{context.viewer}/{channel}")
    return tag("span", f"#{name}", class_="mention")


def special(target: str, label: str, context: Context) -> Markup:
    if target in BROADCASTS:
        return tag("span", BROADCASTS[target], class_="mention is-me")
    if target.startswith("subteam^"):
        group = context.usergroups.get(target.removeprefix("subteam^"), {})
        return tag("span", label or f"@{group.get('handle', 'group')}", class_="mention")
    if found := DATE.fullmatch(target):
        words = formatted(int(found["seconds"]), unescaped(found["pattern"]), context)
        return link(found["link"], words) if found["link"] else tag("time", words, title=unescaped(label))
    return lines(unescaped(label or target))
