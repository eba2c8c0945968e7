"""What `touchline models train` and `touchline models example` do, and what they print."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import msgspec

from engine.clock import NS_PER_S, Clock, SystemClock
from engine.errors import ConfigError
from engine.model.text import clean
from terminal.format import counted
from terminal.shell.signal_words import moment

if TYPE_CHECKING:
    from engine.shell.models import Models
    from engine.shell.training.watched import Metric, Outcome, Part, Progress

REFUSED: Final = 1
"""The exit code where a model was made, or none, and nothing was registered."""
CANCELLED: Final = 130
_BAR: Final = 16
_SYMBOLS_MAX: Final = 24
"""More of them would push what matters off the screen; `--json` has all."""
_MEANINGS: Final[Mapping[str, str]] = {
    "auc": "0.5 is chance; above 0.58, a leak",
    "ic": "0 is chance; beyond 0.1, a leak",
    "brier": "less is better; 0.25 is a coin",
    "brier_skill": "above 0 beats the share of ups",
    "hit_rate": "directions that were right",
    "gross_bps": "earned a prediction, before cost",
    "net_bps": "after cost, in and out each time",
    "long_bps": "buying every time, before cost",
}


def train(options: argparse.Namespace, kept: Models) -> int:
    """Train as a spec says, and register what comes of it where nothing speaks against that."""
    from engine.shell.training.watched import check_extra, files_of, read_spec, train_apart  # noqa: PLC0415

    check_extra()
    spec = read_spec(options.spec)
    if missing := [each for each in files_of(spec, options.spec) if not each.is_file()]:
        raise ConfigError(f"{options.spec}: data: there is no file {missing[0]}")
    kept.prepare()  # asked now: nobody waits for a model that can't be registered then
    meter = Meter(SystemClock())
    with ExitStack() as held:
        folder = _folder(options.out) or Path(
            held.enter_context(TemporaryDirectory(prefix="touchline-train-"))
        )
        try:
            outcome = train_apart(options.spec, folder, meter.show)
        except KeyboardInterrupt:
            meter.end()
            sys.stderr.write("touchline: cancelled; the training was ended and nothing was registered\n")
            return CANCELLED
        meter.end()
        refusal = _refusal(outcome)
        if not options.json:
            sys.stdout.write("\n".join([*_lines(spec.name, outcome), ""]))
        version = kept.add(spec.name, folder) if not refusal else ""
    if options.json:
        told = {"name": spec.name, "version": version, "refused": refusal, **msgspec.to_builtins(outcome)}
        sys.stdout.write(f"{msgspec.json.format(msgspec.json.encode(told)).decode()}\n")
    else:
        sys.stdout.write("\n".join([*_ending(spec.name, version, refusal, outcome.alarms), ""]))
    return REFUSED if refusal else 0


def example(options: argparse.Namespace) -> int:
    """Write bars and a spec to try a training on."""
    if options.simulated:
        from engine.shell.training.simulated_example import write_simulated_example  # noqa: PLC0415

        sys.stderr.write(f"trading {options.minutes} minutes of the simulated market ...\n")
        paths = write_simulated_example(options.folder, options.minutes)
    else:
        from engine.shell.training.example import write_example  # noqa: PLC0415

        paths = write_example(options.folder)
    if options.json:
        told = dict(zip(("bars", "spec", "desk"), map(str, paths), strict=False))
        sys.stdout.write(f"{msgspec.json.encode(told).decode()}\n")
    else:
        sys.stdout.write("\n".join([*map(str, paths), f"Now: touchline models train {paths[1]}", ""]))
    return 0


class Meter:
    """A line on the terminal that says how far a training is; without a terminal, a line for what begins."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._live = sys.stderr.isatty()
        self._began_ns = clock.monotonic_ns()
        self._doing = ""

    def show(self, said: Progress) -> None:
        """Show how far it is."""
        if self._live:
            sys.stderr.write(f"\r\x1b[K{bar(said, (self._clock.monotonic_ns() - self._began_ns) / NS_PER_S)}")
        elif said.doing != self._doing:
            sys.stderr.write(f"{said.doing} ...\n")
        self._doing = said.doing
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._live and self._doing:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def bar(said: Progress, passed_s: float) -> str:
    """Return how far it is as a bar, with the time that has passed, and that is left where that can be told."""
    full = round(said.share * _BAR)
    left = f", {passed_s * (1 - said.share) / said.share:,.0f} s left" if 0.05 < said.share < 1 else ""
    shown = f"[{'#' * full}{'-' * (_BAR - full)}]"
    return f"{said.doing:30} {shown} {100 * said.share:3.0f}%, {passed_s:,.0f} s{left}"


