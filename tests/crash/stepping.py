"""Kills a step of a rollback and a signature at each call of the operating system: `python -m tests.crash.stepping`.

After each death the same is done again, as a person would who was broken off. Prints how many deaths there were, and what was wrong.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.clock import SystemClock
from engine.errors import EngineError
from engine.folders import Folders
from engine.preflight.found import Found, Status
from engine.preflight.sign_offs import act_of, newest
from engine.security.audit.log import NAME, AuditLog, entries_in
from engine.shell.rollback import STEPS, How, Rollbacks
from tests.crash.promoter import killer

LAST = len(STEPS)
ITEMS = ("PF-1", "PF-2")
LOOKED_AT = Found(Status.WAITS, "looked at")
Wrong = Iterator[str]


def main() -> None:
    """Kill both wherever they can be."""
    deaths, findings = 0, list[str]()
    for begin, do, wrong in (
        (nothing, first_step, wrong_first),
        (before_the_last, last_step, wrong_last),
        (nothing, sign, wrong_signatures),
    ):
        for step in range(1, 10_000):
            with tempfile.TemporaryDirectory() as scratch:
                folders = Folders(*(Path(scratch) / name for name in ("config", "data", "cache", "logs")))
                begin(folders)
                if not dies(do, folders, step):
                    break
                deaths += 1
                findings += [f"{do.__name__}, call {step}: {each}" for each in looked(wrong, folders)]
    print(json.dumps({"deaths": deaths, "findings": findings}))


def dies(do: Callable[[Folders], None], folders: Folders, step: int) -> bool:
    """Do it in another process that is killed at a step; tell whether it got there."""
    child = os.fork()
    if not child:
        sys.setprofile(killer(step))
        do(folders)
        sys.setprofile(None)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert not status or os.WTERMSIG(status) == signal.SIGKILL, f"step {step} ended with {status}"
    return bool(status)


def looked(wrong: Callable[[Folders], Wrong], folders: Folders) -> list[str]:
    try:
        return list(wrong(folders))
    except EngineError as error:
        return [str(error)]


def nothing(_: Folders) -> None:
    """Begin with an empty place."""


def taken(folders: Folders) -> list[int]:
    """Return the steps that the audit log has."""
    return [int(entry.subject.split()[0]) for entry in entries_in(folders.data / NAME)]


def take(folders: Folders, number: int) -> None:
    rollbacks = Rollbacks(folders, SystemClock())
    with rollbacks.held():
        rollbacks.take(rollbacks.current() or rollbacks.begin("bad fills"), number, How.DONE, "well")


def first_step(folders: Folders) -> None:
    """Take the first one."""
    take(folders, 1)


def wrong_first(folders: Folders) -> Wrong:
    """Say what is wrong once the first one was broken off."""
    rollbacks = Rollbacks(folders, SystemClock())
    current = rollbacks.current()
    if current is not None and 1 not in taken(folders):
        yield "a step is behind us that the audit log has not got"
    if current is None:
        take(folders, 1)
    if (current := rollbacks.current()) is None or current.left[0] != 2:
        yield "it did not go on"


def before_the_last(folders: Folders) -> None:
    """Have all steps behind us but the last one."""
    for number in range(1, LAST):
        take(folders, number)


def last_step(folders: Folders) -> None:
    """Take the last one."""
    take(folders, LAST)


def wrong_last(folders: Folders) -> Wrong:
    """Say what is wrong once the last one was broken off."""
    rollbacks = Rollbacks(folders, SystemClock())
    if (current := rollbacks.current()) is not None:
        if current.left != (LAST,):
            yield f"{current.left} are left"
            return
        take(folders, LAST)
    if rollbacks.current() is not None:
        yield "it is never over"
    if set(taken(folders)) != set(range(1, LAST + 1)):
        yield f"the audit log has {taken(folders)}"
    if len(list(rollbacks.folder.glob("rollback-*.json"))) != 1:
        yield "it is not kept once"


def sign(folders: Folders) -> None:
    """Sign two items."""
    log = AuditLog(folders.data / NAME, SystemClock())
    for item in ITEMS:
        log.write(act_of(item, LOOKED_AT, "ann", "risk"))


def wrong_signatures(folders: Folders) -> Wrong:
    """Say what is wrong once it was broken off."""
    before = newest(entries_in(folders.data / NAME))
    if list(before) not in ([], [ITEMS[0]], list(ITEMS)):
        yield f"{list(before)} are signed"
    sign(folders)
    if list(newest(entries_in(folders.data / NAME))) != list(ITEMS):
        yield "it could not be signed again"


if __name__ == "__main__":
    main()
