"""Every Web API method the sandbox answers: its arguments, its scopes, its tier."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "json", "bool", "int"]


@dataclass(frozen=True, slots=True)
class Spec:
    """`args` maps names to kinds; any one of `scopes` suffices; `explains`: bad arguments are explained in messages."""

    args: dict[str, Kind]
    required: tuple[str, ...]
    scopes: tuple[str, ...]
    tier: int
    explains: bool


def _spec(args: str, scopes: str, tier: int, *, explains: bool = False) -> Spec:
    """Arguments are written `name`, `name!` where required, `name=json` where they are not text."""
    kinds: dict[str, Kind] = {}
    for word in args.split():
        name, _, kind = word.removesuffix("!").partition("=")
        kinds[name] = _KINDS[kind]
    required = tuple(word.removesuffix("!").partition("=")[0] for word in args.split() if word.endswith("!"))
    return Spec(kinds, required, tuple(scopes.split()), tier, explains)


_KINDS: dict[str, Kind] = {"": "text", "json": "json", "bool": "bool", "int": "int"}

SPECS = {
    "api.test": _spec("error", "", 4),
    "apps.connections.open": _spec("", "", 3, explains=True),
    "apps.uninstall": _spec("client_id! client_secret!", "", 1, explains=True),
    "assistant.threads.setStatus": _spec(
        "channel_id! status! thread_ts! icon_emoji icon_url loading_messages=json username",
        "chat:write",
        5,
    ),
    "assistant.threads.setSuggestedPrompts": _spec("channel_id! prompts=json! thread_ts title", "assistant:write", 4),
    "assistant.threads.setTitle": _spec("channel_id! thread_ts! title!", "assistant:write", 4),
    "auth.revoke": _spec("test=bool", "", 3),
    "auth.test": _spec("", "", 5),
    "blocks.validate": _spec("blocks=json message=json view=json", "", 4),
    "bookmarks.list": _spec("channel_id", "bookmarks:read", 3, explains=True),
    "bots.info": _spec("bot team_id", "users:read", 3),
    "chat.appendStream": _spec("channel! markdown_text! ts! chunks=json", "chat:write", 4),
    "chat.delete": _spec("channel! ts! as_user=bool", "chat:write", 3),
    "chat.deleteScheduledMessage": _spec("channel! scheduled_message_id! as_user=bool", "chat:write", 3),
    "chat.getPermalink": _spec("channel! message_ts!", "", 5),
    "chat.postEphemeral": _spec(
        (
            "channel! user! as_user=bool attachments=json blocks=json icon_emoji icon_url link_names=bool "
            "markdown_text metadata=json parse text thread_ts username"
        ),
        "chat:write",
        4,
    ),
    "chat.postMessage": _spec(
        (
            "channel! as_user=bool attachments=json blocks=json current_draft_last_updated_ts icon_emoji "
            "icon_url link_names=bool markdown_text metadata=json mrkdwn=bool parse reply_broadcast=bool "
            "text thread_ts unfurl_links=bool unfurl_media=bool username"
        ),
        "chat:write",
        5,
        explains=True,
    ),
    "chat.scheduleMessage": _spec(
        (
            "channel! post_at=int! as_user=bool attachments=json blocks=json link_names=bool markdown_text "
            "metadata=json parse reply_broadcast=bool text thread_ts unfurl_links=bool unfurl_media=bool"
        ),
        "chat:write",
        3,
        explains=True,
    ),
    "chat.scheduledMessages.list": _spec("channel cursor latest limit=int oldest team_id", "", 3),
    "chat.startStream": _spec(
        (
            "channel! chunks=json icon_emoji icon_url markdown_text recipient_team_id recipient_user_id "
            "task_display_mode thread_ts username"
        ),
        "chat:write",
        2,
    ),
    "chat.stopStream": _spec("channel! ts! blocks=json chunks=json markdown_text metadata=json", "chat:write", 2),
    "chat.update": _spec(
        (
            "channel! ts! as_user=bool attachments=json blocks=json file_ids=json link_names=bool "
            "markdown_text metadata=json parse reply_broadcast=bool text unfurled_attachments=json"
        ),
        "chat:write",
        3,
        explains=True,
    ),
    "conversations.close": _spec("channel!", "groups:write im:write mpim:write channels:write channels:manage", 2),
    "conversations.create": _spec(
        "name! is_private=bool team_id",
        "groups:write im:write mpim:write channels:write channels:manage",
        2,
    ),
    "conversations.history": _spec(
        "channel! cursor include_all_metadata=bool inclusive=bool latest limit=int oldest",
        "groups:history im:history mpim:history channels:history",
        3,
    ),
    "conversations.info": _spec(
        "channel! include_locale=bool include_num_members=bool",
        "groups:read im:read mpim:read channels:read",
        3,
    ),
    "conversations.invite": _spec(
        "channel! users! force=bool",
        "channels:write.invites groups:write.invites channels:manage groups:write im:write mpim:write",
        3,
    ),
    "conversations.join": _spec("channel!", "channels:join", 3),
    "conversations.list": _spec(
        "cursor exclude_archived=bool limit=int team_id types",
        "groups:read im:read mpim:read channels:read",
        2,
    ),
    "conversations.members": _spec("channel! cursor limit=int", "groups:read im:read mpim:read channels:read", 4),
    "conversations.open": _spec(
        "channel prevent_creation=bool return_im=bool users",
        "channels:manage groups:write im:write mpim:write",
        3,
    ),
    "conversations.replies": _spec(
        "channel! ts! cursor include_all_metadata=bool inclusive=bool latest limit=int oldest",
        "groups:history im:history mpim:history channels:history",
        3,
    ),
    "dnd.info": _spec("team_id user", "dnd:read", 3),
    "dnd.teamInfo": _spec("users! team_id", "dnd:read", 2),
    "files.completeUploadExternal": _spec(
        ("files=json! blocks=json channel_id channels icon_emoji icon_url initial_comment thread_ts username"),
        "files:write",
        4,
        explains=True,
    ),
    "files.delete": _spec("file!", "files:write", 3),
    "files.getUploadURLExternal": _spec(
        "filename! length=int! alt_txt snippet_type",
        "files:write",
        4,
        explains=True,
    ),
    "files.info": _spec("file! count=int cursor limit=int page=int", "files:read", 4),
    "files.list": _spec(
        "channel count=int page=int show_files_hidden_by_limit=bool team_id ts_from ts_to types user",
        "files:read",
        3,
    ),
    "oauth.v2.access": _spec(
        "assertion client_id client_secret code code_verifier grant_type redirect_uri refresh_token",
        "",
        5,
    ),
    "pins.add": _spec("channel! timestamp", "pins:write", 2),
    "pins.remove": _spec("channel! timestamp", "pins:write", 2),
    "reactions.add": _spec("channel! name! timestamp!", "reactions:write", 3),
    "reactions.get": _spec("channel file file_comment full=bool timestamp", "reactions:read", 3),
    "reactions.remove": _spec("name! channel file file_comment timestamp", "reactions:write", 2),
    "team.info": _spec("domain team", "team:read", 3),
    "usergroups.list": _spec(
        "include_count=bool include_disabled=bool include_users=bool team_id",
        "usergroups:read",
        2,
    ),
    "usergroups.users.list": _spec("usergroup! include_disabled=bool team_id", "usergroups:read", 2),
    "users.conversations": _spec(
        "cursor exclude_archived=bool exclude_muted=bool limit=int team_id types user",
        "groups:read im:read mpim:read channels:read",
        3,
    ),
    "users.getPresence": _spec("user", "users:read", 3),
    "users.info": _spec("user! include_locale=bool", "users:read", 4),
    "users.list": _spec("cursor include_locale=bool limit=int team_id", "users:read", 2),
    "users.lookupByEmail": _spec("email!", "users:read.email", 3, explains=True),
    "users.profile.get": _spec("include_labels=bool user", "users.profile:read", 4),
    "views.open": _spec("view=json! interactivity_pointer trigger_id", "", 4, explains=True),
    "views.publish": _spec("user_id! view=json! hash interactivity_pointer", "", 4, explains=True),
    "views.push": _spec("view=json! interactivity_pointer trigger_id", "", 4, explains=True),
    "views.update": _spec("view=json! external_id hash view_id", "", 4, explains=True),
}
