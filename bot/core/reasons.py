"""Why somebody is not asked, or not now: values that are stored, shown in the dry run and counted in metrics."""

from enum import StrEnum

PERSONAL = "personal"


class Reason(StrEnum):
    """One word per reason. The text of each stands in `prompts/`."""

    # Calendar: anybody may know these.
    HOLIDAY = "holiday"  # a public holiday of the team's or the person's country and region
    CLOSURE = "closure"  # the team's own closure day
    DAY_OFF = "day_off"  # the team does not work on this weekday
    NO_SUCH_DAY = "no_such_day"  # the time zone skips this day
    NO_OPEN_HOUR = "no_open_hour"  # working hours and quiet hours leave no minute within the window
    PAUSED = "paused"  # the schedule is paused
    MISSED = "missed"  # the bot was down until the window had passed
    # Roster: whoever sees the roster may know these.
    LEFT = "left"
    JOINED_LATER = "joined_later"
    NO_WORKGROUP = "no_workgroup"
    DEACTIVATED = "deactivated"
    # Delivery: the state of the work itself.
    CLOSED = "closed"  # the round, or whatever the message is about, was over first
    WITHDRAWN = "withdrawn"  # a coach took it back
    FAILED = "failed"  # Slack refused it, or it could not be made; the operators' view says why
    # Personal: nobody but the person may learn which of these it was.
    OPTED_OUT = "opted_out"
    SNOOZED = "snoozed"
    OWN_HOURS = "own_hours"
    STATUS = "status"
    DND = "dnd"
    BUDGET = "budget"
    ANSWERED = "answered"

    @property
    def personal(self) -> bool:
        """Whether a coach must not learn it: it says something about the person's choices or answers."""
        return self in _PERSONAL

    @property
    def shown(self) -> str:
        """What everybody but the person may read."""
        return PERSONAL if self.personal else self.value


_PERSONAL = frozenset(
    {
        Reason.OPTED_OUT,
        Reason.SNOOZED,
        Reason.OWN_HOURS,
        Reason.STATUS,
        Reason.DND,
        Reason.BUDGET,
        Reason.ANSWERED,
    }
)
