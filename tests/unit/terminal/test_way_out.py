from __future__ import annotations

from collections.abc import Callable
from typing import cast

from textual.driver import Driver
from textual.events import Key
from textual.message import Message

from engine.messages.commands import CancelAll, SetTradingState, TradingState
from terminal.way_out import WayOut, direct
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
    assert len(driver.handed_on) == 2


def test_every_other_key_only_goes_to_the_screen() -> None:
    engine = StillEngine()
    way_out = WayOut(engine, {})
    assert not any(way_out.press(Key(key, None)) for key in ("b", "x", "enter", "f6", "ctrl+k"))
    assert not engine.told


def test_the_way_out_follows_the_users_own_keys() -> None:
    engine = StillEngine()
    way_out = WayOut(engine, {"trade.cancel_now": "f9"})
    assert way_out.press(Key("f9", None))
    assert not way_out.press(Key("f7", None))
    assert [type(command) for command in engine.told] == [CancelAll]
