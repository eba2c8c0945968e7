"""How each part of Alpaca is, for the health board: its data, and where orders go there, its account."""

from __future__ import annotations

from collections.abc import Sequence

from engine.adapters.alpaca.assets import VENUE
from engine.adapters.alpaca.broker import AlpacaBroker
from engine.adapters.alpaca.feed import AlpacaFeed
from engine.adapters.alpaca.requests import TradingRequests
from engine.adapters.live.vitals import circuit_row, clock_row
from engine.adapters.rest.vitals import account_row
from engine.messages.views import HealthState
from engine.ports.venue import VenueReading, VenueRow


def rows_of(
    feeds: Sequence[AlpacaFeed], requests: TradingRequests, broker: AlpacaBroker | None
) -> tuple[VenueRow, ...]:
    """Return the rows; those of the account are there where orders go there."""
    found = [row for feed in feeds for row in _of_feed(feed.rows(), feed.name)]
    if broker is not None:
        found.append(account_row("alpaca account", broker, broker.telling))
        found += [circuit_row(circuit) for circuit in requests.circuits]
        found.append(VenueRow("venue_requests", "requests left", lambda: _allowance(requests)))
    return (*found, clock_row(broker.skew if broker is not None else feeds[0].skew))


def _of_feed(rows: tuple[VenueRow, ...], feed: str) -> list[VenueRow]:
    """Return a stream's rows under names of their own; there is one clock."""
    kept = [row for row in rows if row.name != "venue_clock"]
    if feed == VENUE:
        return kept
    kind = feed.removeprefix(f"{VENUE}-")
    labels = {row.name: f"{kind} {row.label.removesuffix(' route')}" for row in kept} | {"venue": feed}
    return [
        row._replace(
            name=f"{row.name}_{kind}",
            label=labels[row.name],
            needs=tuple(f"{need}_{kind}" for need in row.needs),
        )
        for row in kept
    ]


def _allowance(requests: TradingRequests) -> VenueReading:
    allowance = requests.allowance
    left = allowance.left
    state = HealthState.OK if left > allowance.reserve else HealthState.DEGRADED
    detail = f"of {allowance.limit:,} a minute · {allowance.reserve:,} kept for cancels · refused {allowance.refused:,}"
    return VenueReading(state, f"{left:,} left", detail, left)
