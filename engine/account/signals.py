"""Has models predict beside an account's market, where the settings name any; else nothing of it is loaded."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine.clock import SystemClock
from engine.credentials import Credentials
from engine.messages.events import AlertRaised, Severity
from engine.model.account import AccountMode
from engine.model.instrument import Symbol
from engine.model.market_status import Session
from engine.model.text import ALERT_LENGTH_MAX, clean
from engine.ports.secrets import Secrets
from engine.rooms import Rooms
from engine.security.audit.entry import Act
from engine.security.audit.heads import head_in
from engine.security.audit.log import NAME as AUDIT
from engine.security.vault.choice import secrets_in

if TYPE_CHECKING:
    from engine.signals.registry.events import Event
    from engine.signals.registry.registry import Registry
    from engine.signals.serving.stillness import Seen

_BPS = 10_000


def predict(
    rooms: Rooms, journal: Path, credentials: Credentials | None, registry: Registry | None = None
) -> None:
    """Listen to closed bars for each model that the settings name, of the data folder's registry or another one.

    Raises:
        ConfigError: the settings name what there is not.
    """
    settings = rooms.settings
    if not settings.signals:
        return
    from engine.duties.model_sign_offs import ModelSignOffs  # noqa: PLC0415
    from engine.signals.kept_path import signals_path  # noqa: PLC0415
    from engine.signals.serving.checks import checked_sets  # noqa: PLC0415  # only where there are models
    from engine.signals.serving.model_serving import ModelServing  # noqa: PLC0415
    from engine.signals.serving.signals import Signals, Ties  # noqa: PLC0415
    from engine.signals.serving.worker import Worker  # noqa: PLC0415

    sets = checked_sets(settings.signals, rooms.market.bars.intervals_ns)
    seen_of, worker = partial(_seen_of, rooms), Worker()
    models = [
        ModelServing(table, each, rooms.clock, seen_of, worker.later)
        for table, each in zip(settings.signals, sets, strict=True)
    ]
    mode = rooms.account.mode
    ties = Ties(
        open_registry=partial(_open_registry, rooms, credentials) if registry is None else lambda: registry,
        spread_of=partial(_spread_of, rooms),
        worth=partial(_worth, rooms),
        say=partial(_say, rooms),
        note_demoted=partial(_note_demoted, rooms),
        kept_in=signals_path(journal) if mode is not AccountMode.REPLAY else None,
        may_demote=mode in {AccountMode.PAPER, AccountMode.LIVE},
    )
    rooms.signals = Signals(models, settings.models, rooms.clock, ties)
    rooms.services.append(("signals", rooms.signals.run))
    if mode is AccountMode.LIVE:
        data, backup = rooms.folders.data, settings.backup
        sign_offs = ModelSignOffs(
            data / AUDIT,
            head_in(backup.folder, data),
            partial(_secrets, rooms, credentials, backup.key_file),
            ties.open_registry,
        )
        rooms.may_trade = sign_offs.objection
        rooms.services.append(("model sign-offs", sign_offs.run))
    for model in models:
        rooms.market.bars.listen(model.interval_ns, model)


def _open_registry(rooms: Rooms, credentials: Credentials | None) -> Registry | None:
    """Return the registry of the data folder, None where nothing was registered.

    Raises:
        SecretsError: the place that keeps the keys can't be asked.
        ModelRefused: it holds no key to judge by, or the registry is gone.
    """
    from engine.duties.model_moves import audited_registry, has_registry  # noqa: PLC0415  # only where there are models
    from engine.security.model_keys import load_model_keys  # noqa: PLC0415
    from engine.signals.models.refusal import ModelRefused  # noqa: PLC0415

    settings, data = rooms.settings, rooms.folders.data
    if not has_registry(data):
        return None
    secrets = _secrets(rooms, credentials, settings.models.key_file)
    keys = load_model_keys(secrets)
    if keys is None:
        raise ModelRefused(
            f"{secrets.place} holds no model key to judge by; models.key_file may name another place"
        )
    return audited_registry(data, keys, SystemClock())


def _secrets(rooms: Rooms, credentials: Credentials | None, key_file: str) -> Secrets:
    """Return what keeps a key: the place of the credentials, which may be open already, else what the settings name."""
    settings = rooms.settings
    opened = credentials if not (key_file or settings.credentials.key_file) else None
    return opened.secrets if opened is not None else secrets_in(settings.vault, key_file)


def _seen_of(rooms: Rooms, symbol: Symbol) -> Seen:
    from engine.signals.serving.stillness import Seen  # noqa: PLC0415  # only where there are models

    state = rooms.market.states.get(symbol)
    if state is None:
        return Seen(0)
    session = state.session
    if session is not Session.HALTED:
        session = rooms.hours.session_at(state.instrument, rooms.clock.now_ns()) or session
    touch = (state.bid, state.ask, state.bid_size, state.ask_size)
    return Seen(state.mark, touch, session in {Session.CLOSED, Session.HALTED})


def _spread_of(rooms: Rooms, symbol: Symbol) -> float:
    state = rooms.market.states.get(symbol)
    if state is None or not 0 < state.bid < state.ask:
        return 0.0
    return 2 * _BPS * (state.ask - state.bid) / (state.ask + state.bid)


def _worth(rooms: Rooms, symbol: Symbol, quantity: int) -> int:
    state = rooms.market.states.get(symbol)
    if state is None:
        return 0
    instrument = state.instrument
    return rooms.rates.to_base(instrument.notional_micros(state.mark, quantity), instrument.currency) or 0


def _say(rooms: Rooms, severity: Severity, text: str) -> None:
    now_ns = rooms.account_clock.now_ns()
    rooms.bus.publish(AlertRaised(severity, "signals", clean(text, ALERT_LENGTH_MAX), now_ns))


def _note_demoted(rooms: Rooms, event: Event) -> None:
    from engine.duties.model_moves import moved_subject  # noqa: PLC0415  # only where there are models
    from engine.signals.serving.demotion import WHO  # noqa: PLC0415

    if rooms.audit is not None:
        subject, after = moved_subject(event), f"shadow: {event.reason}"
        rooms.audit.note(
            Act(who=WHO, what="model-demote", origin="drift", subject=subject, before="champion", after=after)
        )
