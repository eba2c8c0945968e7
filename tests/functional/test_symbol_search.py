"""The search of instruments on the desk: what is found, where Enter goes, and what is said of the venues."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from textual.events import Paste
from textual.pilot import Pilot

from engine.clock import NS_PER_S, SystemClock
from engine.messages.catalogue import CatalogueView, VenueListings, WatchView
from engine.messages.commands import ReadListings, UnwatchSymbol, WatchSymbol
from engine.messages.views import Frame
from engine.model.instrument import AssetClass, Symbol
from engine.model.listing import Listing
from terminal.screens.symbols import SymbolScreen
from terminal.screens.trade import TradeScreen
from tests.desk_hands import GUARD_S, Hands, trying
from tests.frozen_desk import frozen_app, settled, whole_frame
from tests.market_views import instrument

HOUR_NS = 3600 * NS_PER_S


def coin(venue: str, symbol: str, base: str, currency: str, name: str = "") -> Listing:
    return Listing(venue, Symbol(symbol), AssetClass.CRYPTO, base, currency, name)


def live_frame() -> Frame:
    """Return the desk's frame with what four venues list: one wants a key, one failed since, one is asked now."""
    now_ns = SystemClock().now_ns()
    binance = (coin("binance", "BTCUSDT", "BTC", "USDT"), coin("binance", "ETHBTC", "ETH", "BTC"))
    coinbase = (coin("coinbase", "BTC-USD", "BTC", "USD", "Bitcoin"),)
    kraken = tuple(coin("kraken", f"BTC/{money}", "BTC", money) for money in ("EUR", "USD"))
    many = tuple(coin("kraken", f"ZZ{n:02}/USD", f"ZZ{n:02}", "USD") for n in range(60))
    venues = (
        VenueListings("alpaca", trouble="it wants a key: touchline credentials add alpaca"),
        VenueListings("binance", binance, now_ns - 3 * HOUR_NS),
        VenueListings("coinbase", coinbase, now_ns - 90 * HOUR_NS, "it could not be read: no answer"),
        VenueListings("kraken", kraken + many, now_ns, is_asked=True),
    )
    return replace(whole_frame(), catalogue=CatalogueView(venues))


def search_of(hands: Hands) -> SymbolScreen:
    assert isinstance(hands.top, SymbolScreen)
    return hands.top


def lines(hands: Hands) -> list[str]:
    return [line.rstrip() for line in search_of(hands).content().plain.splitlines()]


async def sorted_out(hands: Hands) -> None:
    """Wait until what there is to find can be found."""
    while search_of(hands)._shelf.is_old:  # there is no event to wait for
        await hands.pilot.pause(0.02)
    await hands.pilot.pause()


