"""What is kept, of which kind it is, and that only what may go goes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.clock import NS_PER_S, SystemClock
from engine.config import Settings
from engine.folders import Folders
from engine.messages.events import AlertRaised
from engine.observe.logs import NAME as LOG
from engine.retention import DAY_NS, Kind, what_is_kept
from engine.security.audit.log import entries_in
from engine.settings.retention import RetentionSettings
from engine.store.disk import FolderDisk
from engine.sweeping import sweep, tell_swept
from tests.engine_rooms import composed

NOW_NS = 1_800_000_000 * NS_PER_S
EVERYTHING = Settings(
    retention=RetentionSettings(logs_days=1, replays_days=1, cache_days=1, set_aside_days=1)
)
KIND_OF = {
    "data/journal/sim/00000001.tlj": Kind.ACCOUNTS,
    "data/journal/sim.halts.json": Kind.ACCOUNTS,
    "data/journal/paper-alpaca-x-until-y/00000001.tlj": Kind.ACCOUNTS,
    "data/sim.sqlite3": Kind.ACCOUNTS,
    "data/sim.sqlite3-wal": Kind.ACCOUNTS,
    "data/sim.resume.json": Kind.ACCOUNTS,
    "data/audit.log": Kind.AUDIT,
    "data/models.sqlite3": Kind.MODELS,
    "data/models/daily/0123456789abcdef/model.json": Kind.MODELS,
    "data/operators.sqlite3": Kind.SIGN_IN,
    "data/revocations.sqlite3": Kind.SIGN_IN,
    "data/backups/sim/00000001.base": Kind.BACKUPS,
    "data/journal/sim-until-mi6k2p3c/00000001.tlj": Kind.ASIDE,
    "data/journal/sim-until-mi6k2p3c.halts.json": Kind.ASIDE,
    "data/journal/sim.before-restore-20260106T120000Z-2/00000001.tlj": Kind.ASIDE,
    "data/journal/replay-mi6k2p3c/00000001.tlj": Kind.REPLAYS,
    "logs/touchline.log": Kind.LOGS,
    "logs/touchline.log.1": Kind.LOGS,
    "logs/gateway.log": Kind.LOGS,
    "cache/XNYS-2025-2027.json": Kind.CACHE,
    "cache/market/kraken/BTC.tlm": Kind.CACHE,
    "cache/listings/kraken.tll": Kind.CACHE,
    "data/gateway.pem": Kind.OTHER,
    "data/control.lock": Kind.OTHER,
}
MAY_GO = {Kind.ASIDE, Kind.REPLAYS, Kind.LOGS, Kind.CACHE}


def folders(root: Path) -> Folders:
    return Folders(root / "config", root / "data", root / "cache", root / "logs")


def fill(root: Path, names: Iterable[str], days: float = 1_000) -> None:
    """Write files that were last changed so many days ago."""
    seconds = (NOW_NS - int(days * DAY_NS)) / NS_PER_S
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"{}\n")
        os.utime(path, (seconds, seconds))
    for path in root.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)


def files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_each_file_is_of_one_kind(tmp_path: Path) -> None:
    fill(tmp_path, KIND_OF)
    told = {
        str(file.relative_to(tmp_path)): kept.kind
        for kept in what_is_kept(folders(tmp_path), Settings())
        for item in kept.items
        for file in ([*item.path.rglob("*.*")] if item.path.is_dir() else [item.path])
        if file.is_file()
    }
    assert told == KIND_OF
    counted = [item.files for kept in what_is_kept(folders(tmp_path), Settings()) for item in kept.items]
    assert sum(counted) == len(KIND_OF)


def test_nothing_that_is_worth_keeping_goes_whatever_is_asked_for(tmp_path: Path) -> None:
    fill(tmp_path, KIND_OF)
    swept = sweep(folders(tmp_path), EVERYTHING, NOW_NS)
    assert {each.kind for each in swept} == MAY_GO
    assert not [each.failure for each in swept if each.failure]
    assert files(tmp_path) == {name for name, kind in KIND_OF.items() if kind not in MAY_GO}


def test_a_number_of_zero_or_less_keeps_for_ever(tmp_path: Path) -> None:
    fill(tmp_path, KIND_OF)
    never = RetentionSettings(logs_days=0, replays_days=-1, cache_days=0, set_aside_days=-7)
    assert sweep(folders(tmp_path), Settings(retention=never), NOW_NS) == []
    assert files(tmp_path) == set(KIND_OF)


def test_accounts_that_were_set_aside_go_only_where_somebody_asked_for_it(tmp_path: Path) -> None:
    fill(tmp_path, KIND_OF)
    sweep(folders(tmp_path), Settings(), NOW_NS)
    assert {name for name, kind in KIND_OF.items() if kind is Kind.ASIDE} <= files(tmp_path)


@pytest.mark.parametrize(("days", "stays"), [(29.9, True), (30.1, False)])
def test_a_replay_stays_for_its_days_after_its_newest_file(tmp_path: Path, days: float, stays: bool) -> None:
    fill(tmp_path, ["data/journal/replay-a/00000001.tlj"], days=90)
    fill(tmp_path, ["data/journal/replay-a/00000002.tlj"], days=days)
    replays = next(k for k in what_is_kept(folders(tmp_path), Settings()) if k.kind is Kind.REPLAYS)
    assert (replays.until_ns > NOW_NS) is stays
    sweep(folders(tmp_path), Settings(), NOW_NS)
    assert (tmp_path / "data/journal/replay-a").exists() is stays


def test_what_is_in_use_stays_and_is_told(tmp_path: Path) -> None:
    disk = FolderDisk(tmp_path / "data/journal/replay-a")
    disk.hold()
    fill(tmp_path, ["data/journal/replay-a/00000001.tlj", "data/journal/replay-b/00000001.tlj"])
    os.utime(disk.path / "lock", (0, 0))
    (swept,) = sweep(folders(tmp_path), Settings(), NOW_NS)
    disk.release()
    assert [item.path.name for item in swept.items] == ["replay-b"]
    assert "another Touchline uses this journal" in swept.failure
    assert files(tmp_path) == {"data/journal/replay-a/00000001.tlj", "data/journal/replay-a/lock"}


def test_a_link_goes_and_not_what_it_leads_to(tmp_path: Path) -> None:
    fill(tmp_path, ["elsewhere/00000001.tlj"])
    link = tmp_path / "data/journal/replay-a"
    link.parent.mkdir(parents=True)
    link.symlink_to(tmp_path / "elsewhere")
    sweep(folders(tmp_path), EVERYTHING, SystemClock().now_ns() + 10 * DAY_NS)
    assert not link.is_symlink()
    assert files(tmp_path) == {"elsewhere/00000001.tlj"}


def log_line(days: float) -> str:
    at = datetime.fromtimestamp((NOW_NS - int(days * DAY_NS)) / NS_PER_S, UTC)
    return json.dumps({"event": "tick", "at": at.isoformat(timespec="milliseconds")}) + "\n"


@pytest.mark.parametrize(("days", "names"), [(14.9, {LOG}), (15.1, {f"{LOG}.1"})])
def test_no_line_of_the_log_outlives_its_days(tmp_path: Path, days: float, names: set[str]) -> None:
    """It is at most half of them in the file that is written, and half of them in one that is aside."""
    fill(tmp_path, [f"logs/{LOG}"], days=0)
    (tmp_path / "logs" / LOG).write_text(log_line(days) + log_line(0), encoding="utf-8")
    os.utime(tmp_path / "logs" / LOG, (NOW_NS / NS_PER_S, NOW_NS / NS_PER_S))
    sweep(folders(tmp_path), Settings(), NOW_NS)
    assert {path.name for path in (tmp_path / "logs").iterdir()} == names
    sweep(folders(tmp_path), Settings(), NOW_NS + 15 * DAY_NS + NS_PER_S)
    assert files(tmp_path) == set()


def test_what_went_is_in_the_audit_log_and_what_could_not_go_is_an_alert(tmp_path: Path) -> None:
    disk = FolderDisk(tmp_path / "data/journal/replay-a")
    disk.hold()
    os.utime(disk.path / "lock", (0, 0))
    fill(tmp_path, ["data/journal/replay-b/00000001.tlj"])
    alerts: list[AlertRaised] = []
    with composed(tmp_path) as rooms:
        rooms.bus.subscribe(AlertRaised, alerts.append)
        for swept in sweep(folders(tmp_path), Settings(), NOW_NS):
            tell_swept(rooms, swept)
        assert rooms.audit is not None
        rooms.audit.close()
    disk.release()
    (entry,) = entries_in(tmp_path / "data/audit.log")
    assert (entry.who, entry.what, entry.origin, entry.subject) == (
        "touchline", "retention", "engine", "replays",
    )  # fmt: skip
    assert (entry.before, entry.after) == ("older than 30 days", "1 removed, 3 bytes")
    (alert,) = alerts
    assert alert.text.startswith("replays: something is older than it may become, and can't be removed: ")
