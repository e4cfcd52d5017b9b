"""What people do to apps: commands, presses, typing ahead, submitting, closing, shortcuts, opening the Home tab."""

from typing import Any

from bot.sandbox import elements, events, messages, modals, payloads
from bot.sandbox import manifest as manifests
from bot.sandbox.courier import Outcome, Parcel
from bot.sandbox.errors import ControlError, SlackError
from bot.sandbox.places import Place
from bot.sandbox.platform import Platform
from bot.sandbox.state import App, Channel, Installation, Json, User, View

_QUIET = Outcome(acked=True, status=None, ms=0.0)


async def command(platform: Platform, user: User, channel: Channel, name: str, text: str) -> Outcome:
    """A slash command; the app's immediate answer is shown, and so is its silence."""
    world = platform.world
    bot = _owner_of_command(platform, user.team_id, name)
    if bot is None:
        messages.show_to_one(platform, channel, None, user.id, {"text": f"{name} is not a valid command."})
        return Outcome(acked=False, status=None, ms=0.0)
    app = world.apps[bot.app_id]
    form = payloads.command_form(world, app, user, channel, name, text) | {
        "response_url": _response_url(platform, "commands", bot, user, channel, None),
        "trigger_id": platform.triggers.issue(app.id, user.team_id, user.id),
    }
    url = manifests.command_url(app.manifest, name)
    outcome = await platform.courier.ask(Parcel(app, "command", name, "slash_commands", form, url))
    if not outcome.acked:
        words = "operation_timeout" if outcome.status is None else "dispatch_failed"
        messages.show_to_one(platform, channel, None, user.id, {"text": f'{name} failed with the error "{words}"'})
    elif outcome.response:
        answer = outcome.response if isinstance(outcome.response, dict) else {"text": str(outcome.response)}
        speak(platform, bot, channel, user.id, answer)
    return outcome


async def press(
    platform: Platform, user: User, place: Place, action_id: str, block_id: str | None, choice: Any
) -> Outcome:
    """A button, a select or another element in a message, a modal or the Home tab."""
    owner, element = _element(place, action_id, block_id, choice)
    value = _pressed(element, choice)
    if element["type"] in elements.STATEFUL:
        place.values.setdefault(owner, {})[action_id] = value
    if place.view is not None:
        platform.world.feed.publish("view", user=user.id, view=place.view.id)
        if element["type"] in elements.STATEFUL and not _dispatches(place, owner, element):
            return _QUIET
    app = platform.world.apps[place.bot.app_id]
    body = payloads.envelope(platform.world, "block_actions", app, user) | place.describe()
    view_id = place.view.id if place.view is not None else None
    body["trigger_id"] = platform.triggers.issue(app.id, user.team_id, user.id, view_id)
    if place.channel is not None and place.message is not None:
        body["response_url"] = _response_url(platform, "actions", place.bot, user, place.channel, place.message["ts"])
        body["state"] = payloads.state(place.values)
    body["actions"] = [payloads.action(element, owner, value, events.event_ts(platform))]
    return await _interact(platform, app, "action", action_id, body)


async def suggest(
    platform: Platform, user: User, place: Place, action_id: str, block_id: str | None, typed: str
) -> Outcome:
    """Typing in an external select; the response holds the options."""
    owner, element = _element(place, action_id, block_id)
    app = platform.world.apps[place.bot.app_id]
    body = payloads.envelope(platform.world, "block_suggestion", app, user) | place.describe()
    body |= payloads.suggestion(element, owner, typed)
    url = manifests.options_url(app.manifest)
    return await platform.courier.ask(Parcel(app, "options", action_id, "interactive", body, url))


async def submit(platform: Platform, user: User, view: View, entered: Any) -> Outcome:
    """Fill in a modal and press its submit button; raises ControlError where a person could not have done so.

    The app's answer is carried out; a view in it that does not hold leaves the modal as it is, and the reason in its
    errors under the empty block id.
    """
    world = platform.world
    _enter(view, entered)
    missing = [
        str(block["block_id"])
        for block, element in elements.inputs(view.slack["blocks"])
        if not block.get("optional") and elements.is_empty(view.values[block["block_id"]][element["action_id"]])
    ]
    if missing:
        raise ControlError(f"A person cannot submit this: nothing entered in {', '.join(missing)}.")
    app = world.apps[view.app_id]
    bot = app.installations[view.team_id]
    body = payloads.envelope(world, "view_submission", app, user) | {"view": view.slack}
    body["trigger_id"] = platform.triggers.issue(app.id, user.team_id, user.id, view.id)
    outcome = await _interact(platform, app, "view_submission", str(view.slack["callback_id"]), body)
    if outcome.acked:
        try:
            modals.submitted(platform, bot, view, outcome.response if isinstance(outcome.response, dict) else None)
        except SlackError as error:
            view.errors = {"": f"{error.code}: {error.facts.get('response_metadata', {}).get('messages', '')}"}
    else:
        view.errors = {"": "We had some trouble connecting. Try again?"}
        world.feed.publish("view", user=user.id, view=view.id)
    return outcome


