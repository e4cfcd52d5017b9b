"""Block Kit → HTML, as pure functions: the same blocks and context always give the same markup, and text stays text."""

from collections.abc import Callable, Sequence
from typing import Any

from markupsafe import Markup

from bot.sandbox.ui.charts import data_visualization
from bot.sandbox.ui.context import Context, Json
from bot.sandbox.ui.elements import element, image_address, picture
from bot.sandbox.ui.html import join, safe_image, safe_url, tag
from bot.sandbox.ui.markdown import markdown
from bot.sandbox.ui.place import Place, caption
from bot.sandbox.ui.richtext import rich_text
from bot.sandbox.ui.signs import sign
from bot.sandbox.ui.tables import data_table, table
from bot.sandbox.ui.text import as_json, items, render_text, words

LEVELS = frozenset({"info", "warning", "error", "success"})
WIDTHS = frozenset({"narrow", "standard", "wide", "full"})
TASKS = {"pending": "○", "in_progress": "◐", "complete": "●", "error": "✕"}


def render_blocks(blocks: Sequence[Any], context: Context) -> Markup:
    """All blocks of a message or view, one after the other; entries that are no objects are passed over."""
    return join(block(entry, context.inside(str(n))) for n, entry in enumerate(blocks) if isinstance(entry, dict))


def block(found: Json, context: Context) -> Markup:
    """One block; an unknown kind is named instead of drawn, so that nothing disappears in silence."""
    kind = str(found.get("type", ""))
    draw = BLOCKS.get(kind)
    if draw is None:
        return tag("div", f"[{kind or 'block'} cannot be shown here]", class_="block unknown")
    return tag("div", draw(found, context), class_=f"block block-{kind.replace('_', '-')}")


def place_of(found: Json, context: Context, number: int = 0) -> Place:
    return Place(str(found.get("block_id", "")), f"{context.scope}-{number}", dispatch=True)


def section(found: Json, context: Context) -> Markup:
    """Text, fields in two columns, and one accessory beside them."""
    text = found.get("text")
    fields = [tag("div", render_text(field, context), class_="text") for field in items(found.get("fields"))]
    body = tag(
        "div",
        tag("div", render_text(text, context), class_="text") if text else None,
        tag("div", *fields, class_="fields") if fields else None,
        class_="section-body",
    )
    accessory = as_json(found.get("accessory"))
    if not accessory:
        return body
    drawn = element(accessory, place_of(found, context), context)
    return tag("div", body, tag("div", drawn, class_="accessory"), class_="section")


def header(found: Json, context: Context) -> Markup:
    return tag("h3", render_text(found.get("text"), context))


def divider(_found: Json, _context: Context) -> Markup:
    return tag("hr")


def context_block(found: Json, context: Context) -> Markup:
    """Small print: texts and small pictures in one line."""
    parts = [
        picture(entry, "icon") if entry.get("type") == "image" else tag("span", render_text(entry, context))
        for entry in items(found.get("elements"))
    ]
    return tag("div", *parts, class_="context")


def actions(found: Json, context: Context) -> Markup:
    drawn = [
        element(entry, place_of(found, context, n), context) for n, entry in enumerate(items(found.get("elements")))
    ]
    return tag("div", *drawn, class_="actions")


def image(found: Json, context: Context) -> Markup:
    """A picture with its title; it opens large on a click."""
    title = found.get("title")
    caption_ = tag("figcaption", render_text(title, context)) if title else None
    return tag("figure", caption_, zoomable(image_address(found), str(found.get("alt_text") or ""), words(title)))


def zoomable(address: str, alt: str, title: str = "") -> Markup:
    """A picture inside a button that opens it large, its description beside it."""
    shown = safe_image(address)
    if shown is None:
        return tag("span", alt or title or "picture", class_="missing-image")
    drawn = tag("img", src=shown, alt=alt or title or "picture", loading="lazy")
    return tag("button", drawn, type="button", class_="zoom", data_zoom=shown, data_title=title, data_alt=alt)


def input_block(found: Json, context: Context) -> Markup:
    """A labelled field with its hint and, after a refused submission, its error."""
    block_id = str(found.get("block_id", ""))
    control = as_json(found.get("element"))
    id_ = f"{context.scope}-0"
    error = context.errors.get(block_id)
    hint = words(found.get("hint"))
    described = " ".join(name for name, given in ((f"{id_}-error", error), (f"{id_}-hint", hint)) if given) or None
    place = Place(
        block_id,
        id_,
        dispatch=bool(found.get("dispatch_action")),
        labelled=True,
        describedby=described,
        invalid=bool(error),
        required=not found.get("optional"),
    )
    optional = tag("span", " (optional)", class_="optional") if found.get("optional") else None
    grouped = control.get("type") in {"checkboxes", "radio_buttons"}
    label = tag(
        "label", render_text(found.get("label"), context), optional, for_=None if grouped else id_, id=f"{id_}-label"
    )
    if grouped:
        label = tag("p", render_text(found.get("label"), context), optional, class_="label", id=f"{id_}-label")
    return tag(
        "div",
        label,
        element(control, place, context),
        tag("p", error, class_="error", id=f"{id_}-error", role="alert") if error else None,
        caption(hint, id_=f"{id_}-hint") if hint else None,
        class_="input",
        data_block=block_id,
    )


