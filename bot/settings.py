"""Settings: the only reader of the environment.

Every setting is an ``RC_PULSE_…`` variable. A missing or wrong one is one sentence that names the variable.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

SLACK = "https://slack.com/api/"


class WrongSetting(Exception):
    """A setting is missing or wrong. Its text is one sentence that names the variable; no secret is repeated in it."""


def _slack_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.path.endswith("/api/"):
        raise ValueError("must be an http(s) address that ends in /api/")
    return value


def _clock_url(value: str | None) -> str | None:
    if value is not None and not is_loopback(value):
        raise ValueError("must be on this machine (a loopback address): a followed clock is for rehearsals only")
    return value


def is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}


class Settings(BaseSettings):
    """What can be set from outside. Durations are in seconds."""

    model_config = SettingsConfigDict(env_prefix="RC_PULSE_", frozen=True, extra="ignore")

    database_url: str = "sqlite:///rc-pulse.db"
    """``sqlite:///FILE`` or ``postgresql://user@host/name`` (also ``postgresql:///name?host=/folder-of-the-socket``)."""
    vault: Path = Path("rc-pulse-vault")
    """Folder of the open waves' keys. Outside the database and its backups; replicas mount the same one."""
    prompts: Path | None = None
    """Another folder of words in place of the shipped ``prompts/``."""
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: Annotated[str, AfterValidator(_slack_url)] = SLACK
    clock: Annotated[str | None, AfterValidator(_clock_url)] = None
    """Base address of a sandbox whose virtual clock is followed."""
    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=0, le=65535)
    """Where HTTP listens: health and metrics always, Slack's endpoint with a signing secret; 0: the system chooses."""
    send_timeout_seconds: float = Field(default=10, gt=0)
    lease_seconds: float = Field(default=60, gt=0)
    confirm_after_seconds: float = Field(default=60, ge=0)
    tick_seconds: float = Field(default=5, gt=0)
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    stop_at: str | None = None
    """Name of a point at which the process ends itself hard (chaos tests). Refused unless Slack is on loopback."""

    @property
    def http_mode(self) -> bool:
        """With a signing secret Slack calls us; without one we call Slack (Socket Mode)."""
        return self.slack_signing_secret is not None

    @property
    def on_loopback(self) -> bool:
        return is_loopback(self.slack_api_url)


def load_settings() -> Settings:
    """Settings from the environment. Raises WrongSetting."""
    try:
        return Settings()
    except ValidationError as problem:
        first = problem.errors()[0]
        name = f"RC_PULSE_{'_'.join(str(part) for part in first['loc'])}".upper()
        reason = str(first["msg"]).removeprefix("Value error, ")
        raise WrongSetting(f"{name} {_sentence(reason)}") from None


def _sentence(reason: str) -> str:
    text = reason[0].lower() + reason[1:]
    return text if text.startswith("must") else f"is not usable: {text}."


def require_bot_token(settings: Settings) -> None:
    """Check what every command that asks Slack needs. Raises WrongSetting."""
    if settings.slack_bot_token is None:
        raise WrongSetting("RC_PULSE_SLACK_BOT_TOKEN is not set: give the bot token (xoxb-…) of your Slack app.")
    if not settings.slack_bot_token.get_secret_value().startswith("xoxb-"):
        raise WrongSetting("RC_PULSE_SLACK_BOT_TOKEN must be a bot token: it starts with xoxb-.")


def require_slack(settings: Settings) -> None:
    """Check what ``serve`` needs before anything else happens. Raises WrongSetting."""
    require_bot_token(settings)
    if settings.slack_app_token is None and settings.slack_signing_secret is None:
        raise WrongSetting(
            "RC_PULSE_SLACK_APP_TOKEN is not set: give the app-level token (xapp-…) for Socket Mode, "
            "or RC_PULSE_SLACK_SIGNING_SECRET for HTTP."
        )
    if settings.slack_app_token and not settings.slack_app_token.get_secret_value().startswith("xapp-"):
        raise WrongSetting("RC_PULSE_SLACK_APP_TOKEN must be an app-level token: it starts with xapp-.")
    if settings.clock and not settings.on_loopback:
        raise WrongSetting("RC_PULSE_CLOCK must not be set with a real Slack: a followed clock is for rehearsals only.")
    if settings.stop_at and not settings.on_loopback:
        raise WrongSetting("RC_PULSE_STOP_AT must not be set with a real Slack: it ends the process on purpose.")
