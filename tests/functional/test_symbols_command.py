"""`touchline symbols` against venues of this machine, and without them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.security.credentials import keep_credential
from engine.security.vault.key_file import KeyFile
from engine.settings.venues import VenuesSettings
from terminal.__main__ import main
from tests.alpaca_bench import CREDENTIAL
from tests.catalogue_bench import as_toml, four_venues, nowhere


class Shell:
    """Runs the command with settings of its own, and keys in a file."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.config, self.keys = folder / "config.toml", folder / "venues.keys"
        self._capsys = capsys

    def lead(self, venues: VenuesSettings) -> None:
        self.config.write_text(as_toml(venues), encoding="utf-8")

    def run(self, *arguments: str) -> tuple[int, str, str]:
        code = main(["symbols", *arguments, "--config", str(self.config), "--key-file", str(self.keys)])
        told = self._capsys.readouterr()
        assert CREDENTIAL.secret not in told.out + told.err
        return code, told.out, told.err

    def json(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        code, out, err = self.run(*arguments, "--json")
        assert not err
        return code, json.loads(out)


@pytest.fixture(scope="module")
def venues() -> Iterator[VenuesSettings]:
    with four_venues() as each:
        yield each


@pytest.fixture
def shell(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    venues: VenuesSettings,
) -> Shell:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))
    shell = Shell(tmp_path, capsys)
    shell.lead(venues)
    return shell


def test_related_listings_of_all_venues_are_printed_together_and_serve_offline_afterwards(
    shell: Shell,
) -> None:
    keep_credential(KeyFile(shell.keys), "alpaca", CREDENTIAL)
    code, out, err = shell.run("xbt/usd")
    assert code == 0
    assert [line.split() for line in out.splitlines()] == [
        ["related", "venue", "symbol", "currency", "name"],
        ["BTC/USD", "alpaca", "BTC/USD", "USD", "Bitcoin", "/", "US", "Dollar"],
        ["coinbase", "BTC-USD", "USD"],
        ["kraken", "BTC/USD", "USD"],
        ["binance", "BTCUSDT", "USDT"],
    ]
    assert err.splitlines() == [
        "touchline: alpaca: 7 listed, read just now",
        "touchline: binance: 3 listed, read just now",
        "touchline: coinbase: 3 listed, read just now",
        "touchline: kraken: 3 listed, read just now",
    ]
    shell.lead(nowhere())
    assert shell.run("xbt/usd") == (0, out, err)


def test_as_json_it_says_what_each_is_and_how_each_venue_was_read(shell: Shell) -> None:
    code, told = shell.json("btc", "--venue", "binance", "--venue", "alpaca")
    assert code == 0
    assert list(told) == ["query", "venues", "found"]
    assert [(each["venue"], each["listed"], each["trouble"]) for each in told["venues"]] == [
        ("alpaca", 0, "it wants a key: touchline credentials add alpaca"),
        ("binance", 3, ""),
    ]
    assert told["found"] == [
        {
            "venue": "binance",
            "symbol": "BTCUSDT",
            "related": "BTC/USD",
            "kind": "crypto",
            "base": "BTC",
            "currency": "USDT",
            "name": "",
        }
    ]


def test_nothing_found_is_exit_code_1(shell: Shell) -> None:
    code, out, _ = shell.run("nowhere", "--venue", "kraken")
    assert (code, out) == (1, "nothing that is known here has these words\n")


def test_a_venue_that_nobody_knows_is_refused(shell: Shell) -> None:
    with pytest.raises(SystemExit) as ended:
        shell.run("btc", "--venue", "mtgox")
    assert ended.value.code == 2
