"""The way to a gateway, walked as `touchline connect ib --check` walks it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from engine.adapters.ib.way import way
from engine.clock import SystemClock
from engine.messages.checks import Outcome, Step
from engine.settings.venues import IbSettings
from engine.transport.checking import walk
from tests.venues.ib.venue import IbVenue

pytest.importorskip("ib_async", reason="the extra is not installed")


@pytest.fixture
def venue() -> Iterator[IbVenue]:
    with IbVenue() as each:
        yield each


def walked(venue: IbVenue, account: str = "") -> dict[str, Step]:
    async def run() -> dict[str, Step]:
        clock = SystemClock()
        checks = way(IbSettings(port=venue.port, account=account), clock, patience_s=0.2)
        return {step.name: step async for step in walk(checks, clock)}

    return asyncio.run(run())


def test_every_step_is_well_where_all_is_and_nothing_is_sent(venue: IbVenue) -> None:
    venue.do(lambda: venue.floor.quote("AAPL", "189.98", "190.02"))
    steps = walked(venue)
    assert {name: step.outcome for name, step in steps.items() if step.outcome is not Outcome.OK} == {
        "clock": Outcome.SKIPPED
    }
    assert steps["auth"].detail == "the gateway answers, and is logged in to DU1234567"
    assert steps["permissions"].detail == "DU1234567 is a paper account"
    assert steps["data"].detail == "AAPL is known and has a price"
    assert steps["orders"].detail == "an order to buy 1 AAPL at 0.01 is written and was NOT sent"
    assert venue.do(lambda: venue.floor.placed) == 0


def test_another_account_and_a_closed_market_are_said(venue: IbVenue) -> None:
    venue.floor.closed = True
    venue.floor.faults.no_ticks = True
    steps = walked(venue, "DU7")
    assert steps["permissions"].detail == "venues.ib.account is 'DU7', the gateway has DU1234567"
    assert steps["data"].outcome is Outcome.WARNING
    assert steps["data"].detail.endswith("and its market is closed")
    assert steps["orders"].outcome is Outcome.SKIPPED


def test_where_nobody_listens_the_rest_is_not_tried(venue: IbVenue) -> None:
    venue.close()
    steps = walked(venue)
    assert steps["tcp"].outcome is Outcome.FAILED
    assert steps["auth"].detail == "not tried: tcp failed"
    assert steps["orders"].outcome is Outcome.SKIPPED


def test_what_is_no_gateway_is_said_with_what_to_do(venue: IbVenue) -> None:
    venue.floor.faults.refuse = True
    steps = walked(venue)
    assert steps["auth"].outcome is Outcome.FAILED
    assert steps["auth"].remedy.startswith("Start TWS or IB Gateway")
