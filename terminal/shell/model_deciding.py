"""Who decides about a model, once they have typed its name."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from terminal.shell.deciding import check_typed

if TYPE_CHECKING:
    from engine.shell.models import Move
    from terminal.shell.deciding import Who


def decided(options: argparse.Namespace, who: Who, move: Move) -> str:
    """Return who decides, once they have typed the model's name and proven to be somebody who may.

    Raises:
        ConfigError: they may not, or typed something else.
    """
    from engine.shell.models import check_may  # noqa: PLC0415  # help needs none of it

    decider, role = who()
    check_may(move, role)
    check_typed(options, options.name, f"{move.value} it")
    return decider
