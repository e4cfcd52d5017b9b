"""An invented hospital: sixty people in three teams and five workgroups who share one piece of work, and its truth.

Everything is a function of the seed. The true state is what the simulated staff answer from; nobody else may read it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from bot.core.instrument import DIMENSIONS, Dimension

PROCESS = "discharge"
WORKGROUPS = {"Nurses": 24, "Physicians": 15, "Case managers": 9, "Pharmacy": 6, "Transport": 6}
TEAMS = {"Ward 3 North": "America/New_York", "Ward 5 South": "America/New_York", "Lakeside": "America/Chicago"}
CHANNELS = {"Ward 3 North": "ward-3-north", "Ward 5 South": "ward-5-south", "Lakeside": "lakeside"}
_TITLES = {
    "Nurses": "Nurse", "Physicians": "Physician", "Case managers": "Case manager", "Pharmacy": "Pharmacist",
    "Transport": "Transporter",
}  # fmt: skip
_FIRST = """
    Nora Amir Bella Carlos Dana Elif Farid Grace Hugo Ines Jonas Kira Liam Mina Noah Olga Priya Quentin Rosa Sami Tara
    Uma Victor Wanda Xenia Yusuf Zoe Anton Bruna Chidi Delia Emil Fatou Goran Hanna Igor Joana Karim Leila Marek Nadia
    Oscar Paula Rafael Selma Tomas Ulla Vera Wim Ximena Yara Zeno Alma Boris Clara Dario Esther Felix Gita Henrik
""".split()  # noqa: SIM905 - sixty names read better as text
_LAST = """
    Adeyemi Bergmann Castillo Dubois Eriksen Fischer Gupta Haddad Ivanova Jansen Kowalski Lindqvist Moreau Nakamura
    Okafor Petrov Quiroga Rossi Santos Tanaka Ueda Vargas Weber Xu Yilmaz Zhang
""".split()  # noqa: SIM905 - as above

PERSON_SD = 0.35
ANSWER_SD = 0.6


@dataclass(frozen=True, slots=True)
class Employee:
    """``handle`` is the name in the local Slack. ``team`` and ``workgroup`` are empty for the coach and the admin."""

    handle: str
    name: str
    title: str
    team: str
    workgroup: str
    role: str
    timezone: str
    answers: float
    """Share of pulses this person answers."""


@dataclass(frozen=True, slots=True)
class Hospital:
    seed: int
    staff: tuple[Employee, ...]

    def seed_file(self) -> dict[str, Any]:
        """The people and channels of the local Slack."""
        return {
            "team": {"name": "Riverside Hospital", "domain": "riverside"},
            "people": [
                {
                    "name": one.handle, "real_name": one.name, "title": one.title, "tz": one.timezone,
                    "email": f"{one.handle}@riverside.example", "is_admin": one.role == "admin",
                }
                for one in self.staff
            ],
            "channels": [
                {"name": "general", "members": [one.handle for one in self.staff]},
                *(
                    {"name": channel, "members": [one.handle for one in self.staff if one.team in {team, ""}]}
                    for team, channel in CHANNELS.items()
                ),
            ],
        }  # fmt: skip

    def roster(self, channel_ids: dict[str, str]) -> str:
        """The roster file; ``channel_ids`` by channel name."""
        lines = ["process,team,channel,timezone,workgroup,user,role"]
        coach = next(one for one in self.staff if one.role == "coach")
        for team, zone in TEAMS.items():
            place = f"{PROCESS},{team},{channel_ids[CHANNELS[team]]},{zone}"
            members = [one for one in self.staff if one.team == team]
            lines += [f"{place},{one.workgroup},{one.handle}@riverside.example,{one.role}" for one in members]
            lines.append(f"{place},,{coach.handle}@riverside.example,coach")
        return "\n".join(lines) + "\n"

    def expected(self, who: Employee, rated: str, dimension: Dimension, weeks: float) -> float:
        """What this person would say on average (1 to 5), ``weeks`` after the beginning."""
        within = 0.45 if who.workgroup == rated else 0.0
        steady = _TIE.get((who.workgroup, rated), 3.7) + within + _DIMENSION[dimension]
        own = random.Random(f"{self.seed}/{who.handle}").gauss(0, PERSON_SD)
        return steady + own + _GAIN.get((who.workgroup, rated), 0.0) * min(1.0, weeks / 10)


_TIE = {
    ("Nurses", "Physicians"): 3.3,
    ("Physicians", "Nurses"): 4.2,
    ("Nurses", "Pharmacy"): 2.9,
    ("Pharmacy", "Nurses"): 3.3,
    ("Nurses", "Transport"): 3.4,
    ("Transport", "Nurses"): 3.0,
    ("Case managers", "Physicians"): 3.2,
    ("Physicians", "Case managers"): 3.9,
    ("Nurses", "Case managers"): 4.1,
    ("Case managers", "Nurses"): 4.2,
}
"""Between workgroups, where it differs from the usual."""
_GAIN = {("Nurses", "Pharmacy"): 0.7, ("Pharmacy", "Nurses"): 0.5, ("Nurses", "Physicians"): 0.2}
"""What the Lean change brings over ten weeks."""
_DIMENSION = dict(zip(DIMENSIONS, (-0.1, -0.35, 0.15, -0.1, 0.25, -0.3, 0.2), strict=True))


def found(seed: int = 1) -> Hospital:
    """The hospital of this seed; the first nurse, the first lead and the coach are always the same people."""
    chance = random.Random(seed)
    names = iter(zip(_FIRST, (chance.choice(_LAST) for _ in _FIRST), strict=True))
    staff = [_employee(next(names), group, team, chance) for group in WORKGROUPS for team in _spread(group)]
    leads = zip(TEAMS, ("Lena Fischer", "Marcus Hill", "Aiko Tanaka"), strict=True)
    staff += [
        Employee(_handle(name), name, f"Team lead · {team}", team, "", "lead", TEAMS[team], 0.0) for team, name in leads
    ]
    staff.append(Employee("carla", "Carla Bruni-Weiss", "Coach", "", "", "coach", "America/New_York", 0.0))
    staff.append(Employee("ada", "Ada Osei", "Administrator", "", "", "admin", "America/New_York", 0.0))
    return Hospital(seed, tuple(staff))


def _employee(name: tuple[str, str], group: str, team: str, chance: random.Random) -> Employee:
    full = " ".join(name)
    title = f"{_TITLES[group]} · {team}"
    return Employee(_handle(full), full, title, team, group, "member", TEAMS[team], chance.uniform(0.6, 0.97))


def _spread(group: str) -> list[str]:
    """The teams of a workgroup's people: a third of them in each."""
    return [team for team in TEAMS for _ in range(WORKGROUPS[group] // len(TEAMS))]


def _handle(name: str) -> str:
    return name.lower().replace(" ", ".").replace("-", "")
