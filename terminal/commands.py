"""What each command of `touchline` does: those that open a desk here, the others in the shell."""

from __future__ import annotations

import argparse
import gc
import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from engine.clock import SystemClock
from engine.config import Settings
from engine.errors import ConfigError
from engine.folders import Folders, standard_folders
from engine.ids import OrderIds
from engine.late import LateEngine
from engine.model.account import AccountMode
from engine.model.instrument import Symbol
from engine.pace import Pace
from engine.production import refuse_simulation
from terminal.entry.opening_secrets import cipher_of, credentials_of
from terminal.entry.passphrase_entry import PassphraseEntry
from terminal.entry.password_entry import Entrance, entrance
from terminal.recording import as_text, start_of
from terminal.shell.beside import serving_beside
from terminal.shell.chosen_settings import chosen_settings

if TYPE_CHECKING:
    from engine.engine import Engine
    from engine.face import EngineFace
    from engine.serving import Serving

_TOO_DUMB = frozenset({"dumb", "unknown"})


def demo(options: argparse.Namespace) -> int:
    """Open the desk on the simulated market."""
    refuse_simulation()
    _need_terminal()
    settings, folders = _settings(options)
    ids, pace = OrderIds(SystemClock().now_ns()), _pace(options)
    seed, fresh, start = options.seed, options.fresh, options.start
    ask = PassphraseEntry(settings.vault)
    came = entrance(settings, folders, ask)
    alerts = settings.alerts
    needs_secret = settings.redis.address or alerts.webhook_url or alerts.escalate_url or settings.signals
    credentials = credentials_of(settings, ask) if settings.vault.file and needs_secret else None
    cipher = cipher_of(settings, ask)
    serving = serving_beside(options, settings, folders, ask)
    ask.close()

    def compose() -> EngineFace:
        from engine.bootstrap import simulated_engine  # noqa: PLC0415  # after the first paint

        market = partial(simulated_engine, seed=seed, pace=pace, start=start)
        opening = partial(market, ids=ids, fresh=fresh, credentials=credentials, cipher=cipher)
        return _for(came, opening(settings, folders))

    mode, name = AccountMode.SIMULATED, settings.account.name
    engine = LateEngine(
        compose, mode=mode, account_name=name, ids=ids, beside=serving.open if serving is not None else None
    )
    return _open_desk(engine, options, settings, folders, serving)


def live(options: argparse.Namespace) -> int:
    """Open the desk on a venue's live market data."""
    _need_terminal()
    settings, folders = _settings(options)
    ids, venue, fresh = OrderIds(SystemClock().now_ns()), options.venue, options.fresh
    symbols = [Symbol(name) for name in options.symbols]
    standby = {each.venue: [Symbol(name) for name in each.names] for each in options.standby}
    ask = PassphraseEntry(settings.vault)
    came = entrance(settings, folders, ask)
    credentials = credentials_of(settings, ask) if settings.vault.file else None
    cipher = cipher_of(settings, ask)
    serving = serving_beside(options, settings, folders, ask)
    ask.close()

    def compose() -> EngineFace:
        from engine.bootstrap import live_engine  # noqa: PLC0415  # after the first paint

        engine = live_engine(
            settings,
            folders,
            venue,
            symbols,
            standby=standby,
            ids=ids,
            fresh=fresh,
            credentials=credentials,
            cipher=cipher,
        )
        return _for(came, engine)

    mode = AccountMode.LIVE if settings.account.live else AccountMode.PAPER
    name = settings.account.name
    engine = LateEngine(
        compose, mode=mode, account_name=name, ids=ids, beside=serving.open if serving is not None else None
    )
    return _open_desk(engine, options, settings, folders, serving)


def replay(options: argparse.Namespace) -> int:
    """Play recordings, on the desk or without one."""
    from engine.bootstrap import replay_engine, replay_summary  # noqa: PLC0415  # a file's faults come first

    settings, folders = _settings(options)
    start_at = start_of(options.start) if options.start else None
    if not options.headless:
        if options.json:
            raise ConfigError("--json prints a summary; it goes with --headless")
        _need_terminal()
        engine = replay_engine(settings, folders, options.files, pace=_pace(options), start_at=start_at)
        return _open_desk(engine, options, settings, folders)
    summary, error = replay_summary(settings, folders, options.files, pace=_pace(options), start_at=start_at)
    print(json.dumps(summary, indent=2) if options.json else as_text(summary))
    if error is not None:
        raise error
    return 0


def picture(options: argparse.Namespace) -> int:
    """Draw the desk as it looks after some simulated trading."""
    from terminal.picture import draw  # noqa: PLC0415  # only for this

    size = re.fullmatch(r"(\d{2,3})x(\d{2,3})", options.size)
    if size is None:
        raise ConfigError(f"--size: expected columns x rows such as 160x48, found {options.size!r}")
    draw(options.file, columns=int(size[1]), rows=int(size[2]), seed=options.seed, theme=options.theme)
    return 0


_HERE: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "demo": demo,
    "live": live,
    "replay": replay,
    "picture": picture,
}


def run(options: argparse.Namespace) -> int:
    """Do what a command says; return the exit code."""
    what = _HERE.get(options.command) or _in_the_shell(options.command)
    return what(options)


def _in_the_shell(command: str) -> Callable[[argparse.Namespace], int]:
    from terminal.shell.every_command import RUN  # noqa: PLC0415  # no desk waits for what they load

    return RUN[command]


def _open_desk(
    engine: EngineFace,
    options: argparse.Namespace,
    settings: Settings,
    folders: Folders,
    serving: Serving | None = None,
) -> int:
    gc.disable()  # until the desk stands: what is made by then stays
    from terminal.app import DeskApp  # noqa: PLC0415  # the headless commands need no screen
    from terminal.ending import UNPROVEN, Ending  # noqa: PLC0415

    app = DeskApp(engine, settings.desk, folders, theme=options.theme)
    try:
        with Ending(engine, app) as ending:
            app.run()
    finally:
        gc.enable()
        if serving is not None:
            serving.close()
    if ending.code is None:
        return app.return_code or 0
    left = "; something is left undone, and compared at the next start" if ending.code == UNPROVEN else ""
    print(f"touchline: {ending.reason}{left}", file=sys.stderr)
    return ending.code


def _settings(options: argparse.Namespace) -> tuple[Settings, Folders]:
    return chosen_settings(options), standard_folders()


def _for(came: Entrance | None, engine: Engine) -> EngineFace:
    """Return an engine that carries out what who came in may say."""
    if came is not None:
        engine.acts_for(came.who, came.judge)
        engine.tells("operators", came.migrated)
    return engine


def _pace(options: argparse.Namespace) -> Pace:
    headless = getattr(options, "headless", False)
    speed, events_per_s = options.speed or (0.0 if headless else 1.0, None)
    return Pace(speed=speed, events_per_s=events_per_s)


def _need_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise ConfigError(
            "the desk needs a terminal, and this is a pipe or a file; "
            "touchline replay FILE --headless --json needs none"
        )
    if os.environ.get("TERM") in _TOO_DUMB:
        raise ConfigError(
            "this terminal can't place text (TERM is dumb): set TERM to what it is, such as xterm-256color"
        )
