"""What we promise of each measured figure, in one place. A figure without a line here is printed for orientation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True)
class Target:
    """The figure's median lies between ``least`` and ``most``, both included."""

    least: float = -inf
    most: float = inf

    def met(self, value: float) -> bool:
        return self.least <= value <= self.most

    def __str__(self) -> str:
        if self.least == -inf:
            return f"≤ {self.most:g}"
        return f"≥ {self.least:g}" if self.most == inf else f"{self.least:g} to {self.most:g}"


TARGETS: Mapping[str, Target] = {
    # Clicks: stored durably, acknowledged and answered, against a bare Bolt app that only answers.
    "answers.sqlite.throughput_ratio": Target(least=0.7),
    "answers.postgres.throughput_ratio": Target(least=0.6),
    "answers.sqlite.p99_ratio": Target(most=2.0),
    "answers.postgres.p99_ratio": Target(most=2.0),
    # Sending under a ceiling that nobody is told.
    "dispatch.efficiency": Target(least=0.90),
    "dispatch.rate_limited_share": Target(most=0.02),
    # Opening a round for 50,000 people against a bare bulk insert of the same rows.
    "plan.bulk_insert_ratio": Target(most=3.0),
    # Starting, against importing the dependencies alone.
    "start.import_ratio": Target(most=1.8),
    "start.rss_ratio": Target(most=1.5),
    # Four replicas against one.
    "replicas.cpu_ratio_4": Target(most=1.3),
    # Closing and releasing a large wave against one bare GROUP BY; reports.
    "seal.cold_ratio": Target(most=10.0),
    "report.history_growth": Target(most=1.3),
    "report.ack_p99_ratio": Target(most=2.0),
    # The sandbox: slow answers under load against the idle median.
    "sandbox.p99_ratio": Target(most=10.0),
    # Measurement, against organisations with a known truth.
    "measure.rmse_ratio": Target(most=0.95),
    "measure.coverage95": Target(0.93, 0.97),
    "measure.ties_at_k_vs_oracle": Target(least=0.9),
    "utility.released_share.8": Target(least=0.85),
    "utility.released_share.15": Target(least=0.95),
    "utility.released_share.30": Target(least=0.95),
    "utility.released_share.60": Target(least=0.95),
    "utility.released_share.8_three_teams": Target(least=0.85),
    "utility.released_share.15_three_teams": Target(least=0.95),
    "utility.released_share.30_three_teams": Target(least=0.95),
    "utility.released_share.60_three_teams": Target(least=0.95),
    # Did it help?
    "effects.coverage95": Target(0.93, 0.97),
    "effects.compared_coverage95": Target(0.93, 0.97),
    "effects.nudge_coverage95": Target(0.93, 0.97),
    "effects.false_positive": Target(most=0.05),
    "effects.nudge_false_positive": Target(most=0.05),
    "effects.power_ratio_30_03": Target(least=0.9),
    "effects.power_ratio_30_06": Target(least=0.9),
    "effects.power_ratio_60_03": Target(least=0.9),
    "effects.power_ratio_60_06": Target(least=0.9),
}
