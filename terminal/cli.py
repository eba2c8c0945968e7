"""The command line: what can be said, and sentences for what can't."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import NoReturn

from terminal.shell.beside_arguments import add_serve
from terminal.shell.common_arguments import add_config
from terminal.shell.simulation_arguments import add_simulation, add_speed

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "live_arguments": ("live",),
    "serve_arguments": ("serve",),
    "stand_by_arguments": ("stand-by",),
    "venue_arguments": ("venues",),
    "connect_arguments": ("connect",),
    "control_arguments": ("halt", "resume", "reduce-only", "disarm", "cancel-all", "flatten", "status"),
    "alert_arguments": ("alerts",),
    "backup_arguments": ("backup", "restore", "drill"),
    "history_arguments": ("history",),
    "credential_arguments": ("credentials",),
    "symbol_arguments": ("symbols",),
    "redis_arguments": ("redis", "desks"),
    "audit_arguments": ("audit",),
    "operator_arguments": ("operators",),
    "key_arguments": ("setup", "keys"),
    "certificate_arguments": ("cert",),
    "retention_arguments": ("retention",),
    "incident_arguments": ("incidents",),
    "preflight_arguments": ("preflight", "signoff"),
    "log_arguments": ("logs",),
    "support_arguments": ("support-bundle",),
    "report_arguments": ("report",),
    "rollback_arguments": ("rollback",),
    "migrate_arguments": ("migrate",),
    "model_arguments": ("models",),
    "signal_arguments": ("data", "features"),
}
"""The modules whose `add_parsers` says what can be said with these commands; each is loaded when it is needed."""
COMMANDS = ("demo", "replay", "picture", *chain.from_iterable(FAMILIES.values()))

_DESCRIPTION = """\
A keyboard-first trading terminal.

Without a command it opens the desk on a simulated market with a paper account: nothing can be lost.
Press ? on the desk for its keys."""

_SENTENCE_MAX = 2_000


class _Version(argparse.Action):
    """Says which version this is; it is looked up only when somebody asks."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from engine.version import program_version  # noqa: PLC0415  # help needs nothing of the engine

        sys.stdout.write(f"touchline {program_version()}\n")
        parser.exit()


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments, without what a terminal would obey and without secrets."""

    def error(self, message: str) -> NoReturn:
        from engine.model.text import clean  # noqa: PLC0415  # help needs nothing of the engine

        super().error(clean(message, _SENTENCE_MAX))


def build_parser(command: str = "") -> argparse.ArgumentParser:
    """Make the parser of `touchline`; where the command is known, no other is loaded for it."""
    parser = _Parser(
        prog="touchline", description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="say which version this is, and exit")
    _add_completion(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_demo(commands.add_parser("demo", help="the desk on the simulated market (this is the default)"))
    _add_replay(commands.add_parser("replay", help="recorded market data through the whole pipeline"))
    _add_picture(commands.add_parser("picture", help="draw the desk as an SVG file"))
    for family, names in FAMILIES.items():
        if command in names or command not in COMMANDS:
            import_module(f"terminal.shell.{family}").add_parsers(commands)
    return parser


def parse_args(arguments: list[str]) -> argparse.Namespace:
    """Read the arguments; without a command they are those of `demo`, and `serve` serves it."""
    general = {"-h", "--help", "--version", "--print-completion"}
    first = arguments[0] if arguments else ""
    if first not in COMMANDS and first.split("=")[0] not in general and (not first or first.startswith("-")):
        arguments = ["demo", *arguments]
    if first == "serve" and (not arguments[1:] or arguments[1].startswith("-")):
        arguments = [
            "serve",
            *(arguments[1:] if {"-h", "--help"} & {*arguments} else ["demo", *arguments[1:]]),
        ]
    parser = build_parser(arguments[0])
    options, more = parser.parse_known_args(arguments)
    if more:
        parser.error(_meaningless(more))
    return options


def _meaningless(arguments: list[str]) -> str:
    """Say which arguments mean nothing, but for what they say: it may be a secret that was typed in the wrong place."""
    names = [each.partition("=")[0] for each in arguments if each.startswith("--")]
    if names:
        return f"unrecognized arguments: {' '.join(names)}"
    count = len(arguments)
    return f"unrecognized arguments: {count} {'word' if count == 1 else 'words'} at the end that no command takes"


def _add_completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--print-completion",
        choices=("bash", "zsh", "tcsh"),
        metavar="SHELL",
        help="print the completion script for bash, zsh or tcsh, then end",
    )


def _add_desk(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument(
        "--theme", metavar="NAME", help="dark, light, high-contrast, colour-blind, red-up, or your own"
    )


def _add_demo(parser: argparse.ArgumentParser) -> None:
    add_simulation(parser)
    add_serve(parser)
    _add_desk(parser)


def _add_replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="recordings; several are merged by time"
    )
    add_speed(parser)
    parser.add_argument(
        "--start", metavar="TIME", help="begin here: 14:30, 2024-08-08T23:58 or ns since the epoch, UTC"
    )
    parser.add_argument("--headless", action="store_true", help="no desk: run to the end and print a summary")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON (with --headless)")
    _add_desk(parser)


def _add_picture(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE.svg", help="where to write the picture")
    parser.add_argument("--size", default="160x48", metavar="WxH", help="columns x rows (default 160x48)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="which simulated market (default 1)")
    parser.add_argument("--theme", metavar="NAME", help="which theme (default dark)")
