"""The data API's pages: the latest of everything, bars of any length, trades, and all of it in one."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from tests.venues.alpaca.assets import Asset
from tests.venues.alpaca.history import DAY_NS, MINUTE_NS, Frame
from tests.venues.alpaca.refusal import Refusal
from tests.venues.alpaca.routes import Asked, Page, Told
from tests.venues.alpaca.texts import stamp

Json = dict[str, Any]
LIMIT, LIMIT_MAX = 1000, 10_000
DELAY_NS = 15 * MINUTE_NS
"""How old the consolidated tape has to be without a subscription."""


def stamped(told: Json | None) -> Json | None:
    """Return a message with its time as text."""
    return told if told is None or "t" not in told else {**told, "t": stamp(told["t"])}


def _assets(asked: Asked, *, crypto: bool) -> list[Asset]:
    names = asked.names("symbols")
    if not names:
        raise Refusal(400, None, "symbols is required")
    found = [asked.floor.listing.find(name) for name in sorted(names)]
    for name, each in zip(sorted(names), found, strict=True):
        if not crypto and "/" in name:
            raise Refusal(400, None, f"invalid symbol: {name}")
        if each is not None and each.is_crypto != crypto:
            raise Refusal(400, None, f"invalid symbol: {name}")
    return [each for each in found if each is not None]


def _check_feed(asked: Asked, *, latest: bool) -> int:
    """Return up to when there is anything to be had."""
    now_ns = asked.floor.now_ns()
    feed = asked.query.get("feed") or ("iex" if latest else "sip")
    if feed not in {"iex", "sip", "otc", "delayed_sip", "boats", "overnight"}:
        raise Refusal(400, None, f"invalid feed: {feed}")
    if feed != "sip" or asked.floor.has_sip:
        return now_ns
    end_ns = asked.time("end")
    if latest or (end_ns is not None and end_ns > now_ns - DELAY_NS):
        raise Refusal(403, 42210000, "subscription does not permit querying recent SIP data")
    return now_ns - DELAY_NS


# The latest


def _quote(asked: Asked, asset: Asset) -> Json:
    return asked.floor.tape.quote_json(asset)


def _trade(asked: Asked, asset: Asset) -> Json | None:
    prints = asked.floor.tape.prints[asset.symbol]
    return asked.floor.tape.trade_json(asset, prints[-1]) if prints else None


def _minute(asked: Asked, asset: Asset) -> Json | None:
    return _last_bar(asked, asset, "1Min", 7 * DAY_NS)


def _last_bar(asked: Asked, asset: Asset, frame: str, back_ns: int, skip: int = 0) -> Json | None:
    now_ns = asked.floor.now_ns()
    bars = list(asked.floor.history.bars(asset, Frame.read(frame), now_ns - back_ns, now_ns))
    return bars[-1 - skip].json() if len(bars) > skip else None


def _book(asked: Asked, asset: Asset) -> Json:
    return asked.floor.tape.book_json(asset)


_LATEST: dict[str, Callable[[Asked, Asset], Json | None]] = {
    "quotes": _quote,
    "trades": _trade,
    "bars": _minute,
    "orderbooks": _book,
}


def _latest(asked: Asked, kind: str, *, crypto: bool) -> Told:
    if not crypto:
        _check_feed(asked, latest=True)
    told = {each.symbol: stamped(_LATEST[kind](asked, each)) for each in _assets(asked, crypto=crypto)}
    return Told(200, {kind: {symbol: each for symbol, each in told.items() if each is not None}})


def latest_of_stocks(asked: Asked) -> Told:
    """Return the latest quotes, trades or bars of shares."""
    return _latest(asked, asked.parts[0], crypto=False)


def latest_of_crypto(asked: Asked) -> Told:
    """Return the latest quotes, trades, bars or books of pairs."""
    return _latest(asked, asked.parts[0], crypto=True)


def _snapshot(asked: Asked, asset: Asset) -> Json:
    return {
        "latestTrade": stamped(_trade(asked, asset)),
        "latestQuote": stamped(_quote(asked, asset)),
        "minuteBar": stamped(_minute(asked, asset)),
        "dailyBar": stamped(_last_bar(asked, asset, "1Day", 7 * DAY_NS)),
        "prevDailyBar": stamped(_last_bar(asked, asset, "1Day", 7 * DAY_NS, 1)),
    }


def snapshots_of_stocks(asked: Asked) -> Told:
    """Return all that is known of shares, by symbol."""
    _check_feed(asked, latest=True)
    return Told(200, {each.symbol: _snapshot(asked, each) for each in _assets(asked, crypto=False)})


def snapshots_of_crypto(asked: Asked) -> Told:
    """Return all that is known of pairs."""
    told = {each.symbol: _snapshot(asked, each) for each in _assets(asked, crypto=True)}
    return Told(200, {"snapshots": told})


# What was


def _series(asked: Asked, kind: str, *, crypto: bool) -> Told:
    """Return a page; its limit is for all symbols together, and a symbol is told whole before the next."""
    newest_ns = asked.floor.now_ns() if crypto else _check_feed(asked, latest=False)
    given_ns = asked.time("end")
    end_ns = newest_ns if given_ns is None else min(given_ns, newest_ns)
    start_ns = asked.time("start")
    if start_ns is None:
        start_ns = asked.floor.history.day_start(asked.floor.listing.assets["BTC/USD"], end_ns)
    if start_ns > end_ns and given_ns is not None:
        raise Refusal(400, None, "end should not be before start")
    limit, after = asked.count("limit", LIMIT, LIMIT_MAX), _read_token(asked.query.get("page_token"))
    told: dict[str, list[Json]] = {}
    last: tuple[str, int] | None = None
    rows = _rows(asked, kind, crypto, start_ns, end_ns)
    page = list(islice((row for row in rows if after is None or row[0] > after), limit + 1))
    for (symbol, place), row in page[:limit]:
        told.setdefault(symbol, []).append(row)
        last = (symbol, place)
    token = _token(last) if len(page) > limit and last is not None else None
    return Told(200, {kind: told, "next_page_token": token})


Place = tuple[str, int]
"""A symbol, and which of its rows."""


def _rows(asked: Asked, kind: str, crypto: bool, start_ns: int, end_ns: int) -> Iterator[tuple[Place, Json]]:
    backwards = asked.query.get("sort", "asc") == "desc"
    frame = Frame.read(asked.query.get("timeframe", "1Min")) if kind == "bars" else None
    for asset in _assets(asked, crypto=crypto):
        if frame is not None:
            bars = asked.floor.history.bars(asset, frame, start_ns, end_ns)
            rows: Iterator[Json] = (bar.json() for bar in bars)
        else:
            prints = asked.floor.tape.prints[asset.symbol]
            inside = (each for each in prints if start_ns <= each.time_ns <= end_ns)
            rows = (asked.floor.tape.trade_json(asset, each) for each in inside)
        for place, row in enumerate(reversed(list(rows)) if backwards else rows):
            yield (asset.symbol, place), stamped(row) or {}


def _token(place: Place) -> str:
    return base64.urlsafe_b64encode(f"{place[0]}|{place[1]}".encode()).decode()


def _read_token(token: str | None) -> Place | None:
    if not token:
        return None
    try:
        symbol, _, place = base64.urlsafe_b64decode(token).decode().partition("|")
        return symbol, int(place)
    except ValueError:
        raise Refusal(400, None, "invalid page token") from None


def series_of_stocks(asked: Asked) -> Told:
    """Return bars or trades of shares."""
    return _series(asked, asked.parts[0], crypto=False)


def series_of_crypto(asked: Asked) -> Told:
    """Return bars or trades of pairs."""
    return _series(asked, asked.parts[0], crypto=True)


PAGES: tuple[tuple[str, str, Page], ...] = (
    ("GET", "/v2/stocks/(quotes|trades|bars)/latest", latest_of_stocks),
    ("GET", "/v2/stocks/snapshots", snapshots_of_stocks),
    ("GET", "/v2/stocks/(bars|trades)", series_of_stocks),
    ("GET", "/v1beta3/crypto/us/latest/(quotes|trades|bars|orderbooks)", latest_of_crypto),
    ("GET", "/v1beta3/crypto/us/snapshots", snapshots_of_crypto),
    ("GET", "/v1beta3/crypto/us/(bars|trades)", series_of_crypto),
)
