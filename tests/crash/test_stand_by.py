"""Two engines in two processes: the one that has the account is killed, the one that stands by goes on with it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest

from engine.config import Settings
from engine.credentials import Credentials
from tests.crash.loop import SYMBOLS, CrashLoop
from tests.pty_desk import PROGRAM, ROOT, environment
from tests.redis_server import CREDENTIAL, RedisServer, needs_redis
from tests.waiting import wait_until

pytestmark = needs_redis
LIFE_S = 0.75
ORDERS = 20
"""Something must be at stake."""
FAULTS = ("duplicate", "reorder", "silent", "drop_after", "late_fill")
KEY = "desk:{lease/bridge/PAPER-1}"


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path / "redis") as server:
        yield server


@pytest.fixture
def loop(tmp_path: Path, redis: RedisServer) -> Iterator[CrashLoop]:
    """Return an account at a venue that misbehaves, and that desks with a Redis may have."""
    loop, keys = CrashLoop(tmp_path, seed=7), tmp_path / "keys"
    Credentials(Settings(), keys).keep("redis", CREDENTIAL)
    with (tmp_path / "config" / "config.toml").open("a", encoding="utf-8") as config:
        config.write(f'[credentials]\nkey_file = "{keys}"\n')
        config.write(f'[redis]\naddress = "unix:{redis.socket}"\nlease_s = {LIFE_S}\n')
    yield loop
    loop.close()


@contextmanager
def process(home: Path, *command: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program on the files of `home`; it is killed at the end."""
    running = subprocess.Popen(
        command, cwd=ROOT, env=environment(home), stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def holder_in(home: Path, *symbols: str) -> AbstractContextManager[subprocess.Popen[str]]:
    """Run an engine that trades these as soon as the account is its own."""
    return process(home, sys.executable, "-m", "tests.crash.holder", *symbols)


def said(running: subprocess.Popen[str]) -> str:
    """Return the next line that it prints."""
    assert running.stdout is not None
    return running.stdout.readline()


def test_a_stand_by_goes_on_after_a_kill_and_no_order_is_doubled_or_lost(
    tmp_path: Path, loop: CrashLoop, redis: RedisServer
) -> None:
    venue, home = loop.venue, tmp_path
    with ExitStack() as stack:
        own = stack.enter_context(redis.own())
        holder = stack.enter_context(holder_in(home, *SYMBOLS))
        wait_until(lambda: bool(venue.evidence().submits()), timeout_s=60)
        stand_by = stack.enter_context(process(home, *PROGRAM, "stand-by", "demo"))
        assert said(stand_by).startswith("stands by for PAPER-1: record ")
        wait_until(lambda: len(venue.evidence().submits()) >= ORDERS, timeout_s=60)
        holder.kill()
        holder.wait()
        held = int(str(own.get(f"{KEY}:epoch")))
        venue.ask("faults", **dict.fromkeys(FAULTS, 0))
        before = set(venue.evidence().submits())
        for symbol, whole in SYMBOLS.items():  # what rests below the touch is filled while nobody looks
            touch = {"bid": f"{int(whole) - 1}.50", "ask": f"{int(whole) - 1}.55"}
            venue.ask("quote", symbol=symbol, **touch, bid_size="1000", ask_size="1000")
        assert said(stand_by) == "nobody else writes its journal: the account is taken over\n"
        wait_until(lambda: set(venue.evidence().submits()) > before, timeout_s=30)
        wait_until(lambda: not loop.found(), timeout_s=30)
        assert int(str(own.get(f"{KEY}:epoch"))) > held
        assert f"process {stand_by.pid}" in str(own.get(f"{KEY}:holder"))
        sent = venue.evidence().received("submit")
        later = [each for each in sent if each["client_id"] not in before]
        assert all(each["reduce_only"] for each in later)  # the stops of what was filled, nothing else
        stand_by.terminate()
        assert stand_by.wait(30) == 128 + signal.SIGTERM
    assert loop.found() == []


def test_an_engine_that_was_stopped_and_comes_back_sends_nothing_beside_the_one_that_took_over(
    tmp_path: Path, loop: CrashLoop
) -> None:
    elsewhere = tmp_path / "elsewhere"  # a desk with a journal of its own, as on another machine
    shutil.copytree(tmp_path / "config", elsewhere / "config")

    def runs() -> list[str]:
        """Return whose each order was that the venue was sent, in that order."""
        sent = loop.venue.evidence().received("submit")
        return [each["client_id"].partition("-")[0] for each in sent]

    with holder_in(tmp_path, "AAPL", "MSFT") as first, ExitStack() as stack:
        loop.venue.ask("faults", **dict.fromkeys(FAULTS, 0))
        wait_until(lambda: bool(runs()), timeout_s=60)
        stack.enter_context(holder_in(elsewhere, "AMD"))
        wait_until((elsewhere / "data" / "control.sock").exists, timeout_s=60)
        first.send_signal(signal.SIGSTOP)
        before = set(runs())
        wait_until(lambda: len(set(runs())) == 2, timeout_s=60)
        first.send_signal(signal.SIGCONT)
        log = tmp_path / "logs" / "touchline.log"
        wait_until(
            lambda: log.exists() and "this desk stays out" in log.read_text(encoding="utf-8"), timeout_s=60
        )
        told = len(runs())
        wait_until(lambda: len(runs()) > told + 5, timeout_s=60)
    assert len(before) == 1
    sent = runs()
    handed_over = next(at for at, run in enumerate(sent) if run not in before)
    assert before.isdisjoint(sent[handed_over:])
