"""The tables. Rows are rows: columns and constraints, no rules. Every row belongs to a workspace.

What is encrypted with a wave's key (``sealed`` columns of bytes) is unreadable without the vault and is deleted when
the wave is released; see ``bot/services/vault.py``.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.core.states import (
    AskState,
    ChangeState,
    CommitmentState,
    DebriefState,
    DeliveryKind,
    DeliveryState,
    HuddleState,
    NudgeArm,
    NudgeFeedback,
    Role,
    RoundState,
    WaveState,
    WorkgroupKind,
)
from bot.db.columns import Table, instant, maybe_instant, new_id, sealed, state, words

# --- people and their work -----------------------------------------------------------------------------------------


class Workspace(SQLModel, table=True):
    metadata = Table.metadata
    id: int = Field(default=None, primary_key=True)
    slack_team_id: str = Field(unique=True)
    """Slack's team id, or the enterprise id for an organisation-wide installation."""
    name: str = ""
    bot_user_id: str = ""
    paused_at: datetime | None = maybe_instant()
    paused_reason: str | None = None
    created_at: datetime = instant()


class Person(Table, table=True):
    __table_args__ = (UniqueConstraint("workspace_id", "slack_user_id"),)
    id: int = Field(default=None, primary_key=True)
    slack_user_id: str
    name: str = ""
    timezone: str | None = None
    language: str = "en"
    dm_channel: str | None = None
    deactivated_at: datetime | None = maybe_instant()
    opted_out_at: datetime | None = maybe_instant()
    snoozed_until: datetime | None = maybe_instant()
    preferred_hour: int | None = Field(default=None, ge=0, le=23)
    away_until: datetime | None = maybe_instant()
    """From a vacation status; far in the future where Slack gives no end."""
    no_nudges_at: datetime | None = maybe_instant()
    """Since when this person wants no ideas any more."""


class FocalProcess(Table, table=True):
    __tablename__ = "focal_process"
    __table_args__ = (
        UniqueConstraint("workspace_id", "name"),
        CheckConstraint("rounds_per_wave BETWEEN 1 AND 8", name="rounds_per_wave"),
    )
    id: int = Field(default=None, primary_key=True)
    name: str
    rounds_per_wave: int = 4


class Team(Table, table=True):
    __table_args__ = (
        UniqueConstraint("workspace_id", "name"),
        CheckConstraint("min_respondents >= 4", name="min_respondents"),
    )
    id: int = Field(default=None, primary_key=True)
    focal_process_id: int = Field(foreign_key="focal_process.id", index=True)
    name: str
    channel: str | None = None
    timezone: str = "UTC"
    min_respondents: int = 5
    nudges_looked_on: date | None = None
    """The day on which the coaching loop last looked for a nudge; spares work, holds no truth."""
    nudges_resumed_on: date | None = None
    """The day on which somebody on the team asked for ideas again."""


class Workgroup(Table, table=True):
    """A role in the focal process; the teams of a process share their workgroups."""

    __table_args__ = (UniqueConstraint("focal_process_id", "name"),)
    id: int = Field(default=None, primary_key=True)
    focal_process_id: int = Field(foreign_key="focal_process.id")
    name: str
    kind: WorkgroupKind = state(WorkgroupKind, "workgroup_kind", WorkgroupKind.STAFF)
    declared_headcount: int | None = None
    """People in this role over the focal process where the roster does not list them all (a rated-only role)."""


