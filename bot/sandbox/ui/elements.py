"""Block Kit's interactive elements as native HTML controls, so that keyboard and screen reader work by themselves."""

from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from bot.sandbox.ui.context import Context, Json
from bot.sandbox.ui.html import Attribute, safe_image, safe_url, tag
from bot.sandbox.ui.pickers import multi_select, select
from bot.sandbox.ui.place import Place, caption, current, option_values, placeholder
from bot.sandbox.ui.text import as_json, items, render_text, whole

Renderer = Callable[[Json, Place, Context], Markup]
STYLES = frozenset({"primary", "danger"})


def element(value: Any, place: Place, context: Context) -> Markup:
    """Any element; one of an unknown kind is named instead of drawn."""
    found = as_json(value)
    kind = str(found.get("type", ""))
    if kind in RENDERERS:
        return RENDERERS[kind](found, place, context)
    return tag("span", f"[{kind or 'element'}]", class_="unknown")


def button(found: Json, place: Place, context: Context) -> Markup:
    """A button reports a click; with a `url` it also opens it."""
    style = found.get("style")
    classes = f"button {style}" if style in STYLES else "button"
    label = render_text(found.get("text"), context)
    spoken = str(found["accessibility_label"]) if found.get("accessibility_label") else None
    shared: dict[str, Attribute] = {
        **place.control(found, "button"),
        "data_dispatch": True,
        "data_value": str(found.get("value", "")),
        "class": classes,
        "aria_label": spoken,
    }
    address = safe_url(str(found.get("url") or ""))
    if address:
        return tag("a", label, href=address, target="_blank", rel="noopener noreferrer", **shared)
    return tag("button", label, type="button", **shared)


def icon_button(found: Json, place: Place, context: Context) -> Markup:
    return button({**found, "text": found.get("text") or str(found.get("icon") or "")}, place, context)


def feedback_buttons(found: Json, place: Place, context: Context) -> Markup:
    pair = [
        button({**as_json(found.get(name)), "action_id": found.get("action_id")}, place, context)
        for name in ("positive_button", "negative_button")
    ]
    return tag("span", *pair, class_="actions")


def image(found: Json, _place: Place, _context: Context) -> Markup:
    return picture(found, "thumb")


def picture(found: Json, class_: str) -> Markup:
    """An image from an address or an uploaded file; its words alone where neither can be shown."""
    alt = str(found.get("alt_text") or "")
    address = safe_image(image_address(found))
    if address is None:
        return tag("span", alt or "picture", class_="missing-image")
    return tag("img", src=address, alt=alt, class_=class_, loading="lazy")


def image_address(found: Json) -> str:
    file = as_json(found.get("slack_file"))
    if file.get("id"):
        return f"/_sandbox/files/{file['id']}"
    return str(found.get("image_url") or file.get("url") or "")


def overflow(found: Json, place: Place, context: Context) -> Markup:
    """A menu behind three dots."""
    entries = [overflow_entry(option, found, place, context) for option in items(found.get("options"))]
    opener = tag("summary", "⋯", class_="button", aria_label="More actions")
    return tag("details", opener, tag("div", *entries, class_="menu-list"), class_="menu")


def overflow_entry(option: Json, found: Json, place: Place, context: Context) -> Markup:
    shared: dict[str, Attribute] = {
        **place.control(found, "overflow"),
        "data_dispatch": True,
        "data_value": str(option.get("value", "")),
    }
    address = safe_url(str(option.get("url") or ""))
    label = render_text(option.get("text"), context)
    if address:
        return tag("a", label, href=address, target="_blank", rel="noopener noreferrer", **shared)
    return tag("button", label, type="button", **shared)


def choices(found: Json, place: Place, context: Context) -> Markup:
    """Radio buttons and checkboxes: a group of labelled boxes."""
    several = found.get("type") == "checkboxes"
    chosen = option_values(current(found, place, context, "selected_options" if several else "selected_option"))
    boxes = [
        choice(option, place, context, several=several, chosen=str(option.get("value")) in chosen)
        for option in items(found.get("options"))
    ]
    return tag(
        "div",
        *boxes,
        class_="choices",
        role="group" if several else "radiogroup",
        aria_labelledby=f"{place.id}-label" if place.labelled else None,
        aria_label=None if place.labelled else ("Choose any" if several else "Choose one"),
        aria_describedby=place.describedby,
        **place.control(found, str(found.get("type"))),
    )


