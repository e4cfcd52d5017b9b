"""Select menus: a native list for one choice, a searchable group of boxes for several or for the app's own options."""

from typing import Any

from markupsafe import Markup

from bot.sandbox.ui.context import Context, Json, display_name, title_of
from bot.sandbox.ui.html import tag
from bot.sandbox.ui.place import Place, current, option_groups, option_values, placeholder, spoken
from bot.sandbox.ui.text import as_json, items, words

Choice = tuple[str, str, str]  # value, label, group
SINGULAR = {
    "static_select": "selected_option",
    "external_select": "selected_option",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
}


def select(found: Json, place: Place, context: Context) -> Markup:
    """One choice out of a list that is already known, or out of what the app suggests."""
    kind = str(found.get("type"))
    chosen = current(found, place, context, SINGULAR[kind])
    if kind == "external_select":
        return picker(found, place, [option_choice(chosen)] if chosen else [], option_values(chosen), several=False)
    values = option_values(chosen)
    choices = known(found, kind, context)
    groups: dict[str, list[Markup]] = {}
    for value, label, group in choices:
        groups.setdefault(group, []).append(tag("option", label, value=value, selected=value in values))
    lists = [
        tag("optgroup", *options, label=name) if name else Markup("").join(options) for name, options in groups.items()
    ]
    nothing = tag(
        "option",
        placeholder(found) or "Choose…",
        value="",
        disabled=True,
        selected=not any(value in values for value, _, _ in choices),
    )
    return tag("select", nothing, *lists, class_="field short", **place.field(found, kind))


def multi_select(found: Json, place: Place, context: Context) -> Markup:
    """Several choices; those of external lists are asked of the app as one types."""
    kind = str(found.get("type")).removeprefix("multi_")
    chosen = current(found, place, context, f"{SINGULAR[kind]}s")
    if kind == "external_select":
        choices = [option_choice(option) for option in items(chosen)]
    else:
        choices = known(found, kind, context)
    return picker(found, place, choices, option_values(chosen), several=True)


def picker(found: Json, place: Place, choices: list[Choice], values: set[str], *, several: bool) -> Markup:
    """A button that opens a search field and boxes to tick."""
    kind = str(found.get("type"))
    chosen = ", ".join(label for value, label, _ in choices if value in values)
    opener = tag(
        "summary",
        tag(
            "span",
            chosen or placeholder(found) or "Choose…",
            class_="picked",
            data_empty=placeholder(found) or "Choose…",
        ),
        class_="field",
        id=place.id,
        aria_label=None if place.labelled else spoken(found, kind),
        aria_describedby=place.describedby,
    )
    search = tag("input", type="search", class_="field", placeholder="Search", aria_label="Search", data_search=True)
    boxes = tag(
        "div", *boxes_of(choices, values, place, several=several), class_="options", role="group", aria_label="Options"
    )
    return tag(
        "details",
        opener,
        tag("div", search, boxes, tag("p", class_="hint", data_nothing=True, role="status"), class_="popover"),
        class_="picker",
        data_external=kind.endswith("external_select"),
        data_min=str(found.get("min_query_length") if found.get("min_query_length") is not None else 3),
        data_max=str(found.get("max_selected_items") or "") or None,
        data_several=several,
        data_name=place.id,
        **place.control(found, kind),
    )


def boxes_of(choices: list[Choice], values: set[str], place: Place, *, several: bool) -> list[Markup]:
    drawn = []
    seen = ""
    for value, label, group in choices:
        if group != seen:
            drawn.append(tag("p", group, class_="group"))
            seen = group
        box = tag("input", type="checkbox" if several else "radio", name=place.id, value=value, checked=value in values)
        drawn.append(tag("label", box, tag("span", label), class_="choice"))
    return drawn


def known(found: Json, kind: str, context: Context) -> list[Choice]:
    """The choices of a list that needs no question to the app."""
    match kind:
        case "users_select":
            return [(id_, person_label(person), "") for id_, person in context.people.items() if is_person(person)]
        case "conversations_select":
            return conversations(found, context)
        case "channels_select":
            return [(id_, f"#{c.get('name')}", "") for id_, c in context.channels.items() if is_public(c)]
        case _:
            return [
                (str(option.get("value", "")), words(option.get("text")), group)
                for group, options in option_groups(found)
                for option in options
            ]


def conversations(found: Json, context: Context) -> list[Choice]:
    wanted = as_json(found.get("filter")).get("include")
    kinds = set(wanted) if isinstance(wanted, list) else {"im", "mpim", "private", "public"}
    choices: list[Choice] = []
    for id_, channel in context.channels.items():
        if channel.get("is_im"):
            if "im" in kinds:
                choices.append((id_, context.person_name(str(channel.get("user", ""))), "Direct messages"))
        elif ("private" if channel.get("is_private") else "public") in kinds:
            choices.append((id_, f"#{channel.get('name')}", "Channels"))
    return sorted(choices, key=lambda choice: (choice[2], choice[1]))


def is_person(person: Json) -> bool:
    return not person.get("deleted") and not person.get("is_bot") and person.get("id") != "USLACKBOT"


def is_public(channel: Json) -> bool:
    return not channel.get("is_im") and not channel.get("is_mpim") and not channel.get("is_private")


def person_label(person: Json) -> str:
    title = title_of(person)
    return f"{display_name(person)} ({title})" if title else display_name(person)


def option_choice(option: Any) -> Choice:
    found = as_json(option)
    return str(found.get("value", "")), words(found.get("text")), ""
