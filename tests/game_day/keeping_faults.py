"""Faults of what is kept: a disk that is nearly full, a backup that is old, a certificate that ends or is over."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest

from engine.bootstrap import simulated_engine
from engine.clock import NS_PER_S
from engine.config import CredentialSettings, MetricsSettings, Settings
from engine.engine import Engine
from engine.messages.commands import SetTradingState, TradingState
from engine.pace import Pace
from engine.readings import keeping_rows
from engine.readings.keeping_rows import BACKUP_BAD_NS
from engine.security.tls.development import DAYS
from engine.security.vault.key_file import KeyFile
from engine.serving import Serving
from engine.settings.gateway import GatewaySettings
from engine.store.backup.keys import load_or_make_keys
from terminal.__main__ import main
from terminal.shell.line_reader import read_order_line
from tests.game_day.fault import Fault
from tests.game_day.stage import Stage
from tests.tls_pair import Pair
from tests.unit.engine.gateway_bench import served_home

NEARLY_NOTHING: Final = 50 << 20
PLENTY: Final = 100 << 30
FILLS_A_SECOND: Final = 512 << 20
DAY_NS: Final = 86_400 * 10**9
LASTS_NS: Final = 4 * 10**9


@contextmanager
def _simulated(stage: Stage) -> Iterator[Engine]:
    settings = Settings(metrics=MetricsSettings(enabled=False))
    with stage.running(simulated_engine(settings, stage.folders, seed=1, pace=Pace())) as engine:
        stage.is_well("disk")
        yield engine


def nearly_full(stage: Stage) -> None:
    """The disk has no more room than two segments of the journal."""
    usage = shutil.disk_usage
    with _simulated(stage), pytest.MonkeyPatch.context() as patch:
        stage.begins()
        patch.setattr(shutil, "disk_usage", lambda path: usage(path)._replace(free=NEARLY_NOTHING))
        stage.turns_red("disk", "make room on the disk")
        stage.fires()
        patch.undo()
        stage.remedied("Make room: old logs and recordings first")
        stage.turns_green()


def filling(stage: Stage) -> None:
    """The disk has room, and fills by half a gigabyte a second; ten minutes of that are played in one second."""
    usage, begun_s = shutil.disk_usage, list[float]()

    def free() -> int:
        return PLENTY - round(FILLS_A_SECOND * (time.monotonic() - begun_s[0])) if begun_s else PLENTY

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda path: usage(path)._replace(free=free()))
        patch.setattr(keeping_rows, "FILLING_OVER_NS", NS_PER_S)
        with _simulated(stage):
            stage.is_well("disk", "it is not filling")
            stage.begins()
            begun_s.append(time.monotonic())
            stage.turns_red("disk", "0 days left as it fills now: make room on the disk")
            stage.fires()
            begun_s.clear()
            stage.remedied("Make room: old logs and recordings first")
            stage.turns_green(says="it is not filling")


def old_backup(stage: Stage) -> None:
    """Nobody has taken a backup for more than a week."""
    keys = stage.folder / "keys"
    load_or_make_keys(KeyFile(keys))
    with _simulated(stage) as engine, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOUCHLINE_HOME", str(stage.folder))
        engine.submit(SetTradingState(TradingState.HALTED, "drill"))
        assert main(["backup", "--key-file", str(keys)]) == 0
        stage.is_well("backup", "0 h old")
        stage.begins()
        taken_ns = time.time_ns() - BACKUP_BAD_NS - DAY_NS
        for manifest in stage.folders.data.glob("backups/*/*.manifest"):
            os.utime(manifest, ns=(taken_ns, taken_ns))
        stage.turns_red("backup", "take one: touchline backup")
        stage.fires()
        stage.remedied("`touchline backup`")
        engine.submit(SetTradingState(TradingState.ACTIVE, "drill"))
        assert main(["backup", "--base", "--key-file", str(keys)]) == 0
        stage.turns_green(says="0 h old")


@contextmanager
def _encrypted(stage: Stage) -> Iterator[Pair]:
    served_home(stage.folder)
    pair = Pair(stage.folder)
    pair.make(now_ns=time.time_ns())
    gateway = GatewaySettings(
        listen="127.0.0.1:0", certificate_file=str(pair.path), key_file=str(pair.key_path)
    )
    settings = Settings(
        metrics=MetricsSettings(enabled=False),
        gateway=gateway,
        credentials=CredentialSettings(key_file=str(stage.folder / "keys.toml")),
    )
    serving = Serving(settings, stage.folders, read_order_line)
    with stage.running(simulated_engine(settings, stage.folders, seed=1, pace=Pace())) as engine:
        serving.open(engine)
        try:
            stage.is_well("certificate", f"{DAYS - 1} days left")
            yield pair
        finally:
            serving.close()


def ending(stage: Stage) -> None:
    """The certificate that is shown has ten days."""
    with _encrypted(stage) as pair:
        stage.begins()
        pair.make(now_ns=time.time_ns() - (DAYS - 10) * DAY_NS)
        stage.turns_red("certificate", "renew it")
        stage.fires()
        stage.remedied("Renew it, and write both files in their places")
        pair.make(now_ns=time.time_ns())
        stage.turns_green(says=f"{DAYS - 1} days left")


def ended(stage: Stage) -> None:
    """The certificate that is shown comes to its end."""
    with _encrypted(stage) as pair:
        stage.begins()
        pair.make(now_ns=time.time_ns() - DAYS * DAY_NS + LASTS_NS)
        stage.turns_red("certificate", "over · renew it")
        stage.fires()
        stage.remedied("Renew it, and write both files in their places")
        pair.make(now_ns=time.time_ns())
        stage.turns_green(says=f"{DAYS - 1} days left")


FAULTS = (
    Fault(
        name="disk-low",
        what="The disk is nearly full",
        play=nearly_full,
        runbook="disk",
        alert="disk",
    ),
    Fault(
        name="disk-filling",
        what="The disk fills so fast that it will be full within a week",
        play=filling,
        runbook="disk",
        alert="disk",
        yellow="there is room, and time to make more",
    ),
    Fault(
        name="backup-old",
        what="The newest backup is older than a week",
        play=old_backup,
        runbook="backup",
        alert="backup",
    ),
    Fault(
        name="certificate-ends",
        what="The gateway's certificate has ten days left",
        play=ending,
        runbook="certificate",
        alert="certificate",
        yellow="it is good until then",
    ),
    Fault(
        name="certificate-over",
        what="The gateway's certificate is over",
        play=ended,
        runbook="certificate",
        alert="certificate",
        late="it is put in place with 4 s to go",
    ),
)