async def typed(hands: Hands, text: str) -> None:
    names = {" ": "space", "/": "slash", "-": "minus"}
    await hands.press(*(names.get(each, each) for each in text))


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
def test_related_listings_stand_together_and_the_command_for_one_elsewhere_is_told(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("slash")
        await sorted_out(hands)
        await typed(hands, "xbt/usd")
        rows = lines(hands)
        assert len(rows) == size[1] - 3
        assert max(map(cell_len, rows)) <= size[0]
        assert [row.split()[-3:] for row in rows[3:4]] == [["coinbase", "BTC-USD", "Bitcoin"]]
        assert [row.split()[0] for row in rows[3:6]] == ["▸", "kraken", "binance"]
        assert rows[-5] == " BTC-USD at coinbase is not on this desk: touchline live coinbase BTC-USD"
        await hands.press("down", "enter")
        assert lines(hands)[-5] == " BTC/USD at kraken is not on this desk: touchline live kraken BTC/USD"
        assert [row.strip() for row in lines(hands)[-4:]] == [
            "alpaca    it wants a key: touchline credentials add alpaca",
            "binance   2 listed, read 3h ago",
            "coinbase  1 listed, read 4d ago; the last try failed: it could not be read: no answer"[
                : size[0] - 2
            ]
            + ("…" if size[0] == 80 else ""),
            "kraken    62 listed, read just now; it is being asked now",
        ]

    engine = trying(tmp_path, live_frame())(script, size)
    assert ReadListings() in engine.told


def test_enter_goes_to_what_the_desk_follows_and_asks_no_venue_where_it_is_no_live_desk(
    tmp_path: Path,
) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("slash", "m", "s", "f", "t")
        await sorted_out(hands)
        assert lines(hands)[-2] == " ⏎ goes to MSFT"
        assert lines(hands)[-1] == " 13 on this desk; what venues list is read on live data"
        await hands.press("enter")
        await hands.pilot.pause()
        assert isinstance(hands.top, TradeScreen)
        assert hands.screen.desk.focus == "MSFT"

    assert trying(tmp_path)(script, (80, 24)).told == []


def test_what_is_typed_quickly_is_no_shortcut_and_none_of_it_is_lost(tmp_path: Path) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("slash", "b", "x", "X", "e", "backspace", "backspace")
        assert search_of(hands)._line.text == "bx"
        search_of(hands).post_message(Paste("tc\n/usd"))
        await hands.pilot.pause()
        assert search_of(hands)._line.text == "bxtc /usd"
        await hands.press("ctrl+w", "home", "left", "left", "end")
        assert hands.line == ""

    assert trying(tmp_path)(script).told == []


def test_escape_empties_the_line_and_then_leaves(tmp_path: Path) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("slash", "q", "q", "enter", "escape")
        assert any("Type what you look for" in line for line in lines(hands))
        await hands.press("escape")
        await hands.pilot.pause()
        assert isinstance(hands.top, TradeScreen)
        assert hands.screen.desk.focus == "NVDA"

    trying(tmp_path)(script, (80, 24))


def test_a_long_list_is_walked_to_its_end_and_keeps_the_name_of_its_kin_in_sight(tmp_path: Path) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("slash")
        await sorted_out(hands)
        await typed(hands, "zz")
        assert "60 found" in lines(hands)[1]
        await hands.press("end")
        chosen = next(line for line in lines(hands) if line.startswith("▸"))
        assert chosen.split() == ["▸", "ZZ59/USD", "kraken", "ZZ59/USD"]
        await hands.press("pageup", "up", "home")
        assert next(line for line in lines(hands) if line.startswith("▸")).split()[1] == "ZZ00/USD"

    trying(tmp_path, live_frame())(script, (80, 24))


def test_what_comes_while_it_is_open_is_found_without_another_key(tmp_path: Path) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("slash")
        await typed(hands, "dogwif")
        await sorted_out(hands)
        assert "Nothing that is known here has 'dogwif'." in " ".join(lines(hands))
        wif = VenueListings("kraken", (coin("kraken", "WIF/USD", "WIF", "USD", "Dogwifhat \x1b[2J"),), 1)
        hands.screen._take_frame(replace(Frame(1, 9), catalogue=CatalogueView((wif,))))
        while "1 found" not in lines(hands)[1]:
            await hands.pilot.pause(0.02)

    trying(tmp_path, live_frame())(script, (80, 24))


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
def test_the_search_looks_so(
    snap_compare: Callable[..., bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)
    app, engine = frozen_app(tmp_path, frame=live_frame())

    async def searching(pilot: Pilot[None]) -> None:
        await settled(pilot)
        hands = Hands(pilot, engine)
        await hands.press("slash")
        await sorted_out(hands)
        await typed(hands, "btcusdt")
        await hands.press("down")
        await hands.pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=searching)


def following(*symbols: str, dropped: frozenset[Symbol] = frozenset()) -> WatchView:
    return WatchView("kraken", tuple(map(Symbol, symbols)), dropped)


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
def test_enter_follows_what_the_desks_own_venue_lists_and_looks_at_it_once_it_is_there(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async def script(hands: Hands) -> None:
        screen = hands.screen
        await hands.press("slash")
        await sorted_out(hands)
        await typed(hands, "btc/eur")
        assert lines(hands)[-5] == " ⏎ follows BTC/EUR from now on, and at the next start"
        await hands.press("enter")
        await hands.pilot.pause()
        assert hands.top is screen
        assert screen.desk.focus == "NVDA"
        screen._take_frame(Frame(1, 3, watching=following("NVDA", "BTC/EUR")))
        assert screen.desk.focus == "NVDA"
        screen._take_frame(Frame(1, 4, instruments=(instrument("BTC/EUR"),)))
        assert screen.desk.focus == "BTC/EUR"
        await hands.press("u")
        assert hands.line == "unwatch BTC/EUR"

    engine = trying(tmp_path, replace(live_frame(), watching=following("NVDA")))(script, size)
    assert engine.told == [ReadListings(), WatchSymbol("BTC/EUR")]


def test_a_symbol_is_dropped_on_the_line_and_taken_back_and_the_others_are_looked_at(tmp_path: Path) -> None:
    async def script(hands: Hands) -> None:
        screen = hands.screen
        await hands.press("u")
        assert hands.said == "nothing was followed or dropped yet"
        await hands.press("D")
        assert hands.line == "unwatch NVDA"
        await hands.pilot.pause(GUARD_S)
        await hands.press("enter")
        screen._take_frame(Frame(1, 3, watching=following("AAPL", dropped=frozenset({Symbol("NVDA")}))))
        await hands.pilot.pause()
        assert screen.desk.focus == "AAPL"
        assert "NVDA" not in screen.quotes.symbols
        await hands.press("colon")
        await typed(hands, "watch nv")
        assert screen.line.composer.ghost == "da"
        await hands.press("escape", "escape", "u")
        assert hands.line == "watch NVDA"
        await hands.press("escape", "escape", "a")
        assert hands.line == "watch "

    engine = trying(tmp_path, replace(whole_frame(), watching=following("NVDA", "AAPL")))(script)
    assert engine.told == [UnwatchSymbol(Symbol("NVDA"))]
