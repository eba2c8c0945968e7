"""What the commands about the checklist do, and what they print."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from engine.config import Settings, load_settings
from engine.errors import ConfigError
from engine.files import whole_file
from engine.folders import Folders, standard_folders
from terminal.entry.passphrase_entry import PassphraseEntry
from terminal.entry.signer import signer
from terminal.shell.chosen_settings import chosen_file

if TYPE_CHECKING:
    from engine.shell.preflight import Preflight, Report

FAILS = 1
"""The exit code where an item fails that keeps live trading disarmed."""


def preflight(options: argparse.Namespace) -> int:
    """Judge the checklist, or look whether a report is the one that was signed."""
    checklist = _checklist(options, PassphraseEntry(_vault_of(_places(options)[1]).vault))
    if options.verify is not None:
        found = checklist.verify(options.verify)
        return _say(["It is the report that was signed.", *_summary(found)])
    from engine.shell.preflight import Section  # noqa: PLC0415  # help needs none of it

    section = Section(options.section) if options.section else None
    with _Progress() as tell:
        report = checklist.look(tell, live=options.live, section=section)
    if options.html is not None:
        _write_page(options.html, report)
    if options.json:
        _say([msgspec.json.format(msgspec.json.encode(report)).decode()])
    elif options.html is not None:
        _say([f"The report is in {options.html}.", *_summary(report)])
    else:
        _say(_in_words(report))
    return FAILS if report.failing() else 0


def signoff(options: argparse.Namespace) -> int:
    """Vouch for items as they stand now."""
    folders, path = _places(options)
    ask = PassphraseEntry(_vault_of(path).vault)
    checklist = _checklist(options, ask)
    items = [checklist.check_signer(each, options.capacity, None) for each in options.items]
    who, role = signer(options, load_settings(path), folders, ask)
    for each in items:
        checklist.check_signer(each, options.capacity, role)
    with _Progress() as tell:
        signed = checklist.sign_off(items, who, options.capacity, tell, live=options.live)
    return _say(f"{who} signed {item} as {options.capacity}, for: {what}" for item, what in signed.items())


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"preflight": preflight, "signoff": signoff}
"""The function of each command."""


class _Progress:
    """Says at a terminal what is looked at now, on one line that is gone afterwards."""

    def __enter__(self) -> Callable[[str], None]:
        return self._tell

    def __exit__(self, *_: object) -> None:
        self._write("")

    def _tell(self, what: str) -> None:
        self._write(f"touchline: {what} ...")

    def _write(self, line: str) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{line}")
            sys.stderr.flush()


def _checklist(options: argparse.Namespace, ask: PassphraseEntry) -> Preflight:
    """Return the checklist; what is wrong with the settings it says itself."""
    from engine.shell.preflight import Preflight  # noqa: PLC0415  # help needs none of it

    return Preflight(*_places(options), ask, options.key_file)


def _vault_of(path: Path) -> Settings:
    """Return the settings, or the built-in ones where they can't be read: the report says why."""
    try:
        return load_settings(path)
    except ConfigError:
        return Settings()


def _places(options: argparse.Namespace) -> tuple[Folders, Path]:
    return standard_folders(), chosen_file(options)


def _write_page(path: Path, report: Report) -> None:
    from terminal.shell.preflight_html import as_page  # noqa: PLC0415  # only where a page is wanted

    try:
        with whole_file(path) as file:
            file.write(as_page(report).encode())
    except OSError as error:
        raise ConfigError(f"--html: {path}: {error.strerror or error}") from error


def _in_words(report: Report) -> Iterable[str]:
    from terminal.shell.preflight_words import WIDTH, in_words  # noqa: PLC0415  # help needs none of it

    wide = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDTH
    return in_words(report, wide)


def _summary(report: Report) -> Iterable[str]:
    from terminal.shell.preflight_words import summary  # noqa: PLC0415  # likewise

    return summary(report)


def _say(lines: Iterable[str]) -> int:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0
