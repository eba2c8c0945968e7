"""Faults of the place that keeps the secrets: a keyring that is locked, gone, or answers nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engine.bootstrap import simulated_engine
from engine.config import MetricsSettings, Settings
from engine.pace import Pace
from tests.game_day.fault import Fault
from tests.game_day.keyring_session import KeyringSession
from tests.game_day.stage import Stage


@contextmanager
def _keeping(stage: Stage) -> Iterator[KeyringSession]:
    with KeyringSession(stage.folder / "k") as session:
        settings = Settings(metrics=MetricsSettings(enabled=False))
        with stage.running(simulated_engine(settings, stage.folders, seed=1, pace=Pace())):
            stage.is_well("vault", "unlocked")
            yield session


def locked(stage: Stage) -> None:
    """The session locks its keyring."""
    with _keeping(stage) as session:
        stage.begins()
        session.lock()
        stage.turns_red("vault", "the keyring wants its password: unlock it")
        stage.fires()
        stage.remedied("unlock the session's keyring")
        session.unlock()
        stage.turns_green(says="unlocked")


def gone(stage: Stage) -> None:
    """The keyring's service ends."""
    with _keeping(stage) as session:
        stage.begins()
        session.end()
        stage.turns_red("vault", "the keyring is not to be had")
        stage.fires()
        stage.remedied("start the session's keyring")
        session.start()
        stage.turns_green(says="unlocked")


def hung(stage: Stage) -> None:
    """The keyring's service keeps its connections and answers nothing."""
    with _keeping(stage) as session:
        stage.begins()
        session.hold()
        stage.turns_red("vault", "the keyring did not answer within 1.5 s")
        stage.fires()
        stage.remedied("start the session's keyring")
        session.let_go()
        stage.turns_green(says="unlocked")


FAULTS = (
    Fault(
        name="keyring-locked",
        what="The keyring is locked",
        play=locked,
        runbook="vault",
        alert="vault",
        yellow="what was opened at the start goes on",
    ),
    Fault(
        name="keyring-gone", what="The keyring's service is gone", play=gone, runbook="vault", alert="vault"
    ),
    Fault(
        name="keyring-hung",
        what="The keyring holds its connections and answers nothing",
        play=hung,
        runbook="vault",
        alert="vault",
    ),
)
