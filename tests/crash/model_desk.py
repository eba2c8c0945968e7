"""A desk without a screen on which a model predicts, in a process of its own: `python -m tests.crash.model_desk`.

Each line that it is told arms the model of that name; each line that it says is the champion there is, and whether it trades.
"""

from __future__ import annotations

import sys
import time
from threading import Thread

from engine.bootstrap import simulated_engine
from engine.config import load_settings
from engine.folders import standard_folders
from engine.messages.commands import ArmSignals
from engine.pace import Pace
from engine.rooms import Rooms

SPEED = 40.0


def main() -> None:
    """Run until the input ends."""
    folders = standard_folders()
    engine = simulated_engine(load_settings(folders.settings), folders, seed=1, pace=Pace(speed=SPEED))
    Thread(target=tell, args=(engine._rooms,), daemon=True).start()
    engine.start()
    for line in sys.stdin:
        engine.submit(ArmSignals(line.strip(), line.strip()))
    engine.stop()


def tell(rooms: Rooms) -> None:
    """Say how the first model stands, whenever that differs."""
    assert rooms.signals is not None
    told = ""
    while True:
        for view in rooms.signals.view.models[:1]:
            now = f"{view.version if view.stage == 'champion' else 'none'} {view.trading.value}"
            if now != told:
                told = now
                sys.stdout.write(f"{now}\n")
                sys.stdout.flush()
        time.sleep(0.02)


if __name__ == "__main__":
    main()
