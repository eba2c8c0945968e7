"""The page about deployment, followed on loopback to the end: a service that runs, and a checklist that is green."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import shlex
import signal
import subprocess
import termios
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from engine.clock import SystemClock
from engine.control.client import ask
from engine.control.requests import TellStatus
from engine.errors import EngineError
from engine.folders import standard_folders
from engine.preflight.found import WELL
from tests import coinbase_bench, kraken_bench
from tests.documented import ROOT, blocks, page
from tests.preflight_home import PASSWORD, REDIS_LINES, REDIS_PASSWORD
from tests.pty_desk import PROGRAM, environment
from tests.redis_server import RedisServer, free_port, needs_redis
from tests.tls_pair import Pair
from tests.vault_shell import PASSPHRASE, VaultShell
from tests.venues.coinbase.venue import CoinbaseVenue
from tests.venues.kraken.venue import KrakenVenue
from tests.waiting import wait_until

DEPLOYMENT = page("docs/deployment.md")
BEFORE, AFTER = (
    [line for block in blocks(part, "sh") for line in block.splitlines()]
    for part in DEPLOYMENT.split("\n## The service\n")
)
"""Lines before the service runs, and beside it."""
GIVEN = {"password": f"{PASSWORD}\n", "redis-user": f"desk\n{REDIS_PASSWORD}\n"}
ANSWERS = (
    ("q stops: ", "\n"),
    ("Operator: ", "ann\n"),
    ("not shown): ", f"{PASSWORD}\n"),
    ("have none: ", "\n"),
)
"""What is typed at which question."""
OPEN = {"fail", "waits for a person"}
NOT_HERE = {
    "RES-1": "no unit of systemd holds this process",
    "MD-3": "no screen, so no quote was on one",
    "MD-4": "the market is kept for the next start when this one ends",
    **{f"TRACE-{n}": "no collector of traces is named" for n in range(1, 5)},
    "LAUNCH-10": "nobody asked the gateway with a token",
    **{f"ML-{n}": "no model is registered" for n in range(1, 5)},
    **{f"DP-{n}": "no model is registered" for n in range(1, 5)},
}
"""What may be not set up at the end, and why."""


class Deployed:
    """A place that is made by the page, its Redis and its venues on loopback, and what says the page's commands."""

    def __init__(self, root: Path, redis: str, venues: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.shell = VaultShell(root)
        self.shell.make_cheap()
        Pair(root).authorised(now_ns=SystemClock().now_ns())
        (root / "gateway.pem").rename(root / "fullchain.pem")
        (root / "gateway.key").rename(root / "privkey.pem")
        self.shell.settings.write_text(venues + settings_of_the_page(root, redis), encoding="utf-8")
        self._capsys = capsys

    def say(self, *words: str, given: str = "", code: int = 0) -> str:
        found = self.shell.say(*words, given=given)
        told = self._capsys.readouterr()
        assert found == code, f"{words}\n{told.out[-3_000:]}{told.err}"
        return told.out

    def follow(self, line: str) -> None:
        """Say a line of the page; what it asks at a terminal is answered with Enter."""
        words, given = words_of(line)
        if words[0] == "rollback":
            self.rehearse(*words)
        else:
            self.say(*words, given=given)

    def rehearse(self, *words: str) -> None:
        """Walk through a rollback in the real program, as a person at a terminal who answers what is asked."""
        keyboard, terminal = pty.openpty()
        with self._passphrase() as (config, read):
            process = subprocess.Popen(
                [*PROGRAM, *words, "--config", str(config)],
                cwd=ROOT,
                env=self._around(),
                stdin=terminal,
                stdout=terminal,
                stderr=terminal,
                pass_fds=(read,),
                start_new_session=True,
                preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  # its own terminal
            )
        os.close(terminal)
        told = ""
        with suppress(OSError):  # the terminal is gone with the program
            while ready(keyboard) and (piece := os.read(keyboard, 4_096)):
                told += piece.decode(errors="replace")
                if answer := next((each for asked, each in ANSWERS if told.endswith(asked)), None):
                    os.write(keyboard, answer.encode())
        process.kill()
        assert process.wait(10) == 0, told[-3_000:]
        os.close(keyboard)

    def rows(self, *words: str, code: int = 0) -> dict[str, dict[str, Any]]:
        found = json.loads(self.say("preflight", "--json", *words, code=code))
        assert found["signature"]
        return {row["id"]: row for row in found["rows"]}

    @contextmanager
    def service(self) -> Iterator[None]:
        """Run what the unit of the page runs, its passphrase as systemd hands it over."""
        told = re.search(r"exec touchline (serve [^<]+) 3<", page("docs/systemd/touchline.service"))
        assert told is not None
        log = (self.root / "service.log").open("wb")
        with self._passphrase() as (config, read):
            process = subprocess.Popen(
                [*PROGRAM, *shlex.split(told[1]), "--config", str(config)],
                cwd=ROOT,
                env=self._around(),
                stdout=log,
                stderr=log,
                pass_fds=(read,),
            )
        try:
            wait_until(lambda: self._is_up(process), 60.0)
            yield
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 143, (self.root / "service.log").read_text()[-2_000:]
        finally:
            process.kill()
            process.wait()
            log.close()

    @contextmanager
    def _passphrase(self) -> Iterator[tuple[Path, int]]:
        """Yield settings that name an open file with the passphrase in it, and that file."""
        read, write = os.pipe()
        os.write(write, f"{PASSPHRASE}\n".encode())
        os.close(write)
        config = self.root / f"config-{read}.toml"
        before = self.shell.settings.read_text(encoding="utf-8")
        config.write_text(f"{before}passphrase_descriptor = {read}\n", encoding="utf-8")
        try:
            yield config, read
        finally:
            os.close(read)

    def _around(self) -> dict[str, str]:
        return environment(self.root / "home", ENVIRONMENT="production")

    def _is_up(self, process: subprocess.Popen[bytes]) -> bool:
        assert process.poll() is None, (self.root / "service.log").read_text()[-2_000:]
        try:
            return ask(standard_folders().data, TellStatus(), 1.0).status is not None
        except EngineError:
            return False


def ready(descriptor: int) -> bool:
    """Wait until there is something to read; False where nothing comes any more."""
    return bool(select.select([descriptor], [], [], 30.0)[0])


def settings_of_the_page(root: Path, redis: str) -> str:
    """Return the settings as the page has them, in folders and at ports of the test's."""
    (told,) = blocks(DEPLOYMENT, "toml")
    told = told.replace("/srv/touchline", str(root)).replace("/srv/backups/touchline", str(root / "backups"))
    told = told.replace("tls:redis.example:6380", redis).replace("passphrase_descriptor = 3\n", "")
    told = told.replace(":8730", f":{free_port()}").replace("8080", str(free_port()))
    told = told.replace("[redis]\n", "[redis]\ntimeout_ms = 5000\n")
    return f"[metrics]\nport = {free_port()}\n{told}"


def words_of(line: str) -> tuple[list[str], str]:
    """Return what a line of the page says to the program, and what it gives it in the pipe."""
    said, _, pipe = line.partition(" < ")
    assert "3< passphrase" in said
    return shlex.split(said.replace("3< passphrase", ""))[1:], GIVEN[pipe] if pipe else ""


@pytest.fixture
def deployed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Deployed]:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.chdir(tmp_path)
    with (
        RedisServer(tmp_path / "r", *REDIS_LINES) as server,
        kraken_bench.venue_with_books() as kraken,
        coinbase_bench.venue_with_books() as coinbase,
    ):
        with server.own() as own:
            own.acl_setuser("desk", enabled=True, passwords=[f"+{REDIS_PASSWORD}"])
            own.acl_setuser("default", enabled=False)
        venues = (
            f'[venues.kraken]\nstream_url = "{kraken.stream_url}"\nrest_url = "{kraken.rest_url}"\n'
            f'[venues.coinbase]\nstream_url = "{coinbase.stream_url}"\napi_url = "{coinbase.api_url}"\n'
        )
        with breathing(kraken, coinbase):
            yield Deployed(tmp_path, f"unix:{server.socket}", venues, capsys)


