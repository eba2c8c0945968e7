"""What `touchline rollback` asks, does and prints."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from engine.clock import NS_PER_S, SystemClock
from engine.config import Settings, load_settings
from engine.control.requests import Code
from engine.errors import ConfigError, EngineError
from engine.folders import standard_folders
from terminal.entry.passphrase_again import PassphraseAgain
from terminal.shell.post_mortem import version_before, write_post_mortem
from terminal.shell.telling import say

if TYPE_CHECKING:
    from engine.shell.rollback import Rollback, Rollbacks, Step

STOPPED: Final = 1
"""The exit code where a step failed, or the person stopped."""
_TAKES_KEYS: Final = frozenset({"backup", "drill", "audit", "preflight"})
_TAKES_SETTINGS: Final = _TAKES_KEYS | {"support-bundle", "rollback"}


def rollback(options: argparse.Namespace) -> int:
    """Go through the steps that are left."""
    from engine.shell.rollback import Rollbacks  # noqa: PLC0415  # help needs none of it

    rollbacks = Rollbacks(standard_folders(), SystemClock())
    if options.list:
        return say("\n".join(_listed(rollbacks.current())))
    if options.post_mortem:
        return say(f"written to {write_post_mortem(rollbacks, options)}")
    if not options.yes and not sys.stdin.isatty():
        raise ConfigError("each step is confirmed: where nobody can be asked, --yes does what is safe")
    with rollbacks.held():
        return _Walk(rollbacks, options).to_the_end()


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"rollback": rollback}
"""The function of each command."""


class Said(NamedTuple):
    """What became of a step, or what a person answered."""

    text: str
    leaves_out: bool = False


class _Walk:
    """One walk through the steps that are left."""

    def __init__(self, rollbacks: Rollbacks, options: argparse.Namespace) -> None:
        self._rollbacks = rollbacks
        self._options = options
        self._current = rollbacks.current() or rollbacks.begin(options.reason)
        self._passphrase = PassphraseAgain(_settings(options).vault)

    def to_the_end(self) -> int:
        from engine.shell.rollback import STEPS, How  # noqa: PLC0415  # help needs none of it

        for number in self._current.left:
            step = STEPS[number - 1]
            say(f"\n{number} of {len(STEPS)}  {step.title}\n{step.why}")
            if self._options.yes and not step.alone:
                return say(f"This waits for a person: touchline rollback goes on with step {number}.")
            found = self._alone(step) if self._options.yes else self._with_person(step)
            if found is None:
                return say(
                    f"Stopped before step {number} was done; touchline rollback goes on there.", STOPPED
                )
            how = How.LEFT_OUT if found.leaves_out else How.DONE
            self._current, trouble = self._rollbacks.take(self._current, number, how, found.text)
            if trouble:
                sys.stderr.write(f"touchline: not in the audit log: {trouble}\n")
        return say(f"\nThe rollback is over. What it made is in {self._rollbacks.folder}.")

    def _alone(self, step: Step) -> Said | None:
        said, is_well = self._carried_out(step)
        if is_well:
            return Said(said)
        say(f"Not done: {said}.")
        return None

    def _with_person(self, step: Step) -> Said | None:
        """Have the program do its part, then the person theirs; None where the person stops."""
        first = self._by_program(step) if step.commands else None
        if (step.commands and (first is None or first.leaves_out)) or not step.by_hand:
            return first
        say(self._by_hand(step))
        second = _asked("Enter, or a note, once it is done")
        if second is None or second.leaves_out:
            return second
        parts = (first.text if first is not None else "", second.text or "by hand")
        return Said(", ".join(filter(None, parts)))

    def _by_program(self, step: Step) -> Said | None:
        """Ask until the commands of a step end well, or the person leaves them out or stops."""
        while True:
            for words in self._commands(step):
                say(f"  touchline {shlex.join(words)}")
            answer = _asked("Enter does it")
            if answer is None or answer.leaves_out:
                return answer
            if answer.text:
                say("expected Enter, s and a reason, or q")
                continue
            said, is_well = self._carried_out(step)
            if is_well:
                return Said(said)
            say(f"Not done: {said}. Enter tries again.")

    def _carried_out(self, step: Step) -> tuple[str, bool]:
        """Run every command of a step, whatever became of the one before; say how each ended, and whether all are well."""
        from terminal.__main__ import main  # noqa: PLC0415  # it imports this, where it is said

        told, is_well = [], True
        for words in self._commands(step):
            sys.stdout.flush()
            self._passphrase.offer()
            code = main(words)
            is_gone = code == Code.NO_DESK and step.desk_may_be_gone
            is_well = is_well and (is_gone or not code)
            told.append(
                f"{words[0]} {'found no desk' if is_gone else 'well' if not code else f'ended with {code}'}"
            )
        return ", ".join(told), is_well

    def _commands(self, step: Step) -> Iterator[list[str]]:
        at = datetime.fromtimestamp(SystemClock().now_ns() // NS_PER_S, UTC)
        known = {
            "REASON": f"roll back: {self._current.reason}"[:200],
            "BUNDLE": str(self._rollbacks.folder / f"{at:%Y%m%dT%H%M%SZ}.tar.gz"),
        }
        for line in step.commands:
            words = [known.get(word, word) for word in line.split()]
            if words[0] in _TAKES_KEYS and self._options.key_file is not None:
                words += ["--key-file", str(self._options.key_file)]
            if words[0] in _TAKES_SETTINGS and self._options.config is not None:
                words += ["--config", str(self._options.config)]
            yield words

    def _by_hand(self, step: Step) -> str:
        if "VERSION" not in step.by_hand:
            return step.by_hand
        if before := version_before(self._current.version):
            return step.by_hand.replace("VERSION", before)
        return f"{step.by_hand} Which VERSION ran before, the history does not say."


def _settings(options: argparse.Namespace) -> Settings:
    """Return the settings; a rollback goes on with the built-in ones where they are what is wrong."""
    try:
        return load_settings(options.config or standard_folders().settings)
    except EngineError:
        return Settings()


def _asked(what: str) -> Said | None:
    """Return what a person answers; None where they stop."""
    while True:
        sys.stdout.write(f"{what} · s REASON leaves it out · q stops: ")
        sys.stdout.flush()
        line = sys.stdin.readline()
        answer = line.strip()
        if not line or answer.lower() == "q":
            return None
        word, _, reason = answer.partition(" ")
        if word.lower() != "s":
            return Said(answer)
        if reason.strip():
            return Said(reason.strip(), leaves_out=True)
        say("a step is left out for a reason: s and the reason")


def _listed(current: Rollback | None) -> Iterator[str]:
    from engine.shell.rollback import STEPS  # noqa: PLC0415  # help needs none of it

    taken = {each.number: each for each in current.taken} if current is not None else {}
    yield f"Rolling back: {current.reason}" if current is not None else "No rollback goes on."
    for number, step in enumerate(STEPS, 1):
        behind = taken.get(number)
        yield f"{number:2}  {step.title:30}  " + (f"{behind.how}: {behind.said}" if behind else "to be done")