class Membership(Table, table=True):
    __table_args__ = (Index("ix_membership_person_team", "person_id", "team_id"),)
    id: int = Field(default=None, primary_key=True)
    team_id: int = Field(foreign_key="team.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    workgroup_id: int = Field(foreign_key="workgroup.id")
    joined_at: datetime = instant()
    left_at: datetime | None = maybe_instant()


class RoleGrant(Table, table=True):
    __tablename__ = "role_grant"
    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    role: Role = state(Role, "role")
    team_id: int | None = Field(default=None, foreign_key="team.id", index=True)
    granted_at: datetime = instant()
    revoked_at: datetime | None = maybe_instant()


# --- measuring -----------------------------------------------------------------------------------------------------


class InstrumentVersion(Table, table=True):
    __tablename__ = "instrument_version"
    __table_args__ = (UniqueConstraint("workspace_id", "instrument", "version", "language", "content_hash"),)
    id: int = Field(default=None, primary_key=True)
    instrument: str
    version: str
    language: str
    content_hash: str
    provenance: str = words()
    licence: str = words()
    used_since: datetime = instant()


class Schedule(Table, table=True):
    """When a team is asked. ``rule`` is ``core.cadence``'s rule as JSON (its seed draws random minutes only)."""

    id: int = Field(default=None, primary_key=True)
    team_id: int = Field(foreign_key="team.id", unique=True)
    rule: dict[str, Any] = Field(sa_type=JSON)
    items: int = 3
    one_workgroup: bool = False
    changed_on: date
    """The team's day of the last change of the rule: periods before it are nobody's duty any more."""
    paused_at: datetime | None = maybe_instant()
    next_check_at: datetime | None = maybe_instant(index=True)
    """Nothing is due for this schedule before then; a hint that spares work, never a truth."""
    created_at: datetime = instant()


class Wave(Table, table=True):
    """Consecutive rounds of a focal process whose figures come out together when it ends."""

    __table_args__ = (UniqueConstraint("focal_process_id", "number"),)
    id: int = Field(default=None, primary_key=True)
    focal_process_id: int = Field(foreign_key="focal_process.id")
    number: int
    key_id: str = Field(unique=True)
    """Random name of the key in the vault."""
    state: WaveState = state(WaveState, "wave_state", WaveState.OPEN)
    opened_at: datetime = instant()
    ends_at: datetime = instant(index=True)
    released_at: datetime | None = maybe_instant()


class Round(Table, table=True):
    __table_args__ = (
        UniqueConstraint("schedule_id", "period"),
        Index("ix_round_state_closes_at", "state", "closes_at"),
    )
    id: int = Field(default=None, primary_key=True)
    schedule_id: int = Field(foreign_key="schedule.id")
    team_id: int = Field(foreign_key="team.id", index=True)
    wave_id: int | None = Field(default=None, foreign_key="wave.id", index=True)
    instrument_version_id: int | None = Field(default=None, foreign_key="instrument_version.id")
    period: str
    opens_at: datetime = instant()
    closes_at: datetime = instant()
    min_respondents: int
    state: RoundState = state(RoundState, "round_state", RoundState.OPEN)
    reason: str | None = None
    """Why a missed round was missed."""
    asked: int = 0
    finished: int | None = None
    """Known after closing only."""


class Ask(Table, table=True):
    """One person is asked in one round. Stays after the release: who was asked and who finished, nothing else."""

    __table_args__ = (UniqueConstraint("round_id", "person_id"), Index("ix_ask_person_state", "person_id", "state"))
    id: int = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    person_id: int = Field(foreign_key="person.id")
    workgroup_id: int = Field(foreign_key="workgroup.id")
    state: AskState = state(AskState, "ask_state", AskState.OPEN)


class AskedItems(Table, table=True):
    """Which questions an ask holds, in order: JSON under the wave's key, of constant length. Deleted at the release."""

    __tablename__ = "asked_items"
    ask_id: int = Field(sa_column=Column(ForeignKey("ask.id"), primary_key=True, autoincrement=False))
    wave_id: int = Field(foreign_key="wave.id", index=True)
    sealed: bytes = sealed()


class Answer(Table, table=True):
    """An answer of an open round: linked to its ask so that it can still be changed. Deleted at the sealing."""

    ask_id: int = Field(sa_column=Column(ForeignKey("ask.id"), primary_key=True, autoincrement=False))
    position: int = Field(primary_key=True)
    wave_id: int = Field(foreign_key="wave.id", index=True)
    sealed: bytes = sealed()
    action_ts: str
    """Slack's time of the tap: the newest wins, whatever the order of arrival."""


class SealedRound(Table, table=True):
    """A closed round's answers: shuffled, without ask or time, under the wave's key. Deleted at the release."""

    __tablename__ = "sealed_round"
    round_id: int = Field(sa_column=Column(ForeignKey("round.id"), primary_key=True, autoincrement=False))
    wave_id: int = Field(foreign_key="wave.id", index=True)
    sealed: bytes = sealed()


class ReleasedFigure(Table, table=True):
    """A figure that has left the gate. A withheld one keeps its row with nulls: withheld looks like empty."""

    __tablename__ = "released_figure"
    __table_args__ = (Index("ix_released_figure_wave_team", "wave_id", "team_id"),)
    id: int = Field(default=None, primary_key=True)
    wave_id: int = Field(foreign_key="wave.id")
    focal_process_id: int = Field(foreign_key="focal_process.id", index=True)
    kind: str
    team_id: int | None = Field(default=None, foreign_key="team.id", index=True)
    rater_id: int | None = Field(default=None, foreign_key="workgroup.id")
    rated_id: int | None = Field(default=None, foreign_key="workgroup.id")
    dimension: str | None = None
    round_id: int | None = Field(default=None, foreign_key="round.id")
    companion: str | None = None
    """What a companion figure is about (psychological safety, commitment, loss, …)."""
    change_id: int | None = Field(default=None, foreign_key="process_change.id")
    value: float | None = None
    respondents_low: int | None = None
    respondents_high: int | None = None
    counts: dict[str, int] | None = Field(default=None, sa_type=JSON)


class Debrief(Table, table=True):
    """How far a team's released wave has come in the debrief order."""

    __table_args__ = (UniqueConstraint("team_id", "wave_id"),)
    id: int = Field(default=None, primary_key=True)
    team_id: int = Field(foreign_key="team.id")
    wave_id: int = Field(foreign_key="wave.id")
    state: DebriefState = state(DebriefState, "debrief_state", DebriefState.COACH)
    opened_at: datetime = instant()
    lead_at: datetime | None = maybe_instant()
    team_at: datetime | None = maybe_instant()
    heard: str = words()
    will_try: str = words()


# --- delivering ----------------------------------------------------------------------------------------------------


class Delivery(Table, table=True):
    """The outbox: one row per message we owe. Holds ids, never rendered words."""

    __table_args__ = (Index("ix_delivery_state_due_at", "state", "due_at"),)
    id: str = Field(default_factory=new_id, primary_key=True, sa_column_kwargs={"default": new_id})
    """Goes with the message as metadata: it is known before the row is stored, and nobody can guess the next one."""
    dedupe_key: str = Field(unique=True)
    kind: DeliveryKind = state(DeliveryKind, "delivery_kind")
    state: DeliveryState = state(DeliveryState, "delivery_state", DeliveryState.PLANNED)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    """To this person's direct messages; None where ``channel`` is addressed."""
    channel: str | None = None
    team_id: int | None = Field(default=None, foreign_key="team.id")
    round_id: int | None = Field(default=None, foreign_key="round.id", index=True)
    ask_id: int | None = Field(default=None, foreign_key="ask.id", index=True)
    wave_id: int | None = Field(default=None, foreign_key="wave.id")
    huddle_id: int | None = Field(default=None, foreign_key="huddle.id")
    commitment_id: int | None = Field(default=None, foreign_key="commitment.id")
    nudge_id: int | None = Field(default=None, foreign_key="nudge.id")
    variant: str = ""
    """Which words of its kind: the reminder's number, a follow-up's occasion."""
    due_at: datetime = instant()
    not_after: datetime | None = maybe_instant()
    attempts: int = 0
    lease_owner: str | None = None
    lease_until: datetime | None = maybe_instant()
    unconfirmed_at: datetime | None = maybe_instant()
    sent_at: datetime | None = maybe_instant()
    sent_channel: str | None = None
    sent_ts: str | None = None
    reason: str | None = None
    """Why it was skipped or failed: a value of ``core.deliveries``, or Slack's error string."""
    created_at: datetime = instant()


class Lease(SQLModel, table=True):
    """Who may do a thing alone, by the database server's time. Belongs to the installation, not to a workspace."""

    metadata = Table.metadata
    name: str = Field(primary_key=True)
    owner: str
    until: datetime = instant()


class InboxEvent(Table, table=True):
    """An event of Slack's that must not be lost or handled twice."""

    __tablename__ = "inbox_event"
    event_id: str = Field(primary_key=True)
    natural_key: str = Field(unique=True)
    kind: str
    subject: str = ""
    """Slack ids only, never text."""
    received_at: datetime = instant(index=True)
    handled_at: datetime | None = maybe_instant()


# --- changes, huddles, nudges --------------------------------------------------------------------------------------


class ProcessChange(Table, table=True):
    __tablename__ = "process_change"
    id: int = Field(default=None, primary_key=True)
    focal_process_id: int = Field(foreign_key="focal_process.id", index=True)
    title: str
    aim: str = words()
    playbook: str
    stage: str
    state: ChangeState = state(ChangeState, "change_state", ChangeState.DRAFT)
    takes_away: str = words()
    """What people lose by it, in the words of whoever registered it; empty if nothing."""
    owner_id: int | None = Field(default=None, foreign_key="person.id")
    sponsor_id: int | None = Field(default=None, foreign_key="person.id")
    measure: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    no_measure_reason: str = words()
    started_at: datetime | None = maybe_instant()
    goes_live_on: date | None = None
    huddle_every_days: int = 7
    huddle_at: time = Field(default=time(13))
    """Local time of the team."""
    huddles_looked_on: date | None = None
    """The day on which the coaching loop last looked for a huddle; spares work, holds no truth."""
    asked_about_huddles_on: date | None = None
    created_at: datetime = instant()


class ChangeStage(Table, table=True):
    """The history of a change: each move of stage or state, with its short why."""

    __tablename__ = "change_stage"
    id: int = Field(default=None, primary_key=True)
    change_id: int = Field(foreign_key="process_change.id", index=True)
    stage: str
    state: ChangeState = state(ChangeState, "stage_state")
    why: str = words()
    entered_at: datetime = instant()
    by_id: int | None = Field(default=None, foreign_key="person.id")


class ChangeTeam(Table, table=True):
    __tablename__ = "change_team"
    change_id: int = Field(foreign_key="process_change.id", primary_key=True)
    team_id: int = Field(foreign_key="team.id", primary_key=True)


class ChangeWorkgroup(Table, table=True):
    __tablename__ = "change_workgroup"
    change_id: int = Field(foreign_key="process_change.id", primary_key=True)
    workgroup_id: int = Field(foreign_key="workgroup.id", primary_key=True)


class ChangeMeasurement(Table, table=True):
    """A value of a change's own outcome measure."""

    __tablename__ = "change_measurement"
    __table_args__ = (UniqueConstraint("change_id", "on"),)
    id: int = Field(default=None, primary_key=True)
    change_id: int = Field(foreign_key="process_change.id")
    on: date
    value: float


class Huddle(Table, table=True):
    __table_args__ = (UniqueConstraint("team_id", "period"),)
    id: int = Field(default=None, primary_key=True)
    team_id: int = Field(foreign_key="team.id")
    change_id: int | None = Field(default=None, foreign_key="process_change.id", index=True)
    period: str
    kind: str
    stage: str = ""
    prompt: str
    """Id in the library."""
    focus: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    """The released tie and dimension it looks at: workgroup ids and a dimension, no figure."""
    facilitator_workgroup_id: int | None = Field(default=None, foreign_key="workgroup.id")
    happens_at: datetime = instant()
    state: HuddleState = state(HuddleState, "huddle_state", HuddleState.PLANNED)
    learned: str = words()
    recorded_by_id: int | None = Field(default=None, foreign_key="person.id")


class HuddleAttendance(Table, table=True):
    """Which roles were there. Roles, never names."""

    __tablename__ = "huddle_attendance"
    huddle_id: int = Field(foreign_key="huddle.id", primary_key=True)
    workgroup_id: int = Field(foreign_key="workgroup.id", primary_key=True)


class Commitment(Table, table=True):
    """One test that a huddle agreed on: what, what we expect, who looks after it, by when."""

    id: int = Field(default=None, primary_key=True)
    team_id: int = Field(foreign_key="team.id", index=True)
    huddle_id: int | None = Field(default=None, foreign_key="huddle.id")
    change_id: int | None = Field(default=None, foreign_key="process_change.id")
    what: str = words()
    prediction: str = words()
    owner_id: int = Field(foreign_key="person.id", index=True)
    due_on: date
    state: CommitmentState = state(CommitmentState, "commitment_state", CommitmentState.OPEN)
    outcome: str = words()
    created_at: datetime = instant()
    closed_at: datetime | None = maybe_instant()


class Nudge(Table, table=True):
    __table_args__ = (UniqueConstraint("team_id", "wave_id", "period"),)
    id: int = Field(default=None, primary_key=True)
    team_id: int = Field(foreign_key="team.id")
    wave_id: int = Field(foreign_key="wave.id")
    change_id: int | None = Field(default=None, foreign_key="process_change.id")
    period: str
    entry: str
    """Id in the library."""
    workgroup_id: int | None = Field(default=None, foreign_key="workgroup.id")
    """The side that is invited to act."""
    rater_id: int | None = Field(default=None, foreign_key="workgroup.id")
    rated_id: int | None = Field(default=None, foreign_key="workgroup.id")
    dimension: str
    why: str
    respondents_low: int
    respondents_high: int | None = None
    """The released band of respondents behind the evidence."""
    arm: NudgeArm = state(NudgeArm, "nudge_arm", NudgeArm.SENT)
    created_at: datetime = instant()


class NudgeReply(Table, table=True):
    __tablename__ = "nudge_reply"
    nudge_id: int = Field(foreign_key="nudge.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True)
    feedback: NudgeFeedback = state(NudgeFeedback, "nudge_feedback")
    at: datetime = instant()


class LibraryEdit(Table, table=True):
    """A coach's wording over the shipped file; the newest version counts, ``text`` None switches the entry off."""

    __tablename__ = "library_edit"
    __table_args__ = (UniqueConstraint("workspace_id", "entry", "version"),)
    id: int = Field(default=None, primary_key=True)
    entry: str
    version: int
    text: str | None = Field(default=None, sa_type=Text)
    restored: bool = False
    by_id: int = Field(foreign_key="person.id")
    at: datetime = instant()


class AuditEvent(Table, table=True):
    """Who did what to what, when. Ids and names of things; never an answer, a comment or a figure."""

    __tablename__ = "audit_event"
    id: int = Field(default=None, primary_key=True)
    at: datetime = instant(index=True)
    actor_id: int | None = Field(default=None, foreign_key="person.id")
    action: str
    subject: str = ""
    detail: dict[str, Any] | None = Field(default=None, sa_type=JSON)
