from __future__ import annotations

import re

from textual.binding import Binding

from terminal.actions.action import GLOBAL
from terminal.actions.table import ACTIONS, BY_ID, bindings_of, hints_of
from terminal.key_names import shown
from terminal.palette import described
from terminal.screens.help import chapters, matching


def test_every_action_has_its_own_id_and_says_what_it_does() -> None:
    assert len(BY_ID) == len(ACTIONS)
    for action in ACTIONS:
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", action.id)
        assert action.help.endswith(".")
        assert action.label
        assert action.keys


def test_every_binding_carries_its_id_so_that_users_can_change_it() -> None:
    for context in {action.context for action in ACTIONS}:
        for binding in bindings_of(context):
            assert isinstance(binding, Binding)
            assert binding.id in BY_ID
            assert binding.priority is BY_ID[binding.id].always


def test_hints_belong_to_the_pane_or_the_desk_most_useful_first() -> None:
    hints = hints_of("chart")
    assert {action.context for action in hints} == {GLOBAL, "chart"}
    assert [action.hint for action in hints] == sorted((action.hint for action in hints), reverse=True)


def test_keys_are_shown_as_a_person_reads_them() -> None:
    assert [shown(key) for key in ("ctrl+k", "f6", "slash", "x")] == ["^K", "F6", "/", "x"]


def test_the_help_names_every_action_with_the_users_own_keys() -> None:
    told = dict(chapters({"trade.buy": "y"}))
    sentences = [sentence for entries in told.values() for _, sentence, _ in entries]
    assert all(action.help in sentences for action in ACTIONS)
    assert ("y", BY_ID["trade.buy"].help) in [entry[:2] for entries in told.values() for entry in entries]


def test_a_search_of_the_help_leaves_what_has_all_its_words() -> None:
    found = list(matching(chapters({}), "cancel everything"))
    assert found
    assert all(
        "cancel" in f"{heading} {entry}".lower() and "everything" in f"{heading} {entry}".lower()
        for heading, entries in found
        for entry in entries
    )


def test_the_palette_says_where_an_action_belongs_and_its_key() -> None:
    assert described(BY_ID["trade.buy"]) == ("b", "buy", "Begin a buy at the bid.")
    assert described(BY_ID["chart.timeframe"])[:2] == ("t", "Chart: timeframe")
