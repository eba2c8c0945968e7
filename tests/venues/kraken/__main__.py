"""Run the venue alone: `python -m tests.venues.kraken --port 0`."""

from __future__ import annotations

import argparse

from tests.venues.interrupted import until_interrupted
from tests.venues.kraken.stock import MIDS, PAIRS, ladder
from tests.venues.kraken.venue import KrakenVenue
from tests.venues.walk import Walk


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.venues.kraken", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one, which is printed")
    parser.add_argument("--rate", type=float, default=20.0, help="changes a second")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--levels", type=int, default=150, help="levels of each side at the start")
    options = parser.parse_args()
    with KrakenVenue(PAIRS, port=options.port, heartbeat_s=1.0) as venue:
        for pair in PAIRS:
            bids, asks = ladder(pair, MIDS[pair.symbol], options.levels)
            venue.floor.books[pair.symbol].bids.change(bids)
            venue.floor.books[pair.symbol].asks.change(asks)
        print(f'stream_url = "{venue.stream_url}"\nrest_url = "{venue.rest_url}"', flush=True)
        walk = Walk(venue.floor, options.seed)
        until_interrupted(lambda: venue.do(walk.step), options.rate)


if __name__ == "__main__":
    main()
