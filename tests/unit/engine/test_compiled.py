from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.compiled import state
from engine.compiled.loading import SWITCH, CompiledFinder, objection
from engine.compiled.rooms import ROOMS, can_compile, modules
from engine.compiled.stamp import ROOT, STAMP, Stamp, interpreter, read_stamp, sources_of, write_stamp

PRINT_BUS = "import engine.bus; print(engine.bus.__file__)"


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(SWITCH, raising=False)
    path = tmp_path / "room.py"
    path.write_text("PRICE = 1\n", encoding="utf-8")
    return path


def stamp_of(source: Path, python: str | None = None) -> Stamp:
    return Stamp(python or interpreter(), sources_of(source.parent, [source.name]), {"room": "room.so"})


def test_a_build_of_this_very_source_may_stand_for_it(source: Path) -> None:
    assert objection(stamp_of(source), source.parent) == ""


def test_a_changed_source_is_never_replaced_by_what_was_built_of_it_before(source: Path) -> None:
    stamp = stamp_of(source)
    source.write_text("PRICE = 22\n", encoding="utf-8")
    assert objection(stamp, source.parent) == "room.py has changed"


def test_a_source_that_was_only_touched_counts_as_changed(source: Path) -> None:
    stamp = stamp_of(source)
    os.utime(source, ns=(1, 1))
    assert objection(stamp, source.parent) == "room.py has changed"


def test_a_source_that_is_gone_counts_as_changed(source: Path) -> None:
    stamp = stamp_of(source)
    source.unlink()
    assert objection(stamp, source.parent) == "room.py has changed"


def test_what_was_built_for_another_interpreter_is_not_used(source: Path) -> None:
    assert "they are for cpython-27 beos" in objection(stamp_of(source, "cpython-27 beos"), source.parent)


def test_the_switch_keeps_to_the_source(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "0")
    assert objection(stamp_of(source), source.parent) == f"{SWITCH} is 0"


def test_a_stamp_is_read_as_it_was_written(source: Path) -> None:
    stamp = stamp_of(source)
    write_stamp(source.parent, stamp)
    assert read_stamp(source.parent) == stamp


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"python": "x"}'])
def test_a_stamp_that_cant_be_read_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / STAMP).write_text(text, encoding="utf-8")
    assert read_stamp(tmp_path) is None


def test_without_a_build_there_is_no_stamp(tmp_path: Path) -> None:
    assert read_stamp(tmp_path) is None


def test_the_finder_knows_the_modules_of_its_build_and_no_others(tmp_path: Path) -> None:
    finder = CompiledFinder(tmp_path, {"engine.room": "engine/room.so"})
    spec = finder.find_spec("engine.room")
    assert spec is not None
    assert spec.origin == str(tmp_path / "engine/room.so")
    assert finder.find_spec("engine.other") is None


def test_the_state_is_said_in_words() -> None:
    assert "compiled" in state()


@pytest.mark.parametrize(
    "source",
    [
        "class Line:\n    __slots__ = ()\n",
        "class Clock(Protocol):\n    pass\n",
        "class Wire(Generic[Message]):\n    pass\n",
        "class Base:\n    pass\nclass Own(Base):\n    pass\n",
        "def worth() -> int:\n    return 1\n",
    ],
)
def test_plain_classes_and_functions_can_be_compiled(source: str) -> None:
    assert can_compile(source)


@pytest.mark.parametrize(
    "source",
    [
        "class Quote(Struct, frozen=True):\n    bid: int\n",
        "class Fault(Exception):\n    pass\n",
        "class Worth(NamedTuple):\n    mark: int\n",
        "@dataclass\nclass Rooms:\n    market: int\n",
        'class Trust(StrEnum):\n    """Whether a price may be sent against."""\n\n    NONE = "none"\n',
        "",
    ],
)
def test_what_would_mean_something_else_compiled_stays_python(source: str) -> None:
    assert not can_compile(source)


def test_every_room_that_is_named_exists_and_has_something_to_compile() -> None:
    files = modules(ROOT)
    assert all(any(file.startswith(room) for file in files) for room in ROOMS)


@pytest.mark.skipif(not shutil.which(os.environ.get("CC", "cc")), reason="there is no C compiler")
def test_a_build_is_used_until_its_source_changes(tmp_path: Path) -> None:
    """Compile one small room of a copy of the engine, then change it."""
    shutil.copytree(
        ROOT / "engine" / "compiled",
        tmp_path / "engine" / "compiled",
        ignore=shutil.ignore_patterns(".built", "__pycache__"),
    )
    for name in ("__init__.py", "bus.py"):
        shutil.copy(ROOT / "engine" / name, tmp_path / "engine" / name)
    assert "2 modules are compiled" in run(tmp_path, "-m", "engine.compiled.build")
    assert ".built" in run(tmp_path, "-c", PRINT_BUS)
    assert ".built" not in run(tmp_path, "-c", PRINT_BUS, compiled="0")
    os.utime(tmp_path / "engine" / "bus.py")
    assert ".built" not in run(tmp_path, "-c", PRINT_BUS)


def run(folder: Path, *arguments: str, compiled: str = "1") -> str:
    environment = os.environ | {SWITCH: compiled}
    environment.pop("PYTHONPATH", None)
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_is_named_alone_can_be_compiled_and_so_can_the_way_of_an_order() -> None:
    named = {room for room in ROOMS if room.endswith(".py")}
    assert {*named, "engine/execution/intake.py", "engine/execution/dispatch.py"} <= set(modules(ROOT))
