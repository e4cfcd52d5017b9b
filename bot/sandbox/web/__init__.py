"""The Web API: every method by name."""

from bot.sandbox.web import (
    apps,
    assistant,
    auth,
    chat,
    conversations,
    files,
    people,
    reactions,
    scheduled,
    streams,
    teams,
    views,
)
from bot.sandbox.web.call import Handler

HANDLERS: dict[str, Handler] = {
    **apps.HANDLERS,
    **assistant.HANDLERS,
    **auth.HANDLERS,
    **chat.HANDLERS,
    **conversations.HANDLERS,
    **files.HANDLERS,
    **people.HANDLERS,
    **reactions.HANDLERS,
    **scheduled.HANDLERS,
    **streams.HANDLERS,
    **teams.HANDLERS,
    **views.HANDLERS,
}
