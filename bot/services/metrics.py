"""What the operators' monitoring may count.

Never a label for a person or a team, and nothing that runs with participation: reminders are left out, and personal
reasons are not told apart. After a round has closed its numbers are in the database.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from bot.core.reasons import Reason
from bot.core.states import DeliveryKind

SENT = Counter("rc_pulse_deliveries_sent_total", "Messages that Slack has accepted, reminders left out", ["kind"])
SKIPPED = Counter("rc_pulse_deliveries_skipped_total", "Messages not sent, reminders left out", ["kind", "reason"])
FAILED = Counter("rc_pulse_deliveries_failed_total", "Messages given up after an error", ["reason"])
UNCONFIRMED = Counter("rc_pulse_deliveries_unconfirmed_total", "Sends whose reply was lost")
RECONCILED = Counter("rc_pulse_deliveries_reconciled_total", "Lost replies looked up in Slack", ["found"])
LIMITED = Counter("rc_pulse_slack_rate_limited_total", "Times Slack asked us to slow down", ["method"])
PACE = Gauge("rc_pulse_slack_pace_per_minute", "Calls a minute that we allow ourselves", ["workspace", "method"])
PAUSED = Gauge("rc_pulse_workspace_paused", "1 while Slack refuses our token", ["workspace"])
LAG = Histogram(
    "rc_pulse_delivery_lag_seconds",
    "From due to accepted, reminders left out",
    buckets=(1, 5, 15, 60, 300, 900, 3600, 14400),
)


def sent(kind: DeliveryKind, lag_seconds: float) -> None:
    if kind is not DeliveryKind.REMINDER:
        SENT.labels(kind.value).inc()
        LAG.observe(max(0.0, lag_seconds))


def skipped(kind: DeliveryKind, reason: Reason) -> None:
    if kind is not DeliveryKind.REMINDER:
        SKIPPED.labels(kind.value, reason.shown).inc()
