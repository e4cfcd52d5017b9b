"""Views: the stack of modals a person has open per app, and the Home tab."""

from bot.sandbox import blockkit
from bot.sandbox.elements import complete, filled, initial_state
from bot.sandbox.errors import SlackError
from bot.sandbox.platform import Platform
from bot.sandbox.state import Installation, Json, View
from bot.sandbox.world import World

STACK_DEPTH = 3
_SIZE_BYTES = 250_000


def open_view(platform: Platform, bot: Installation, trigger_id: str, view: Json) -> View:
    """views.open: a first modal; whatever the app had open for the person before is gone."""
    trigger = platform.triggers.look(trigger_id, bot.app_id)
    checked = check(view, "modal")
    _refuse_duplicate(platform.world, bot, checked, None)
    trigger.is_spent = True
    _clear(platform.world, trigger.user_id, bot.app_id)
    return _put(platform.world, bot, trigger.user_id, checked)


def push_view(platform: Platform, bot: Installation, trigger_id: str, view: Json) -> View:
    """views.push: on top of the modal the trigger came from."""
    trigger = platform.triggers.look(trigger_id, bot.app_id)
    checked = check(view, "modal")
    stack = platform.world.stacks[trigger.user_id, bot.app_id]
    if not stack:
        raise SlackError("not_found")
    _refuse_duplicate(platform.world, bot, checked, None)
    pushed = _put(platform.world, bot, trigger.user_id, checked)
    trigger.is_spent = True
    return pushed


def update_view(platform: Platform, bot: Installation, old: View, view: Json, view_hash: str | None) -> View:
    """views.update: new content under the same id; what was entered in fields that stay is kept."""
    if view_hash is not None and view_hash != old.slack["hash"]:
        raise SlackError("hash_conflict")
    checked = check(view, str(old.slack["type"]))
    _refuse_duplicate(platform.world, bot, checked, old)
    _fill(platform.world, old, checked)
    return old


def publish_home(platform: Platform, bot: Installation, user_id: str, view: Json, view_hash: str | None) -> View:
    """views.publish: a person's Home tab."""
    world = platform.world
    known = world.home(user_id, bot.app_id)
    if known is not None and view_hash is not None and view_hash != known.slack["hash"]:
        raise SlackError("hash_conflict")
    checked = check(view, "home")
    _refuse_duplicate(world, bot, checked, known)
    if known is None:
        known = _new(world, bot, user_id, checked)
        world.homes[user_id, bot.app_id] = known.id
        world.feed.publish("home", user=user_id, view=known.id)
    else:
        _fill(world, known, checked)
    return known


def submitted(platform: Platform, bot: Installation, view: View, response: Json | None) -> None:
    """Do what the app's answer to a submission says: errors, update, push, clear, or close this one view.

    Raises SlackError when the answer's own view does not hold; the person's modal then stays as it is.
    """
    world = platform.world
    action = (response or {}).get("response_action")
    if action == "errors":
        view.errors = {str(block): str(words) for block, words in ((response or {}).get("errors") or {}).items()}
        world.feed.publish("view", user=view.user_id, view=view.id)
    elif action == "update":
        _fill(world, view, check((response or {}).get("view"), "modal"))
    elif action == "push":
        _put(world, bot, view.user_id, check((response or {}).get("view"), "modal"))
    elif action == "clear":
        _clear(world, view.user_id, view.app_id)
    else:
        close(world, view)


def close(world: World, view: View) -> None:
    """Take a view off its stack; the one below comes to light."""
    stack = world.stacks[view.user_id, view.app_id]
    if view.id in stack:
        stack.remove(view.id)
    view.is_open = False
    world.views.pop(view.id, None)
    world.feed.publish("view", user=view.user_id, view=view.id, closed=True)


def find(world: World, bot: Installation, view_id: str | None, external_id: str | None) -> View | None:
    """An app's own view by id or by external_id."""
    if view_id:
        view = world.views.get(view_id)
        return view if view is not None and view.app_id == bot.app_id else None
    if not external_id:
        return None
    return next(
        (
            view
            for view in world.views.values()
            if view.app_id == bot.app_id and view.slack["external_id"] == external_id
        ),
        None,
    )


def check(view: object, kind: str) -> Json:
    """A view that Slack would accept on this surface; raises SlackError otherwise."""
    if not isinstance(view, dict):
        raise SlackError.with_messages("invalid_arguments", ["[ERROR] must provide an object [json-pointer:/view]"])
    problems = blockkit.check_view(view, kind)
    if problems:
        raise SlackError.with_messages("invalid_arguments", [problem.message("/view") for problem in problems])
    if len(str(view)) > _SIZE_BYTES:
        raise SlackError("view_too_large")
    return view


def _put(world: World, bot: Installation, user_id: str, view: Json) -> View:
    stack = world.stacks[user_id, bot.app_id]
    if len(stack) >= STACK_DEPTH:
        raise SlackError("push_limit_reached")
    fresh = _new(world, bot, user_id, view)
    if stack:
        below = world.views[stack[-1]]
        fresh.slack |= {"previous_view_id": below.id, "root_view_id": below.slack["root_view_id"]}
    stack.append(fresh.id)
    world.feed.publish("view", user=user_id, view=fresh.id)
    return fresh


def _new(world: World, bot: Installation, user_id: str, view: Json) -> View:
    view_id = world.ids.new("V")
    fresh = View(view_id, bot.team_id, bot.app_id, user_id, {})
    fresh.slack = {
        "id": view_id,
        "team_id": bot.team_id,
        "root_view_id": view_id,
        "previous_view_id": None,
        "app_id": bot.app_id,
        "app_installed_team_id": bot.team_id,
        "bot_id": bot.bot_id,
    }
    world.views[view_id] = fresh
    _fill(world, fresh, view, announce=False)
    return fresh


def _fill(world: World, view: View, content: Json, *, announce: bool = True) -> None:
    blocks = complete(world.ids, content["blocks"])
    kept = view.values
    view.values = initial_state(blocks)
    for block_id, elements in view.values.items():
        for action_id, value in elements.items():
            held = kept.get(block_id, {}).get(action_id)
            if held is not None and held["type"] == value["type"]:
                elements[action_id] = held
    view.errors = {}
    view.slack |= {
        "type": content["type"],
        "blocks": blocks,
        "private_metadata": content.get("private_metadata", ""),
        "callback_id": content.get("callback_id", ""),
        "state": {"values": view.values},
        "hash": f"{int(world.clock.timestamp())}.{world.ids.hex(8)}",
        "title": filled(content.get("title")) or {"type": "plain_text", "text": "View Title", "emoji": True},
        "clear_on_close": bool(content.get("clear_on_close")),
        "notify_on_close": bool(content.get("notify_on_close")),
        "close": filled(content.get("close")),
        "submit": filled(content.get("submit")),
        "external_id": content.get("external_id", ""),
    }
    if "submit_disabled" in content:
        view.slack["submit_disabled"] = bool(content["submit_disabled"])
    if announce:
        kind = "home" if content["type"] == "home" else "view"
        world.feed.publish(kind, user=view.user_id, view=view.id)


def _refuse_duplicate(world: World, bot: Installation, view: Json, own: View | None) -> None:
    other = find(world, bot, None, view.get("external_id"))
    if other is not None and other is not own:
        raise SlackError("duplicate_external_id")


def _clear(world: World, user_id: str, app_id: str) -> None:
    for view_id in reversed(world.stacks[user_id, app_id].copy()):
        close(world, world.views[view_id])