def choice(option: Json, place: Place, context: Context, *, several: bool, chosen: bool) -> Markup:
    box = tag(
        "input",
        type="checkbox" if several else "radio",
        name=place.id,
        value=str(option.get("value", "")),
        checked=chosen,
    )
    more = option.get("description")
    described = tag("span", render_text(more, context), class_="description") if more else None
    return tag("label", box, tag("span", render_text(option.get("text"), context), described), class_="choice")


def moment(found: Json, place: Place, context: Context) -> Markup:
    """Date and time pickers: the browser's own."""
    kind = str(found.get("type"))
    state, input_type = {
        "datepicker": ("selected_date", "date"),
        "timepicker": ("selected_time", "time"),
        "datetimepicker": ("selected_date_time", "datetime-local"),
    }[kind]
    value = current(found, place, context, state)
    return tag(
        "input",
        type=input_type,
        class_="field short",
        value=str(value) if value and kind != "datetimepicker" else None,
        data_seconds=str(value) if value and kind == "datetimepicker" else None,
        data_zone=str(found.get("timezone") or context.zone),
        **place.field(found, kind),
    )


def text_input(found: Json, place: Place, context: Context) -> Markup:
    """Text, number, address and e-mail fields."""
    kind = str(found.get("type"))
    value = current(found, place, context, "value")
    shared: dict[str, Attribute] = {
        **place.field(found, kind),
        "placeholder": placeholder(found) or None,
        "autofocus": True if found.get("focus_on_load") else None,
        "minlength": found.get("min_length") or None,
        "maxlength": found.get("max_length") or None,
        "class": "field",
        "data_on": on_what(found),
    }
    if found.get("multiline"):
        return tag("textarea", str(value or ""), rows=4, **shared)
    if kind == "number_input":
        decimal = bool(found.get("is_decimal_allowed"))
        shared |= {"min": found.get("min_value"), "max": found.get("max_value"), "step": "any" if decimal else "1"}
    input_type = {"number_input": "number", "email_text_input": "email", "url_text_input": "url"}.get(kind, "text")
    return tag("input", type=input_type, value=str(value) if value is not None else None, **shared)


def on_what(found: Json) -> str:
    """Which keystrokes of a dispatching text field are reported (Slack's default: Enter)."""
    wanted = as_json(found.get("dispatch_action_config")).get("trigger_actions_on")
    return " ".join(str(entry) for entry in wanted) if isinstance(wanted, list) else "on_enter_pressed"


def rich_text_input(found: Json, place: Place, _context: Context) -> Markup:
    shared: dict[str, Attribute] = {**place.field(found, "rich_text_input"), "placeholder": placeholder(found) or None}
    return tag("textarea", rows=5, class_="field", **shared)


def file_input(found: Json, place: Place, _context: Context) -> Markup:
    kinds = found.get("filetypes")
    accept = ",".join(f".{kind}" for kind in kinds) if isinstance(kinds, list) and kinds else None
    limit = whole(found.get("max_files"), 10)
    chooser = tag(
        "input", type="file", accept=accept, multiple=limit > 1, class_="field", **place.field(found, "file_input")
    )
    return tag("div", chooser, caption(f"Up to {limit} file{'' if limit == 1 else 's'}"))


RENDERERS: dict[str, Renderer] = {
    "button": button,
    "workflow_button": button,
    "icon_button": icon_button,
    "feedback_buttons": feedback_buttons,
    "image": image,
    "overflow": overflow,
    "radio_buttons": choices,
    "checkboxes": choices,
    "datepicker": moment,
    "timepicker": moment,
    "datetimepicker": moment,
    "plain_text_input": text_input,
    "number_input": text_input,
    "email_text_input": text_input,
    "url_text_input": text_input,
    "rich_text_input": rich_text_input,
    "file_input": file_input,
    **{f"{kind}_select": select for kind in ("static", "users", "conversations", "channels", "external")},
    **{f"multi_{kind}_select": multi_select for kind in ("static", "users", "conversations", "channels", "external")},
}
