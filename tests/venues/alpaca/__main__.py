"""Run the venue alone: `python -m tests.venues.alpaca --port 0`."""

from __future__ import annotations

import argparse

from tests.venues.alpaca.crowd import Crowd
from tests.venues.alpaca.floor import KEYS
from tests.venues.alpaca.venue import AlpacaVenue
from tests.venues.interrupted import until_interrupted


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.venues.alpaca", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of REST; 0 picks a free one, which is printed")
    parser.add_argument("--stream-port", type=int, default=0, help="of the streams; 0 picks a free one")
    parser.add_argument("--rate", type=float, default=20.0, help="changes a second")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with AlpacaVenue(port=options.port, stream_port=options.stream_port, seed=options.seed) as venue:
        crowd = Crowd(venue.floor, options.seed)
        venue.do(crowd.open)
        print("[venues.alpaca]")
        for name in ("trading_url", "data_url", "stream_url", "trades_url"):
            print(f'{name} = "{getattr(venue, name)}"')
        key, secret = next(iter(KEYS.items()))
        print(f"# key {key}, secret {secret}", flush=True)

        def step() -> None:
            venue.do(crowd.step)
            venue.do(venue.floor.tape.close_minutes)

        until_interrupted(step, options.rate)


if __name__ == "__main__":
    main()
