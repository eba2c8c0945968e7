from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest
from textual.driver import Driver
from textual.events import Key
from textual.message import Message

from engine.clock import NS_PER_MS
from engine.messages.commands import CancelAll, Flatten, SetTradingState, TradingState
from engine.model.instrument import Symbol
from terminal.actions.table import ACTIONS
from terminal.way_out import MEANS, TWICE, GotOut, WayOut, direct, in_words
from tests.frozen_desk import StillEngine


class Told(Driver):
    """A driver that keeps what it would hand to the screen."""

    def __init__(self) -> None:
        self.handed_on: list[Message] = []

    def write(self, data: str) -> None: ...

    def start_application_mode(self) -> None: ...

    def disable_input(self) -> None: ...

    def stop_application_mode(self) -> None: ...

    def process_message(self, message: Message) -> None:
        self.handed_on.append(message)


def test_the_keys_that_get_out_are_sent_before_the_screen_hears_of_them() -> None:
    engine = StillEngine()
    make = cast("Callable[[], Driver]", direct(Told, WayOut(engine, {})))
    driver = make()
    for key in ("f7", "f8"):
        driver.process_message(Key(key, None))
    sent = list(engine.told)
    assert [type(command) for command in sent] == [CancelAll, SetTradingState]
    assert isinstance(sent[1], SetTradingState)
    assert sent[1].state is TradingState.HALTED
    assert isinstance(driver, Told)
    assert all(isinstance(message, GotOut) for message in driver.handed_on)


def test_every_other_key_only_goes_to_the_screen() -> None:
    engine = StillEngine()
    way_out = WayOut(engine, {})
    for name in ("b", "x", "enter", "f12", "ctrl+q"):
        key = Key(name, None)
        assert way_out.hear(key) is key
    assert not engine.told


def test_the_way_out_follows_the_users_own_keys() -> None:
    engine = StillEngine()
    way_out = WayOut(engine, {"trade.cancel_now": "f5"})
    assert isinstance(way_out.hear(Key("f5", None)), GotOut)
    assert isinstance(way_out.hear(Key("f7", None)), Key)
    assert [type(command) for command in engine.told] == [CancelAll]


def test_the_table_of_actions_and_what_they_send_name_the_same() -> None:
    assert {action.id for action in ACTIONS if action.gets_out} == set(MEANS)
    assert set(MEANS) >= TWICE


@pytest.mark.parametrize("name", sorted(TWICE))
def test_what_must_be_pressed_twice_is_sent_at_the_second_press_and_not_too_soon(name: str) -> None:
    engine = StillEngine()
    way_out = WayOut(engine, {}, 250)
    way_out.focus = Symbol("NVDA")
    assert not way_out.press(name, 0).sent
    assert not way_out.press(name, 100 * NS_PER_MS).sent
    assert not engine.told
    assert way_out.press(name, 500 * NS_PER_MS).sent
    assert engine.told
    assert not way_out.press(name, 5_000 * NS_PER_MS).sent


def test_a_second_press_for_another_symbol_flattens_neither() -> None:
    engine = StillEngine()
    way_out = WayOut(engine, {}, 250)
    way_out.focus = Symbol("NVDA")
    way_out.press("trade.flatten", 0)
    way_out.focus = Symbol("AAPL")
    assert not way_out.press("trade.flatten", 500 * NS_PER_MS).sent
    assert not engine.told
    assert way_out.press("trade.flatten", 1_000 * NS_PER_MS).sent
    assert engine.told == [Flatten(Symbol("AAPL"), origin="key")]


def test_without_a_symbol_in_focus_nothing_is_flattened_and_that_is_said() -> None:
    engine = StillEngine()
    way_out = WayOut(engine, {}, 250)
    way_out.press("trade.flatten", 0)
    got_out = way_out.press("trade.flatten", 500 * NS_PER_MS)
    assert not engine.told
    assert "no symbol" in in_words(got_out, "F6", 0)[0]
