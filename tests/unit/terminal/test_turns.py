from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import cast

import pytest

from terminal.turns import Turns
from terminal.widgets.pane import LivePane


class Drawn:
    """Something that is drawn; says so to a list."""

    def __init__(self, name: str, order: list[str], fault: Exception | None = None) -> None:
        self.name, self.order, self.fault = name, order, fault

    def redraw_in_parts(self) -> Iterator[None]:
        self.order.append(self.name)
        if self.fault is not None:
            raise self.fault
        yield


def run(names: list[str], faults: dict[str, Exception] | None = None) -> tuple[list[str], list[Exception]]:
    """Ask for these to be drawn, and something else after the first; return the order and the errors."""
    order: list[str] = []
    errors: list[Exception] = []
    panes = {name: Drawn(name, order, (faults or {}).get(name)) for name in names}

    async def scenario() -> None:
        turns = Turns(errors.append)
        for name in names:
            turns.add(cast("LivePane", panes[name]))
        asyncio.get_running_loop().call_soon(order.append, "key")
        await asyncio.sleep(0.05)

    asyncio.run(scenario())
    return order, errors


def test_a_key_is_taken_between_two_panes() -> None:
    order, _ = run(["quotes", "chart", "depth"])
    assert order.index("key") < order.index("chart")
    assert sorted(order) == ["chart", "depth", "key", "quotes"]


def test_a_pane_asked_for_twice_is_drawn_once() -> None:
    order, _ = run(["quotes", "quotes"])
    assert order.count("quotes") == 1


def test_a_fault_in_one_pane_is_told_and_the_others_are_drawn() -> None:
    fault = ValueError("no bars")
    order, errors = run(["chart", "depth"], {"chart": fault})
    assert errors == [fault]
    assert "depth" in order


@pytest.mark.parametrize("count", [1, 9])
def test_every_pane_gets_its_turn(count: int) -> None:
    names = [f"pane{number}" for number in range(count)]
    order, _ = run(names)
    assert [name for name in order if name != "key"] == names


class Parted(Drawn):
    """Something that is drawn in three parts."""

    def redraw_in_parts(self) -> Iterator[None]:
        for part in range(3):
            self.order.append(f"{self.name}{part}")
            yield


def turn(*panes: Drawn, key_after: int = 0, key_rounds: int = 0) -> list[str]:
    """Let panes have their turns; a key comes after so many rounds of the loop and takes so many. Return the order."""
    order = panes[0].order
    rounds = 0

    def tick() -> None:
        nonlocal rounds
        rounds += 1
        if rounds == key_after + key_rounds:
            order.append("key")
        if rounds < 40:
            asyncio.get_running_loop().call_soon(tick)

    async def scenario() -> None:
        turns = Turns(lambda _: None)
        turns.give_way_to(lambda: key_after <= rounds < key_after + key_rounds)
        asyncio.get_running_loop().call_soon(tick)
        for pane in panes:
            turns.add(cast("LivePane", pane))
        await asyncio.sleep(0.05)

    asyncio.run(scenario())
    return order


def test_a_key_is_taken_between_two_parts_of_a_pane() -> None:
    order = turn(Parted("quotes", []), key_after=2, key_rounds=1)
    assert order.index("quotes0") < order.index("key") < order.index("quotes2")


def test_nothing_is_drawn_while_a_key_is_on_its_way() -> None:
    order: list[str] = []
    turn(Parted("quotes", order), Drawn("depth", order), key_after=2, key_rounds=9)
    assert order == ["quotes0", "key", "quotes1", "quotes2", "depth"]


def test_once_nothing_is_left_to_draw_it_is_said_once() -> None:
    order: list[str] = []

    async def scenario() -> None:
        turns = Turns(lambda _: None, lambda: order.append("drawn"))
        for name in ("quotes", "chart"):
            turns.add(cast("LivePane", Drawn(name, order)))
        await asyncio.sleep(0.05)

    asyncio.run(scenario())
    assert order == ["quotes", "chart", "drawn"]