def _folder(out: Path | None) -> Path | None:
    """Make the folder that a person wants the files in."""
    if out is None:
        return None
    try:
        out.mkdir(parents=True)
    except FileExistsError:
        raise ConfigError(f"--out: {out} is there already; expected the name of a new folder") from None
    except OSError as error:
        raise ConfigError(f"--out: {out}: {error.strerror or error}") from None
    return out


def _refusal(outcome: Outcome) -> str:
    if outcome.alarms:
        return f"{counted(len(outcome.alarms), 'sign')} of a leak"
    if not outcome.learned:
        return "nothing was learned: out of sample, higher scores were not followed by more ups"
    return ""


def _lines(name: str, outcome: Outcome) -> Iterator[str]:
    yield (
        f"{name}: {counted(outcome.symbols, 'symbol')}, {counted(outcome.bars, 'bar')}, "
        f"{counted(outcome.rows, 'row')} with features and a label"
    )
    for reason, count in sorted(outcome.left_out.items()):
        yield f"  left out {count:>8,}  {clean(reason)}"
    yield f"Out of sample, {counted(outcome.tested, 'row')}, with the interval of 95%:"
    for figure, each in outcome.metrics.items():
        yield _figure(figure, each)
    if outcome.ic_t is not None:
        yield f"  t of ic     {outcome.ic_t:+9.2f}  of {outcome.independent:,} outcomes that do not overlap"
    yield f"  auc by fold {' '.join(f'{each:.3f}' for each in outcome.folds)}"
    mean = sum(outcome.moved) / len(outcome.moved)
    yield f"  auc of labels moved in time {mean:.3f}, mean of {len(outcome.moved)}; chance is 0.5"
    yield f"{'What it is made of':26} {'rows':>8}  {'auc':22}  net_bps"
    symbols = [each for each in outcome.parts if each.symbol]
    yield from (_part(clean(each.symbol), each) for each in symbols[:_SYMBOLS_MAX])
    if len(symbols) > _SYMBOLS_MAX:
        yield f"  and {counted(len(symbols) - _SYMBOLS_MAX, 'symbol')} more, which --json has"
    folds = [each for each in outcome.parts if each.fold]
    yield from (_part(f"fold {each.fold}, from {moment(each.begin_ns)[:16]}", each) for each in folds)


def _part(name: str, part: Part) -> str:
    auc, net = (part.metrics.get(each) for each in ("auc", "net_bps"))
    return f"  {name:24} {part.rows:>8,}  {_within(auc, '.3f'):22}  {_within(net, '+.1f')}".rstrip()


def _within(found: Metric | None, form: str) -> str:
    """Write a figure with its interval; nothing where there is none."""
    return f"{found.value:{form}} [{found.low:{form}}, {found.high:{form}}]" if found is not None else ""


def _figure(name: str, each: Metric) -> str:
    form = "+.2f" if name.endswith("_bps") else ".4f"
    interval = f"[{each.low:{form}}, {each.high:{form}}]"
    return f"  {name:11} {f'{each.value:{form}}':>9}  {interval:20}  {_MEANINGS.get(name, '')}".rstrip()


def _ending(name: str, version: str, refusal: str, alarms: Sequence[str]) -> Iterator[str]:
    yield from (f"  leak  {clean(each)}" for each in alarms)
    if refusal:
        yield f"{name} is not registered: {refusal}."
    else:
        yield f"No sign of a leak. {name} {version} is registered as a candidate."
