"""What the command about models does, and what it prints."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from engine.clock import SystemClock
from engine.errors import ConfigError
from engine.folders import standard_folders
from engine.model.text import clean
from terminal.entry.passphrase_entry import PassphraseEntry
from terminal.entry.signer import signer
from terminal.shell.chosen_settings import chosen_settings
from terminal.shell.deciding import check_typed, reason_of
from terminal.shell.model_deciding import decided
from terminal.shell.model_words import lines_measured, measured_told
from terminal.shell.telling import say, utc

if TYPE_CHECKING:
    from engine.shell.models import Gate, Loaded, Models, Move, Standing
    from terminal.shell.deciding import Who

REFUSED = 1
"""The exit code where a version does not verify, or a gate is closed."""


def models(options: argparse.Namespace) -> int:
    """Register models, look at them, and move them."""
    from engine.shell.models import Models  # noqa: PLC0415  # help needs none of it

    settings, folders = chosen_settings(options), standard_folders()
    ask = PassphraseEntry(settings.vault)
    who = partial(signer, options, settings, folders, ask)
    return _ERRANDS[options.errand](
        options, who, Models(folders, settings, SystemClock(), ask, options.key_file)
    )


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"models": models}
"""The function of each command."""


def _list(options: argparse.Namespace, _who: Who, kept: Models) -> int:
    standings = kept.standings()
    if options.json:
        return _as_json(
            [
                {"name": name, "version": version, "stage": stage.value}
                for name, standing in standings.items()
                for version, stage in standing.stages.items()
            ]
        )
    if not standings:
        return say("There are no models yet; touchline models add DIR --name NAME registers one.")
    for name, standing in standings.items():
        for version, stage in standing.stages.items():
            say(f"{name:16} {version}  {stage.value}")
        if not standing.champion:
            say(f"{name:16} has no champion")
    return 0


def _show(options: argparse.Namespace, _who: Who, kept: Models) -> int:
    standing, version = _found(options, kept)
    events = [event for event in kept.events(options.name) if event.version == version]
    loaded, wrong = _loaded(options.name, version, kept)
    card = loaded.manifest.training if loaded is not None else None
    here = kept.measured(options.name, version)
    horizon = card.horizon_bars if card is not None else 1
    if options.json:
        return _as_json(
            {
                "name": options.name,
                "version": version,
                "stage": standing.stages[version].value,
                "verified": not wrong,
                "why_not": wrong,
                "card": msgspec.to_builtins(card),
                "here": measured_told(here, horizon) if here is not None else None,
                "events": [msgspec.to_builtins(event) for event in events],
            }
        )
    say(f"{options.name} {version}  {standing.stages[version].value}")
    if loaded is None or card is None:
        say(f"  does not verify: {wrong}")
    else:
        say(f"  about       {card.about}")
        say(f"  features    {loaded.model.feature_set}: {', '.join(loaded.model.features)}")
        say(f"  trained     {utc(card.train_start_ns)} to {utc(card.train_end_ns)}, {card.data_rows:,} rows")
        for name, each in card.metrics.items():
            say(f"  {name:11} {each.value:g} [{each.low:g}, {each.high:g}]")
        say(f"  explained   by {loaded.model.how_explained}")
    for line in lines_measured(here, horizon):
        say(line)
    for event in events:
        say(
            f"  {utc(event.time_ns)}  {event.what} by {event.who}{': ' if event.reason else ''}{event.reason}"
        )
    return 0


def _verify(options: argparse.Namespace, _who: Who, kept: Models) -> int:
    _, version = _found(options, kept)
    loaded, wrong = _loaded(options.name, version, kept)
    told = {"name": options.name, "version": version, "verified": not wrong}
    if loaded is None:
        return _tell(
            options, f"{options.name} {version} does not verify: {wrong}", {**told, "why_not": wrong}, REFUSED
        )
    sentence = (
        f"{options.name} {version} verifies: signature, hashes and golden rows; p99 {loaded.p99_us:.1f} us."
    )
    return _tell(options, sentence, {**told, "p99_us": loaded.p99_us})


def _register(options: argparse.Namespace, _who: Who, kept: Models) -> int:
    version = kept.add(options.name, options.folder)
    told = {"name": options.name, "version": version, "stage": "candidate"}
    return _tell(options, f"{options.name} {version} is registered as a candidate.", told)


def _bars(options: argparse.Namespace, _who: Who, _kept: Models) -> int:
    from terminal.shell.bar_commands import bars  # noqa: PLC0415  # help needs none of it

    return bars(options)


def _train(options: argparse.Namespace, _who: Who, kept: Models) -> int:
    from terminal.shell.training_commands import train  # noqa: PLC0415  # help needs none of it

    return train(options, kept)


def _example(options: argparse.Namespace, _who: Who, _kept: Models) -> int:
    from terminal.shell.training_commands import example  # noqa: PLC0415  # help needs none of it

    return example(options)


def _export(options: argparse.Namespace, _who: Who, kept: Models) -> int:
    from terminal.shell.model_export import exported  # noqa: PLC0415  # help needs none of it

    _, version = _found(options, kept)
    return _tell(options, *exported(kept, options.name, version, options.onnx))


def _promote(options: argparse.Namespace, who: Who, kept: Models) -> int:
    from engine.shell.models import Move  # noqa: PLC0415  # help needs none of it

    _, version = _found(options, kept)
    figures = kept.figures(options.name, version, options.figures)
    stage, gates = kept.judge(options.name, version, figures)
    if not options.json:
        _say_gates(gates)
    if not all(gate.passed for gate in gates):
        told = {"name": options.name, "version": version, "moved": False, "gates": _gates_told(gates)}
        return _tell(options, f"{options.name} {version} may not become {stage.value} yet.", told, REFUSED)
    reason, decider = reason_of(options), decided(options, who, Move.PROMOTE)
    moved = kept.move(Move.PROMOTE, options.name, version, decider, reason, figures)
    told = {
        "name": options.name, "version": version, "moved": True, "stage": moved.stage.value,
        "displaced": moved.displaced, "gates": _gates_told(moved.gates),
    }  # fmt: skip
    return _tell(options, _moved_sentence(options.name, version, moved.stage.value, moved.displaced), told)


def _rollback(options: argparse.Namespace, who: Who, kept: Models) -> int:
    from engine.shell.models import Move  # noqa: PLC0415  # help needs none of it

    _, version = _found(options, kept)
    return _move(options, kept, version, Move.ROLL_BACK, decided(options, who, Move.ROLL_BACK))


def _quarantine(options: argparse.Namespace, _who: Who, kept: Models) -> int:
    from engine.shell.models import Move  # noqa: PLC0415  # help needs none of it
    from engine.shell.operators import login_name  # noqa: PLC0415

    _, version = _found(options, kept)
    return _move(options, kept, version, Move.QUARANTINE, login_name())


def _accept(options: argparse.Namespace, who: Who, kept: Models) -> int:
    from terminal.shell.model_acceptance import accepted  # noqa: PLC0415  # help needs none of it

    return _tell(options, *accepted(options, who, kept))


def _sign_off(options: argparse.Namespace, who: Who, kept: Models) -> int:
    from engine.shell.models import check_may_sign  # noqa: PLC0415  # help needs none of it

    _, version = _found(options, kept)
    reason = reason_of(options)
    signed_by, role = who()
    check_may_sign(role)
    check_typed(options, options.name, "sign it off")
    kept.sign_off(options.name, version, signed_by, reason, withdrawn=options.withdraw)
    told = {"name": options.name, "version": version, "who": signed_by, "signed": not options.withdraw}
    what = "took back the sign-off of" if options.withdraw else "signed for"
    return _tell(options, f"{signed_by} {what} {options.name} {version} on live accounts.", told)


def _rehearse(options: argparse.Namespace, _who: Who, kept: Models) -> int:
    from terminal.shell.model_rehearsal import lines, rehearsals  # noqa: PLC0415  # help needs none of it

    found = rehearsals(chosen_settings(options), kept, options.name, options.files)
    if options.json:
        return _as_json({"model": options.name, "rehearsed": msgspec.to_builtins(found)})
    for line in lines(found):
        say(line)
    return 0


_ERRANDS: Mapping[str, Callable[[argparse.Namespace, Who, Models], int]] = {
    "list": _list,
    "bars": _bars,
    "train": _train,
    "example": _example,
    "show": _show,
    "verify": _verify,
    "add": _register,
    "export": _export,
    "promote": _promote,
    "rollback": _rollback,
    "quarantine": _quarantine,
    "accept": _accept,
    "sign-off": _sign_off,
    "rehearse": _rehearse,
}


def _move(options: argparse.Namespace, kept: Models, version: str, move: Move, who: str) -> int:
    moved = kept.move(move, options.name, version, who, reason_of(options))
    told = {
        "name": options.name, "version": version, "moved": True, "stage": moved.stage.value,
        "displaced": moved.displaced,
    }  # fmt: skip
    return _tell(options, _moved_sentence(options.name, version, moved.stage.value, moved.displaced), told)


def _moved_sentence(name: str, version: str, stage: str, displaced: str) -> str:
    told = f"{name} {version} is {stage} now"
    return f"{told}; {displaced} is retired." if displaced else f"{told}."


def _found(options: argparse.Namespace, kept: Models) -> tuple[Standing, str]:
    """Return how the versions of the name stand, and the one that is meant, of which the first digits are enough."""
    name, wanted = clean(options.name, 40), clean(options.version, 40)
    standing = kept.standings().get(options.name)
    if standing is None:
        raise ConfigError(f"there is no model {name!r}; touchline models list shows them")
    meant = [version for version in standing.stages if version.startswith(options.version)]
    if len(meant) != 1:
        many = f"{len(meant)} versions" if meant else "no version"
        raise ConfigError(f"{name} has {many} that begin with {wanted!r}; touchline models list shows them")
    return standing, meant[0]


def _loaded(name: str, version: str, kept: Models) -> tuple[Loaded | None, str]:
    from engine.shell.models import ModelRefused  # noqa: PLC0415  # help needs none of it

    try:
        return kept.load(name, version), ""
    except ModelRefused as error:
        return None, str(error)


def _say_gates(gates: list[Gate]) -> None:
    for gate in gates:
        say(f"  {'open  ' if gate.passed else 'closed'}  {gate.name:16}  {gate.found}")


def _gates_told(gates: list[Gate] | tuple[Gate, ...]) -> list[dict[str, object]]:
    return [gate._asdict() for gate in gates]


def _tell(options: argparse.Namespace, sentence: str, told: Mapping[str, object], code: int = 0) -> int:
    return _as_json(told, code) if options.json else say(sentence, code)


def _as_json(found: object, code: int = 0) -> int:
    return say(msgspec.json.format(msgspec.json.encode(found)).decode(), code)
