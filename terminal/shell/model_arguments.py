"""What can be said about models."""

from __future__ import annotations

import argparse
from pathlib import Path

from terminal.shell.common_arguments import Parsers, add_command, add_config, add_key_file
from terminal.shell.signal_arguments import interval_ns

MINUTES_MIN, MINUTES_MAX = 3, 240


def whole_minutes(text: str) -> int:
    """Read how much of the simulated market is traded."""
    if not text.isascii() or not text.isdigit() or not MINUTES_MIN <= int(text) <= MINUTES_MAX:
        raise argparse.ArgumentTypeError(
            f"expected a whole number of minutes from {MINUTES_MIN} to {MINUTES_MAX}, found {text[:40]!r}"
        )
    return int(text)


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    models = commands.add_parser(
        "models",
        help="models that predict: train, register, look at, promote, roll back, quarantine",
        description="Train and register models, look at them, and say which one counts. Whether or not a desk runs.",
    )
    errands = models.add_subparsers(
        dest="errand",
        metavar="list|show|verify|bars|train|example|add|export|promote|rollback|quarantine|accept|sign-off|rehearse",
        required=True,
    )
    _add(errands, "list", "say which models there are and how each version stands")
    _named(_add(errands, "show", "say what a version is, and what happened to it"))
    _named(_add(errands, "verify", "load a version as a champion is loaded, and say whether it may be used"))
    _add_making(errands)
    _add_export(errands)
    _add_deciding(errands)
    _add_rehearsal(errands)
    _reasoned(_named(_add(errands, "quarantine", "take a version out of use, for good")))


def _add_making(errands: Parsers) -> None:
    _add_bars(errands)
    train = _add(
        errands, "train", "train a model as a spec says, look for leaks, and register it as a candidate"
    )
    train.add_argument("spec", type=Path, metavar="SPEC", help="what it is to be, as TOML")
    train.add_argument(
        "--out", type=Path, metavar="DIR", help="keep its files in this new folder, registered or not"
    )
    _add_example(errands)
    add = _add(
        errands, "add", "register a candidate from a folder with model.json, reference.json and card.json"
    )
    add.add_argument("folder", type=Path, metavar="DIR", help="where these files are")
    add.add_argument("--name", required=True, metavar="NAME", help="of which model it is a version")


def _add_bars(errands: Parsers) -> None:
    bars = _add(errands, "bars", "make bars of recorded market data, as a desk makes them, to train on")
    bars.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="recordings; several are merged by time"
    )
    bars.add_argument(
        "--bars",
        type=interval_ns,
        default=0,
        metavar="SPAN",
        help="how long a bar lasts: 1s, 5m, 1h or 1d (default: as in the file; 1m where it has ticks)",
    )
    bars.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="a Parquet file that is not there yet"
    )


def _add_example(errands: Parsers) -> None:
    example = _add(
        errands, "example", "write daily bars of four shares and a spec into a new folder, to train on"
    )
    example.add_argument("folder", type=Path, metavar="DIR", help="a folder that is not there yet")
    example.add_argument(
        "--simulated",
        action="store_true",
        help="bars of a second of the simulated market instead, and settings with which a demo shows the model",
    )
    example.add_argument(
        "--minutes",
        type=whole_minutes,
        default=60,
        metavar="N",
        help="so much of the simulated market (default 60)",
    )


def _add_deciding(errands: Parsers) -> None:
    promote = _deciding(
        _named(_add(errands, "promote", "let a version go up by one stage, if every gate is open"))
    )
    promote.add_argument(
        "--figures",
        type=Path,
        metavar="FILE",
        help="what was measured elsewhere, as JSON, where no desk here did",
    )
    _deciding(_named(_add(errands, "rollback", "make a version champion again that was it before")))
    _deciding(
        _add(
            errands,
            "accept",
            "take the registry as it stands, where the audit log tells of moves that it has not",
        ),
        "accept",
        "the word accept, instead of typing it when asked",
    )
    sign_off = _deciding(
        _named(
            _add(
                errands,
                "sign-off",
                "let a version send orders to live accounts, as far as the role risk says",
            )
        )
    )
    sign_off.add_argument("--withdraw", action="store_true", help="take it back")


def _add_rehearsal(errands: Parsers) -> None:
    rehearse = _add(errands, "rehearse", "say what each version that predicts would have done on recordings")
    rehearse.add_argument(
        "name", metavar="NAME", help="the model; its limits are those of its table in the settings"
    )
    rehearse.add_argument(
        "files", type=Path, nargs="+", metavar="FILE", help="recorded market data, with quotes"
    )


def _add_export(errands: Parsers) -> None:
    export = _named(
        _add(errands, "export", "write a version as an ONNX file, once onnxruntime predicts the same")
    )
    export.add_argument(
        "--onnx", type=Path, required=True, metavar="FILE", help="a file that is not there yet"
    )


def _named(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("name", metavar="NAME", help="the model")
    parser.add_argument("version", metavar="VERSION", help="the version, or the first digits of it")
    return parser


def _deciding(
    parser: argparse.ArgumentParser,
    typed: str = "NAME",
    help_text: str = "the model's name again, instead of typing it when asked",
) -> argparse.ArgumentParser:
    parser.add_argument("--confirm", metavar=typed, help=help_text)
    parser.add_argument("--operator", metavar="NAME", help="who decides (default: the user of this machine)")
    return _reasoned(parser)


def _reasoned(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why; it is kept")
    return parser


def _add(errands: Parsers, name: str, help_text: str) -> argparse.ArgumentParser:
    parser = add_command(errands, name, help_text)
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    add_key_file(parser, "our keys are kept here, not where the settings say")
    add_config(parser)
    return parser
