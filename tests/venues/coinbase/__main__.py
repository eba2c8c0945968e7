"""Run the venue alone: `python -m tests.venues.coinbase --port 0`."""

from __future__ import annotations

import argparse

from tests.venues.coinbase.stock import MIDS, PAIRS, ladder
from tests.venues.coinbase.venue import CoinbaseVenue
from tests.venues.interrupted import until_interrupted
from tests.venues.walk import Walk


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.venues.coinbase", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=0, help="of the stream; 0 picks a free one, which is printed"
    )
    parser.add_argument("--rate", type=float, default=20.0, help="changes a second")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--levels", type=int, default=150, help="levels of each side at the start")
    options = parser.parse_args()
    with CoinbaseVenue(PAIRS, port=options.port, heartbeat_s=1.0) as venue:
        for pair in PAIRS:
            venue.floor.change(pair.symbol, *ladder(pair, MIDS[pair.symbol], options.levels))
        print(f'stream_url = "{venue.stream_url}"\napi_url = "{venue.api_url}"', flush=True)
        walk = Walk(venue.floor, options.seed)
        until_interrupted(lambda: venue.do(walk.step), options.rate)


if __name__ == "__main__":
    main()
