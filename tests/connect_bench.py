"""`touchline connect` on venues of this machine: settings that lead there, the command, and what it printed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.ports.secrets import Credential
from engine.security.credentials import keep_credential
from engine.security.vault.key_file import KeyFile
from terminal.__main__ import main
from tests import binance_bench, coinbase_bench, kraken_bench
from tests.alpaca_bench import CREDENTIAL
from tests.coinbase_keys import NAME, credential_of, new_key
from tests.venues.alpaca.venue import AlpacaVenue
from tests.venues.binance.keys import KEYS
from tests.venues.binance.venue import BinanceVenue
from tests.venues.coinbase.venue import CoinbaseVenue
from tests.venues.kraken.venue import KrakenVenue

NAMES = ("dns", "tcp", "tls", "auth", "clock", "permissions", "data", "orders")
STEP_KEYS = ("name", "outcome", "detail", "remedy", "took_ms")
Venue = AlpacaVenue | BinanceVenue | CoinbaseVenue | KrakenVenue
COINBASE_KEY, COINBASE_SECRET = new_key()
CREDENTIALS = {
    "alpaca": CREDENTIAL,
    "binance": Credential(*next(iter(KEYS.items()))),
    "coinbase": credential_of(COINBASE_SECRET),
}
SECRETS = ("local-venue-secret", "local-binance-secret", *COINBASE_SECRET.splitlines())


@contextmanager
def running(name: str) -> Iterator[Venue]:
    """Run a venue whose books are full."""
    if name == "kraken":
        with kraken_bench.venue_with_books() as kraken:
            yield kraken
    elif name == "binance":
        with binance_bench.venue_with_books() as binance:
            yield binance
    elif name == "coinbase":
        with coinbase_bench.venue_with_books() as coinbase:
            coinbase.floor.keys.known[NAME] = COINBASE_KEY.public_key()
            yield coinbase
    else:
        with AlpacaVenue() as alpaca:
            alpaca.do(lambda: alpaca.floor.quote("BTC/USD", "60999", "61001", "1", "1"))
            yield alpaca


def addresses_of(venue: Venue) -> dict[str, str]:
    """Return the settings that lead to a venue."""
    if isinstance(venue, AlpacaVenue):
        names: tuple[str, ...] = ("trading_url", "data_url", "stream_url", "trades_url")
    elif isinstance(venue, BinanceVenue):
        names = ("stream_url", "api_url", "orders_url")
    elif isinstance(venue, CoinbaseVenue):
        names = ("stream_url", "api_url")
    else:
        names = ("stream_url", "rest_url")
    return {name: getattr(venue, name) for name in names}


@dataclass
class Printed:
    """What the command printed as JSON."""

    code: int
    steps: dict[str, dict[str, str]]
    raw: str

    @property
    def outcomes(self) -> dict[str, str]:
        """How each step went."""
        return {name: step["outcome"] for name, step in self.steps.items()}

    def failure(self) -> tuple[str, str, str]:
        """Return the one step that failed: its name, what was found, and the remedy."""
        assert self.code == 1
        (step,) = (each for each in self.steps.values() if each["outcome"] == "failed")
        assert step["remedy"]
        return step["name"], step["detail"], step["remedy"]


class Shell:
    """Runs the command with settings and a key of its own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.config = folder / "config.toml"
        self.keys = folder / "venues.keys"
        self._capsys = capsys

    def keep(self, name: str, credential: Credential | None = None) -> None:
        """Keep a key, the venue's own if no other is given."""
        keep_credential(KeyFile(self.keys), name, credential or CREDENTIALS[name])

    def lead(self, name: str, addresses: dict[str, str], **more: str) -> None:
        """Write settings that lead somewhere."""
        lines = [f"[venues.{name}]", *(f'{key} = "{value}"' for key, value in {**addresses, **more}.items())]
        self.config.write_text("\n".join(lines), encoding="utf-8")

    @property
    def arguments(self) -> list[str]:
        """Where settings and keys are."""
        return ["--config", str(self.config), "--key-file", str(self.keys)]

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Return the exit code and what was printed; no secret that is kept may be among it."""
        code = main([*arguments, *self.arguments])
        told = self._capsys.readouterr()
        assert not [each for each in SECRETS if each in told.out + told.err]
        return code, told.out, told.err

    def check(self, name: str) -> Printed:
        """Try the way to a venue."""
        code, out, err = self.run("connect", name, "--check", "--json")
        assert not err
        told = json.loads(out)
        assert list(told) == ["venue", "well", "steps"]
        assert (told["venue"], told["well"]) == (name, code == 0)
        assert [each["name"] for each in told["steps"]] == list(NAMES)
        assert all(tuple(each) == STEP_KEYS for each in told["steps"])
        return Printed(code, {each["name"]: each for each in told["steps"]}, out)
