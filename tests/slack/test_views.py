from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.core.messages import WhatCameOfIt
from bot.core.states import ChangeState, CommitmentState, Role
from bot.sandbox.blockkit import check_view
from bot.services.changes import ChangeDraft, ChangeOptions, ChangeView
from bot.services.commitments import CommitmentView
from bot.services.home import AdminView, HomeView, TeamCard
from bot.services.people import Wishes
from bot.slack.blocks import change, home, setup
from bot.slack.blocks.kit import table
from bot.slack.blocks.setup import SetupValues
from bot.slack.words import Words
from tests.cast import words

IN_ENGLISH = Words(words())
LONG = "Discharge & <Transfer> of older patients with several conditions, " * 6
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PLAYBOOKS = tuple((b.id, b.name, tuple((s.id, s.name) for s in b.stages)) for b in words().playbooks)


def _home(teams: int, **more: Any) -> HomeView:
    cards = tuple(TeamCard(n, f"{n} {LONG}", date(2026, 3, 9), "coach", 4, False, None) for n in range(teams))
    promises = tuple(CommitmentView(n, LONG, LONG, LONG, date(2026, 3, 9), CommitmentState.OPEN) for n in range(30))
    facts: dict[str, Any] = {
        "name": LONG,
        "roles": frozenset(Role),
        "open_pulses": (),
        "next_on": date(2026, 3, 9),
        "opted_out": False,
        "snoozed_until": NOW,
        "language": "en-US",
        "hour": 9,
        "came_of_it": WhatCameOfIt(heard=LONG, tried=LONG, since=date(2026, 3, 1)),
        "teams": cards,
        "changes": (_change(),) * 12,
        "commitments": promises,
        "admin": AdminView(9, 9, 9, 9, "token_revoked"),
    }
    return HomeView(**(facts | more))


def _change() -> ChangeView:
    book, _, stages = PLAYBOOKS[0]
    return ChangeView(
        id=7,
        title=LONG,
        aim=LONG,
        playbook=book,
        stage=stages[0][0],
        state=ChangeState.ACTIVE,
        team_ids=(1,),
        teams=(LONG,),
        workgroup_ids=(1, 2),
        workgroups=(LONG, LONG),
        owner="U1",
        sponsor=None,
        measure={"name": LONG, "unit": "h", "direction": "down"},
        no_measure_reason="",
        takes_away=LONG,
        started_at=NOW,
        goes_live_on=date(2026, 6, 1),
        history=((stages[0][0], ChangeState.ACTIVE, LONG, NOW),) * 9,
    )


@pytest.mark.parametrize("page", [0, 1, 2, 99])
def test_home_of_somebody_with_fifty_teams_and_every_role_fits(page: int) -> None:
    view = home.home(_home(50), NOW, IN_ENGLISH, page=page)

    assert check_view(view, "home") == []
    assert len(view["blocks"]) <= 100
    assert "Updated" in str(view["blocks"][-1]), "nothing was cut off at the foot"


def test_home_of_a_stranger_fits() -> None:
    assert check_view(home.home(None, NOW, IN_ENGLISH), "home") == []


def test_the_forms_of_a_person_fit() -> None:
    assert check_view(home.wishes(Wishes("en", 9), ["en", "de"], IN_ENGLISH), "modal") == []


@pytest.mark.parametrize("teams", [2, 150])
def test_the_choice_of_a_team_fits_however_many_there_are(teams: int) -> None:
    view = setup.choose_team([(n, f"{n} {LONG}") for n in range(teams)], IN_ENGLISH)

    assert check_view(view, "modal") == []


def test_the_setup_form_fits_with_a_band_of_its_own() -> None:
    view = setup.form((1, LONG), SetupValues(band="47"), None, [], IN_ENGLISH)

    assert check_view(view, "modal") == []
    assert "47 minutes" in str(view)


def test_the_forms_of_a_change_fit() -> None:
    many = tuple((n, f"{n} {LONG}") for n in range(150))
    draft = ChangeDraft(LONG, LONG, PLAYBOOKS[0][0], "", (1,), (2,), owner="U1", measure_name=LONG)
    views = [
        change.form(draft, 7, ChangeOptions(many, many, PLAYBOOKS), IN_ENGLISH),
        change.form(draft, None, ChangeOptions(many[:3], many[:9], PLAYBOOKS), IN_ENGLISH),
        change.move(_change(), IN_ENGLISH),
        change.value_form(_change(), date(2026, 3, 2), IN_ENGLISH),
    ]

    assert [check_view(view, "modal") for view in views] == [[], [], [], []]


def test_a_table_beyond_slacks_limits_is_none() -> None:
    assert table(["a"] * 21, []) is None
    assert table(["a"], [["b"]] * 100) is None
    assert table(["a"], [["b" * 10_000]]) is None
    assert table(["a", "b"], [["c", ""]]) is not None
