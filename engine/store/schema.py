"""The tables of the projection: what people ask about, derived from the journal and never the truth itself."""

from __future__ import annotations

VERSION = 1
"""A projection of another version is made again from the journal."""

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
)
"""NORMAL is enough: what a loss of power takes from here is read from the journal again."""

TABLES = """
CREATE TABLE projected (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, sequence INTEGER NOT NULL)
    STRICT;
CREATE TABLE orders (
    client_id TEXT PRIMARY KEY, number INTEGER NOT NULL, account TEXT NOT NULL, symbol TEXT NOT NULL,
    side TEXT NOT NULL, type TEXT NOT NULL, tif TEXT NOT NULL, quantity TEXT NOT NULL, limit_price TEXT,
    stop_price TEXT, filled TEXT NOT NULL, leaves TEXT NOT NULL, average_price TEXT, fees TEXT NOT NULL,
    status TEXT NOT NULL, reason TEXT NOT NULL, venue_id TEXT NOT NULL, origin TEXT NOT NULL,
    strategy TEXT NOT NULL, parent TEXT NOT NULL, leg TEXT NOT NULL, correlation TEXT NOT NULL,
    created_ns INTEGER NOT NULL, updated_ns INTEGER NOT NULL
) STRICT;
CREATE INDEX orders_by_symbol ON orders (symbol, created_ns);
CREATE TABLE fills (
    fill_id TEXT PRIMARY KEY, client_id TEXT NOT NULL, account TEXT NOT NULL, symbol TEXT NOT NULL,
    side TEXT NOT NULL, price TEXT NOT NULL, quantity TEXT NOT NULL, fee TEXT NOT NULL,
    fee_currency TEXT NOT NULL, liquidity TEXT NOT NULL, event_ns INTEGER NOT NULL, busted INTEGER NOT NULL
) STRICT;
CREATE INDEX fills_by_symbol ON fills (symbol, event_ns);
CREATE INDEX fills_by_order ON fills (client_id);
CREATE TABLE positions (
    symbol TEXT PRIMARY KEY, quantity TEXT NOT NULL, average_cost TEXT, realised TEXT NOT NULL,
    fees TEXT NOT NULL, currency TEXT NOT NULL, updated_ns INTEGER NOT NULL
) STRICT;
CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY, time_ns INTEGER NOT NULL, kind TEXT NOT NULL, client_id TEXT, symbol TEXT,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_order ON audit (client_id, sequence);
CREATE TABLE bars (
    symbol TEXT NOT NULL, interval_ns INTEGER NOT NULL, start_ns INTEGER NOT NULL, open TEXT NOT NULL,
    high TEXT NOT NULL, low TEXT NOT NULL, close TEXT NOT NULL, volume TEXT NOT NULL,
    PRIMARY KEY (symbol, interval_ns, start_ns)
) STRICT, WITHOUT ROWID;
"""
