from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from bot.settings import SLACK, Settings, WrongSetting, load_settings, require_bot_token, require_slack

BOT, APP, LOCAL = SecretStr("xoxb-made-up"), SecretStr("xapp-made-up"), "http://127.0.0.1:8030/api/"


@pytest.fixture(autouse=True)
def _a_clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"RC_PULSE_{name.upper()}", raising=False)


def test_without_any_setting_everything_has_a_default_but_the_tokens() -> None:
    settings = load_settings()

    assert settings.database_url == "sqlite:///rc-pulse.db"
    assert settings.vault == Path("rc-pulse-vault")
    assert settings.slack_api_url == SLACK
    assert not settings.http_mode
    assert not settings.on_loopback
    with pytest.raises(WrongSetting, match="RC_PULSE_SLACK_BOT_TOKEN is not set"):
        require_bot_token(settings)


def test_the_environment_is_read_under_our_own_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RC_PULSE_LEASE_SECONDS", "7.5")
    monkeypatch.setenv("LEASE_SECONDS", "1")
    monkeypatch.setenv("RC_PULSE_OF_ANOTHER_VERSION", "is left alone")

    assert load_settings().lease_seconds == 7.5


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PORT", "many", "is not usable"),
        ("PORT", "70000", "is not usable"),
        ("PORT", "-1", "is not usable"),
        ("LEASE_SECONDS", "0", "is not usable"),
        ("SEND_TIMEOUT_SECONDS", "-3", "is not usable"),
        ("TICK_SECONDS", "soon", "is not usable"),
        ("CONFIRM_AFTER_SECONDS", "-0.1", "is not usable"),
        ("LOG_LEVEL", "LOUD", "is not usable"),
        ("SLACK_API_URL", "https://slack.example/", "must be an http"),
        ("SLACK_API_URL", "slack.example/api/", "must be an http"),
        ("CLOCK", "https://sandbox.example", "must be on this machine"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(f"RC_PULSE_{name}", value)

    with pytest.raises(WrongSetting) as said:
        load_settings()

    assert str(said.value).startswith(f"RC_PULSE_{name} {reason}")
    assert "\n" not in str(said.value)


def _settings(**given: object) -> Settings:
    return Settings.model_validate({"slack_bot_token": BOT, "slack_app_token": APP, **given})


def test_socket_mode_needs_two_tokens_and_http_a_signing_secret() -> None:
    require_slack(_settings())
    require_slack(_settings(slack_app_token=None, slack_signing_secret=SecretStr("made up")))


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"slack_bot_token": None}, "RC_PULSE_SLACK_BOT_TOKEN is not set"),
        ({"slack_bot_token": APP}, "RC_PULSE_SLACK_BOT_TOKEN must be"),
        ({"slack_app_token": None}, "RC_PULSE_SLACK_APP_TOKEN is not set"),
        ({"slack_app_token": BOT}, "RC_PULSE_SLACK_APP_TOKEN must be"),
        ({"clock": "http://127.0.0.1:8030"}, "RC_PULSE_CLOCK must not"),
        ({"stop_at": "delivery.sent"}, "RC_PULSE_STOP_AT must not"),
    ],
)
def test_what_serve_lacks_is_one_sentence_without_the_secret(given: dict[str, object], name: str) -> None:
    with pytest.raises(WrongSetting) as said:
        require_slack(_settings(**given))

    assert str(said.value).startswith(name)
    assert "made-up" not in str(said.value)


def test_rehearsals_are_for_a_slack_on_this_machine() -> None:
    require_slack(_settings(slack_api_url=LOCAL, clock="http://127.0.0.1:8030", stop_at="delivery.sent"))


@pytest.mark.parametrize("address", ["http://localhost:1/api/", "http://[::1]:1/api/", "http://127.0.0.1/api/"])
def test_loopback_has_three_names(address: str) -> None:
    assert _settings(slack_api_url=address).on_loopback


def test_a_secret_is_not_printed() -> None:
    assert "made-up" not in repr(_settings())


def test_settings_do_not_change_once_they_are_read() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        _settings().port = 1  # type: ignore[misc]  # the point of the test
