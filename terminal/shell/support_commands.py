"""What `touchline support-bundle` prints and writes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from engine.errors import ConfigError
from engine.folders import standard_folders
from terminal.shell.chosen_settings import chosen_file

if TYPE_CHECKING:
    from engine.shell.support_bundle import Bundle


def support_bundle(options: argparse.Namespace) -> int:
    """List what goes into a bundle, then write it where that is wanted."""
    from engine.shell.support_bundle import gather, write_bundle  # noqa: PLC0415  # help needs none of it

    folders = standard_folders()
    file = chosen_file(options)
    try:
        bundle = gather(folders, file, journal=options.journal)
    except OSError as error:
        raise ConfigError(f"{error.filename}: {error.strerror}; nothing was written") from error
    sys.stdout.write("".join(f"{line}\n" for line in _listed(bundle)))
    sys.stdout.flush()
    if options.file is None:
        sys.stdout.write("nothing was written; touchline support-bundle FILE.tar.gz writes it\n")
        return 0
    write_bundle(options.file, bundle)
    sys.stdout.write(f"written to {options.file}; read it before you send it\n")
    return 0


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"support-bundle": support_bundle}
"""The function of each command."""


def _listed(bundle: Bundle) -> Iterator[str]:
    for part in bundle.parts:
        yield f"{part.size:>12,} B  {part.name}" + (f"  ({part.note})" if part.note else "")
    for each in bundle.left_out:
        yield f"{'left out':>12}    {each}"