async def close_view(platform: Platform, user: User, view: View, *, clear: bool = False) -> Outcome:
    """Press cancel on the top modal, or the cross that closes all of them; the app is told if it asked to be."""
    world = platform.world
    stack = world.stacks[user.id, view.app_id]
    clear = clear or bool(view.slack["clear_on_close"])
    closing = [world.views[view_id] for view_id in reversed(stack)] if clear else [view]
    app = world.apps[view.app_id]
    outcome = _QUIET
    for one in closing:
        modals.close(world, one)
        if one.slack["notify_on_close"]:
            body = payloads.envelope(world, "view_closed", app, user) | {"view": one.slack, "is_cleared": clear}
            outcome = await _interact(platform, app, "view_closed", str(one.slack["callback_id"]), body)
    return outcome


async def shortcut(
    platform: Platform, user: User, callback_id: str, channel: Channel | None, message: Json | None
) -> Outcome:
    """A shortcut from anywhere, or from a message's menu."""
    bot = _owner_of_shortcut(platform, user.team_id, callback_id)
    app = platform.world.apps[bot.app_id]
    kind = "shortcut" if message is None else "message_action"
    body = payloads.envelope(platform.world, kind, app, user) | {
        "callback_id": callback_id,
        "action_ts": events.event_ts(platform),
        "trigger_id": platform.triggers.issue(app.id, user.team_id, user.id),
    }
    if channel is not None and message is not None:
        del body["api_app_id"], body["user"]["username"]
        body |= {
            "channel": {"id": channel.id, "name": payloads.channel_name(channel)},
            "message": message,
            "message_ts": message["ts"],
            "response_url": _response_url(platform, "actions", bot, user, channel, message["ts"]),
        }
    return await _interact(platform, app, "shortcut", callback_id, body)


def open_home(platform: Platform, user: User, bot: Installation, tab: str = "home") -> View | None:
    """Open an app's Home (or messages) tab: the app hears of it, the person sees what was published before."""
    channel, _known = messages.open_im(platform.world, user.id, bot.bot_user_id)
    view = platform.world.home(user.id, bot.app_id)
    event: Json = {
        "type": "app_home_opened",
        "user": user.id,
        "channel": channel.id,
        "tab": tab,
        "event_ts": events.event_ts(platform),
    }
    if view is not None and tab == "home":
        event["view"] = view.slack
    events.emit(platform, user.team_id, "app_home_opened", event, only=[bot])
    return view


def speak(platform: Platform, bot: Installation, channel: Channel, user_id: str, answer: Json) -> Json | None:
    """Show an immediate or later answer to an interaction: to one person unless it says in_channel."""
    if not (answer.get("text") or answer.get("blocks") or answer.get("attachments")):
        return None
    if answer.get("response_type") == "in_channel":
        return messages.post(platform, channel, bot, answer, thread_ts=answer.get("thread_ts"))
    return messages.show_to_one(platform, channel, bot, user_id, answer)


async def _interact(platform: Platform, app: App, kind: str, method: str, body: Json) -> Outcome:
    url = manifests.interactivity_url(app.manifest)
    return await platform.courier.ask(Parcel(app, kind, method, "interactive", body, url))


def _response_url(
    platform: Platform, kind: str, bot: Installation, user: User, channel: Channel, message_ts: str | None
) -> str:
    return platform.response_urls.issue(
        kind,
        app_id=bot.app_id,
        team_id=bot.team_id,
        user_id=user.id,
        channel_id=channel.id,
        message_ts=message_ts,
    )


def _element(place: Place, action_id: str, block_id: str | None, value: Any = None) -> tuple[str, Json]:
    found = elements.find(place.blocks, action_id, block_id, value)
    if found is None:
        present = ", ".join(str(element["action_id"]) for _block, element in elements.interactive(place.blocks))
        raise ControlError(f"There is no element {action_id!r} here. There is: {present or 'none'}.", 404)
    return found


def _pressed(element: Json, choice: Any) -> Json:
    if element["type"] in elements.BUTTONS:
        held = choice if choice is not None else element.get("value")
        return {} if held is None else {"value": str(held)}
    return elements.chosen(element, choice)


def _dispatches(place: Place, block_id: str, element: Json) -> bool:
    """Whether using this element is sent to the app: always, but for inputs that did not ask for it."""
    block = next((block for block in place.blocks if block.get("block_id") == block_id), {})
    return block.get("type") != "input" or bool(block.get("dispatch_action")) or element["type"] in elements.BUTTONS


def _enter(view: View, entered: Any) -> None:
    if not isinstance(entered, dict):
        raise ControlError("values are {block_id: {action_id: value}}.")
    for block_id, fields in entered.items():
        if not isinstance(fields, dict):
            raise ControlError(f"values are {{block_id: {{action_id: value}}}}; {block_id} holds something else.")
        for action_id, choice in fields.items():
            found = elements.find(view.slack["blocks"], action_id, block_id)
            if found is None:
                raise ControlError(f"There is no field {block_id} / {action_id} in this view.", 404)
            view.values.setdefault(block_id, {})[action_id] = elements.chosen(found[1], choice)


def _owner_of_command(platform: Platform, team_id: str, name: str) -> Installation | None:
    """The app that declared a command; where several did, the one installed last, as in Slack."""
    apps = platform.world.apps
    owners = [
        bot
        for bot in platform.world.installations_in(team_id)
        if name in manifests.slash_commands(apps[bot.app_id].manifest)
    ]
    return owners[-1] if owners else None


def _owner_of_shortcut(platform: Platform, team_id: str, callback_id: str) -> Installation:
    apps = platform.world.apps
    for bot in platform.world.installations_in(team_id):
        if callback_id in manifests.shortcuts(apps[bot.app_id].manifest):
            return bot
    raise ControlError(f"No app declares a shortcut {callback_id!r}.", 404)
