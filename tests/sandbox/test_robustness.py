"""Whatever is sent to it, the sandbox answers; it never fails."""

import asyncio
from typing import Any

import aiohttp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.sandbox.limits import Limits
from bot.sandbox.pace import Pace
from bot.sandbox.server import Sandbox
from bot.sandbox.web.specs import SPECS
from tests.sandbox.desk import Desk, Json, actions, button

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**12),
    st.text(max_size=8),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.sampled_from(["id", "type", "text", "value", "blocks"]), st.text(max_size=3), max_size=2),
    st.sampled_from(["@direct", "@ts", "@user", "@file", "@trigger", "1.1", "[]", "{}", "-1", "0"]),
)
LOCAL = {
    "messages": ["user", "channel", "text", "thread_ts"],
    "commands": ["user", "channel", "command", "text"],
    "actions": ["user", "channel", "message_ts", "view_id", "block_id", "action_id", "value", "selected"],
    "options": ["user", "channel", "message_ts", "action_id", "value"],
    "shortcuts": ["user", "callback_id", "channel", "message_ts"],
    "views/V0/submit": ["user", "values"],
    "home/ada/open": ["app", "tab"],
    "clock": ["set", "advance_seconds"],
    "faults": ["fault", "method", "nth", "times", "probability", "seconds", "seed", "clear", "user"],
    "users": ["name", "tz", "email", "team"],
    "channels": ["name", "members"],
    "usergroups": ["handle", "members"],
    "workspaces": ["team", "people", "channels"],
    "apps": ["display_information", "features", "settings"],
}
calls = st.sampled_from(sorted(SPECS.keys() - {"auth.revoke", "apps.uninstall"})).flatmap(
    lambda method: st.tuples(
        st.just(method), st.fixed_dictionaries({}, optional=dict.fromkeys(SPECS[method].args, values))
    )
)
acts = st.sampled_from(sorted(LOCAL)).flatmap(
    lambda path: st.tuples(st.just(path), st.fixed_dictionaries({}, optional=dict.fromkeys(LOCAL[path], values)))
)


async def _known(desk: Desk) -> dict[str, Any]:
    direct = await desk.direct_message("ada")
    posted = await desk.call("chat.postMessage", channel=direct, text="x", blocks=[actions(button("go"))])
    return {"@direct": direct, "@ts": posted["ts"], "@user": desk.id_of("ada"), "@file": "F0", "@trigger": "1.2.3"}


def _filled(args: Json, known: dict[str, Any]) -> Json:
    return {key: known.get(value, value) if isinstance(value, str) else value for key, value in args.items()}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(calls, min_size=5, max_size=25), st.lists(acts, min_size=3, max_size=15))
def test_no_call_and_no_act_is_answered_with_a_failure(
    web_calls: list[tuple[str, Json]], local_acts: list[tuple[str, Json]]
) -> None:
    async def play() -> None:
        pace = Pace(ack_seconds=0.01, follower_seconds=0.01, share_seconds=0.0)
        sandbox = await Sandbox.start(limits=Limits(enabled=False), pace=pace)
        async with aiohttp.ClientSession() as http:
            desk = Desk(sandbox, http)
            known = await _known(desk)
            for method, args in web_calls:
                answer = await desk.call(method, **_filled(args, known))
                assert isinstance(answer["ok"], bool), (method, args)
            for path, body in local_acts:
                url = f"{sandbox.base_url}/_sandbox/{path}"
                async with http.post(url, json=_filled(body, known)) as local:
                    assert local.status < 500, (path, body)
                    assert local.status == 200 or (await local.json())["error"], (path, body)
        await sandbox.stop()

    asyncio.run(play())
