"""Changes to people, as an administrator or they themselves would make them."""

from bot.sandbox import events
from bot.sandbox.errors import ControlError
from bot.sandbox.platform import Platform
from bot.sandbox.seed import zone
from bot.sandbox.state import Json, User

_FACTS = frozenset(
    {"real_name", "locale", "is_admin", "is_owner", "is_restricted", "is_ultra_restricted", "is_stranger"},
)
_PROFILE = frozenset({"title", "email", "status_text", "status_emoji", "display_name", "phone"})


def change(platform: Platform, user: User, changes: Json) -> None:
    """Apply changes and tell the apps; raises ControlError for a key that means nothing here."""
    world = platform.world
    unknown = changes.keys() - _FACTS - _PROFILE - {"tz", "deleted", "presence", "dnd"}
    if unknown:
        raise ControlError(f"A user has no {', '.join(sorted(unknown))} that could be changed.")
    profile = user.slack["profile"]
    profile |= {key: changes[key] for key in _PROFILE & changes.keys()}
    user.slack |= {key: changes[key] for key in _FACTS & changes.keys()}
    if "real_name" in changes:
        profile |= {"real_name": changes["real_name"], "real_name_normalized": changes["real_name"]}
    if "tz" in changes:
        user.slack |= zone(changes["tz"], world.clock.now())
    if "deleted" in changes:
        user.slack["deleted"] = bool(changes["deleted"])
    user.presence = str(changes.get("presence", user.presence))
    world.index_user(user)
    if "dnd" in changes:
        _set_dnd(platform, user, changes["dnd"] or {})
    if changes.keys() - {"presence", "dnd"}:
        user.slack["updated"] = int(world.clock.timestamp())
        events.user_event(platform, "user_change", user)
    world.feed.publish("user", user=user.id)


def _set_dnd(platform: Platform, user: User, dnd: Json) -> None:
    user.dnd = {"dnd_enabled": False, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1} | dnd
    event = {
        "type": "dnd_updated_user",
        "user": user.id,
        "dnd_status": dict(user.dnd),
        "event_ts": events.event_ts(platform),
    }
    events.emit(platform, user.team_id, "dnd_updated_user", event)
