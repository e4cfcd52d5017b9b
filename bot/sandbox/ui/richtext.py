"""`rich_text`: sections, lists, quotes and preformatted text, made of styled pieces."""

from itertools import groupby

from markupsafe import Markup

from bot.sandbox.ui.context import Context, Json
from bot.sandbox.ui.dates import formatted
from bot.sandbox.ui.emoji import emoji
from bot.sandbox.ui.html import join, tag
from bot.sandbox.ui.mrkdwn import BROADCASTS, channel_link, lines, link, mention
from bot.sandbox.ui.text import as_json, items, whole

STYLES = (("code", "code"), ("strike", "s"), ("italic", "em"), ("bold", "strong"), ("underline", "u"))


def rich_text(block: Json, context: Context) -> Markup:
    """The whole block; neighbouring lists of one style become one nested list."""
    parts: list[Markup] = []
    for is_list, group in groupby(
        items(block.get("elements")), key=lambda element: element.get("type") == "rich_text_list"
    ):
        members = list(group)
        if is_list:
            parts.extend(rich_list(element, context) for element in members)
        else:
            parts.extend(container(element, context) for element in members)
    return tag("div", *parts, class_="rich")


def container(element: Json, context: Context) -> Markup:
    content = pieces(element, context)
    match element.get("type"):
        case "rich_text_quote":
            return tag("blockquote", content)
        case "rich_text_preformatted":
            return tag("pre", tag("code", content))
        case _:
            return tag("p", content)


def rich_list(element: Json, context: Context) -> Markup:
    ordered = element.get("style") == "ordered"
    depth = min(max(whole(element.get("indent")), 0), 8)
    rows = (tag("li", pieces(entry, context)) for entry in items(element.get("elements")))
    start = whole(element.get("offset")) + 1
    return tag(
        "ol" if ordered else "ul", *rows, class_=f"indent-{depth}", start=start if ordered and start > 1 else None
    )


def pieces(element: Json, context: Context) -> Markup:
    return join(piece(entry, context) for entry in items(element.get("elements")))


def piece(element: Json, context: Context) -> Markup:
    shown = bare(element, context)
    style = as_json(element.get("style"))
    for name, wrapper in STYLES:
        if style.get(name):
            shown = tag(wrapper, shown)
    return shown


def bare(element: Json, context: Context) -> Markup:
    match element.get("type"):
        case "link":
            url = str(element.get("url", ""))
            return link(url, str(element.get("text") or url))
        case "user":
            return mention(str(element.get("user_id", "")), context)
        case "channel":
            return channel_link(str(element.get("channel_id", "")), "", context)
        case "usergroup":
            group = context.usergroups.get(str(element.get("usergroup_id", "")), {})
            return tag("span", f"@{group.get('handle', 'group')}", class_="mention")
        case "broadcast":
            name = str(element.get("range", "here"))
            return tag("span", BROADCASTS.get(name, f"@{name}"), class_="mention is-me")
        case "emoji":
            return tag("span", emoji(str(element.get("name", ""))), class_="emoji")
        case "date":
            pattern = str(element.get("format", "{date_short}"))
            return tag("time", formatted(whole(element.get("timestamp")), pattern, context))
        case "color":
            return tag("code", str(element.get("value", "")))
        case _:
            return lines(str(element.get("text", "")))
