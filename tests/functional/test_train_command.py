"""`touchline models train`: what a person sees, in a process of its own, and what is left where it is ended."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile

import msgspec
import pytest

from engine.errors import ConfigError, DataError
from engine.model.bar import Bar
from engine.shell.training.child import IDLE
from engine.shell.training.told import Progress
from engine.shell.training.watched import _ended, _last_words, check_extra, environment, train_apart
from terminal.__main__ import main
from terminal.shell.training_commands import bar
from tests.training_bench import needs_libraries, put_spec, random_walk
from tests.waiting import wait_until

Says = Callable[..., str]
ROOT = Path(__file__).resolve().parents[2]
BARS = random_walk(760, 5, pull=0.1)


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Says:
    """Return what says a command about models, and returns what it prints."""
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def say(*arguments: str, code: int = 0) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO())
        assert main(["models", *arguments, "--key-file", str(tmp_path / "keys")]) == code, capsys.readouterr()
        told = capsys.readouterr()
        return told.out + told.err

    return say


def test_a_model_is_trained_registered_and_shown(says: Says, tmp_path: Path) -> None:
    needs_libraries()
    told = says("train", str(put_spec(tmp_path, BARS)), "--out", "kept")
    assert "daily: 1 symbol, 760 bars, 738 rows with features and a label" in told
    assert "walking forward ..." in told
    assert "No sign of a leak. daily " in told
    (row,) = json.loads(says("list", "--json"))
    assert row["stage"] == "candidate"
    shown = says("show", "daily", row["version"])
    assert "logistic regression; figures are of" in shown
    assert "brier_skill" in shown
    assert {each.name for each in (tmp_path / "kept").iterdir()} == {
        "model.json",
        "reference.json",
        "card.json",
        "tried.parquet",
    }
    made_of = told[told.index("What it is made of") :].splitlines()
    assert [line.split(",")[0].strip() for line in made_of[1:3]] == ["fold 2", "fold 3"]


def test_a_key_that_can_not_be_had_is_told_before_anything_is_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    needs_libraries()
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))
    path = put_spec(tmp_path, BARS[:60])
    assert main(["models", "train", str(path), "--key-file", str(tmp_path / "none" / "keys")]) == 2
    assert capsys.readouterr().err == f"touchline: {tmp_path / 'none' / 'keys'}: No such file or directory\n"


def smoothed() -> list[Bar]:
    """Return bars whose opens and closes are means of what comes, as a vendor's cleaning may leave them."""
    opens = [bar.open for bar in BARS]
    means = [round(sum(opens[at : at + 9]) / len(opens[at : at + 9])) for at in range(len(opens))]
    return [
        msgspec.structs.replace(
            bar, open=mean, close=after, high=max(mean, after) + 50, low=min(mean, after) - 50
        )
        for bar, mean, after in zip(BARS, means, (*means[1:], means[-1]), strict=True)
    ]


def test_bars_that_tell_too_much_are_refused_and_nothing_is_registered(says: Says, tmp_path: Path) -> None:
    needs_libraries()
    told = says("train", str(put_spec(tmp_path, smoothed())), "--json", code=1)
    found = json.loads(told[: told.rindex("\n}") + 2])
    assert any(each.startswith("suspicious score: auc") for each in found["alarms"])
    assert found["version"] == ""
    assert found["refused"].endswith("of a leak")
    assert "There are no models yet" in says("list")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("bars.parquet", "other.parquet", "there is no file"),
        ('"1d"', '"1h"', "its bars last 86400 s; the spec says 3600 s"),
        ("folds = 3", "folds = 24", "fold 1 can't be trained"),
    ],
    ids=["no-file", "other-length", "too-few"],
)
def test_what_can_not_be_trained_is_said_in_a_sentence(
    says: Says, tmp_path: Path, old: str, new: str, said: str
) -> None:
    needs_libraries()
    bars = BARS[:500] if "folds" in old else BARS[:100]
    told = says("train", str(put_spec(tmp_path, bars, lambda text: text.replace(old, new))), code=2)
    assert said in told.splitlines()[-1]
    assert "Traceback" not in told


def test_without_the_extra_it_says_how_to_have_it() -> None:
    with pytest.raises(ConfigError, match=r"pip install 'touchline\[train\]'"):
        check_extra(lambda _: None)


