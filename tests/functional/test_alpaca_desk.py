"""The real program with its orders at a venue of this machine that speaks Alpaca's protocols."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest

from engine.ports.secrets import Credential
from engine.security.credentials import keep_credential
from engine.security.vault.key_file import KeyFile
from tests.alpaca_bench import CREDENTIAL
from tests.pty_desk import PtyDesk, environment
from tests.venues.alpaca.faults import RestFault
from tests.venues.alpaca.venue import AlpacaVenue

QUIT = "\x11"
BTC = "BTC/USD"


@pytest.fixture
def venue() -> Iterator[AlpacaVenue]:
    """Run a venue that quotes all the time: what is only quiet is stale for the gate."""
    stop = threading.Event()
    with AlpacaVenue() as venue:

        def breathe() -> None:
            for number in count():
                size = f"{number % 9 + 1}"
                venue.do(lambda size=size: venue.floor.quote(BTC, "60999", "61001", size, "5"))  # type: ignore[misc]
                if stop.wait(0.2):
                    return

        thread = threading.Thread(target=breathe)
        thread.start()
        yield venue
        stop.set()
        thread.join()


def home_of(root: Path, venue: AlpacaVenue, credential: Credential = CREDENTIAL) -> Path:
    """Return a home whose settings lead to the venue, with a key of its own."""
    (root / "config").mkdir()
    (root / "config" / "config.toml").write_text(
        '[metrics]\nport = 0\n[broker]\nkind = "alpaca"\ncompare_every_s = 5.0\n[account]\ncash = 100000\n'
        f'[credentials]\nkey_file = "{root / "keys"}"\n'
        f'[venues.alpaca]\ntrading_url = "{venue.trading_url}"\ndata_url = "{venue.data_url}"\n'
        f'stream_url = "{venue.stream_url}"\ntrades_url = "{venue.trades_url}"\naccount = "PA3LOCAL0001"\n',
        encoding="utf-8",
    )
    keep_credential(KeyFile(root / "keys"), "alpaca", credential)
    return root


def desk_on(home: Path) -> PtyDesk:
    return PtyDesk(["live", "alpaca", BTC], environment(home))


def lives(desk: PtyDesk) -> None:
    desk.until(lambda: re.search(r"BTC/USD .*60999\.00 +61001\.00", desk.text))


def is_cancelled(desk: PtyDesk, price: str) -> bool:
    """Whether the order at a price is off the book, and that is not only asked for."""
    return bool(re.search(rf"{price}\S* .* CXL(?!\?)", desk.text))


@pytest.mark.pty
def test_an_order_is_typed_here_worked_there_and_cancelled_from_both_sides(
    tmp_path: Path, venue: AlpacaVenue
) -> None:
    home, floor = home_of(tmp_path, venue), venue.floor
    with desk_on(home) as desk:
        lives(desk)
        assert "LIVE DATA · PAPER" in desk.lines[0]
        desk.send("b 0.1 BTC/USD mkt ioc")
        desk.until(lambda: re.search(r"BTC/USD +BUY +0\.1 +0\.1 .*✓ FILL", desk.text))
        assert venue.do(lambda: floor.account.holdings[BTC].quantity) == Decimal("0.1")
        desk.send("b 0.2 BTC/USD 60000 gtc")
        desk.until(lambda: desk.row_with(BTC, "60000", "● WORK"))
        (order,) = venue.do(lambda: floor.exchange.open)
        venue.do(lambda: floor.exchange.cancel(order.id))
        desk.until(lambda: is_cancelled(desk, "60000"))
        body = {"symbol": BTC, "qty": "0.3", "side": "buy", "type": "limit", "limit_price": "59000"}
        venue.do(lambda: floor.exchange.submit({**body, "time_in_force": "gtc"}))
        desk.until(lambda: desk.row_with(BTC, "59000", "● WORK"))
        desk.press("X")
        desk.press("\r")
        desk.until(lambda: is_cancelled(desk, "59000"))
        desk.press(QUIT)
        assert desk.exit_code() == 0
        assert b"Traceback" not in bytes(desk.raw)
    assert venue.do(lambda: floor.exchange.open) == []


@pytest.mark.pty
def test_an_order_whose_answer_is_lost_is_found_and_not_sent_again(
    tmp_path: Path, venue: AlpacaVenue
) -> None:
    home, floor = home_of(tmp_path, venue), venue.floor
    with desk_on(home) as desk:
        lives(desk)
        fault = RestFault("error", "POST", "/v2/orders", done=True)
        venue.do(lambda: floor.faults.rest.append(fault))
        venue.do(lambda: setattr(floor.faults, "lose_updates", 2))
        desk.send("b 0.2 BTC/USD 60000 gtc")
        desk.until(lambda: desk.row_with(BTC, "60000", "● WORK"))
        desk.press(QUIT)
        desk.until("keep · c cancel all")
        desk.press("k")
        assert desk.exit_code() == 0
    assert [each for each in floor.requests if each.startswith("POST")] == ["POST /v2/orders"]


@pytest.mark.pty
def test_a_broker_that_goes_away_is_seen_on_the_desk_and_comes_back(
    tmp_path: Path, venue: AlpacaVenue
) -> None:
    with desk_on(home_of(tmp_path, venue)) as desk:
        lives(desk)
        desk.press("8z")
        desk.until(lambda: re.search(r"alpaca account +connected", desk.text))
        desk.until(lambda: re.search(r"requests left +1\d\d left", desk.text))
        venue.close()
        desk.until(lambda: re.search(r"alpaca account +not connected", desk.text))
        desk.until("BROKER DOWN")
        venue.open()
        desk.until(lambda: re.search(r"alpaca account +connected", desk.text))
        desk.press(QUIT)
        assert desk.exit_code() == 0


@pytest.mark.pty
def test_without_a_key_the_program_ends_with_a_sentence(tmp_path: Path, venue: AlpacaVenue) -> None:
    home = home_of(tmp_path, venue)
    (home / "keys").unlink()
    with desk_on(home) as desk:
        assert desk.exit_code() == 2
        assert "touchline credentials add alpaca" in bytes(desk.raw).decode()
