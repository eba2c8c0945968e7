"""Alpaca's messages as its documentation describes them, composed here."""

from __future__ import annotations

import json
from typing import Any

from engine.adapters.alpaca.assets import instrument_of
from engine.adapters.alpaca.messages import read_asset

AAPL_ID = "b0b6dd9d-8b9b-48a9-ba46-b9d54906e415"
BTC_ID = "276e2673-764b-4ab6-a611-caf665ca6340"
ORDER_ID = "61e69015-8549-4bfd-b9c3-01e75843f47d"
NEXT_ID = "904837e3-3b76-47ec-b432-046db621571b"
FILL_ID = "2f63ea93-423d-4169-b3f6-3fdafc10c418"
AAPL_ASSET: dict[str, Any] = {
    "id": AAPL_ID,
    "class": "us_equity",
    "exchange": "NASDAQ",
    "symbol": "AAPL",
    "name": "Apple Inc. Common Stock",
    "status": "active",
    "tradable": True,
    "marginable": True,
    "shortable": True,
    "easy_to_borrow": True,
    "fractionable": True,
    "attributes": [],
}
BTC_ASSET: dict[str, Any] = {
    "id": BTC_ID,
    "class": "crypto",
    "exchange": "CRYPTO",
    "symbol": "BTC/USD",
    "name": "Bitcoin / US Dollar",
    "status": "active",
    "tradable": True,
    "fractionable": True,
    "min_order_size": "0.0001",
    "min_trade_increment": "0.0001",
    "price_increment": "1",
}
AAPL = instrument_of(read_asset(json.dumps(AAPL_ASSET).encode()))
BTC = instrument_of(read_asset(json.dumps(BTC_ASSET).encode()))
ORDER: dict[str, Any] = {
    "id": ORDER_ID,
    "client_order_id": "mdr1x2yz-12",
    "created_at": "2026-11-24T10:00:00.123456789-05:00",
    "updated_at": "2026-11-24T15:00:00.223456789Z",
    "submitted_at": "2026-11-24T15:00:00.123456789Z",
    "filled_at": None,
    "expired_at": None,
    "canceled_at": None,
    "failed_at": None,
    "replaced_at": None,
    "replaced_by": None,
    "replaces": None,
    "asset_id": AAPL_ID,
    "symbol": "AAPL",
    "asset_class": "us_equity",
    "notional": None,
    "qty": "10",
    "filled_qty": "0",
    "filled_avg_price": None,
    "order_class": "",
    "order_type": "limit",
    "type": "limit",
    "side": "buy",
    "position_intent": "buy_to_open",
    "time_in_force": "day",
    "limit_price": "190.12",
    "stop_price": None,
    "status": "new",
    "extended_hours": False,
    "legs": None,
    "trail_percent": None,
    "trail_price": None,
    "hwm": None,
}


def body(told: Any, **other: Any) -> bytes:
    """Return a message as it comes, some of its fields changed."""
    return json.dumps({**told, **other} if other else told).encode()


def update(event: str, order: dict[str, Any] | None = None, **fields: Any) -> bytes:
    """Return a trade update as the stream tells it."""
    told = {"event": event, "timestamp": "2026-11-24T15:00:01.123456789Z", **fields}
    return json.dumps({**told, "order": {**ORDER, **(order or {})}}).encode()