def card(found: Json, context: Context) -> Markup:
    """Picture, icon, title, subtitle, body and buttons in a frame."""
    hero = as_json(found.get("hero_image"))
    icon = as_json(found.get("icon") or found.get("slack_icon"))
    buttons = [
        element(entry, place_of(found, context, n), context) for n, entry in enumerate(items(found.get("actions")))
    ]
    titles = tag(
        "div",
        tag("h4", render_text(found["title"], context)) if found.get("title") else None,
        tag("p", render_text(found["subtitle"], context), class_="hint") if found.get("subtitle") else None,
    )
    return tag(
        "article",
        picture(hero, "hero") if hero else None,
        tag(
            "div",
            picture(icon, "icon large") if icon.get("image_url") or icon.get("slack_file") else None,
            titles,
            class_="head",
        ),
        tag("div", render_text(found["body"], context), class_="text") if found.get("body") else None,
        tag("div", *buttons, class_="actions") if buttons else None,
        class_="card",
    )


def carousel(found: Json, context: Context) -> Markup:
    """Cards side by side, scrolled sideways; reachable by keyboard."""
    cards = [tag("li", card(entry, context.inside(f"c{n}"))) for n, entry in enumerate(items(found.get("elements")))]
    return tag("ul", *cards, class_="carousel", tabindex=0, aria_label="Cards")


def container(found: Json, context: Context) -> Markup:
    """Blocks under one title, perhaps collapsible."""
    titles = found.get("rich_text_title")
    title = rich_text(as_json(titles), context) if titles else tag("span", render_text(found.get("title"), context))
    subtitle = found.get("subtitle")
    icon = as_json(found.get("icon"))
    head = [
        picture(icon, "icon large") if icon else None,
        tag("div", tag("strong", title), tag("p", render_text(subtitle, context), class_="hint") if subtitle else None),
    ]
    width = str(found.get("width") or "standard")
    classes = f"container width-{width if width in WIDTHS else 'standard'}"
    body = tag("div", render_blocks(items(found.get("child_blocks")), context.inside("c")), class_="container-body")
    if found.get("is_collapsible"):
        return tag(
            "details",
            tag("summary", *head, class_="head"),
            body,
            class_=classes,
            open=not found.get("default_collapsed"),
        )
    ruled = " ruled" if found.get("has_header_divider") else ""
    return tag("section", tag("div", *head, class_=f"head{ruled}"), body, class_=classes)


def alert(found: Json, context: Context) -> Markup:
    """A notice in a modal; the sign and a spoken word carry the level, never the colour alone."""
    level = str(found.get("level") or "default")
    known = level in LEVELS
    spoken = tag("span", f"{level}: ", class_="visually-hidden") if known else None
    body = tag("div", spoken, render_text(found.get("text"), context))
    return tag(
        "div", sign(level) if known else None, body, class_=f"alert {level if known else 'default'}", role="note"
    )


def file(found: Json, context: Context) -> Markup:
    return tag(
        "p",
        sign("file"),
        render_text(found.get("title") or str(found.get("external_id", "file")), context),
        class_="chip",
    )


def video(found: Json, context: Context) -> Markup:
    """The thumbnail with a link to the film: nothing is played inside the page."""
    address = safe_url(str(found.get("title_url") or found.get("video_url") or ""))
    title = words(found.get("title")) or "Video"
    name = tag("a", title, href=address, target="_blank", rel="noopener noreferrer") if address else tag("span", title)
    thumb = picture({"image_url": found.get("thumbnail_url"), "alt_text": found.get("alt_text")}, "hero")
    about = found.get("description")
    more = tag("p", render_text(about, context), class_="hint") if about else None
    return tag("figure", thumb, tag("figcaption", sign("film"), " ", name, more), class_="card")


def task_card(found: Json, context: Context) -> Markup:
    """One step of a plan with its state."""
    status = str(found.get("status") or "pending")
    parts = [rich_text(as_json(found[name]), context) for name in ("details", "output") if found.get(name)]
    title = tag("strong", TASKS.get(status, "○"), " ", render_text(found.get("title"), context))
    return tag("div", title, tag("span", f" ({status.replace('_', ' ')})", class_="hint"), *parts, class_="card")


def plan(found: Json, context: Context) -> Markup:
    tasks = [task_card(entry, context) for entry in items(found.get("tasks"))]
    return tag("div", tag("strong", render_text(found.get("title"), context)), *tasks, class_="plan")


BLOCKS: dict[str, Callable[[Json, Context], Markup]] = {
    "section": section,
    "header": header,
    "divider": divider,
    "context": context_block,
    "context_actions": actions,
    "actions": actions,
    "image": image,
    "input": input_block,
    "rich_text": rich_text,
    "markdown": lambda found, _context: markdown(str(found.get("text", ""))),
    "table": table,
    "data_table": data_table,
    "data_visualization": lambda found, _context: data_visualization(found),
    "card": card,
    "carousel": carousel,
    "container": container,
    "alert": alert,
    "file": file,
    "video": video,
    "task_card": task_card,
    "plan": plan,
}
