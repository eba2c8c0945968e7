"""Leaves out what no client is installed for: these tests have environments of their own, `make conformance`, `make scan`."""

from __future__ import annotations

import os
from importlib.util import find_spec

CLIENTS = (
    ("alpaca", "test_alpaca_*.py"),
    ("binance", "test_binance_*.py"),
    ("binance_sdk_spot", "test_binance_official.py"),
    ("ccxt", "test_binance_*.py"),
    ("ccxt", "test_ccxt_*.py"),
    ("coinbase", "test_coinbase_*.py"),
    ("ibapi", "test_ib_*.py"),
    ("kraken", "test_kraken_*.py"),
)
collect_ignore_glob = [tests for client, tests in CLIENTS if find_spec(client) is None]
if "TLS_SCANNER" not in os.environ:  # it wants another version of a package than we do, and runs beside
    collect_ignore_glob.append("test_tls_scan.py")
