"""Faults about people: somebody guesses a password, and nobody hears of alerts any more."""

from __future__ import annotations

from contextlib import suppress

from engine.bootstrap import simulated_engine
from engine.clock import SystemClock
from engine.config import CredentialSettings, MetricsSettings, Settings
from engine.errors import EngineError
from engine.pace import Pace
from engine.ports.secrets import SecretsError
from engine.settings.alerts import AlertSettings
from engine.shell.operators import Operators, Role
from tests.game_day.fault import Fault
from tests.game_day.stage import Stage
from tests.signed_in import CHEAP, GOOD
from tests.unit.engine.hook_server import HookServer

FAILURES = 5
"""After so many an account has to wait."""


def guessed(stage: Stage) -> None:
    """Somebody tries passwords of an account until it is locked."""
    settings = Settings(
        metrics=MetricsSettings(enabled=False),
        credentials=CredentialSettings(key_file=str(stage.folder / "keys")),
    )
    operators = Operators(stage.folders, settings, SystemClock(), cost=CHEAP)
    operators.add("ann", Role.ADMIN, GOOD)
    with stage.running(simulated_engine(settings, stage.folders, seed=1, pace=Pace())):
        stage.rests("sign_in")
        stage.begins()
        for _ in range(FAILURES):
            with suppress(EngineError, SecretsError):
                operators.sign_in("ann", "a guess", "")
        stage.turns_red("sign_in", "locked: ann")
        stage.fires()
        stage.remedied("`touchline operators password NAME` sets another")
        operators.set_password("ann", f"{GOOD}, again")
        stage.turns_green()


def unheard(stage: Stage) -> None:
    """Who watches from outside that alerts are looked after does not answer."""
    with HookServer() as hooks:
        settings = Settings(
            metrics=MetricsSettings(enabled=False),
            credentials=CredentialSettings(key_file=str(stage.folder / "keys")),
            alerts=AlertSettings(heartbeat_url=f"{hooks.url}/beat", heartbeat_s=5),
        )
        with stage.running(simulated_engine(settings, stage.folders, seed=1, pace=Pace())):
            stage.is_well("alert_webhook", "1 heartbeats")
            stage.begins()
            hooks.status = 503
            stage.turns_red("alert_webhook", "no heartbeat: answered 503")
            stage.fires()
            stage.remedied("Mend the other side")
            hooks.status = 200
            stage.turns_green()


FAULTS = (
    Fault(
        name="password-guessed",
        what="Somebody guesses a password",
        play=guessed,
        runbook="sign_in",
        alert="sign-in",
        yellow="who is signed in goes on, and the account is locked already",
    ),
    Fault(
        name="nobody-hears",
        what="The outside watcher of alerts is gone",
        play=unheard,
        runbook="alert_webhook",
        alert="alert_webhook",
        late="it is asked every 5 s here, as often as may be; the settings say how often",
    ),
)
