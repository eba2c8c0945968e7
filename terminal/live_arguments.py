"""What can be said about live market data."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    Parsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001  # it has no public name

NAMES = ("live",)


class Form(NamedTuple):
    """What a venue's names of what it trades look like."""

    pattern: re.Pattern[str]
    example: str


VENUES = {
    "alpaca": Form(re.compile(r"[A-Z0-9][A-Z0-9.]{0,15}(/[A-Z0-9]{1,15})?"), "AAPL"),
    "binance": Form(re.compile(r"[A-Z0-9_.-]{2,20}"), "BTCUSDT"),
    "coinbase": Form(re.compile(r"[A-Z0-9.]{1,16}-[A-Z0-9]{1,16}"), "BTC-USD"),
    "kraken": Form(re.compile(r"[A-Z0-9][A-Z0-9._:-]{0,15}/[A-Z0-9][A-Z0-9._:-]{0,15}"), "BTC/USD"),
}


class Standby(NamedTuple):
    """A venue that stands by, and what it calls the symbols; no names where they follow from the first venue's."""

    venue: str
    names: tuple[str, ...]


def standby(text: str) -> Standby:
    """Read `VENUE` or `VENUE:NAME,NAME`."""
    venue, _, told = text.partition(":")
    if venue not in VENUES:
        raise argparse.ArgumentTypeError(f"expected one of {', '.join(VENUES)}, found {venue!r}")
    form, names = VENUES[venue], tuple(name.upper() for name in told.split(",")) if told else ()
    for name in names:
        if not form.pattern.fullmatch(name):
            raise argparse.ArgumentTypeError(f"expected a name such as {form.example}, found {name!r}")
    return Standby(venue, names)


class _Symbols(argparse.Action):
    """Reads names as the venue before them writes them; small letters are taken for capitals."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        del parser, option_string
        form = VENUES[namespace.venue]
        names = [str(value).upper() for value in values or ()]
        for name, value in zip(names, values or (), strict=True):
            if not form.pattern.fullmatch(name):
                raise argparse.ArgumentError(self, f"expected a name such as {form.example}, found {value!r}")
        setattr(namespace, self.dest, names)


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "live",
        help="the desk on a venue's live market data, with a paper account",
        description="Open the desk on a venue's live market data. Orders are paper orders: they are matched here "
        "against the live book, and nothing is ever sent to the venue. Only where the settings say broker.kind = "
        '"alpaca" or "binance" do they go there, to a paper account or to the testnet.',
    )
    parser.add_argument(
        "venue", choices=tuple(VENUES), metavar="VENUE", help=f"whose data: {', '.join(VENUES)}"
    )
    examples = " or ".join(f"{form.example} ({venue})" for venue, form in VENUES.items())
    parser.add_argument(
        "symbols", nargs="+", action=_Symbols, metavar="SYMBOL", help=f"names, such as {examples}"
    )
    parser.add_argument(
        "--standby",
        action="append",
        type=standby,
        default=[],
        metavar="VENUE",
        help="a venue that takes over where the first one fails; VENUE:NAME,NAME says what it calls the symbols; "
        "may be given again, in rank",
    )
    parser.add_argument(
        "--fresh", action="store_true", help="begin a new account instead of going on with the last one"
    )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings to use instead of your own config.toml"
    )
    parser.add_argument(
        "--theme", metavar="NAME", help="dark, light, high-contrast, colour-blind, red-up, or your own"
    )
