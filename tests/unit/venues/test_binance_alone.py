"""The Binance venue as a program of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import tomllib
from urllib.request import urlopen

import pytest

from tests.venues.binance.floor import Floor
from tests.venues.binance.rest import BAN_S, Rest
from tests.venues.binance.stock import PAIRS
from tests.venues.http_door import Request


def test_it_prints_its_addresses_moves_its_market_and_ends_when_interrupted() -> None:
    command = [sys.executable, "-m", "tests.venues.binance", "--port", "0", "--rate", "200"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as venue:
        try:
            assert venue.stdout is not None
            addresses = tomllib.loads(venue.stdout.readline() + venue.stdout.readline())
            assert addresses["stream_url"].startswith("ws://127.0.0.1:")

            def last_id() -> int:
                with urlopen(f"{addresses['api_url']}/api/v3/depth?symbol=BTCUSDT") as answer:
                    return int(json.load(answer)["lastUpdateId"])

            first = last_id()
            while last_id() == first:
                time.sleep(0.05)
            venue.send_signal(signal.SIGINT)
            assert venue.wait(30) == 0
        finally:
            venue.kill()


@pytest.mark.parametrize(("limit", "weight"), [("100", 5), ("500", 25), ("1000", 50), ("5000", 250)])
def test_a_book_costs_by_its_levels_and_who_goes_on_beyond_the_limit_is_banned(
    limit: str, weight: int
) -> None:
    now_s = 90.0
    rest = Rest(Floor(PAIRS, 1.0), lambda: now_s)
    rest.floor.change("BTCUSDT", [("1.00", "1.00000")], [("2.00", "1.00000")])
    request = Request("GET", f"/api/v3/depth?symbol=BTCUSDT&limit={limit}", {}, b"")

    def asked() -> tuple[int, dict[str, str]]:
        answer = rest._charged(request)
        return answer.status, answer.headers

    assert asked() == (200, {"X-MBX-USED-WEIGHT": str(weight), "X-MBX-USED-WEIGHT-1M": str(weight)})
    rest.used = rest.weight_max
    status, headers = asked()
    assert (status, headers) == (429, {"Retry-After": "30"})
    rest.used = 2 * rest.weight_max
    assert asked()[0] == 429
    assert asked() == (418, {"Retry-After": str(BAN_S)})
    now_s += BAN_S
    assert asked()[0] == 200