def test_the_process_that_trains_is_handed_nothing_that_may_be_secret() -> None:
    ours = {"PATH": "/bin", "TOUCHLINE_PASSPHRASE": "words", "AWS_SECRET_ACCESS_KEY": "key", "HOME": "/h"}
    assert environment(ours) == {"PATH": "/bin", "HOME": "/h", "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.0, "walking forward                [----------------]   0%, 10 s"),
     (0.5, "walking forward                [########--------]  50%, 10 s, 10 s left"),
     (1.0, "walking forward                [################] 100%, 10 s")],
    ids=["begun", "half", "done"],
)  # fmt: skip
def test_the_bar_fits_a_terminal_and_says_what_time_has_passed_and_is_left(share: float, shown: str) -> None:
    assert bar(Progress("walking forward", share), 10.0) == shown
    assert len(bar(Progress("looking for the future in rows", 0.1), 3_600.0)) < 80


def children() -> set[int]:
    """Return the processes that train."""
    found = set()
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"engine.shell.training.child" in each.read_bytes():
                found.add(int(each.parent.name))
        except OSError:
            continue
    return found


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """Return a training that takes as long as it is let."""
    needs_libraries()
    if not Path("/proc/self/stat").exists():
        pytest.skip("needs /proc to see processes")
    model = 'kind = "gbm"\ntrees = 1000\nleaves = 64\nrows_a_leaf = 10'
    return put_spec(tmp_path, BARS, lambda text: text.replace('kind = "logistic"', model))


def hear_control_c() -> None:
    """Let a process be interrupted, though who runs the tests in the background is not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_it_gives_way_to_everybody_and_is_cancelled_by_control_c(long: Path, tmp_path: Path) -> None:
    long.write_text(
        long.read_text(encoding="utf-8").replace("niceness = 0", "niceness = 19"), encoding="utf-8"
    )
    asked = [
        sys.executable,
        "-m",
        "terminal",
        "models",
        "train",
        str(long),
        "--key-file",
        str(tmp_path / "keys"),
    ]
    home = {**os.environ, "TOUCHLINE_HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        asked,
        cwd=ROOT,
        env=home,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hear_control_c,  # noqa: PLW1509  # no thread holds anything that it needs
    ) as process:
        assert process.stderr is not None
        while "reading bars" not in process.stderr.readline():
            pass
        (child,) = (each for each in children() if _parent(each) == process.pid)
        assert os.getpriority(os.PRIO_PROCESS, child) == IDLE
        assert os.getsid(child) == child
        session = Path(f"/proc/{child}/autogroup")
        assert not session.exists() or session.read_text(encoding="ascii").endswith(" nice 19\n")
        assert os.sched_getscheduler(child) == os.SCHED_IDLE
        process.send_signal(signal.SIGINT)
        told = process.stderr.read()
    assert process.returncode == 130, told
    assert told.endswith("touchline: cancelled; the training was ended and nothing was registered\n")
    wait_until(lambda: child not in children())
    assert not [*tmp_path.glob("touchline-train-*")]
    assert not (tmp_path / "home" / "data" / "models").exists()


def _parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])


def test_a_training_that_is_killed_is_told_and_leaves_nothing(long: Path, tmp_path: Path) -> None:
    def kill(said: Progress) -> None:
        if said.doing == "reading bars":
            (child,) = (each for each in children() if _parent(each) == os.getpid())
            os.kill(child, signal.SIGKILL)

    with pytest.raises(
        DataError, match=r"was ended by SIGKILL; limits.memory_mb bounds its memory. Nothing was"
    ):
        train_apart(long, tmp_path, kill)


def test_the_last_words_of_a_process_that_ends_by_itself_are_told(tmp_path: Path) -> None:
    (tmp_path / "daily.toml").symlink_to(tmp_path)
    with pytest.raises(DataError, match=r"Is a directory"):
        train_apart(tmp_path / "daily.toml", tmp_path, lambda _: None)
    with TemporaryFile() as words:
        words.write(b"Traceback\nboom: \x1b[2J\n")
        assert _ended(3, _last_words(words)) == (
            "the process that trains ended with 3: boom: [2J. Nothing was registered"
        )


def test_too_little_memory_is_told(long: Path, tmp_path: Path) -> None:
    long.write_text(f"{long.read_text(encoding='utf-8')}memory_mb = 512\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"512 MB of memory are too little; limits\.memory_mb allows more"):
        train_apart(long, tmp_path, lambda _: None)
