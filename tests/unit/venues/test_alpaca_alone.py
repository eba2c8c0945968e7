"""The local Alpaca venue in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tomllib

import httpx

from tests.unit.venues.alpaca_hands import KEY, SECRET, line
from tests.waiting import wait_until


def test_alone_it_prints_settings_and_moves_its_markets_until_it_is_interrupted() -> None:
    command = [sys.executable, "-m", "tests.venues.alpaca", "--port", "0", "--rate", "200"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}) as venue:
        try:
            assert venue.stdout is not None
            printed = "".join(venue.stdout.readline() for _ in range(6))
            urls = tomllib.loads(printed)["venues"]["alpaca"]
            assert re.search(f"key {KEY}, secret {SECRET}", printed)
            assert set(urls) == {"trading_url", "data_url", "stream_url", "trades_url"}
            with line(urls["trades_url"]):
                pass

            def quote() -> float:
                answer = httpx.get(
                    f"{urls['data_url']}/v1beta3/crypto/us/latest/quotes",
                    params={"symbols": "BTC/USD"},
                    trust_env=False,
                )
                return float(answer.json()["quotes"]["BTC/USD"]["bp"])

            first = quote()
            wait_until(lambda: quote() != first)
            venue.send_signal(signal.SIGINT)
            assert venue.wait(30) == 0
        finally:
            venue.kill()
