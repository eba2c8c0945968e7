"""Run the venue alone: `python -m tests.venues.ib --port 0`."""

from __future__ import annotations

import argparse
from random import Random

from tests.venues.ib.floor import Floor
from tests.venues.ib.venue import IbVenue
from tests.venues.interrupted import until_interrupted


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.venues.ib", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one, which is printed")
    parser.add_argument("--rate", type=float, default=20.0, help="changes a second")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random = Random(options.seed)
    with IbVenue(port=options.port, seed=options.seed) as venue:
        print(f"[venues.ib]\nport = {venue.port}", flush=True)
        until_interrupted(lambda: venue.do(lambda: step(venue.floor, random)), options.rate)


def step(floor: Floor, random: Random) -> None:
    """Move one contract by a step, and let others trade now and then."""
    contract = random.choice(list(floor.contracts.values()))
    bid = floor.touch(contract)[0]
    price = bid[0] if bid is not None else 1000 * contract.tick
    price = max(contract.tick, price + random.choice((-1, 0, 1)) * contract.tick)
    sizes = str(random.randint(1, 9) * 100), str(random.randint(1, 9) * 100)
    floor.quote(contract.local_symbol, str(price), str(price + 2 * contract.tick), *sizes)
    if random.random() < 0.3:
        floor.trade(contract.local_symbol, "buy", str(price + 2 * contract.tick), "100")


if __name__ == "__main__":
    main()
