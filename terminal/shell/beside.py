"""What runs beside a desk where that is said."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from engine.config import Settings
from engine.folders import Folders

if TYPE_CHECKING:
    from engine.credentials import AskPassphrase
    from engine.serving import Serving


def serving_beside(
    options: argparse.Namespace, settings: Settings, folders: Folders, ask: AskPassphrase
) -> Serving | None:
    """Return what lets programs reach the engine of a desk, where that is wanted.

    Raises:
        ConfigError: there is no operator, or no key.
    """
    if not options.serve:
        return None
    from engine.serving import Serving  # noqa: PLC0415  # only where it is wanted
    from terminal.shell.line_reader import read_order_line  # noqa: PLC0415

    return Serving(settings, folders, read_order_line, ask)
