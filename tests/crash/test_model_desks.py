"""Two desks in two processes on one data folder: a promotion at a shell reaches both, and one that is killed while its model is armed starts with it off."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import msgspec
import pytest

from tests.model_bench import good
from tests.model_shell import shell
from tests.pty_desk import ROOT, environment
from tests.serving_bench import NAME, ServingBench, looked, signals_of

PATIENCE_S = 60.0
SETTINGS = """[metrics]
enabled = false
[journal]
durability = "process"
[models]
key_file = "{keys}"
[[signals]]
model = "{name}"
set = "prices-11"
interval_s = 1
stale_after_bars = 5
[signals.limits]
quantity = "1"
loss_a_day = "1000000"
"""


class ModelDesk:
    """The other process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def until(self, wanted: str) -> list[str]:
        """Return what it says until it says that."""
        assert self.process.stdout is not None
        said: list[str] = []
        for line in self.process.stdout:
            said.append(line.strip())
            if said[-1] == wanted:
                return said
        raise AssertionError(f"it ended, and never said {wanted!r}: {said}")

    def arms(self) -> None:
        """Let somebody arm the model there."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{NAME}\n")
        self.process.stdin.flush()


@contextmanager
def desk_on(home: Path) -> Iterator[ModelDesk]:
    """Run a desk until it is killed, or this ends."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.crash.model_desk"],
        cwd=ROOT,
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        patience = Timer(PATIENCE_S, process.kill)
        patience.start()
        try:
            yield ModelDesk(process)
        finally:
            patience.cancel()
            process.kill()


def test_a_promotion_reaches_both_desks_and_one_that_is_killed_while_armed_starts_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    says = shell(tmp_path, monkeypatch, capsys, "models")
    bench = ServingBench(tmp_path / "home")
    first, second = bench.champion(), bench.shadow()
    (tmp_path / "home" / "config").mkdir(exist_ok=True)
    (tmp_path / "home" / "config" / "config.toml").write_text(SETTINGS.format(keys=bench.key_file, name=NAME))
    (tmp_path / "figures").write_bytes(msgspec.json.encode(good(second)))
    (tmp_path / "keys").write_bytes(bench.key_file.read_bytes())
    (tmp_path / "keys").chmod(0o600)
    with bench.rooms() as rooms:
        looked(rooms)
        with desk_on(tmp_path / "home") as desk:
            desk.until(f"{first} off")
            desk.arms()
            desk.until(f"{first} armed")
            because = ("--reason", "better", "--confirm", NAME, "--figures", str(tmp_path / "figures"))
            says("promote", NAME, second, *because)
            assert f"{second} armed" not in desk.until(f"{second} off")
            looked(rooms)
            assert signals_of(rooms).models[0].champion == second
            desk.arms()
            desk.until(f"{second} armed")
            desk.process.kill()
        with desk_on(tmp_path / "home") as desk:
            assert f"{second} armed" not in desk.until(f"{second} off")
