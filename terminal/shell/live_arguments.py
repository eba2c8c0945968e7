"""What can be said about live market data."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NamedTuple

from engine.shell.venues import EXAMPLES, NameForm, VenueNames, find, split
from terminal.shell.beside_arguments import add_serve
from terminal.shell.common_arguments import Parsers, add_config


class Standby(NamedTuple):
    """A venue that stands by, and what it calls the symbols; no names where they follow from the first venue's."""

    venue: str
    names: tuple[str, ...]


def standby(text: str) -> Standby:
    """Read `VENUE` or `VENUE:NAME,NAME`."""
    if text.partition(":")[0] not in VenueNames():
        raise argparse.ArgumentTypeError(f"expected one of {', '.join(VenueNames())}, found {text!r}")
    venue, told = split(text)
    return Standby(venue, _read(find(venue).names, told.split(",")) if told else ())


def _read(form: NameForm, names: Sequence[str]) -> tuple[str, ...]:
    read = [form.read(name) for name in names]
    for name, found in zip(names, read, strict=True):
        if found is None:
            raise argparse.ArgumentTypeError(f"expected a name such as {form.example}, found {name!r}")
    return tuple(name for name in read if name is not None)


class _Symbols(argparse.Action):
    """Reads names as the venue before them writes them; small letters are taken for capitals where there are none."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        del parser, option_string
        try:
            setattr(namespace, self.dest, [*_read(find(namespace.venue).names, list(map(str, values or ())))])
        except argparse.ArgumentTypeError as error:
            raise argparse.ArgumentError(self, str(error)) from None


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "live",
        help="the desk on a venue's live market data, with a paper account unless the settings say otherwise",
        description="Open the desk on a venue's live market data. Orders are paper orders: they are matched here "
        "against the live book, and nothing is ever sent to the venue. Only where the settings say broker.kind = "
        '"alpaca" or "binance" do they go there, to a paper account or to the testnet; and to a live account only where '
        "they say account.live = true, once its name was typed.",
    )
    add_market(parser)
    add_serve(parser)
    add_config(parser)
    parser.add_argument(
        "--theme", metavar="NAME", help="dark, light, high-contrast, colour-blind, red-up, or your own"
    )


def add_market(parser: argparse.ArgumentParser) -> None:
    """Add whose market it is, and which symbols."""
    parser.add_argument(
        "venue",
        choices=VenueNames(),
        metavar="VENUE",
        help=f"whose data: {', '.join(VenueNames())}, or another that touchline venues names",
    )
    examples = " or ".join(f"{example} ({venue})" for venue, example in EXAMPLES.items())
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