@contextmanager
def breathing(kraken: KrakenVenue, coinbase: CoinbaseVenue) -> Iterator[None]:
    """Let both books say something all the time, far from the touch: one that is only quiet is doubtful."""
    stop = threading.Event()

    def breathe() -> None:
        for number in count():
            if stop.wait(0.2):
                return
            bid = [("60995.0", f"{number % 9 + 1}.00000000")]
            kraken.do(partial(kraken.floor.change, "BTC/USD", bids=bid))
            coinbase.do(partial(coinbase.floor.change, "BTC-USD", bids=bid))

    thread = threading.Thread(target=breathe)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@needs_redis
@pytest.mark.pty
def test_the_page_leads_to_a_service_that_runs_and_a_checklist_that_is_green(deployed: Deployed) -> None:
    for line in BEFORE:
        deployed.follow(line)
    with deployed.service():
        for line in AFTER:
            deployed.follow(line)
        signed = sign_off_what_waits(deployed)
        rows = deployed.rows("--live")
        red = {name: row["evidence"] for name, row in rows.items() if row["status"] in OPEN}
        assert {name: told for name, told in red.items() if not is_of_the_machine(name, told)} == {}
        unset = {name: row["evidence"] for name, row in rows.items() if row["status"] == "not configured"}
        assert {name: told for name, told in unset.items() if name not in NOT_HERE} == {}
        assert [name for name, row in rows.items() if row["blocks"] and row["status"] not in WELL] == []
        assert signed >= {f"SIGN-{n}" for n in range(2, 9)}, "the page itself signs the first"


def is_of_the_machine(name: str, evidence: str) -> bool:
    """Tell whether something is red because this machine is busy with other tests."""
    rows = {told.split()[0] for told in evidence.split("; ")}
    return name in {"LAUNCH-5", "LAUNCH-8", "PERF-1", "PERF-2"} or (
        name == "LAUNCH-1" and rows <= {"loop_lag", "cpu", "gc", "conflation"}
    )


def sign_off_what_waits(deployed: Deployed) -> set[str]:
    """Sign each item that waits, as the one whom its remedy names."""
    waiting: dict[str, list[str]] = defaultdict(list)
    for name, row in deployed.rows("--live").items():
        if row["status"] == "waits for a person":
            told = re.search(rf"touchline signoff {name} --as (\w+)", row["remedy"])
            assert told is not None, row
            waiting[told[1]].append(name)
    for capacity, names in waiting.items():
        asks = ("--live",) if any(name.startswith("LAUNCH-") for name in names) else ()
        words = ("signoff", *names, "--as", capacity, "--operator", "ann", *asks)
        deployed.say(*words, given=GIVEN["password"])
    return {name for names in waiting.values() for name in names}
