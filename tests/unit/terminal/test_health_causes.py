"""Why a component is not well: the chain from it to where it began."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.messages.health_views import TROUBLES, HealthState, HealthView
from terminal.health.causes import chain, explained

OK, DEGRADED, DOWN, OFF = HealthState.OK, HealthState.DEGRADED, HealthState.DOWN, HealthState.OFF
NAMES = [*"abcdef"]


def row(name: str, state: HealthState, *needs: str, since_ns: int = 1, value: str = "") -> HealthView:
    return HealthView(name, name, state, value or state.value, "", (), since_ns, needs=needs)


rows = st.builds(
    lambda states, needs, since: [
        row(name, states[n], *needs[n], since_ns=since[n]) for n, name in enumerate(NAMES)
    ],
    st.lists(st.sampled_from(HealthState), min_size=6, max_size=6),
    st.lists(st.lists(st.sampled_from([*NAMES, "nowhere"]), unique=True, max_size=4), min_size=6, max_size=6),
    st.lists(st.integers(0, 5), min_size=6, max_size=6),
)


@settings(deadline=None, max_examples=150)
@given(rows, st.sampled_from(NAMES))
def test_each_link_is_needed_by_the_one_before_is_unwell_and_is_there_once(
    board: list[HealthView], name: str
) -> None:
    found = chain(name, board)
    assert found[0].name == name
    assert len({each.name for each in found}) == len(found)
    for before, after in pairwise(found):
        assert before.state in TROUBLES
        assert after.state in TROUBLES
        assert after.name in before.needs
    if found[0].state in TROUBLES:
        unwell = {each.name for each in board if each.state in TROUBLES}
        assert {*found[-1].needs} & unwell <= {each.name for each in found}


def test_of_what_is_needed_the_worst_comes_first_and_then_what_is_named_first() -> None:
    board = [
        row("quotes", DEGRADED, "late", "cut", "clock"),
        row("late", DEGRADED, since_ns=1),
        row("cut", DOWN, since_ns=9),
        row("clock", DOWN, since_ns=5),
    ]
    assert [each.name for each in chain("quotes", board)] == ["quotes", "cut"]


def test_the_chain_is_told_in_sentences_down_to_where_it_began() -> None:
    board = [
        row("quote age", DEGRADED, "feed", value="9 of 9 doubtful"),
        row("feed", DOWN, "kraken", value="silent"),
        row("kraken", DOWN, "data route", value="not connected"),
        row("data route", DOWN, value="open · connection refused"),
    ]
    assert explained("quote age", board) == [
        "quote age is degraded: 9 of 9 doubtful",
        "  because feed is down: silent",
        "    because kraken is down: not connected",
        "      because data route is down: open · connection refused",
        "",
        "It begins with data route: look there first.",
    ]
    assert explained("data route", board)[-1] == "It begins here: it needs nothing else."


def test_what_is_well_or_gone_says_so() -> None:
    board = [row("feed", OK), row("loop", DEGRADED, "feed")]
    assert explained("feed", board)[-1] == "Nothing was wrong since the start."
    assert explained("loop", board)[-1] == "It begins here: all that it needs is well, or not in use."
    assert explained("nothing", board) == ["It is not there any more."]
    was = HealthView("feed", "feed", OK, "9 q/s", "", (), 1, "silent", 1)
    assert explained("feed", [was])[-1] == "What was wrong last: silent."
