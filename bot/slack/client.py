"""The one place that makes a client of Slack's Web API."""

from __future__ import annotations

import logging
import os

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import Settings

PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy")

# At DEBUG the SDK and Bolt log whole payloads, which hold what people type: their loggers never go below INFO.
logging.getLogger("slack_sdk").setLevel(logging.INFO)
logging.getLogger("slack_bolt").setLevel(logging.INFO)


def open_session(settings: Settings) -> aiohttp.ClientSession:
    """The session that everything shares. The time limit stands here: with a shared session the client's own
    ``timeout=`` is not applied.
    """
    if settings.on_loopback:
        # The SDK takes a proxy from these, ignores NO_PROXY, and does so again for every copy that Bolt makes.
        for name in PROXY_VARIABLES:
            os.environ.pop(name, None)
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=settings.send_timeout_seconds),
        connector=aiohttp.TCPConnector(limit=0),  # the outbox paces; a click never waits for a free connection
    )


def make_client(settings: Settings, session: aiohttp.ClientSession) -> AsyncWebClient:
    """No retry handlers: the default one posts twice when a reply is lost, the others sleep inside the caller."""
    token = settings.slack_bot_token
    return AsyncWebClient(
        token=token.get_secret_value() if token else None,
        base_url=settings.slack_api_url,
        session=session,
        retry_handlers=[],
    )
