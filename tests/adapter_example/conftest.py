"""Leaves the tests out where the package itself is not installed."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore = [] if find_spec("touchline_acme") else ["test_promises.py"]
