"""A venue that runs alone goes on until somebody presses Ctrl+C."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable


def until_interrupted(do: Callable[[], object], rate: float) -> None:
    """Do something so many times a second until interrupted, also where whoever started this ignores that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        while True:
            time.sleep(1 / rate)
            do()
    except KeyboardInterrupt:
        return
