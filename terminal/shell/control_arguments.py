"""What can be said to a desk that runs already, from another shell."""

from __future__ import annotations

import argparse
import math

from terminal.shell.common_arguments import Parsers, add_command

WAIT_S_MAX = 600

_EXIT_CODES = "exit code: 0 proven, 1 something is left or nothing is proven, 2 bad input, 3 no desk runs"


def add_parsers(commands: Parsers) -> None:
    """Add these commands to those of `touchline`."""
    for name, help_text in (
        ("halt", "running desk: no new orders; cancels and flatten still work"),
        ("resume", "running desk: trade again"),
        ("reduce-only", "running desk: only make positions smaller"),
    ):
        state = _add(commands, name, help_text)
        scope = _add_scope(state)
        scope.add_argument(
            "--firm", action="store_true", help="every desk that shares the Redis, this one too"
        )
        _add_reason(state)
    disarm = _add(commands, "disarm", "running desk: only what reduces, until F12 at the desk arms again")
    _add_reason(disarm)
    cancel = _add(commands, "cancel-all", "running desk: take back every open order")
    _add_scope(cancel)
    _add_wait(cancel)
    flatten = _add(commands, "flatten", "running desk: cancel, then close at the market")
    flatten.add_argument("--symbol", type=_name, metavar="S", help="only this symbol")
    _add_wait(flatten)
    flatten.add_argument("--yes", action="store_true", help="do not ask")
    status = _add(commands, "status", "running desk: say how it is")
    status.add_argument("--json", action="store_true", help="print it as JSON")
    status.add_argument(
        "--hash",
        action="store_true",
        help="with the hash of the account's state, which the engine must work out",
    )


def _add(commands: Parsers, name: str, help_text: str) -> argparse.ArgumentParser:
    return add_command(commands, name, help_text, _EXIT_CODES)


def _add_scope(parser: argparse.ArgumentParser) -> argparse._MutuallyExclusiveGroup:
    scope = parser.add_mutually_exclusive_group()
    scope.add_argument("--symbol", type=_name, metavar="S", help="only this symbol")
    scope.add_argument("--strategy", type=_strategy, metavar="N", help="only orders of this strategy")
    return scope


def _add_reason(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--reason",
        type=_reason,
        default="from another shell",
        metavar="TEXT",
        help="why; the desk shows it and the journal keeps it",
    )


def _add_wait(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--wait", type=_seconds, default=5.0, metavar="S", help="seconds to wait for proof (default 5)"
    )


def _name(text: str) -> str:
    return _within(text, 64)


def _strategy(text: str) -> str:
    """Read a strategy's name as the order line does: in lower case."""
    from terminal.orderline.words import STRATEGY, STRATEGY_IN_WORDS  # noqa: PLC0415  # help needs none of it

    name = text.strip().lower()
    if not STRATEGY.fullmatch(name):
        raise argparse.ArgumentTypeError(f"expected {STRATEGY_IN_WORDS}, found {text!r}")
    return name


def _reason(text: str) -> str:
    return _within(text, 200)


def _within(text: str, length_max: int) -> str:
    text = text.strip()
    if not 0 < len(text) <= length_max:
        raise argparse.ArgumentTypeError(f"expected 1 to {length_max} characters, found {len(text)}")
    return text


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= WAIT_S_MAX:
        raise argparse.ArgumentTypeError(f"expected 0 to {WAIT_S_MAX} seconds, found {text!r}")
    return value
