"""The real program on live market data: `touchline live` against venues of this machine."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from terminal.__main__ import main
from tests import binance_bench, coinbase_bench
from tests.kraken_bench import venue_with_books
from tests.pty_desk import PtyDesk, environment
from tests.venues.kraken.venue import KrakenVenue

QUIT, ESCAPE = "\x11", "\x1b"


@pytest.fixture
def venue() -> Iterator[KrakenVenue]:
    with venue_with_books(levels=120) as each:
        yield each


@pytest.fixture
def breathing(venue: KrakenVenue) -> Iterator[None]:
    """Let the book say something all the time, far from the touch: a quote that is only quiet is stale for the gate."""
    stop = threading.Event()

    def breathe() -> None:
        for number in count():
            if stop.wait(0.2):
                return
            size = f"{number % 9 + 1}.00000000"
            venue.do(lambda size=size: venue.floor.change("BTC/USD", bids=[("60995.0", size)]))  # type: ignore[misc]

    thread = threading.Thread(target=breathe)
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.fixture
def home(tmp_path: Path, venue: KrakenVenue) -> Path:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text(
        "[metrics]\nport = 0\n"
        f'[venues.kraken]\nstream_url = "{venue.stream_url}"\nrest_url = "{venue.rest_url}"\n',
        encoding="utf-8",
    )
    return tmp_path


def desk_on(home: Path, *symbols: str, fresh: bool = False) -> PtyDesk:
    return PtyDesk(["live", "kraken", *symbols, *(["--fresh"] if fresh else [])], environment(home))


def lives(desk: PtyDesk) -> None:
    desk.until(lambda: re.search(r"BTC/USD .*60999\.9 +61000\.1", desk.text))


@pytest.mark.pty
@pytest.mark.usefixtures("breathing")
def test_a_quote_is_seen_bought_on_paper_and_held_at_the_next_start(home: Path, venue: KrakenVenue) -> None:
    with desk_on(home, "btc/usd", "ETH/USD") as desk:
        lives(desk)
        assert "LIVE DATA · PAPER" in desk.lines[0]
        desk.send("b 0.5 BTC/USD mkt")
        desk.until(lambda: re.search(r"BTC/USD +BUY +0\.5 +0\.5 .*✓ FILL", desk.text))
        venue.do(lambda: venue.floor.trade("BTC/USD", "buy", "61000.1", "0.07000000"))
        desk.until(lambda: re.search(r"61000\.1 +0\.07", desk.text))
        desk.send("b 0.1 BTC/USD 60990")
        desk.until(lambda: desk.row_with("BTC/USD", "BUY", "● WORK"))
        desk.press(QUIT)
        desk.until("keep · c cancel all")
        desk.press("k")
        assert desk.exit_code() == 0
        assert b"Traceback" not in bytes(desk.raw)
    assert sorted(path.name for path in (home / "data" / "journal").iterdir()) == ["paper"]
    with desk_on(home, "BTC/USD") as desk:
        lives(desk)
        desk.until("1 open")
        desk.until(lambda: desk.row_with("BTC/USD", "BUY", "● WORK"))
        venue.do(lambda: venue.floor.trade("BTC/USD", "sell", "60989.9", "0.30000000"))
        desk.until(lambda: "● WORK" not in desk.text)
        desk.until(lambda: re.search(r"BTC/USD +0\.6 ", desk.text))
        desk.press(QUIT)
        assert desk.exit_code() == 0


@pytest.mark.pty
def test_a_venue_that_goes_away_is_seen_on_the_desk_and_comes_back(home: Path, venue: KrakenVenue) -> None:
    with desk_on(home, "BTC/USD") as desk:
        lives(desk)
        desk.press("8z")
        desk.until(lambda: re.search(r"kraken +connected", desk.text))
        venue.close()
        desk.until(lambda: re.search(r"kraken +not connected", desk.text))
        desk.until(lambda: re.search(r"data route +open", desk.text))
        venue.open()
        desk.until(lambda: re.search(r"kraken +connected", desk.text))
        desk.press(QUIT)
        assert desk.exit_code() == 0


@pytest.mark.pty
def test_a_desk_whose_venue_is_gone_shows_what_was_known_as_old_and_asks_only_for_the_minutes_since(
    home: Path, venue: KrakenVenue
) -> None:
    with desk_on(home, "BTC/USD") as desk:
        lives(desk)
        desk.press(QUIT)
        assert desk.exit_code() == 0
    venue.close()
    with desk_on(home, "BTC/USD") as desk:
        lives(desk)
        desk.press("w")
        desk.until("from before the start")
        desk.press_until(ESCAPE, lambda: "from before the start" not in desk.text)
        desk.send("b 0.1 BTC/USD mkt")
        desk.until("denied")
        venue.floor.reads.clear()
        venue.open()
        desk.until("data answers again")
        desk.until("61001.0")
        desk.press(QUIT)
        assert desk.exit_code() == 0
    assert [read for read in venue.floor.reads if "OHLC" in read and "since=" in read]


@pytest.mark.pty
def test_a_symbol_that_the_venue_does_not_have_ends_with_a_sentence(home: Path) -> None:
    with desk_on(home, "BTC/USD", "XBT/USD") as desk:
        assert desk.exit_code() == 2
        assert "touchline: Kraken has no pair XBT/USD; it has BTC/USD" in bytes(desk.raw).decode()


@pytest.mark.pty
@pytest.mark.usefixtures("breathing")
def test_a_venue_that_goes_away_is_replaced_by_the_one_that_stands_by_and_comes_back(
    tmp_path: Path, venue: KrakenVenue
) -> None:
    (tmp_path / "config").mkdir()
    with binance_bench.venue_with_books(levels=120) as first:
        (tmp_path / "config" / "config.toml").write_text(
            "[metrics]\nport = 0\n[market.failover]\nback_after_s = 2.0\n"
            f'[venues.binance]\nstream_url = "{first.stream_url}"\napi_url = "{first.api_url}"\n'
            f'[venues.kraken]\nstream_url = "{venue.stream_url}"\nrest_url = "{venue.rest_url}"\n',
            encoding="utf-8",
        )
        command = ["live", "binance", "BTCUSDT", "--standby", "kraken:BTC/USD"]
        with PtyDesk(command, environment(tmp_path)) as desk:
            desk.until(lambda: re.search(r"BTCUSDT .*60999\.99 +61000\.01", desk.text))
            desk.press("8z")
            desk.until(lambda: re.search(r"sources +binance +stand-by: kraken", desk.text))
            first.close()
            desk.until(lambda: re.search(r"sources +1 of 1 moved +BTCUSDT from kraken", desk.text))
            desk.press("z")
            desk.until(lambda: re.search(r"BTCUSDT .*60999\.90 +61000\.10", desk.text))
            desk.send("b 0.25 BTCUSDT mkt")
            desk.until(lambda: re.search(r"BTCUSDT +BUY +0\.25 +0\.25 .*✓ FILL", desk.text))
            first.open()
            desk.until(lambda: re.search(r"BTCUSDT .*60999\.99 +61000\.01", desk.text))
            desk.press(QUIT)
            assert desk.exit_code() == 0
            assert b"Traceback" not in bytes(desk.raw)


@pytest.fixture
def binance_home(tmp_path: Path) -> Iterator[Path]:
    with binance_bench.venue_with_books(levels=120) as venue:
        (tmp_path / "config").mkdir()
        (tmp_path / "config" / "config.toml").write_text(
            "[metrics]\nport = 0\n[market.filters]\nstale_after_s = 0.0\n"
            f'[venues.binance]\nstream_url = "{venue.stream_url}"\napi_url = "{venue.api_url}"\n',
            encoding="utf-8",
        )
        yield tmp_path


@pytest.mark.pty
def test_binances_market_is_seen_bought_on_paper_and_its_weight_told(binance_home: Path) -> None:
    with PtyDesk(["live", "binance", "btcusdt", "ETHUSDT"], environment(binance_home)) as desk:
        desk.until(lambda: re.search(r"BTCUSDT .*60999\.99 +61000\.01", desk.text))
        desk.send("b 0.5 BTCUSDT mkt")
        desk.until(lambda: re.search(r"BTCUSDT +BUY +0\.5 +0\.5 .*✓ FILL", desk.text))
        desk.press("8z")
        desk.until(lambda: re.search(r"binance +connected", desk.text))
        desk.until(lambda: re.search(r"request weight +\d+ of 6,000", desk.text))
        desk.press(QUIT)
        assert desk.exit_code() == 0
        assert b"Traceback" not in bytes(desk.raw)


@pytest.mark.pty
def test_a_symbol_that_binance_does_not_have_ends_with_a_sentence(binance_home: Path) -> None:
    with PtyDesk(["live", "binance", "BTCUSDT", "ETHUSD"], environment(binance_home)) as desk:
        assert desk.exit_code() == 2
        assert "touchline: Binance has no pair ETHUSD; it has ETHUSDT" in bytes(desk.raw).decode()


@pytest.fixture
def coinbase_home(tmp_path: Path) -> Iterator[Path]:
    with coinbase_bench.venue_with_books(levels=120) as venue:
        (tmp_path / "config").mkdir()
        (tmp_path / "config" / "config.toml").write_text(
            "[metrics]\nport = 0\n[market.filters]\nstale_after_s = 0.0\n"
            f'[venues.coinbase]\nstream_url = "{venue.stream_url}"\napi_url = "{venue.api_url}"\n',
            encoding="utf-8",
        )
        yield tmp_path


@pytest.mark.pty
def test_coinbases_market_is_seen_and_bought_on_paper(coinbase_home: Path) -> None:
    with PtyDesk(["live", "coinbase", "btc-usd", "ETH-USD"], environment(coinbase_home)) as desk:
        desk.until(lambda: re.search(r"BTC-USD .*60999\.99 +61000\.01", desk.text))
        desk.send("b 0.5 BTC-USD mkt")
        desk.until(lambda: re.search(r"BTC-USD +BUY +0\.5 +0\.5 .*✓ FILL", desk.text))
        desk.press("8z")
        desk.until(lambda: re.search(r"coinbase +connected", desk.text))
        desk.press(QUIT)
        assert desk.exit_code() == 0
        assert b"Traceback" not in bytes(desk.raw)


@pytest.mark.pty
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("ETH-USDT", "Coinbase has no pair ETH-USDT; it has ETH-USD"),
        ("BTC-USDC", "Coinbase tells the market of BTC-USDC as BTC-USD: ask for BTC-USD"),
    ],
)
def test_a_name_that_coinbase_does_not_tell_ends_with_a_sentence(
    coinbase_home: Path, name: str, sentence: str
) -> None:
    with PtyDesk(["live", "coinbase", "BTC-USD", name], environment(coinbase_home)) as desk:
        assert desk.exit_code() == 2
        assert f"touchline: {sentence}" in bytes(desk.raw).decode()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["live", "nowhere", "BTC/USD"],
            "invalid choice: 'nowhere' (choose from 'alpaca', 'binance', 'coinbase', 'kraken', 'ccxt', 'ib', 'desk')",
        ),
        (["live", "kraken"], "the following arguments are required: SYMBOL"),
        (["live", "kraken", "bitcoin"], "expected a name such as BTC/USD, found 'bitcoin'"),
        (["live", "kraken", "BTCUSDT"], "expected a name such as BTC/USD, found 'BTCUSDT'"),
        (["live", "binance", "BTC/USD"], "expected a name such as BTCUSDT, found 'BTC/USD'"),
        (["live", "coinbase", "BTC/USD"], "expected a name such as BTC-USD, found 'BTC/USD'"),
        (["live", "kraken", "BTC/USD\x1b[2J"], "expected a name such as BTC/USD, found"),
    ],
)
def test_what_can_not_be_asked_for_is_a_sentence_and_exit_code_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert sentence in told.replace("\n", " ")
    assert "\x1b" not in told
