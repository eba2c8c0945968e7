"""Run the venue alone: `python -m tests.venues.binance --port 0`."""

from __future__ import annotations

import argparse

from tests.venues.binance.keys import KEYS
from tests.venues.binance.stock import MIDS, PAIRS, ladder
from tests.venues.binance.venue import BinanceVenue
from tests.venues.interrupted import until_interrupted
from tests.venues.walk import Walk


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.venues.binance", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=0, help="of the streams; 0 picks a free one, which is printed"
    )
    parser.add_argument("--rate", type=float, default=20.0, help="changes a second")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--levels", type=int, default=150, help="levels of each side at the start")
    options = parser.parse_args()
    with BinanceVenue(PAIRS, port=options.port, pulse_s=1.0) as venue:
        for pair in PAIRS:
            venue.floor.change(pair.symbol, *ladder(pair, MIDS[pair.symbol], options.levels))
        addresses = {
            "stream_url": venue.stream_url,
            "api_url": venue.api_url,
            "orders_url": venue.api_url,
            "user_url": venue.user_url,
        }
        for name, address in addresses.items():
            print(f'{name} = "{address}"')
        for key, secret in KEYS.items():
            print(f"# key {key}, secret {secret}", flush=True)
        walk = Walk(venue.floor, options.seed)
        until_interrupted(lambda: venue.do(walk.step), options.rate)


if __name__ == "__main__":
    main()
