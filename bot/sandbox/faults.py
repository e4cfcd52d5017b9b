"""Faults on demand: rules that say which call or delivery goes wrong, and how, the same way for the same seed."""

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.errors import ControlError
from bot.sandbox.feed import Feed

API_FAULTS = frozenset(
    {
        "reply_lost",  # accepted and done, the answer never arrives
        "request_lost",  # the connection breaks before anything is done
        "ratelimited",  # 429 with retry_after
        "slow_reply",  # done at once, answered after `seconds`
        "token_revoked",
        "account_inactive",
        "missing_scope",
        "slack_file_refused",  # invalid_blocks for a block that shows an upload
        "chart_refused",  # invalid_blocks for data_visualization
        "share_dropped",  # an upload is completed and never shared
        "share_delayed",  # an upload is shared `seconds` later
    },
)
DELIVERY_FAULTS = frozenset(
    {
        "socket_drop",  # the connection breaks instead of carrying the payload (at once where no call is named)
        "disconnect",  # a disconnect frame with `reason`
        "redelivery",  # the same event again, with retry_attempt
        "duplicate",  # the same event again, under another event_id
        "reorder",  # an event is held back until the next one has gone
        "ack_lost",  # the app acknowledged, Slack did not hear it
        "delivery_lost",  # the payload never arrives
    },
)
_KINDS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("nth", "times", "seed", "retry_after"), int),
    **dict.fromkeys(("probability", "seconds"), (int, float)),
    **dict.fromkeys(("method", "reason"), str),
}
_WORDS: dict[type | tuple[type, ...], str] = {int: "a whole number", (int, float): "a number", str: "a text"}
HTTP_FAULT = re.compile(r"http_(5\d\d)")


@dataclass(slots=True)
class Fault:
    """One rule. `nth` counts matching calls from 1; `times` bounds how often it strikes (None: no bound)."""

    name: str
    method: str | None = None
    probability: float | None = None
    nth: int | None = None
    times: int | None = 1
    seed: int = 0
    retry_after: int = 1
    seconds: float = 5.0
    reason: str = "refresh_requested"
    seen: int = 0
    struck: int = 0
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def strikes(self, method: str) -> bool:
        """Whether this call is hit; every matching call counts, also those that are spared."""
        if self.method is not None and self.method != method:
            return False
        self.seen += 1
        if self.times is not None and self.struck >= self.times:
            return False
        if self.nth is not None:
            hit = self.seen >= self.nth
        else:
            hit = self.probability is None or self.chance.random() < self.probability
        self.struck += hit
        return hit

    @property
    def is_spent(self) -> bool:
        return self.times is not None and self.struck >= self.times

    def describe(self) -> dict[str, Any]:
        return {
            "fault": self.name,
            "method": self.method,
            "probability": self.probability,
            "nth": self.nth,
            "times": self.times,
            "seed": self.seed,
            "retry_after": self.retry_after,
            "seconds": self.seconds,
            "reason": self.reason,
            "struck": self.struck,
        }


class Faults:
    """The rules in force, in the order they were set; the first that strikes wins."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._rules: list[Fault] = []

    def add(self, description: dict[str, Any]) -> Fault:
        """Set a rule from the control API's body; raises ControlError for an unknown fault or key.

        A fault with `nth` or with neither `nth` nor `probability` strikes once unless `times` says otherwise; one with
        a `probability` strikes until it is cleared.
        """
        facts = dict(description)
        name = str(facts.pop("fault", ""))
        if name not in API_FAULTS | DELIVERY_FAULTS and not HTTP_FAULT.fullmatch(name):
            known = ", ".join(sorted(API_FAULTS | DELIVERY_FAULTS))
            raise ControlError(f"There is no fault called {name!r}. Known: {known}, http_500 to http_599.")
        unknown = facts.keys() - {"method", "probability", "nth", "times", "seed", "retry_after", "seconds", "reason"}
        if unknown:
            raise ControlError(f"A fault has no {', '.join(sorted(unknown))}.")
        for key, kind in _KINDS.items():
            if facts.get(key) is not None and (isinstance(facts[key], bool) or not isinstance(facts[key], kind)):
                raise ControlError(f"{key} must be {_WORDS[kind]}.")
        facts.setdefault("times", None if facts.get("probability") is not None else 1)
        rule = Fault(name, **{key: value for key, value in facts.items() if value is not None or key == "times"})
        self._rules.append(rule)
        self._feed.publish("fault", fault=name)
        return rule

    def clear(self) -> None:
        self._rules.clear()
        self._feed.publish("fault", fault=None)

    def strike(self, method: str, among: Iterable[str]) -> Fault | None:
        """The fault, out of those named, that hits this call; rules that are spent go away."""
        names = frozenset(among)
        for rule in self._rules:
            if (rule.name in names or ("http_5xx" in names and HTTP_FAULT.fullmatch(rule.name))) and rule.strikes(
                method
            ):
                self._rules = [kept for kept in self._rules if not kept.is_spent]
                self._feed.publish("fault", fault=rule.name)
                return rule
        return None

    def in_force(self) -> list[dict[str, Any]]:
        return [rule.describe() for rule in self._rules]
